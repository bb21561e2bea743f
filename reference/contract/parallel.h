// The parts of some work, dealt to threads. Tested by parallel_test.cc.
#pragma once

#include <cstdint>
#include <functional>

namespace gridproof {

// Calls `task(i)` once for each i below `count`, on at most `threads` threads: this one and others,
// each of which takes the next i when it is free. The others are helpers that wait between calls; a
// child after fork() gets its own. This thread never waits for a helper that has not begun: on a
// busy machine it does their parts. Where the system starts fewer, those do it all. The first
// exception of a task ends it, and is thrown when all have ended.
void for_each_part(std::int64_t count, int threads, const std::function<void(std::int64_t)>& task);

// `threads` if it is positive; else as many as the machine has cores, at least one.
int threads_or_cores(int threads);

}  // namespace gridproof
