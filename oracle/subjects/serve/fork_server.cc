#include "oracle/subjects/serve/fork_server.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <optional>
#include <string_view>
#include <system_error>

#include "reference/encoding/descriptor.h"

namespace gridproof {
namespace {

struct Pipes {
  Descriptor in;
  Descriptor out;
};

// The pipes of the next copy; none when the host is gone.
std::optional<Pipes> next_order(const Descriptor& orders) {
  std::array<int, 2> files{};
  char nothing = 0;
  iovec part{.iov_base = &nothing, .iov_len = sizeof nothing};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof files)> room{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = room.data();
  message.msg_controllen = room.size();
  ssize_t count = 0;
  while ((count = recvmsg(orders.get(), &message, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR) {
  }
  const cmsghdr* const header = count <= 0 ? nullptr : CMSG_FIRSTHDR(&message);
  if (header == nullptr || header->cmsg_type != SCM_RIGHTS) return std::nullopt;
  std::memcpy(files.data(), CMSG_DATA(header), sizeof files);
  return Pipes{.in = Descriptor(files[0]), .out = Descriptor(files[1])};
}

// Tells the keeper and the host who answers, and takes the pipes.
void become_copy(const Pipes& pipes, const Descriptor& orders, const Descriptor& roll) {
  const pid_t self = getpid();
  const std::array<int, 2> here{};  // the host's `Note`
  if (dup2(pipes.in.get(), STDIN_FILENO) < 0 || dup2(pipes.out.get(), STDOUT_FILENO) < 0 ||
      write(roll.get(), &self, sizeof self) != sizeof self ||
      send(orders.get(), &here, sizeof here, MSG_NOSIGNAL) != sizeof here) {
    _exit(127);
  }
}

bool has_threads() {
  std::error_code error;
  const std::filesystem::directory_iterator threads("/proc/self/task", error);
  return error || std::distance(begin(threads), end(threads)) != 1;
}

// Whether this is the copy, whose parent is the keeper, like that of this process: it inherits what
// loses its parent.
bool fork_copy() {
  const pid_t keeper = getppid();
  std::array<int, 2> gate{};
  if (pipe2(gate.data(), O_CLOEXEC) != 0) _exit(127);
  const Descriptor enter(gate[0]);
  Descriptor open(gate[1]);
  const pid_t between = fork();
  if (between < 0) _exit(127);
  if (between > 0) {
    int status = 0;
    while (waitpid(between, &status, 0) < 0 && errno == EINTR) {
    }
    if (status != 0 || write(open.get(), "", 1) != 1) _exit(127);
    return false;
  }
  const pid_t copy = fork();
  if (copy != 0) _exit(copy < 0 ? 127 : 0);
  open.close();
  char is_open = 0;
  if (read(enter.get(), &is_open, 1) != 1) _exit(127);
  setsid();
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != keeper) _exit(127);  // it is gone already
  return true;
}

}  // namespace

void serve_copies(std::span<char* const> arguments) {
  if (arguments.size() < 3) return;
  const auto last = arguments.last(3);
  if (std::string_view(last[0]) != "--fork-server") return;
  const Descriptor orders(std::atoi(last[1]));
  const Descriptor roll(std::atoi(last[2]));
  while (const auto pipes = next_order(orders)) {
    if (has_threads() || fork_copy()) return become_copy(*pipes, orders, roll);
  }
  std::_Exit(0);
}

}  // namespace gridproof
