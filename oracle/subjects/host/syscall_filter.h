// Which system calls a confined process may not make, as a program for the kernel (seccomp): those
// by which it reaches others, the network, or the terminal, and that files or memory of its own
// never need. Tested by isolation_test.cc.
#pragma once

#include <linux/filter.h>

#include <vector>

namespace gridproof {

class SyscallFilter {
 public:
  // Signals to the calling process and to the parent of the one that is bound are refused as well,
  // and to groups; not where processes have numbers of their own (a namespace), so that none of
  // those outside can be named. Throws std::runtime_error.
  explicit SyscallFilter(bool own_numbers);

  // Binds the calling thread, which must have no_new_privs, by no more than a system call; 0 or
  // errno. To be called once, in a child that has a copy of this.
  [[nodiscard]] int bind();

  static bool is_available();

 private:
  std::vector<sock_filter> program_;
};

}  // namespace gridproof
