#include "optimized/bench/rest.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

namespace gridproof::bench {
namespace {

using namespace std::chrono_literals;

// A thread that runs until it is told to end, or for so long.
class Spinner {
 public:
  explicit Spinner(std::chrono::milliseconds time)
      : thread_([this, time] {
          const auto end = std::chrono::steady_clock::now() + time;
          while (!stops_ && std::chrono::steady_clock::now() < end) {
          }
        }) {}
  Spinner(const Spinner&) = delete;
  Spinner& operator=(const Spinner&) = delete;
  ~Spinner() {
    stops_ = true;
    thread_.join();
  }

 private:
  std::atomic<bool> stops_ = false;
  std::thread thread_;
};

TEST(Rest, IsThereWhereNoOtherThreadRuns) { EXPECT_TRUE(wait_for_rest(10s)); }

TEST(Rest, ComesWhenTheLastThreadSleeps) {
  const auto start = std::chrono::steady_clock::now();
  const Spinner spinner(50ms);
  EXPECT_TRUE(wait_for_rest(10s));
  EXPECT_GE(std::chrono::steady_clock::now() - start, 50ms);
}

TEST(Rest, DoesNotComeBesideAThreadThatRunsOn) {
  const Spinner spinner(10s);
  EXPECT_FALSE(wait_for_rest(20ms));
}

}  // namespace
}  // namespace gridproof::bench
