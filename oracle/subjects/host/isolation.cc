#include "oracle/subjects/host/isolation.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <mutex>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>

#include "oracle/subjects/host/landlock.h"
#include "oracle/subjects/host/syscall_filter.h"

namespace gridproof {
namespace {

namespace fs = std::filesystem;

constexpr unsigned long namespaces = CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC;
constexpr const char* scratch_limits = "size=1g,nr_inodes=65536,mode=0700";
// Where semaphores and shared memory are that have names: multiprocessing of Python needs some.
constexpr const char* shared_memory = "/dev/shm";
constexpr const char* shared_memory_limits = "size=64m,nr_inodes=1024,mode=0700";

// ---- What passes of the environment ----

// What tells programs where their parts are, in which language to speak, and how many threads to
// use; nothing that could be a secret.
constexpr std::string_view harmless[] = {"PATH",
                                         "LANG",
                                         "LANGUAGE",
                                         "TZ",
                                         "TERM",
                                         "LD_LIBRARY_PATH",
                                         "PYTHONPATH",
                                         "PYTHONHOME",
                                         "PYTHONHASHSEED",
                                         "VIRTUAL_ENV",
                                         "CONDA_PREFIX",
                                         "JAVA_HOME",
                                         "SOURCE_DATE_EPOCH",
                                         "ASAN_OPTIONS",
                                         "LSAN_OPTIONS",
                                         "MSAN_OPTIONS",
                                         "TSAN_OPTIONS",
                                         "UBSAN_OPTIONS"};
constexpr std::string_view harmless_beginnings[] = {
    "LC_",   "GRIDPROOF_", "OMP_",    "GOMP_", "KMP_",  "MKL_",   "OPENBLAS_",
    "BLIS_", "CUDA_",      "NVIDIA_", "HIP_",  "ROCR_", "MALLOC_"};

bool passes(std::string_view name, const IsolationOptions& options) {
  return std::ranges::find(harmless, name) != std::end(harmless) ||
         std::ranges::any_of(harmless_beginnings,
                             [&](std::string_view begin) { return name.starts_with(begin); }) ||
         std::ranges::find(options.variables, name) != options.variables.end();
}

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// ---- What of the files is shown ----

bool is_below(const fs::path& path, const fs::path& folder) {
  const auto [end, ignored] = std::ranges::mismatch(folder, path);
  return end == folder.end();
}

fs::path real(const fs::path& path) {
  std::error_code ignored;
  const fs::path canonical = fs::canonical(path, ignored);
  return canonical.empty() ? path : canonical;
}

fs::path home_folder() {
  if (const std::string home = variable("HOME"); !home.empty()) return home;
  const passwd* const me = getpwuid(getuid());
  return me == nullptr ? "/root" : me->pw_dir;
}

// Where what was fetched lies: LibTorch and peers.
fs::path cache_folder() {
  const std::string cache = variable("GRIDPROOF_CACHE");
  return cache.empty() ? home_folder() / ".cache" / "gridproof" : fs::path(cache);
}

// What nobody needs to read who answers questions.
std::vector<fs::path> private_folders() {
  std::vector<fs::path> folders = {"/home", "/root", "/run", "/tmp", "/var", "/boot", "/dev"};
  if (const fs::path home = real(home_folder()); home != "/") folders.push_back(home);
  if (const passwd* const me = getpwuid(getuid()); me != nullptr && me->pw_dir != fs::path("/")) {
    folders.push_back(real(me->pw_dir));
  }
  if (geteuid() == 0) {  // who could read these by owning them
    folders.insert(folders.end(),
                   {"/etc/shadow", "/etc/gshadow", "/etc/ssh", "/etc/ssl/private", "/etc/sudoers"});
  }
  return folders;
}

// Everything below `folder` but what is private; of the links in it only what they are seen to.
void show_all_but(const std::vector<fs::path>& hidden, const fs::path& folder, bool dots,
                  LandlockRules& rules) {
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    std::error_code ignored;
    const fs::path& path = entry.path();
    if (entry.is_symlink(ignored)) continue;
    if (!dots && path.filename().native().starts_with('.')) continue;
    if (std::ranges::find(hidden, path) != hidden.end()) continue;
    if (std::ranges::any_of(hidden, [&](const fs::path& one) { return is_below(one, path); })) {
      show_all_but(hidden, path, dots, rules);
    } else {
      rules.allow_reading(path);
    }
  }
}

// A folder that somebody works in, unless that is a home itself or above one: then what is in it,
// as far as it has no dot in front.
void show_folder(const std::vector<fs::path>& hidden, const fs::path& folder,
                 LandlockRules& rules) {
  if (std::ranges::none_of(hidden, [&](const fs::path& one) { return is_below(one, folder); })) {
    return rules.allow_reading(folder);
  }
  if (std::ranges::find(hidden, folder) != hidden.end()) show_all_but(hidden, folder, false, rules);
}

// What belongs to a file of a command: what stands beside it, or, for a program, what is installed
// with it.
void show_beside(const std::vector<fs::path>& hidden, const fs::path& file, LandlockRules& rules) {
  rules.allow_reading(file);
  const fs::path folder = file.parent_path();
  // One of pyenv and its like stands for programs that lie beside all of its kind.
  if (folder.filename() == "shims") return rules.allow_reading(folder.parent_path());
  if (folder.filename() != "bin") {
    if (std::ranges::find(hidden, folder) == hidden.end()) show_folder(hidden, folder, rules);
    return;
  }
  const fs::path above = folder.parent_path();
  const auto has = [&](const char* name) {
    std::error_code ignored;
    return fs::exists(above / name, ignored);
  };
  if (has("pyvenv.cfg") || has("conda-meta")) return rules.allow_reading(above);
  for (const char* const part : {"bin", "lib", "lib64", "libexec"}) {
    rules.allow_reading(above / part);
  }
}

void show_list(const std::string& folders, LandlockRules& rules) {
  for (std::size_t begin = 0; begin < folders.size();) {
    const std::size_t end = std::min(folders.find(':', begin), folders.size());
    if (end > begin) rules.allow_reading(folders.substr(begin, end - begin));
    begin = end + 1;
  }
}

// The file with this very code: the program, or in a wheel the library that its programs share.
fs::path own_code() {
  Dl_info info{};
  const bool is_known = dladdr(reinterpret_cast<const void*>(&show_list), &info) != 0;
  return is_known && info.dli_fname != nullptr ? fs::path(info.dli_fname) : fs::path();
}

LandlockRules rules_for(const std::vector<std::string>& command, const IsolationOptions& options) {
  LandlockRules rules;
  const std::vector<fs::path> hidden = private_folders();
  show_all_but(hidden, "/", true, rules);
  for (const char* const device : {"null", "zero", "full"}) {
    rules.allow_writing(fs::path("/dev") / device);
  }
  for (const char* const device : {"random", "urandom"}) {
    rules.allow_reading(fs::path("/dev") / device);
  }
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator("/dev", ignored)) {
    const std::string name = entry.path().filename();  // of processors for numbers and graphics
    if (name.starts_with("nvidia") || name == "kfd" || name == "dri") {
      rules.allow_writing(entry.path());
    }
  }
  std::error_code error;
  if (const fs::path here = fs::current_path(error); !error) show_folder(hidden, here, rules);
  rules.allow_reading(own_code());
  for (const fs::path& file : files_of(command)) {
    show_beside(hidden, file, rules);
    show_beside(hidden, real(file), rules);
  }
  const fs::path home = home_folder();
  const fs::path cache = cache_folder();
  rules.allow_reading(cache);
  for (const fs::directory_entry& peer : fs::directory_iterator(cache / "peers", ignored)) {
    show_beside(hidden, real(peer.path() / "bin" / "python"), rules);
  }
  rules.allow_reading(home / ".local" / "lib");  // Python's packages of a user
  for (const char* const list : {"LD_LIBRARY_PATH", "PYTHONPATH", "VIRTUAL_ENV", "CONDA_PREFIX",
                                 "JAVA_HOME", "CUDA_HOME", "CUDA_PATH"}) {
    show_list(variable(list), rules);
  }
  for (const fs::path& path : options.readable) rules.allow_reading(path);
  return rules;
}

