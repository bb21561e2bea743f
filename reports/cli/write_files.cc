#include "reports/cli/write_files.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sha256.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <sstream>
#include <system_error>

#include "reference/contract/foreign_text.h"
#include "reference/encoding/descriptor.h"
#include "reports/text/input_error.h"

namespace gridproof::reports {
namespace {

namespace fs = std::filesystem;

std::string quoted(const fs::path& path) { return '\'' + printable(path.string(), 200) + '\''; }

[[noreturn]] void fail(const fs::path& path, const std::string& why) {
  throw InputError("cannot write " + quoted(path) + ": " + why);
}

// ---- What was written here ----

class Sha256 {
 public:
  Sha256() { SHA256_Init(&context_); }
  void add(std::string_view bytes) {
    SHA256_Update(&context_, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  }
  std::string hexadecimal() {
    std::array<std::uint8_t, SHA256_DIGEST_LENGTH> digest{};
    SHA256_Final(digest.data(), &context_);
    std::string text;
    for (const unsigned char byte : digest) text += fmt::format("{:02x}", byte);
    return text;
  }

 private:
  SHA256_CTX context_{};
};

std::string hash_of(std::string_view contents) {
  Sha256 hash;
  hash.add(contents);
  return hash.hexadecimal();
}

// The contents of a regular file, piece by piece; false for anything else, a symbolic link
// included.
template <class Take>
bool read_regular(const fs::path& path, const Take& take) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  struct stat status{};
  if (file.get() < 0 || fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return false;
  std::vector<char> piece(std::size_t{1} << 16U);
  while (true) {
    const ssize_t count = read(file.get(), piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return count == 0;
    take(std::string_view(piece.data(), static_cast<std::size_t>(count)));
  }
}

std::optional<std::string> hash_of_file(const fs::path& path) {
  Sha256 hash;
  if (!read_regular(path, [&](std::string_view piece) { hash.add(piece); })) return std::nullopt;
  return hash.hexadecimal();
}

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::symlink_status(path, ignored).type() != fs::file_type::not_found;
}

// A path below the folder: nothing that leads out of it.
bool is_inside(const std::string& name) {
  const fs::path path(name);
  return !name.empty() && path.is_relative() && name.find_first_of("\n\\") == std::string::npos &&
         std::ranges::none_of(path,
                              [](const fs::path& part) { return part == ".." || part == "."; });
}

// The list of a folder. While files are being replaced a name has two hashes.
class OwnFiles {
 public:
  explicit OwnFiles(const fs::path& folder) : folder_(folder) {
    constexpr std::size_t max_bytes = std::size_t{16} << 20U;
    std::string text;
    if (!read_regular(folder / list_name, [&](std::string_view piece) {
          if (text.size() < max_bytes) text += piece;
        })) {
      if (is_there(folder / list_name)) reject_list();
      return;
    }
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      const bool is_entry =
          line.size() > 66 && line.substr(64, 2) == "  " &&
          line.substr(0, 64).find_first_not_of("0123456789abcdef") == std::string::npos &&
          is_inside(line.substr(66));
      if (!is_entry) reject_list();
      hashes_[line.substr(66)].insert(line.substr(0, 64));
    }
  }

  [[nodiscard]] bool has(const std::string& name) const {
    const auto known = hashes_.find(name);
    if (known == hashes_.end()) return false;
    const auto hash = hash_of_file(folder_ / name);
    return hash && known->second.contains(*hash);
  }
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& entry : hashes_) names.push_back(entry.first);
    return names;
  }
  void add(const std::string& name, std::string_view contents) {
    hashes_[name].insert(hash_of(contents));
  }
  void set(const std::string& name, std::string_view contents) {
    hashes_[name] = {hash_of(contents)};
  }
  [[nodiscard]] std::string text() const {
    std::string text;
    for (const auto& [name, hashes] : hashes_) {
      for (const std::string& hash : hashes) text += hash + "  " + name + '\n';
    }
    return text;
  }

 private:
  [[noreturn]] void reject_list() const {
    throw InputError(quoted(folder_ / list_name) +
                     " is no list of gridproof's: expected another folder, or that it is moved "
                     "away");
  }

  fs::path folder_;
  std::map<std::string, std::set<std::string>> hashes_;
};

[[noreturn]] void reject_foreign(const fs::path& path) {
  throw InputError(quoted(path) +
                   " is in the way: gridproof did not write it, or it has changed since; expected "
                   "another folder, or that it is moved away");
}

