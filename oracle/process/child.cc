#include "oracle/process/child.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "oracle/process/descriptor.h"
#include "oracle/process/line_buffer.h"

namespace gridproof {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// How long a child that has closed its output may take to be gone by itself.
constexpr milliseconds grace{1000};
// How much is kept of what the child writes on its standard error.
constexpr std::size_t most_last_words = 2048;

struct Pipe {
  Descriptor read;
  Descriptor write;
};

Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw ChildLost("cannot be given a pipe: " + std::generic_category().message(errno));
  }
  Pipe pipe{Descriptor(ends[0]), Descriptor(ends[1])};
  // Above the standard streams, onto which the child's ends are copied, even if those are closed.
  for (Descriptor* const end : {&pipe.read, &pipe.write}) {
    if (end->get() > STDERR_FILENO) continue;
    *end = Descriptor(fcntl(end->get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
  }
  return pipe;
}

// A pipe for data whose end `ours` does not block, with a buffer that saves many a switch.
Pipe make_data_pipe(Descriptor Pipe::* ours) {
  Pipe pipe = make_pipe();
  fcntl((pipe.*ours).get(), F_SETFL, O_NONBLOCK);
  fcntl((pipe.*ours).get(), F_SETPIPE_SZ, 1 << 20);  // if refused, the default will do
  return pipe;
}

// Linux tells a child of the death of the thread that forked it, not of the process. So one thread,
// which lives as long as the process, forks them all.
class Forker {
 public:
  static pid_t fork(const std::function<pid_t()>& task) {
    static Forker forker;
    const std::lock_guard one_at_a_time(forker.callers_);
    std::packaged_task<pid_t()> packaged(task);
    auto result = packaged.get_future();
    {
      const std::lock_guard lock(forker.mutex_);
      forker.task_ = std::move(packaged);
    }
    forker.wake_.notify_one();
    return result.get();
  }

 private:
  Forker() : thread_([this](const std::stop_token& stop) { run(stop); }) {}

  void run(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (wake_.wait(lock, stop, [this] { return task_.valid(); })) {
      std::exchange(task_, {})();
    }
  }

  std::mutex callers_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::packaged_task<pid_t()> task_;
  std::jthread thread_;  // last: it uses the others
};

// Between fork and exec only what is safe in a copy of a process with many threads.
[[noreturn]] void become(char* const* arguments, int in, int out, int err, int report,
                         std::size_t memory, pid_t parent) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  // What lies beyond a tensor should not change from run to run. (Not every container allows it.)
  personality(ADDR_NO_RANDOMIZE);
  if (getppid() != parent) _exit(127);  // the parent is gone already
  dup2(in, STDIN_FILENO);
  dup2(out, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);  // what other libraries left open
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  if (memory != 0) {
    const rlimit data{memory, memory};
    setrlimit(RLIMIT_DATA, &data);
  }
  // execvp keeps the signals that are blocked or ignored.
  std::signal(SIGPIPE, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  execvp(arguments[0], arguments);
  const int error = errno;
  [[maybe_unused]] const auto written = write(report, &error, sizeof error);
  _exit(127);
}

// Keeps a write to a child that is gone from ending this process.
class SigpipeBlocked {
 public:
  SigpipeBlocked() {
    sigset_t pending;
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~SigpipeBlocked() {
    const timespec at_once{};
    if (!was_pending_) sigtimedwait(&pipe_, nullptr, &at_once);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  SigpipeBlocked(const SigpipeBlocked&) = delete;
  SigpipeBlocked& operator=(const SigpipeBlocked&) = delete;

 private:
  bool was_pending_ = false;
  sigset_t pipe_{};
  sigset_t before_{};
};

std::string description_of(int status) {
  if (WIFSIGNALED(status)) {
    const char* const name = sigdescr_np(WTERMSIG(status));
    return "was killed by signal " + std::to_string(WTERMSIG(status)) +
           (name == nullptr ? "" : " (" + std::string(name) + ")");
  }
  return "exited with status " + std::to_string(WEXITSTATUS(status));
}

}  // namespace

class Child::Impl {
 public:
  Impl(const std::vector<std::string>& command, const ProcessLimits& limits)
      : most_output_(limits.output) {
    if (command.empty()) throw ChildLost("is no command");
    Pipe in = make_data_pipe(&Pipe::write);
    Pipe out = make_data_pipe(&Pipe::read);
    Pipe err = make_data_pipe(&Pipe::read);
    Pipe report = make_pipe();
    std::vector<char*> arguments;
    arguments.reserve(command.size() + 1);
    for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    pid_ = Forker::fork([&, parent = getpid()] {
      const pid_t pid = fork();
      if (pid == 0) {
        become(arguments.data(), in.read.get(), out.write.get(), err.write.get(),
               report.write.get(), limits.memory, parent);
      }
      return pid < 0 ? -errno : pid;
    });
    if (pid_ < 0) throw ChildLost("cannot be forked: " + std::generic_category().message(-pid_));
    // By its number: the function of glibc 2.36 cannot be called from C++. Without it, the end of
    // the process shows in its output only.
    process_ = Descriptor(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
    in_ = std::move(in.write);
    out_ = std::move(out.read);
    err_ = std::move(err.read);
    report.write.close();
    int error = 0;  // nothing arrives when exec succeeds: it closes the pipe
    if (read(report.read.get(), &error, sizeof error) == sizeof error) {
      reap(milliseconds::zero());
      throw ChildLost("cannot be run: " + std::generic_category().message(error));
    }
  }

  ~Impl() { reap(milliseconds::zero()); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  std::string_view exchange(std::string_view line, milliseconds time, std::size_t awaited) {
    const SigpipeBlocked blocked;
    // One of several may be here already.
    if (const auto answer = taken(awaited)) return *answer;
    // One that ends before it is asked anything may have said why.
    if (has_answered_ && has_ended()) lose_at_end_of_output(" between two questions");
    const auto deadline = Clock::now() + time;
    while (true) {
      const auto left = std::chrono::ceil<milliseconds>(deadline - Clock::now());
      if (left.count() <= 0) {
        lose("gave no answer within " + std::to_string(time.count()) + " ms");
      }
      std::array<pollfd, 4> files{pollfd{out_.get(), POLLIN, 0}, pollfd{err_.get(), POLLIN, 0},
                                  pollfd{line.empty() ? -1 : in_.get(), POLLOUT, 0},
                                  pollfd{process_.get(), POLLIN, 0}};
      if (poll(files.data(), files.size(), static_cast<int>(left.count())) <= 0) continue;
      if (files[2].revents != 0) send(line);
      if (files[1].revents != 0) listen();
      if (files[0].revents == 0) {
        // A grandchild may keep the output open that nobody will write to any more.
        if (files[3].revents != 0) lose_at_end_of_output("");
        continue;
      }
      const std::span<char> room = lines_.room();
      const auto count = ::read(out_.get(), room.data(), room.size());
      if (count > 0) {
        lines_.filled(static_cast<std::size_t>(count));
        if (const auto answer = taken(awaited)) return *answer;
        if (lines_.pending().size() > most_output_) {
          lose("wrote more than " + std::to_string(most_output_) + " bytes in one line");
        }
      } else if (count == 0) {
        lose_at_end_of_output(lines_.pending().empty() ? "" : " after half a line");
      } else if (errno != EAGAIN && errno != EINTR) {
        lose("cannot be read from: " + std::generic_category().message(errno));
      }
    }
  }

  std::string give_up(const std::string& why) {
    reap(milliseconds::zero());
    listen();
    return why + last_words();
  }

  void finish(std::string_view line) {
    const SigpipeBlocked blocked;
    send(line);
    in_.close();
    reap(grace);
  }

 private:
  // The next line, if it is there; the last that is awaited must be the last there is.
  std::optional<std::string_view> taken(std::size_t awaited) {
    const auto answer = lines_.take_line();
    if (!answer) return std::nullopt;
    if (awaited == 1 && !lines_.pending().empty())
      lose("wrote more than one line for one question");
    has_answered_ = true;
    return answer;
  }

  // Writes what fits now and takes it off `line`.
  void send(std::string_view& line) {
    const auto count = ::write(in_.get(), line.data(), line.size());
    if (count > 0) {
      line.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno != EAGAIN && errno != EINTR) {
      line = {};  // It reads no more. Whether it still answers will be seen.
    }
  }

  // Takes in what is there of the standard error.
  void listen() {
    std::array<char, 4096> bytes{};
    while (err_.get() >= 0) {
      const auto count = ::read(err_.get(), bytes.data(), bytes.size());
      if (count <= 0) {
        if (count == 0 || (errno != EAGAIN && errno != EINTR)) err_.close();
        return;
      }
      last_words_.append(bytes.data(), static_cast<std::size_t>(count));
      if (last_words_.size() > most_last_words) {
        last_words_.erase(0, last_words_.size() - most_last_words);
      }
    }
  }

  // The last lines of the standard error, each on a line of its own after a newline, fit to print.
  [[nodiscard]] std::string last_words() const {
    constexpr int most_lines = 8;
    std::string_view words = last_words_;
    while (words.ends_with('\n')) words.remove_suffix(1);
    std::size_t begin = words.size();
    for (int lines = 0; lines < most_lines && begin != std::string_view::npos && begin > 0;
         ++lines) {
      begin = words.rfind('\n', begin - 1);
    }
    if (begin != std::string_view::npos) words.remove_prefix(begin);
    if (words.starts_with('\n')) words.remove_prefix(1);
    if (words.empty()) return {};
    std::string text = "\nits standard error ended with:";
    text += "\n  ";
    for (const char c : words) {
      if (c == '\n') {
        text += "\n  ";
      } else {
        text += c >= ' ' && c <= '~' ? c : '?';
      }
    }
    return text;
  }

  [[noreturn]] void lose(const std::string& why) { throw ChildLost(give_up(why)); }

  [[noreturn]] void lose_at_end_of_output(const char* when) {
    const auto status = reap(grace);
    listen();
    throw ChildLost((status ? description_of(*status) : "closed its standard output") + when +
                    last_words());
  }

  // Whether it has ended by itself. It is left a zombie, so that its number stays its own.
  [[nodiscard]] bool has_ended() const {
    siginfo_t info{};
    waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT);
    return info.si_pid == pid_;
  }

  // Waits for the child to end, then kills what is left of its group. The status, if it ended by
  // itself.
  std::optional<int> reap(milliseconds patience) {
    if (pid_ < 0) return std::nullopt;
    const auto deadline = Clock::now() + patience;
    while (!has_ended() && Clock::now() < deadline) std::this_thread::sleep_for(milliseconds(1));
    const bool ended = has_ended();
    kill(-pid_, SIGKILL);
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return ended ? std::optional(status) : std::nullopt;
  }

  std::size_t most_output_;
  pid_t pid_ = -1;
  Descriptor process_;  // readable when the process has ended
  Descriptor in_;
  Descriptor out_;
  Descriptor err_;
  LineBuffer lines_;
  std::string last_words_;
  bool has_answered_ = false;
};

Child::Child(const std::vector<std::string>& command, const ProcessLimits& limits)
    : impl_(std::make_unique<Impl>(command, limits)) {}
Child::~Child() = default;
std::string_view Child::exchange(std::string_view lines, milliseconds time, std::size_t awaited) {
  return impl_->exchange(lines, time, awaited);
}
std::string Child::give_up(const std::string& why) { return impl_->give_up(why); }
void Child::finish(std::string_view line) { impl_->finish(line); }

}  // namespace gridproof