// ---- System calls only: what is done between fork and exec ----

int write_text(const char* path, std::string_view text) {
  const int file = open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0) return errno;
  const int error = write(file, text.data(), text.size()) < 0 ? errno : 0;
  close(file);
  return error;
}

// In a new namespace of users, one who is who he was outside.
int keep_identity(const char* user, const char* group) {
  prctl(PR_SET_DUMPABLE, 1);  // else these files are not its own
  if (const int error = write_text("/proc/self/setgroups", "deny")) return error;
  if (const int error = write_text("/proc/self/uid_map", user)) return error;
  return write_text("/proc/self/gid_map", group);
}

int give_up_capabilities() {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errno;
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  __user_cap_data_struct none[2]{};
  return syscall(SYS_capset, &header, none) == 0 ? 0 : errno;
}

// Its own, in a namespace of mounts; without one it would be everybody's, and stays closed.
int mount_shared_memory() {
  constexpr unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC;
  const bool done = ::mount("scratch", shared_memory, "tmpfs", flags, shared_memory_limits) == 0 ||
                    errno == ENOENT;
  return done ? 0 : errno;
}

// A folder that is not there has nothing in it.
bool is_empty(const char* path) {
  const int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return errno == ENOENT;
  // Room for three entries: the folder itself, the one above, and one too many.
  alignas(std::uint64_t) std::array<char, 1024> entries{};
  const auto size = syscall(SYS_getdents64, folder, entries.data(), entries.size());
  close(folder);
  constexpr long of_itself_and_above = 2 * 24;
  return size == of_itself_and_above;
}

