// Attacks of a subject on the program that judges it, for isolation_test.cc.
//
//   gridproof-attacks judge LEVEL ATTACK FOLDER [copy]
//     hosts the attack at that level, in an empty folder, and says whether it was stopped or
//     succeeded. Its AWS_SECRET_ACCESS_KEY should be "secret". With `copy`, the attacker is the
//     copy of a fork server.
//   gridproof-attacks subject
//     the attacker, who is told what to do by the mode of a case
//
// What an attack has done is seen at the judge, never taken from the attacker.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pty.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "oracle/subjects/host/process_subject.h"
#include "oracle/subjects/serve/fork_server.h"
#include "oracle/subjects/serve/serve.h"

namespace gridproof {
namespace {

namespace fs = std::filesystem;

// ---- What both know ----

// What the attacker is told, as text with a line each.
struct Target {
  std::string attack;
  pid_t judge = 0;
  pid_t thread = 0;         // another of the judge
  std::uintptr_t word = 0;  // where a number of the judge lies
  int port = 0;             // at which it listens
  std::string terminal;     // its
  std::string folder;       // with checkpoint.jsonl, leaked, home/.netrc
};

std::string text_of(const Target& target) {
  std::ostringstream text;
  text << target.attack << '\n'
       << target.judge << '\n'
       << target.thread << '\n'
       << target.word << '\n'
       << target.port << '\n'
       << target.terminal << '\n'
       << target.folder << '\n';
  return text.str();
}

Target target_of(const std::string& text) {
  std::istringstream in(text);
  Target target;
  std::getline(in, target.attack);
  in >> target.judge >> target.thread >> target.word >> target.port;
  in >> target.terminal >> target.folder;
  return target;
}

// The name of the processes that an attack leaves, of its folder.
std::string daemons_name(const std::string& folder) {
  return fs::path(folder).filename().string().substr(0, 15);
}

// ---- The attacker ----

void write_into(const std::string& path, int flags = O_WRONLY) {
  const int file = open(path.c_str(), flags, 0600);
  if (file >= 0) (void)!write(file, "forged\n", 7);
  if (file >= 0) close(file);
}

// A process that has left its session and its parent.
void leave_daemon(const Target& target, const std::function<void()>& work) {
  if (fork() != 0) return;
  setsid();
  if (fork() != 0) _exit(0);
  prctl(PR_SET_NAME, daemons_name(target.folder).c_str());
  for (int file = 0; file < 64; ++file) close(file);
  work();
  _exit(0);
}

void sleep_long() {
  for (int i = 0; i < 20; ++i) std::this_thread::sleep_for(std::chrono::seconds(1));
}

// Forks itself and ends, over and over, so that its number is always another.
void run_away() {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (std::chrono::steady_clock::now() < end) {
    if (fork() != 0) _exit(0);
    setsid();
  }
}

void send_to(int port, int type) {
  const int file = socket(AF_INET, type, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (file >= 0 && connect(file, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) {
    (void)!write(file, "secret", 6);
  }
}

void push_into_terminal(const std::string& path) {
  for (const std::string& name : {std::string("/dev/tty"), path}) {
    const int file = open(name.c_str(), O_RDWR);
    for (const char* c = "rm\n"; *c != 0; ++c) ioctl(file, TIOCSTI, c);
  }
  for (const int file : {0, 1, 2}) ioctl(file, TIOCSTI, "\n");
}

// What it could read, or nothing.
std::string spied(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Answers with what the attacker has found out, if that is what the attack is about.
std::string attack(const Target& target) {
  const std::string& name = target.attack;
  const std::string checkpoint = target.folder + "/checkpoint.jsonl";
  const std::string process = "/proc/" + std::to_string(target.judge);
  std::uint64_t forged = 666;
  if (name == "kill") kill(target.judge, SIGUSR1);
  if (name == "kill a group") kill(-target.judge, SIGUSR1);
  if (name == "kill a thread") {
    syscall(SYS_tgkill, target.judge, target.thread, SIGUSR1);
    syscall(SYS_tkill, target.thread, SIGUSR1);
  }
  if (name == "queue a signal") {
    siginfo_t info{};
    info.si_code = SI_QUEUE;
    info.si_pid = getpid();
    syscall(SYS_rt_sigqueueinfo, target.judge, SIGUSR1, &info);
  }
  if (name == "signal by a descriptor") {
    const auto file = syscall(SYS_pidfd_open, target.judge, 0);
    syscall(SYS_pidfd_send_signal, file, SIGUSR1, nullptr, 0);
  }
  if (name == "signal by input") {  // the system sends it when input arrives
    int ends[2];
    if (pipe(ends) != 0) return "";
    fcntl(ends[0], F_SETOWN, target.judge);
    fcntl(ends[0], 10 /* F_SETSIG */, SIGUSR1);
    fcntl(ends[0], F_SETFL, O_ASYNC | O_NONBLOCK);
    (void)!write(ends[1], "x", 1);
  }
  if (name == "limit its processor time") {
    const rlimit second{3600, 3600};
    prlimit(target.judge, RLIMIT_CPU, &second, nullptr);
  }
  if (name == "trace") {
    if (ptrace(PTRACE_SEIZE, target.judge, nullptr, nullptr) == 0) {
      ptrace(PTRACE_INTERRUPT, target.judge, nullptr, nullptr);
      waitpid(target.judge, nullptr, __WALL);
      ptrace(PTRACE_POKEDATA, target.judge, target.word, forged);
      ptrace(PTRACE_DETACH, target.judge, nullptr, nullptr);
    }
  }
  if (name == "write its memory") {
    const iovec from{&forged, sizeof forged};
    const iovec to{reinterpret_cast<void*>(target.word), sizeof forged};
    process_vm_writev(target.judge, &from, 1, &to, 1, 0);
  }
  if (name == "write /proc/PID/mem") {
    const int file = open((process + "/mem").c_str(), O_RDWR);
    (void)!pwrite(file, &forged, sizeof forged, static_cast<off_t>(target.word));
  }
  if (name == "forge its output") write_into(process + "/fd/1");
  if (name == "use what is left open") {
    for (int file = 3; file < 1024; ++file) {
      const std::string link = "/proc/self/fd/" + std::to_string(file);
      std::error_code error;
      if (fs::read_symlink(link, error).filename() == "leaked") (void)!write(file, "forged", 6);
    }
  }
  if (name == "truncate its checkpoint") {
    (void)!truncate(checkpoint.c_str(), 0);
    write_into(checkpoint, O_RDONLY | O_TRUNC);
  }
  if (name == "write its checkpoint") write_into(checkpoint, O_WRONLY | O_APPEND);
  if (name == "delete its checkpoint") unlink(checkpoint.c_str());
  if (name == "replace its checkpoint") {
    const std::string mine = std::string(std::getenv("HOME")) + "/mine";
    write_into(mine, O_WRONLY | O_CREAT);
    rename(mine.c_str(), checkpoint.c_str());
    rename(checkpoint.c_str(), (target.folder + "/gone").c_str());
  }
  if (name == "close its checkpoint to it") chmod(checkpoint.c_str(), 0);
  if (name == "mount over its folder") {
    mount("none", target.folder.c_str(), "tmpfs", 0, nullptr);
  }
  if (name == "type into its terminal") push_into_terminal(target.terminal);
  if (name == "write to its terminal") write_into(target.terminal);
  if (name == "leave a daemon") leave_daemon(target, sleep_long);
  if (name == "leave one that runs away") leave_daemon(target, run_away);
  if (name == "outlive it") {
    prctl(PR_SET_NAME, daemons_name(target.folder).c_str());
    leave_daemon(target, sleep_long);
  }
  if (name == "write beside its files") {
    write_into(target.folder + "/litter", O_WRONLY | O_CREAT);
  }
  if (name == "write a file of 2 GiB") {
    std::signal(SIGXFSZ, SIG_IGN);
    const std::string path = std::string(std::getenv("HOME")) + "/large";
    const int file = open(path.c_str(), O_RDWR | O_CREAT, 0600);
    if (file >= 0 && ftruncate(file, std::int64_t{1} << 31U) == 0) return "has room";
  }
  if (name == "fill the disk") {
    struct statvfs space{};
    const std::string path = std::getenv("HOME");
    write_into(path + "/one", O_WRONLY | O_CREAT);
    if (fs::exists(path + "/one") && statvfs(path.c_str(), &space) == 0 &&
        space.f_blocks * space.f_frsize > std::uint64_t{1} << 30U) {
      return "has room";
    }
  }
  if (name == "read its environment") {
    const char* const mine = std::getenv("AWS_SECRET_ACCESS_KEY");
    if (mine != nullptr) return mine;
  }
  if (name == "read /proc/PID/environ") return spied(process + "/environ");
  if (name == "read the home folder") return spied(target.folder + "/home/.netrc");
  if (name == "list the home folder") {
    std::string all;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(target.folder + "/home", error)) {
      all += entry.path().filename();
    }
    return all;
  }
  if (name == "connect by TCP") send_to(target.port, SOCK_STREAM);
  if (name == "send by UDP") send_to(target.port, SOCK_DGRAM);
  if (name == "connect to a socket without a name") {
    const int file = socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string socket_name = "gridproof-" + std::to_string(target.judge);
    std::memcpy(address.sun_path + 1, socket_name.data(), socket_name.size());
    const auto size = offsetof(sockaddr_un, sun_path) + 1 + socket_name.size();
    if (connect(file, reinterpret_cast<sockaddr*>(&address), static_cast<socklen_t>(size)) == 0) {
      (void)!write(file, "secret", 6);
    }
  }
  if (name == "gain privileges by a new namespace") {
    if (unshare(CLONE_NEWUSER) == 0) return "has room";
    const auto child = static_cast<pid_t>(
        syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, nullptr, nullptr, nullptr, nullptr));
    if (child == 0) _exit(0);
    if (child > 0) return "has room";
  }
  return "";
}

int be_subject() {
  return serve({.info = {.name = "attacker", .version = "1"}}, [](const Case& test_case) -> Answer {
    return Unsupported{attack(target_of(test_case.request.mode.value_or("")))};
  });
}

// ---- The judge ----

std::atomic<int> signals = 0;
volatile std::uint64_t number = 42;

bool a_daemon_is_left(const std::string& folder) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/proc", error)) {
    std::string name;
    std::ifstream(entry.path() / "comm") >> name;
    if (name == daemons_name(folder)) return true;
  }
  return false;
}

int listening(int type, sockaddr* address, socklen_t size) {
  const int file = socket(address->sa_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (bind(file, address, size) != 0) return -1;
  if (type == SOCK_STREAM) listen(file, 4);
  return file;
}

bool heard(int file) {
  char text[16];
  if (recv(file, text, sizeof text, MSG_DONTWAIT) > 0) return true;
  return accept(file, nullptr, nullptr) >= 0;
}

int be_judge(const std::string& level, const std::string& name, const std::string& folder,
             bool in_copy) {
  setsid();
  IsolationOptions options;
  options.namespaces = level == "sandbox";
  options.level = level == "sandbox, no namespaces"
                      ? Isolation::sandbox
                      : parse<Isolation>(level).value_or(Isolation::none);
  isolate_children(options);
  std::ofstream(folder + "/checkpoint.jsonl") << "checkpoint\n";
  std::ofstream(folder + "/leaked") << "";
  fs::create_directory(folder + "/home");
  std::ofstream(folder + "/home/.netrc") << "password secret\n";
  setenv("HOME", (folder + "/home").c_str(), 1);
  const int leaked = open((folder + "/leaked").c_str(), O_RDWR | O_APPEND);  // not closed at exec
  std::signal(SIGUSR1, [](int) { ++signals; });
  int controller = -1;
  int terminal = -1;
  char terminal_name[64] = "/dev/null";
  (void)openpty(&controller, &terminal, terminal_name, nullptr, nullptr);
  ioctl(terminal, TIOCSCTTY, 0);
  fcntl(terminal, F_SETFL, O_NONBLOCK);
  fcntl(controller, F_SETFL, O_NONBLOCK);
  fcntl(terminal, F_SETFD, FD_CLOEXEC);
  fcntl(controller, F_SETFD, FD_CLOEXEC);
  sockaddr_in here{};
  here.sin_family = AF_INET;
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int tcp = listening(SOCK_STREAM, reinterpret_cast<sockaddr*>(&here), sizeof here);
  socklen_t size = sizeof here;
  getsockname(tcp, reinterpret_cast<sockaddr*>(&here), &size);
  const int udp = listening(SOCK_DGRAM, reinterpret_cast<sockaddr*>(&here), sizeof here);
  sockaddr_un nameless{};
  nameless.sun_family = AF_UNIX;
  const std::string socket_name = "gridproof-" + std::to_string(getpid());
  std::memcpy(nameless.sun_path + 1, socket_name.data(), socket_name.size());
  const int local =
      listening(SOCK_STREAM, reinterpret_cast<sockaddr*>(&nameless),
                static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + socket_name.size()));
  std::atomic<pid_t> thread = 0;
  std::jthread other([&thread](const std::stop_token& stop) {
    thread = gettid();
    while (!stop.stop_requested()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  });
  while (thread == 0) std::this_thread::yield();

  Answer answer;
  {
    ProcessSubject subject({"/proc/self/exe", "subject"},
                           {.memory = 0, .attempts = 1, .fork_server = in_copy});
    Case test_case{.input = Tensor(Dtype::f32, {1, 1, 1, 1}),
                   .grid = Tensor(Dtype::f32, {1, 1, 1, 2})};
    test_case.request.mode = text_of({.attack = name,
                                      .judge = getpid(),
                                      .thread = thread,
                                      .word = reinterpret_cast<std::uintptr_t>(&number),
                                      .port = ntohs(here.sin_port),
                                      .terminal = terminal_name,
                                      .folder = folder});
    answer = subject.answer(test_case);
    if (name == "leave a daemon" || name == "leave one that runs away") {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    if (name == "outlive it") raise(SIGKILL);
  }
  other.request_stop();
  other.join();  // it handles what came for it before it ends
  std::string done;
  const auto found = [&done](bool is_so, const char* what) {
    if (is_so) done += std::string(done.empty() ? "" : ", ") + what;
  };
  const auto* const reply = std::get_if<Unsupported>(&answer);
  const std::string told = reply == nullptr ? "" : reply->what;
  rlimit limit{};
  getrlimit(RLIMIT_CPU, &limit);
  struct stat status{};
  const bool is_there = stat((folder + "/checkpoint.jsonl").c_str(), &status) == 0;
  char typed = 0;
  char seen[64]{};
  found(signals > 0, "a signal came");
  found(number != 42, "memory was written");
  found(limit.rlim_cur != RLIM_INFINITY, "a limit was set");
  found(!is_there, "the checkpoint is gone");
  found(is_there && spied(folder + "/checkpoint.jsonl") != "checkpoint\n",
        "the checkpoint is another");
  found(is_there && (status.st_mode & 0600U) != 0600U, "the checkpoint cannot be opened");
  found(lseek(leaked, 0, SEEK_END) > 0, "a file left open was written");
  found(read(terminal, &typed, 1) > 0, "something was typed");
  found(read(controller, seen, sizeof seen) > 0 && std::strstr(seen, "forged") != nullptr,
        "the terminal was written to");
  found(fs::exists(folder + "/litter"), "a file was left");
  found(a_daemon_is_left(folder), "a process is left");
  found(told.find("secret") != std::string::npos, "a secret was read");
  found(told.find(".netrc") != std::string::npos, "the home was listed");
  found(told == "has room", "the system let it");
  found(heard(tcp) || heard(udp) || heard(local), "a message came");
  umount2(folder.c_str(), MNT_DETACH);  // nothing is left here
  for (int i = 0; i < 200 && !done.empty() && a_daemon_is_left(folder); ++i) {
    for (const auto& entry : fs::directory_iterator("/proc")) {
      std::string comm;
      std::ifstream(entry.path() / "comm") >> comm;
      if (comm == daemons_name(folder)) kill(std::stoi(entry.path().filename()), SIGKILL);
    }
  }
  if (reply == nullptr) {
    const auto* const lost = std::get_if<Lost>(&answer);
    std::cout << "the attacker was lost: " << (lost == nullptr ? "" : lost->why) << '\n';
  }
  std::cout << (done.empty() ? "stopped" : "succeeded: " + done) << std::endl;
  return 0;
}

}  // namespace
}  // namespace gridproof

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (!words.empty() && words[0] == "subject") {
    gridproof::serve_copies({argv, static_cast<std::size_t>(argc)});
    return gridproof::be_subject();
  }
  const bool in_copy = words.size() == 5 && words[4] == "copy";
  if ((words.size() == 4 || in_copy) && words[0] == "judge" &&
      (words[1] == "sandbox, no namespaces" || gridproof::parse<gridproof::Isolation>(words[1]))) {
    return gridproof::be_judge(words[1], words[2], words[3], in_copy);
  }
  std::cerr << "usage: gridproof-attacks judge LEVEL ATTACK FOLDER [copy]\n";
  return 2;
}