// ---- Writing ----

// The name of something that is not there yet, which `make` makes unless somebody else did.
template <class Make>
fs::path made_aside(const fs::path& folder, const std::string& name, const Make& make) {
  for (int i = 0;; ++i) {
    fs::path path = folder / fmt::format(".{}.{}.{}.tmp", name, getpid(), i);
    if (make(path)) return path;
    if (errno != EEXIST || i == 1000) fail(folder / name, std::strerror(errno));
  }
}

// What renameat2 (of glibc 2.28) returns; with plain steps on a file system that has no such flags.
int rename_with(unsigned flags, const fs::path& from, const fs::path& to) {
  const long result = syscall(SYS_renameat2, AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), flags);
  if (result == 0 || errno != EINVAL || flags == RENAME_EXCHANGE) return static_cast<int>(result);
  if (flags == RENAME_NOREPLACE && is_there(to)) {
    errno = EEXIST;
    return -1;
  }
  return rename(from.c_str(), to.c_str());
}

// A folder that is removed again, whatever it holds then: it was made here.
class FolderAside {
 public:
  FolderAside(const fs::path& parent, const std::string& name)
      : path_(made_aside(parent, name,
                         [](const fs::path& path) { return mkdir(path.c_str(), 0777) == 0; })) {}
  FolderAside(const FolderAside&) = delete;
  FolderAside& operator=(const FolderAside&) = delete;
  ~FolderAside() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  [[nodiscard]] const fs::path& path() const { return path_; }
  void keep() { path_.clear(); }

 private:
  fs::path path_;
};

// A file under a name of its own, which is removed again unless it is renamed.
class FileAside {
 public:
  FileAside(const fs::path& folder, const std::string& name, std::string_view contents)
      : target_(folder / name) {
    aside_ =
        made_aside(target_.parent_path(), target_.filename().string(), [&](const fs::path& path) {
          file_ = Descriptor(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
          return file_.get() >= 0;
        });
    if (!write_all(file_.get(), std::as_bytes(std::span(contents))) ||
        (fsync(file_.get()) != 0 && errno != EINVAL)) {
      const int error = errno;
      remove();
      fail(target_, std::strerror(error));
    }
    file_ = Descriptor();
  }
  FileAside(FileAside&& other) noexcept
      : target_(std::move(other.target_)), aside_(std::exchange(other.aside_, {})) {}
  ~FileAside() { remove(); }

  // `replaces` whether something may be there.
  void move_into_place(bool replaces) {
    const unsigned flags = replaces ? 0 : RENAME_NOREPLACE;
    if (rename_with(flags, aside_, target_) != 0) {
      if (errno == EEXIST) reject_foreign(target_);
      fail(target_, std::strerror(errno));
    }
    aside_.clear();
  }

 private:
  void remove() {
    std::error_code ignored;
    if (!aside_.empty()) fs::remove(aside_, ignored);
    aside_.clear();
  }

  fs::path target_;
  fs::path aside_;
  Descriptor file_;
};

void write_list(const fs::path& folder, const OwnFiles& own) {
  FileAside(folder, std::string(list_name), own.text()).move_into_place(true);
}

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  std::error_code ignored;
  if (fs::is_directory(folder, ignored)) return;
  if (fs::exists(folder, ignored))
    throw InputError(quoted(folder) + " is a file: expected a folder");
  throw InputError("cannot make the folder " + quoted(folder) + ": " + error.message());
}

// What stands in the folder that is not of the list; nothing when all does.
std::optional<fs::path> foreign_in(const fs::path& folder, const OwnFiles& own) {
  std::set<std::string> folders;  // that hold files of the list
  for (const std::string& name : own.names()) {
    for (fs::path path = fs::path(name).parent_path(); !path.empty(); path = path.parent_path()) {
      folders.insert(path.generic_string());
    }
  }
  std::error_code error;
  fs::recursive_directory_iterator entries(folder, error);
  while (!error && entries != fs::recursive_directory_iterator()) {
    const std::string name = entries->path().lexically_relative(folder).generic_string();
    const bool is_folder = entries->symlink_status(error).type() == fs::file_type::directory;
    if (name != list_name && !(is_folder ? folders.contains(name) : own.has(name))) {
      return entries->path();
    }
    entries.increment(error);
  }
  if (error) throw InputError("cannot read the folder " + quoted(folder) + ": " + error.message());
  return std::nullopt;
}