std::string map_of(unsigned id) { return std::to_string(id) + ' ' + std::to_string(id) + " 1"; }

// Whether anybody may have namespaces: asked of a process that tries.
bool has_namespaces() {
  const std::string user = map_of(geteuid());
  const std::string group = map_of(getegid());
  const auto process = static_cast<pid_t>(
      syscall(SYS_clone, namespaces | SIGCHLD, nullptr, nullptr, nullptr, nullptr));
  if (process == 0) {
    const bool done =
        keep_identity(user.c_str(), group.c_str()) == 0 &&
        ::mount("scratch", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, scratch_limits) == 0 &&
        mount_shared_memory() == 0;
    _exit(done ? 0 : 1);
  }
  int status = 1;
  if (process < 0) return false;
  while (waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  return status == 0;
}

// ---- What is in force ----

struct InForce {
  std::mutex mutex;
  std::optional<std::pair<Isolation, bool>> weakest;  // level, with namespaces
};
InForce& in_force() {
  static InForce one;
  return one;
}

void note(Isolation level, bool with_namespaces) {
  InForce& one = in_force();
  const std::scoped_lock lock(one.mutex);
  const std::pair this_one(level, with_namespaces);
  if (!one.weakest || this_one < *one.weakest) one.weakest = this_one;
}

IsolationOptions& options_of_children() {
  static IsolationOptions options;
  return options;
}

Isolation resolved(std::optional<Isolation> level) {
  if (!level) level = isolation_of_children().level;
  if (!level) return sandbox_means().suffice() ? Isolation::sandbox : Isolation::process;
  if (*level == Isolation::sandbox && !sandbox_means().suffice()) {
    throw std::runtime_error(std::string("this system has no sandbox: no ") +
                             (sandbox_means().landlock == 0 ? "Landlock (Linux 5.13)" : "seccomp"));
  }
  return *level;
}

}  // namespace

void isolate_children(IsolationOptions options) {
  options_of_children() = std::move(options);
  const std::scoped_lock lock(in_force().mutex);
  in_force().weakest.reset();
}

const IsolationOptions& isolation_of_children() { return options_of_children(); }

const SandboxMeans& sandbox_means() {
  static const SandboxMeans means{.landlock = landlock_version(),
                                  .seccomp = SyscallFilter::is_available(),
                                  .namespaces = has_namespaces()};
  return means;
}

std::string isolation_in_force() {
  InForce& one = in_force();
  const std::scoped_lock lock(one.mutex);
  if (!one.weakest) return {};
  std::string text(name(one.weakest->first));
  if (one.weakest->first == Isolation::sandbox) {
    text += " (Landlock " + std::to_string(sandbox_means().landlock) + ", seccomp" +
            (one.weakest->second ? ", namespaces)" : ", no namespaces)");
  }
  return text;
}

std::vector<fs::path> files_of(const std::vector<std::string>& command) {
  std::vector<fs::path> files;
  const auto add = [&](const fs::path& path) {
    std::error_code ignored;
    if (!fs::is_regular_file(path, ignored)) return false;
    const fs::path whole = fs::absolute(path, ignored).lexically_normal();
    if (std::ranges::find(files, whole) == files.end()) files.push_back(whole);
    return true;
  };
  const auto look_up = [&](const std::string& word) {
    if (word.empty() || word == "." || add(word) || word.find('/') != std::string::npos) return;
    const std::string path = variable("PATH");
    for (std::size_t begin = 0; begin < path.size();) {
      const std::size_t end = std::min(path.find(':', begin), path.size());
      const fs::path file = fs::path(path.substr(begin, end - begin)) / word;
      if (end > begin && access(file.c_str(), X_OK) == 0 && add(file)) return;
      begin = end + 1;
    }
  };
  for (const std::string& words : command) {
    look_up(words);
    // A command for a shell is one word of ours.
    constexpr std::string_view between = " \t\n'\"=;&|()<>";
    if (words.find_first_of(between) == std::string::npos) continue;
    for (std::size_t begin = 0; begin < words.size();) {
      const std::size_t end = std::min(words.find_first_of(between, begin), words.size());
      look_up(words.substr(begin, end - begin));
      begin = end + 1;
    }
  }
  return files;
}

