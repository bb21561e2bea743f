#include "oracle/subjects/host/child.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <map>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "oracle/subjects/host/keeper.h"
#include "oracle/subjects/protocol/line_buffer.h"
#include "reference/encoding/descriptor.h"

namespace gridproof {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// How long a child that has closed its output may take to be gone by itself.
constexpr milliseconds grace{1000};
// How long its keeper may take to end all that comes of it.
constexpr milliseconds keepers_time{12'000};
// What is not answered so soon is watched.
constexpr milliseconds quick{100};
// How many times its time a case may take where processors are busy with others.
constexpr int max_patience = 8;
// How much is kept of what the child writes on its standard error.
constexpr std::size_t max_last_words = 2048;

struct Pipe {
  Descriptor read;
  Descriptor write;
};

// Above the standard streams, onto which the child's ends are copied, even if those are closed.
Descriptor above_standard_streams(int number) {
  Descriptor file(number);
  if (number > STDERR_FILENO) return file;
  return Descriptor(fcntl(number, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
}

Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw ChildLost("cannot be given a pipe: " + std::generic_category().message(errno));
  }
  return {.read = above_standard_streams(ends[0]), .write = above_standard_streams(ends[1])};
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

// How many processes and threads there are, or were a moment ago.
rlim_t processes_of_system() {
  std::ifstream file("/proc/loadavg");
  std::string word;
  for (int i = 0; i < 4 && file >> word; ++i) {
  }
  const std::size_t slash = word.find('/');
  return slash == std::string::npos ? 32768 : std::strtoul(word.c_str() + slash + 1, nullptr, 10);
}

// What of its time a process has spent.
struct Usage {
  milliseconds processor{};
  std::map<std::string, std::uint64_t> waited;  // thread → ns in line for a processor
};

Usage usage_of(pid_t process) {
  Usage usage;
  clockid_t clock{};
  timespec time{};
  if (clock_getcpuclockid(process, &clock) == 0 && clock_gettime(clock, &time) == 0) {
    usage.processor = std::chrono::duration_cast<milliseconds>(
        std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
  }
  std::error_code ignored;
  const std::string threads = "/proc/" + std::to_string(process) + "/task";
  for (const auto& thread : std::filesystem::directory_iterator(threads, ignored)) {
    std::ifstream file(thread.path() / "schedstat");
    std::uint64_t ran = 0;
    std::uint64_t waited = 0;
    if (file >> ran >> waited) usage.waited[thread.path().filename()] = waited;
  }
  return usage;
}

// The longest that one thread stood in line from `before` to `after`: what the process as a whole
// would have been quicker by, at most, had it been alone.
milliseconds longest_wait(const Usage& before, const Usage& after) {
  std::uint64_t longest = 0;
  for (const auto& [thread, waited] : after.waited) {
    const auto found = before.waited.find(thread);
    longest = std::max(longest, waited - (found == before.waited.end() ? 0 : found->second));
  }
  return std::chrono::duration_cast<milliseconds>(std::chrono::nanoseconds(longest));
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
    const int signal = WTERMSIG(status);
    return "was killed by signal " + std::to_string(signal) +
           (signal > SIGSYS ? "" : " (" + std::string(strsignal(signal)) + ")");
  }
  return "exited with status " + std::to_string(WEXITSTATUS(status));
}

}  // namespace

class Child::Impl {
 public:
  Impl(const std::vector<std::string>& command, const ProcessLimits& limits,
       std::span<const int> inherited)
      : max_output_(limits.output) {
    if (command.empty()) throw ChildLost("is not a command");
    try {
      cell_ = std::make_unique<Cell>(command, limits.isolation);
    } catch (const std::runtime_error& error) {
      throw ChildLost(std::string("cannot be isolated: ") + error.what());
    }
    if (limits.fork_server) {
      start_server(command, limits, inherited);
      order_copy();
    } else {
      Pipe in = make_data_pipe(&Pipe::write);
      Pipe out = make_data_pipe(&Pipe::read);
      start(command, limits, inherited, {.in = in.read.get(), .out = out.write.get()});
      in_ = std::move(in.write);
      out_ = std::move(out.read);
    }
  }

  ~Impl() { end_all(); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  std::string_view exchange(std::string_view line, milliseconds time, std::size_t awaited) {
    const SigpipeBlocked blocked;
    // One of several may be here already.
    if (const auto answer = taken(awaited)) return *answer;
    // One that ends before it is asked anything may have said why.
    if (has_answered_ && has_ended()) lose_at_end_of_output(" between two questions");
    const auto start = Clock::now();
    auto deadline = start + time;
    std::optional<Usage> before;  // of a case that is not answered at once
    while (true) {
      const auto now = Clock::now();
      if (!before && (now - start >= quick || now >= deadline)) {
        meet_copy();
        before = usage_of(subject_);
      }
      if (before && now >= deadline) {
        const Usage after = usage_of(subject_);
        const milliseconds waited = longest_wait(*before, after);
        deadline = start + std::min(time + waited, max_patience * time);
        if (now >= deadline) be_late(time, now - start, *before, after);
      }
      const auto next = before ? deadline : std::min(deadline, start + quick);
      const auto left = std::chrono::ceil<milliseconds>(next - now);
      std::array<pollfd, 4> files{pollfd{out_.get(), POLLIN, 0}, pollfd{err_.get(), POLLIN, 0},
                                  pollfd{line.empty() ? -1 : in_.get(), POLLOUT, 0},
                                  pollfd{is_over() ? -1 : control_.get(), POLLIN, 0}};
      if (poll(files.data(), files.size(), static_cast<int>(left.count())) <= 0) continue;
      if (files[3].revents != 0) take_notes();
      if (files[2].revents != 0) send(line);
      if (files[1].revents != 0) listen();
      if (files[0].revents == 0) {
        // Somebody else may keep the output open that nobody will write to any more.
        if (is_over()) lose_at_end_of_output("");
        continue;
      }
      const std::span<char> room = lines_.room();
      const auto count = ::read(out_.get(), room.data(), room.size());
      if (count > 0) {
        lines_.filled(static_cast<std::size_t>(count));
        if (const auto answer = taken(awaited)) return *answer;
        if (lines_.pending().size() > max_output_) {
          lose("wrote more than " + std::to_string(max_output_) + " bytes on one line");
        }
      } else if (count == 0) {
        lose_at_end_of_output(lines_.pending().empty() ? "" : " in the middle of a line");
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

  void end() { reap(milliseconds::zero()); }

  bool renew() {
    if (!is_ready_for_another_) return false;
    listen();
    last_words_.clear();
    lines_ = {};
    status_.reset();
    has_answered_ = is_ready_for_another_ = false;
    return order_copy();
  }

 private:
  // What the program finds when it starts.
  struct Files {
    int in;
    int out;
    int roll = -1;
  };

  void start(const std::vector<std::string>& command, const ProcessLimits& limits,
             std::span<const int> inherited, Files files) {
    Pipe err = make_data_pipe(&Pipe::read);
    Pipe report = make_pipe();
    Pipe control = make_control();
    std::vector<char*> arguments;
    arguments.reserve(command.size() + 1);
    for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    const auto restrictions = restrictions_of(limits);
    const Birth birth{.arguments = arguments.data(),
                      .in = files.in,
                      .out = files.out < 0 ? err.write.get() : files.out,
                      .err = err.write.get(),
                      .control = control.write.get(),
                      .report = report.write.get(),
                      .roll = files.roll,
                      .inherited = inherited,
                      .limits = restrictions,
                      .cell = cell_.get()};
    keeper_ = Forker::fork([&] {
      const auto pid = static_cast<pid_t>(
          syscall(SYS_clone, cell_->clone_flags() | SIGCHLD, nullptr, nullptr, nullptr, nullptr));
      if (pid == 0) keep(birth);
      return pid < 0 ? -errno : pid;
    });
    if (keeper_ < 0) {
      throw ChildLost("cannot be forked: " + std::generic_category().message(-keeper_));
    }
    // By its number: the function of glibc 2.36 cannot be called from C++.
    process_ = Descriptor(static_cast<int>(syscall(SYS_pidfd_open, keeper_, 0)));
    err_ = std::move(err.read);
    control_ = std::move(control.read);
    control.write.close();
    report.write.close();
    Failure failure{};  // nothing arrives when exec succeeds: it closes the pipe
    if (read(report.read.get(), &failure, sizeof failure) == sizeof failure) {
      end_all();
      throw ChildLost(std::string(failure.confining ? "cannot be isolated: " : "cannot be run: ") +
                      std::generic_category().message(failure.error));
    }
    take_notes();
  }

  // A fork server speaks on its standard error alone, which its copies have as well.
  void start_server(std::vector<std::string> command, const ProcessLimits& limits,
                    std::span<const int> inherited) {
    const Descriptor nothing = above_standard_streams(open("/dev/null", O_RDONLY | O_CLOEXEC));
    Pipe orders = make_control();
    Pipe roll = make_pipe();
    fcntl(roll.read.get(), F_SETFL, O_NONBLOCK);
    std::vector<int> all(inherited.begin(), inherited.end());
    command.emplace_back("--fork-server");
    for (const int file : {orders.write.get(), roll.write.get()}) {
      command.push_back(std::to_string(file));
      all.push_back(file);
    }
    start(command, limits, all, {.in = nothing.get(), .out = -1, .roll = roll.read.get()});
    orders_ = std::move(orders.read);
  }

  // Whether the fork server will hear of it.
  bool order_copy() {
    Pipe in = make_data_pipe(&Pipe::write);
    Pipe out = make_data_pipe(&Pipe::read);
    const std::array files = {in.read.get(), out.write.get()};
    char nothing = 0;
    iovec part{.iov_base = &nothing, .iov_len = sizeof nothing};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof files)> room{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = room.data();
    message.msg_controllen = room.size();
    cmsghdr* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof files);
    std::memcpy(CMSG_DATA(header), files.data(), sizeof files);
    in_ = std::move(in.write);
    out_ = std::move(out.read);
    return sendmsg(orders_.get(), &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
  }

  // The next line, if it is there; the last that is awaited must be the last there is.
  std::optional<std::string_view> taken(std::size_t awaited) {
    const auto answer = lines_.take_line();
    if (!answer) return std::nullopt;
    if (awaited == 1 && !lines_.pending().empty())
      lose("wrote more than one line in answer to one question");
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
      if (last_words_.size() > max_last_words) {
        last_words_.erase(0, last_words_.size() - max_last_words);
      }
    }
  }

  // The last lines of the standard error, each on a line of its own after a newline, fit to print.
  [[nodiscard]] std::string last_words() const {
    constexpr int max_lines = 8;
    std::string_view words = last_words_;
    while (words.ends_with('\n')) words.remove_suffix(1);
    std::size_t begin = words.size();
    for (int lines = 0; lines < max_lines && begin != std::string_view::npos && begin > 0;
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

  [[noreturn]] void be_late(milliseconds time, Clock::duration elapsed, const Usage& before,
                            const Usage& after) {
    const auto count = [](auto duration) {
      return std::to_string(std::chrono::duration_cast<milliseconds>(duration).count());
    };
    throw ChildLate(give_up("gave no answer within " + count(time) + " ms\nin " + count(elapsed) +
                            " ms it used " + count(after.processor - before.processor) +
                            " ms of processor time and waited for a processor for " +
                            count(longest_wait(before, after)) + " ms"));
  }

  // Takes in what there is from the child and its keeper.
  void take_notes() {
    while (const auto note = next_note(control_)) {
      if (note->what == Note::here) continue;
      if (!status_) status_ = note->status;  // a fork server may end after its copy
      is_ready_for_another_ = note->what == Note::copy_ended;
    }
  }

  // Of a fork server: what the copy says of itself.
  void meet_copy() {
    while (next_note(orders_)) {
    }
  }

  // Takes in who sent it as well, if that is the child.
  std::optional<Note> next_note(const Descriptor& from) {
    Note note{};
    iovec part{.iov_base = &note, .iov_len = sizeof note};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(ucred))> room{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = room.data();
    message.msg_controllen = room.size();
    const auto count = recvmsg(from.get(), &message, MSG_DONTWAIT);
    if (count < 0) return std::nullopt;
    if (count != sizeof note) {
      if (&from == &control_) keeper_has_ended_ = true;
      return std::nullopt;
    }
    const cmsghdr* const header = CMSG_FIRSTHDR(&message);
    if (note.what == Note::here && header != nullptr && header->cmsg_type == SCM_CREDENTIALS) {
      ucred sender{};  // its number as this process sees it
      std::memcpy(&sender, CMSG_DATA(header), sizeof sender);
      subject_ = sender.pid;
    }
    return note;
  }

  [[nodiscard]] bool is_over() const { return status_ || keeper_has_ended_; }
  [[nodiscard]] bool has_ended() {
    take_notes();
    return is_over();
  }

  // Waits for the child to end, then ends it with all that comes of it. The status, if it ended by
  // itself.
  std::optional<int> reap(milliseconds patience) {
    if (keeper_ < 0) return std::nullopt;
    await_end(patience);
    const std::optional<int> status = status_;
    if (orders_.get() >= 0 && !is_over()) {
      kill(keeper_, SIGUSR1);
      await_end(keepers_time);
    }
    if (!is_ready_for_another_) end_all();
    return status;
  }

  void await_end(milliseconds patience) {
    const auto deadline = Clock::now() + patience;
    while (!has_ended() && Clock::now() < deadline) {
      pollfd note{control_.get(), POLLIN, 0};
      poll(&note, 1, static_cast<int>(patience.count()));
    }
  }

  void end_all() {
    if (keeper_ < 0) return;
    is_ready_for_another_ = false;
    // One that was stopped must go on to do so.
    kill(keeper_, SIGTERM);
    kill(keeper_, SIGCONT);
    pollfd end{process_.get(), POLLIN, 0};
    if (process_.get() >= 0 && poll(&end, 1, static_cast<int>(keepers_time.count())) == 0) {
      kill(keeper_, SIGKILL);
    }
    while (waitpid(keeper_, nullptr, 0) < 0 && errno == EINTR) {
    }
    keeper_ = -1;
  }

  static Pipe make_control() {
    std::array<int, 2> ends{};
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
      throw ChildLost("cannot be given a socket: " + std::generic_category().message(errno));
    }
    const int yes = 1;
    setsockopt(ends[0], SOL_SOCKET, SO_PASSCRED, &yes, sizeof yes);
    return {.read = above_standard_streams(ends[0]), .write = above_standard_streams(ends[1])};
  }

  [[nodiscard]] std::vector<std::pair<int, rlim_t>> restrictions_of(
      const ProcessLimits& limits) const {
    std::vector<std::pair<int, rlim_t>> all = {{RLIMIT_CORE, 0}};
    if (limits.memory != 0) all.emplace_back(RLIMIT_DATA, limits.memory);
    if (!cell_ || cell_->level() == Isolation::none) return all;
    all.emplace_back(RLIMIT_FSIZE, std::max(limits.file, limits.output));
    const auto cores = std::max(1U, std::thread::hardware_concurrency());
    all.emplace_back(RLIMIT_CPU, std::chrono::seconds(limits.processor).count() * cores);
    // Those of a namespace are counted by themselves, else with all of the user.
    all.emplace_back(RLIMIT_NPROC, static_cast<rlim_t>(limits.processes) +
                                       (cell_->has_namespaces() ? 0 : processes_of_system()));
    return all;
  }

  std::size_t max_output_;
  std::unique_ptr<Cell> cell_;
  pid_t keeper_ = -1;
  pid_t subject_ = -1;
  Descriptor process_;  // readable when the keeper has ended
  Descriptor control_;
  std::optional<int> status_;  // of the child, when it has ended
  bool keeper_has_ended_ = false;
  Descriptor orders_;                  // to a fork server, if the program is one
  bool is_ready_for_another_ = false;  // that fork server
  Descriptor in_;
  Descriptor out_;
  Descriptor err_;
  LineBuffer lines_;
  std::string last_words_;
  bool has_answered_ = false;
};

Child::Child(const std::vector<std::string>& command, const ProcessLimits& limits,
             std::span<const int> inherited)
    : impl_(std::make_unique<Impl>(command, limits, inherited)) {}
Child::~Child() = default;
std::string_view Child::exchange(std::string_view lines, milliseconds time, std::size_t awaited) {
  return impl_->exchange(lines, time, awaited);
}
std::string Child::give_up(const std::string& why) { return impl_->give_up(why); }
void Child::finish(std::string_view line) { impl_->finish(line); }
void Child::end() { impl_->end(); }
bool Child::renew() { return impl_->renew(); }

}  // namespace gridproof
