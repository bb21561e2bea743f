#include "reference/contract/parallel.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

namespace gridproof {
namespace {

std::vector<int> calls(std::int64_t count, int threads) {
  std::vector<std::atomic<int>> times(static_cast<std::size_t>(count));
  for_each_part(count, threads, [&](std::int64_t i) { ++times[static_cast<std::size_t>(i)]; });
  return {times.begin(), times.end()};
}

TEST(Parallel, DoesEachPartOnce) {
  for (const std::int64_t count : {0, 1, 2, 3, 1000}) {
    for (const int threads : {0, 1, 2, 3, 7}) {
      EXPECT_EQ(calls(count, threads), std::vector<int>(static_cast<std::size_t>(count), 1));
    }
  }
}

// As many as were asked for: each waits for all of them.
TEST(Parallel, RunsOnSoManyThreads) {
  std::atomic<int> there{0};
  for_each_part(3, 3, [&](std::int64_t) {
    ++there;
    while (there < 3) std::this_thread::yield();
  });
  EXPECT_EQ(there, 3);
}

// Helpers that are still awake come, and those that sleep, or are about to.
TEST(Parallel, RunsOnSoManyThreadsAfterAnyPause) {
  for (int call = 0; call < 300; ++call) {
    std::this_thread::sleep_for(std::chrono::microseconds(call % 3 * 25));
    std::atomic<int> there{0};
    for_each_part(4, 4, [&](std::int64_t) {
      ++there;
      while (there < 4) std::this_thread::yield();
    });
    ASSERT_EQ(there, 4);
  }
}

TEST(Parallel, OneThreadIsTheCallers) {
  std::set<std::thread::id> threads;
  for_each_part(100, 1, [&](std::int64_t) { threads.insert(std::this_thread::get_id()); });
  EXPECT_EQ(threads, std::set{std::this_thread::get_id()});
}

TEST(Parallel, KeepsItsHelpers) {
  std::set<std::thread::id> threads;
  std::mutex mutex;
  for (int call = 0; call < 50; ++call) {
    for_each_part(100, 2, [&](std::int64_t) {
      const std::lock_guard lock(mutex);
      threads.insert(std::this_thread::get_id());
    });
  }
  EXPECT_LE(threads.size(), 8U);  // this one, and as many as an earlier test wanted
}

// A task may deal out parts, too, and finds no helper that is free.
TEST(Parallel, DoesPartsOfParts) {
  std::atomic<int> sum{0};
  for_each_part(50, 3, [&](std::int64_t) { for_each_part(20, 3, [&](std::int64_t) { ++sum; }); });
  EXPECT_EQ(sum, 1000);
}

TEST(Parallel, ThrowsWhatATaskThrowsWhenAllHaveEnded) {
  for (const int threads : {1, 3}) {
    std::atomic<int> ended{0};
    EXPECT_THROW(for_each_part(1000, threads,
                               [&](std::int64_t i) {
                                 if (i == 5) throw std::runtime_error("five");
                                 ++ended;
                               }),
                 std::runtime_error);
    EXPECT_LT(ended, 1000);
  }
}

// A child after fork() has only the thread that forked.
TEST(Parallel, WorksInAChildAfterFork) {
  calls(100, 4);
  const pid_t child = fork();
  if (child == 0) _exit(calls(100, 4) == std::vector<int>(100, 1) ? 0 : 1);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

// Stacks are memory: a child that may have no more of it starts no thread.
TEST(Parallel, DoesItAloneWhereNoThreadStarts) {
  const pid_t child = fork();
  if (child == 0) {
    const rlimit none{.rlim_cur = 0, .rlim_max = 0};
    setrlimit(RLIMIT_AS, &none);
    std::atomic<int> sum{0};
    for_each_part(100, 4, [&](std::int64_t) { ++sum; });
    _exit(sum == 100 ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace gridproof