struct Cell::Impl {
  Isolation level = Isolation::none;
  bool with_namespaces = false;
  std::vector<std::string> variables;
  std::vector<char*> environment;
  std::string scratch;  // the folder; empty at level none
  std::string user_map;
  std::string group_map;
  std::optional<LandlockRules> rules;
  std::optional<SyscallFilter> filter;

  void set_environment() {
    const IsolationOptions& options = isolation_of_children();
    for (char* const* entry = ::environ; *entry != nullptr; ++entry) {
      const std::string_view text(*entry);
      const std::string_view name = text.substr(0, text.find('='));
      if (level == Isolation::none || passes(name, options)) variables.emplace_back(text);
    }
    if (level != Isolation::none) {
      const auto wanted = [&](const char* name) {
        return std::ranges::find(options.variables, name) != options.variables.end();
      };
      for (const char* const name : {"HOME", "TMPDIR"}) {
        if (!wanted(name)) variables.push_back(std::string(name) + "=" + scratch);
      }
      // What depends on where the home is.
      const fs::path home = home_folder();
      if (variable("GRIDPROOF_CACHE").empty()) {
        variables.push_back("GRIDPROOF_CACHE=" + cache_folder().string());
      }
      std::error_code ignored;
      if (!wanted("PYTHONUSERBASE") && fs::exists(home / ".local" / "lib", ignored)) {
        variables.push_back("PYTHONUSERBASE=" + (home / ".local").string());
      }
    }
    for (std::string& entry : variables) environment.push_back(entry.data());
    environment.push_back(nullptr);
  }
};

Cell::Cell(const std::vector<std::string>& command, std::optional<Isolation> level)
    : impl_(std::make_unique<Impl>()) {
  impl_->level = resolved(level);
  impl_->with_namespaces = impl_->level == Isolation::sandbox && sandbox_means().namespaces &&
                           isolation_of_children().namespaces;
  if (impl_->level == Isolation::sandbox) {
    impl_->rules = rules_for(command, isolation_of_children());
    impl_->filter.emplace(impl_->with_namespaces);
    impl_->user_map = map_of(geteuid());
    impl_->group_map = map_of(getegid());
  }
  if (impl_->level == Isolation::process) prctl(PR_SET_DUMPABLE, 0);
  if (impl_->level != Isolation::none) {
    std::string folder = (fs::temp_directory_path() / "gridproof-XXXXXX").string();
    if (mkdtemp(folder.data()) == nullptr) {
      throw std::runtime_error("cannot be given a scratch folder in " +
                               fs::temp_directory_path().string() + ": " +
                               std::generic_category().message(errno));
    }
    impl_->scratch = std::move(folder);
  }
  impl_->set_environment();
  note(impl_->level, impl_->with_namespaces);
}

Cell::~Cell() {
  std::error_code ignored;
  if (!impl_->scratch.empty()) fs::remove_all(impl_->scratch, ignored);
}

Isolation Cell::level() const { return impl_->level; }
bool Cell::has_namespaces() const { return impl_->with_namespaces; }
unsigned long Cell::clone_flags() const { return impl_->with_namespaces ? namespaces : 0; }
char* const* Cell::environment() const { return impl_->environment.data(); }

int Cell::furnish() const {
  if (impl_->with_namespaces) {
    if (const int error = keep_identity(impl_->user_map.c_str(), impl_->group_map.c_str())) {
      return error;
    }
    if (::mount("scratch", impl_->scratch.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, scratch_limits) !=
        0) {
      return errno;
    }
    if (const int error = mount_shared_memory()) return error;
  }
  if (!impl_->rules) return 0;
  if (impl_->with_namespaces) {
    const int error = impl_->rules->allow_all(shared_memory);
    if (error != 0 && error != ENOENT) return error;
  }
  return impl_->rules->allow_all(impl_->scratch.c_str());
}

int Cell::lock() {
  if (impl_->level == Isolation::none) return 0;
  // When memory runs out it goes first. (Not every container has the file.)
  prctl(PR_SET_DUMPABLE, 1);
  (void)write_text("/proc/self/oom_score_adj", "1000");
  if (const int error = give_up_capabilities()) return error;
  if (impl_->rules) {
    if (const int error = impl_->rules->bind()) return error;
  }
  return impl_->filter ? impl_->filter->bind() : 0;
}

bool Cell::is_untouched() const {
  if (impl_->scratch.empty()) return true;
  return is_empty(impl_->scratch.c_str()) && (!impl_->with_namespaces || is_empty(shared_memory));
}

void Cell::clear() const {
  if (impl_->scratch.empty()) return;
  if (impl_->with_namespaces) umount2(impl_->scratch.c_str(), MNT_DETACH);
  rmdir(impl_->scratch.c_str());
}

}  // namespace gridproof
