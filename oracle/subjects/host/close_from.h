// The files that a new process has of its host. Tested by close_from_test.cc.
#pragma once

namespace gridproof {

// close_range(first, ~0U, flags), also where the C library (before glibc 2.34) or the kernel
// (before Linux 5.9) has none. Makes nothing but system calls, so that a child may call it after
// fork().
void close_from(int first, unsigned flags);

}  // namespace gridproof
