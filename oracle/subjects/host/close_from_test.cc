#include "oracle/subjects/host/close_from.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/close_range.h>
#include <seccomp.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <functional>

#include "oracle/subjects/testing/emulator.h"

namespace gridproof {
namespace {

bool is_open(int file) { return fcntl(file, F_GETFD) >= 0; }
bool closes_at_exec(int file) { return fcntl(file, F_GETFD) == FD_CLOEXEC; }

// What `function` returns in a child with many open files above 99.
bool in_child(const std::function<bool()>& function) {
  const pid_t child = fork();
  if (child == 0) {
    for (int file = 100; file < 600; ++file) dup2(STDIN_FILENO, file);
    _exit(function() ? 0 : 1);
  }
  int status = 1;
  waitpid(child, &status, 0);
  return status == 0;
}

// From here on there is no close_range.
bool forbid_close_range() {
  scmp_filter_ctx const rules = seccomp_init(SCMP_ACT_ALLOW);
  return seccomp_rule_add(rules, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(close_range), 0) == 0 &&
         seccomp_load(rules) == 0 && syscall(SYS_close_range, 100, 100, 0) < 0 && errno == ENOSYS;
}

bool closes_them() {
  close_from(101, 0);
  for (int file = 101; file < 600; ++file) {
    if (is_open(file)) return false;
  }
  return is_open(STDERR_FILENO) && is_open(100);
}
bool marks_them() {
  close_from(101, CLOSE_RANGE_CLOEXEC);
  for (int file = 101; file < 600; ++file) {
    if (!closes_at_exec(file)) return false;
  }
  return !closes_at_exec(100);
}

TEST(CloseFrom, ClosesAllFromANumberOn) {
  EXPECT_TRUE(in_child(closes_them));
  EXPECT_TRUE(in_child(marks_them));
}

TEST(CloseFrom, DoesSoWithoutCloseRange) {
  if (!can_filter_calls()) GTEST_SKIP() << "no system call can be forbidden here";
  EXPECT_TRUE(in_child([] { return forbid_close_range() && closes_them(); }));
  EXPECT_TRUE(in_child([] { return forbid_close_range() && marks_them(); }));
}

}  // namespace
}  // namespace gridproof
