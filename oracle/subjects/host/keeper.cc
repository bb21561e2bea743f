#include "oracle/subjects/host/keeper.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sched.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <ctime>
#include <optional>

#include "oracle/subjects/host/close_from.h"

namespace gridproof {
namespace {

[[noreturn]] void fail(const Birth& birth, int error, bool confining) {
  const Failure failure{.error = error, .confining = confining};
  [[maybe_unused]] const auto written = write(birth.report, &failure, sizeof failure);
  _exit(127);
}

[[noreturn]] void become(const Birth& birth, pid_t keeper) {
  setsid();
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != keeper) _exit(127);  // it is gone already
  // What lies beyond a tensor should not change from run to run. (Not every container allows it.)
  personality(ADDR_NO_RANDOMIZE);
  dup2(birth.in, STDIN_FILENO);
  dup2(birth.out, STDOUT_FILENO);
  dup2(birth.err, STDERR_FILENO);
  close_from(STDERR_FILENO + 1, CLOSE_RANGE_CLOEXEC);  // what other libraries left open
  for (const int file : birth.inherited) fcntl(file, F_SETFD, 0);
  for (const auto& [resource, most] : birth.limits) {
    rlimit limit{};
    getrlimit(static_cast<__rlimit_resource_t>(resource), &limit);
    limit.rlim_max = std::min(limit.rlim_max, most);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(static_cast<__rlimit_resource_t>(resource), &limit);
  }
  // exec keeps the signals that are blocked or ignored.
  std::signal(SIGPIPE, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  const Note note{.what = Note::here, .status = 0};
  send(birth.control, &note, sizeof note, MSG_NOSIGNAL);
  if (const int error = birth.cell->lock(); error != 0) fail(birth, error, true);
  execvpe(birth.arguments[0], birth.arguments, birth.cell->environment());
  fail(birth, errno, false);
}

// Calls `visit` with the number of each process that has this one, which has one thread, for a
// parent: one it has forked, or one that has lost its own.
void for_each_child(auto visit) {
  const int file = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
  std::array<char, 4096> text{};
  pid_t process = 0;  // each number ends with a space
  ssize_t count = 0;
  while (file >= 0 && (count = read(file, text.data(), text.size())) > 0) {
    for (const char c : std::span(text.data(), static_cast<std::size_t>(count))) {
      if (c >= '0' && c <= '9') {
        process = process * 10 + (c - '0');
      } else if (process > 0) {
        visit(std::exchange(process, 0));
      }
    }
  }
  if (file >= 0) close(file);
}

// Kills all that descends from this process, which inherits what loses its parent, until there is
// nothing left.
void kill_descendants() {
  const timespec pause{.tv_sec = 0, .tv_nsec = 200'000};
  for (int round = 0; round < 20'000; ++round) {
    for_each_child([](pid_t process) { kill(process, SIGKILL); });
    pid_t buried = 0;
    while ((buried = waitpid(-1, nullptr, WNOHANG)) > 0) {
    }
    if (buried < 0 && errno == ECHILD) return;
    nanosleep(&pause, nullptr);
  }
}

// Buries what ends: the program, and the copies of one that is a fork server.
class Watch {
 public:
  Watch(const Birth& birth, pid_t program) : birth_(birth), program_(program) {}

  void kill_copy() {
    read_roll();
    if (copy_ > 0) {
      kill(copy_, SIGKILL);
    } else {
      is_over_ = true;  // there is none that could end
    }
  }

  void bury() {
    int status = 0;
    for (pid_t ended = 0; (ended = waitpid(-1, &status, WNOHANG)) > 0;) {
      read_roll();
      if (ended == copy_) {
        copy_ = 0;
        end_ = status;
      } else if (ended == program_) {
        program_ = 0;
        if (copy_ == 0 && !end_) end_ = status;
      }
    }
    is_over_ = is_over_ || (end_ && !is_ready_for_another());
    if (!end_ || is_over_) return;
    const Note note{.what = Note::copy_ended, .status = *end_};
    send(STDIN_FILENO, &note, sizeof note, MSG_NOSIGNAL);
    end_.reset();
  }

  [[nodiscard]] bool is_over() const { return is_over_; }
  // How the program ended, or its copy.
  [[nodiscard]] std::optional<int> end() const { return end_; }

 private:
  // A copy is on the roll before it does anything, so that none ends that is not.
  void read_roll() {
    if (birth_.roll < 0) {
      copy_ = program_;
      return;
    }
    for (pid_t next = 0; read(STDOUT_FILENO, &next, sizeof next) == sizeof next;) copy_ = next;
  }

  // Whether the fork server is all there is, and the scratch folder is as it was.
  [[nodiscard]] bool is_ready_for_another() const {
    if (birth_.roll < 0 || program_ == 0) return false;
    int children = 0;
    for_each_child([&children](pid_t) { ++children; });
    return children == 1 && birth_.cell->is_untouched();
  }

  const Birth& birth_;
  pid_t program_;
  pid_t copy_ = 0;
  std::optional<int> end_;
  bool is_over_ = false;
};

}  // namespace

[[noreturn]] void keep(const Birth& birth) {
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, nullptr);  // they are waited for
  std::signal(SIGCHLD, SIG_DFL);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  setsid();
  pollfd host{birth.control, 0, 0};
  if (poll(&host, 1, 0) != 0) {  // it is gone already
    birth.cell->clear();
    _exit(127);
  }
  if (const int error = birth.cell->furnish(); error != 0) fail(birth, error, true);
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  const pid_t keeper = getpid();
  // It shares this memory until it is the program: the keeper is a copy of the host, whose tables
  // of pages took as long to copy again as all the rest.
  alignas(16) static std::array<std::byte, std::size_t{1} << 17U> stack;
  std::pair<const Birth*, pid_t> given{&birth, keeper};
  const pid_t child = clone(
      [](void* what) -> int {
        const auto& [its_birth, its_keeper] = *static_cast<std::pair<const Birth*, pid_t>*>(what);
        become(*its_birth, its_keeper);
      },
      stack.data() + stack.size(), CLONE_VM | CLONE_VFORK | SIGCHLD, &given);
  if (child < 0) fail(birth, errno, false);
  // Nobody shall wait for files that are open here.
  dup2(birth.control, STDIN_FILENO);
  if (birth.roll >= 0) dup2(birth.roll, STDOUT_FILENO);
  close_from(birth.roll >= 0 ? STDERR_FILENO : STDOUT_FILENO, 0);
  sigset_t awaited;
  sigemptyset(&awaited);
  for (const int signal : {SIGCHLD, SIGTERM, SIGUSR1}) sigaddset(&awaited, signal);
  Watch watch(birth, child);
  while (!watch.is_over()) {
    const int signal = sigwaitinfo(&awaited, nullptr);
    if (signal == SIGTERM) break;
    if (signal == SIGUSR1) watch.kill_copy();
    watch.bury();
  }
  // The end of the first process of a namespace is that of all.
  if (!birth.cell->has_namespaces()) kill_descendants();
  if (const auto status = watch.end()) {
    const Note note{.what = Note::ended, .status = *status};
    send(STDIN_FILENO, &note, sizeof note, MSG_NOSIGNAL);
  }
  birth.cell->clear();
  _exit(0);
}

}  // namespace gridproof