// Removes what the list of a folder has, and the folder if nothing is left in it.
bool remove_own(const fs::path& folder) {
  const OwnFiles own(folder);
  std::error_code ignored;
  std::set<fs::path, std::greater<>> folders;  // the deepest first
  for (const std::string& name : own.names()) {
    if (own.has(name)) fs::remove(folder / name, ignored);
    for (fs::path path = fs::path(name).parent_path(); !path.empty(); path = path.parent_path()) {
      folders.insert(path);
    }
  }
  for (const fs::path& path : folders) rmdir((folder / path).c_str());
  fs::remove(folder / list_name, ignored);
  return rmdir(folder.c_str()) == 0;
}

// The folder itself where it is reached through a link.
fs::path real_folder(const fs::path& folder) {
  std::error_code error;
  fs::path target = fs::weakly_canonical(fs::absolute(folder), error);
  if (error) fail(folder, error.message());
  if (target.filename().empty()) target = target.parent_path();  // it ended in a slash
  if (!target.has_filename()) fail(folder, "expected a folder below another");
  return target;
}

}  // namespace

void prepare_folder(const fs::path& folder, const std::vector<std::string>& names) {
  make_folder(folder);
  const OwnFiles own(folder);
  for (const std::string& name : names) {
    if (is_there(folder / name) && !own.has(name)) reject_foreign(folder / name);
  }
  const FileAside trial(folder, "report", "");
}

void write_files(const fs::path& folder,
                 const std::vector<std::pair<std::string, std::string_view>>& contents_by_name) {
  make_folder(folder);
  OwnFiles own(folder);
  std::vector<std::pair<FileAside, bool>> files;
  for (const auto& [name, contents] : contents_by_name) {
    const bool is_in_the_way = is_there(folder / name);
    if (is_in_the_way && !own.has(name) && hash_of_file(folder / name) != hash_of(contents)) {
      reject_foreign(folder / name);
    }
    files.emplace_back(FileAside(folder, name, contents), is_in_the_way);
  }
  // Whenever this is cut off, what is there is in the list.
  for (const auto& [name, contents] : contents_by_name) own.add(name, contents);
  write_list(folder, own);
  for (auto& [file, replaces] : files) file.move_into_place(replaces);
  for (const auto& [name, contents] : contents_by_name) own.set(name, contents);
  write_list(folder, own);
}

void require_own_folder(const fs::path& folder) {
  const fs::path target = real_folder(folder);
  if (!is_there(target)) return;
  std::error_code ignored;
  if (!fs::is_directory(target, ignored)) {
    throw InputError(quoted(folder) + " is a file: expected a folder");
  }
  if (const auto foreign = foreign_in(target, OwnFiles(target))) {
    throw InputError(fmt::format(
        "{} holds {}, which gridproof did not write, or which has changed since: expected a new "
        "folder, or one that gridproof wrote",
        quoted(folder), quoted(foreign->lexically_relative(target))));
  }
}

void replace_folder(const fs::path& folder,
                    const std::vector<std::pair<std::string, std::string>>& contents_by_path) {
  require_own_folder(folder);
  const fs::path target = real_folder(folder);
  std::error_code error;
  fs::create_directories(target.parent_path(), error);
  if (error) fail(folder, error.message());
  FolderAside aside(target.parent_path(), target.filename().string());
  OwnFiles own(aside.path());
  for (const auto& [path, contents] : contents_by_path) {
    fs::create_directories((aside.path() / path).parent_path(), error);
    if (error) fail(folder / path, error.message());
    FileAside(aside.path(), path, contents).move_into_place(false);
    own.set(path, contents);
  }
  write_list(aside.path(), own);
  const fs::path made = aside.path();
  if (rename_with(RENAME_NOREPLACE, made, target) == 0) return aside.keep();
  if (errno != EEXIST) fail(folder, std::strerror(errno));
  // What is there changes places with what is new.
  fs::path former = made;
  if (rename_with(RENAME_EXCHANGE, made, target) == 0) {
    aside.keep();
  } else {
    former += ".old";
    if (rename_with(RENAME_NOREPLACE, target, former) != 0) fail(folder, std::strerror(errno));
    if (rename(made.c_str(), target.c_str()) != 0) {
      const int why = errno;
      rename(former.c_str(), target.c_str());
      fail(folder, std::strerror(why));
    }
    aside.keep();
  }
  if (!remove_own(former)) {
    throw InputError(fmt::format("somebody wrote into {} at the same time: that is kept in {}",
                                 quoted(folder), quoted(former)));
  }
}

}  // namespace gridproof::reports
