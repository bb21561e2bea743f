// What the model of a device finds in kernels with a planted mistake, in every order of the
// threads, and that it finds nothing in right ones.
#include "optimized/cuda/model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "optimized/cuda/host.h"
#include "reference/contract/dtype.h"

namespace gridproof::optimized::cuda {
namespace {

constexpr std::array orders = {Order::forward, Order::backward, Order::shuffled};

// What is wrong with a kernel of `blocks` x 64 threads, where it is the same in every order.
class Planted : public testing::Test {
 protected:
  static constexpr int threads = 64;

  std::string fault(const Model::Kernel& kernel, bool waits = false, std::int64_t blocks = 1) {
    std::vector<std::string> faults;
    for (const Order order : orders) {
      Model model;
      model.add("input", Use::read, input_.data(), sizeof(float), {4, 8}, {16, 1});
      model.add("output", Use::write, output_.data(), sizeof(float), {threads}, {1});
      model.add("shared", Use::shared, shared_.data(), sizeof(float), {threads}, {1});
      std::ranges::fill(output_, 0.0F);
      model.run(blocks, threads, order, 7, waits, [&](Thread& thread, std::int64_t block) {
        kernel(thread, block);
        if (!writes_nothing_) put(thread, &output_[place(thread)], 1);
      });
      faults.push_back(model.fault().value_or(""));
      // Which of two threads is blamed follows from the order.
      EXPECT_EQ(kind_of(faults.back()), kind_of(faults.front()));
    }
    return kind_of(faults.front());
  }

  // Without the numbers of threads and elements, and who came first: whoever reads too early may
  // find what nobody wrote.
  static std::string kind_of(const std::string& fault) {
    for (const auto& [part, kind] :
         {std::pair("no barrier is between them", "unordered"),
          std::pair("which nobody wrote", "unordered"),
          std::pair("waits at a barrier that others do not reach", "waits forever")}) {
      if (fault.find(part) != std::string::npos) return kind;
    }
    const auto verb = fault.find_first_of("rw", fault.find("block"));
    return verb == std::string::npos ? fault : fault.substr(verb);
  }

  static std::size_t place(const Thread& thread) {
    return static_cast<std::size_t>(thread.index());
  }
  static float get(Thread& thread, const float* from) {
    return WatchedMemory(thread).load<1>(from).element[0];
  }
  static void put(Thread& thread, float* to, float number) {
    WatchedMemory(thread).store<1>(to, 1, {{number}});
  }

  bool writes_nothing_ = false;
  alignas(64) std::array<float, 64> input_{};
  alignas(64) std::array<float, threads> output_{};
  alignas(64) std::array<float, threads> shared_{};
};

TEST_F(Planted, NothingIsFoundInARightKernel) {
  EXPECT_EQ(fault([&](Thread& thread, std::int64_t) { get(thread, &input_[place(thread) % 8]); }),
            "");
}

TEST_F(Planted, OutOfBounds) {
  EXPECT_EQ(fault([&](Thread& thread, std::int64_t) { get(thread, &input_[56]); }),
            "reads out of bounds of everything");
  EXPECT_EQ(
      fault([&](Thread& thread, std::int64_t) { get(thread, &input_[8 + place(thread) / 64]); }),
      "reads out of bounds of input");  // between two rows
  EXPECT_EQ(fault([&](Thread& thread, std::int64_t) {
              WatchedMemory(thread).load<4>(&input_[20]);  // the pack is in the row
            }),
            "");
  EXPECT_EQ(
      fault([&](Thread& thread, std::int64_t) { WatchedMemory(thread).load<4>(&input_[24]); }),
      "reads out of bounds of input");
  EXPECT_EQ(fault([&](Thread& thread, std::int64_t) { put(thread, shared_.data() + threads, 1); }),
            "writes out of bounds of everything");
}

TEST_F(Planted, WrongUse) {
  EXPECT_EQ(fault([&](Thread& thread, std::int64_t) { put(thread, input_.data(), 1); }),
            "writes input, which is not for that");
  EXPECT_EQ(fault([&](Thread& thread, std::int64_t) { get(thread, output_.data()); }),
            "reads output, which is not for that");
  EXPECT_EQ(fault([&](Thread& thread, std::int64_t) { WatchedMemory(thread).load<4>(&input_[1]); }),
            "reads input where it is not aligned");
}

TEST_F(Planted, WhatNobodyWrites) {
  writes_nothing_ = true;
  EXPECT_EQ(fault([&](Thread& thread, std::int64_t) {
              if (thread.index() != 5) put(thread, &output_[place(thread)], 1);
            }),
            "nobody writes output[5]");
}

TEST_F(Planted, TwoBlocksWriteTheSame) {
  EXPECT_EQ(fault([](Thread&, std::int64_t) {}, false, 2), "unordered");
}

// Each thread reads what another one wrote to shared memory.
TEST_F(Planted, AMissingBarrier) {
  const auto exchange = [&](auto&& sync, std::size_t distance) {
    return fault(
        [&, distance](Thread& thread, std::int64_t) {
          put(thread, &shared_[place(thread)], 1);
          sync(thread);
          get(thread, &shared_[(place(thread) ^ distance) % threads]);
        },
        true, 1);
  };
  const auto none = [](Thread&) {};
  const auto warp = [](Thread& thread) { thread.sync_warp(); };
  const auto block = [](Thread& thread) { thread.sync_block(); };
  EXPECT_EQ(exchange(block, 32), "");
  EXPECT_EQ(exchange(block, 1), "");
  EXPECT_EQ(exchange(warp, 1), "");
  EXPECT_EQ(exchange(warp, 32), "unordered");
  EXPECT_EQ(exchange(none, 0), "");
  const std::string unkept = exchange(
      [](Thread& thread) {
        if (thread.index() < 32) thread.sync_warp();
      },
      33);
  EXPECT_EQ(unkept, "unordered");
}

// What was read may not be overwritten before all have read it, whoever comes first.
TEST_F(Planted, ABarrierMissingBeforeTheNextRound) {
  const auto rounds = [&](bool both) {
    return fault(
        [&, both](Thread& thread, std::int64_t) {
          for (int round = 0; round < 2; ++round) {
            put(thread, &shared_[place(thread)], 1);
            thread.sync_block();
            get(thread, &shared_[0]);
            get(thread, &shared_[63]);
            if (both) thread.sync_block();
          }
        },
        true);
  };
  EXPECT_EQ(rounds(true), "");
  EXPECT_EQ(rounds(false), "unordered");
}

TEST_F(Planted, SharedMemoryThatNobodyWrote) {
  EXPECT_EQ(fault([&](Thread& thread, std::int64_t) { get(thread, shared_.data()); }), "unordered");
}

TEST_F(Planted, ABarrierThatSomeDoNotReach) {
  EXPECT_EQ(fault(
                [](Thread& thread, std::int64_t) {
                  if (thread.index() < 63) thread.sync_block();
                },
                true),
            "waits forever");
}

TEST_F(Planted, OrdersDiffer) {
  std::array<std::vector<int>, orders.size()> seen;
  for (std::size_t i = 0; i < orders.size(); ++i) {
    Model model;
    model.run(2, 8, orders[i], 1, false, [&](Thread& thread, std::int64_t block) {
      seen[i].push_back(static_cast<int>(block) * 8 + thread.index());
    });
    for (std::size_t other = 0; other < i; ++other) EXPECT_NE(seen[i], seen[other]);
    std::ranges::sort(seen[i]);
    EXPECT_EQ(seen[i].size(), 16U);
    EXPECT_EQ(std::ranges::adjacent_find(seen[i]), seen[i].end());
  }
}

// A launch of the real kernels that is wrong in one number.
class WrongLaunch : public testing::Test {
 protected:
  WrongLaunch() {
    const Problem problem{.options = {},
                          .dtype = Dtype::f32,
                          .axes = 2,
                          .batches = 1,
                          .channels = 2,
                          .size = {8, 8, 1},
                          .out_size = {300, 1, 1},
                          .input = input_.data(),
                          .input_channel = 64,
                          .input_stride = {1, 8, 0},
                          .grid = grid_.data(),
                          .grid_stride = {2, 0, 0},
                          .grid_component = 1,
                          .output = output_.data(),
                          .output_channel = 300,
                          .output_stride = {1, 0, 0}};
    launch_ = launch_of(problem, possible_kernels(problem).front());
  }
  [[nodiscard]] std::string fault() const {
    return run_on_host(launch_, Order::shuffled).value_or("");
  }

  std::vector<float> input_ = std::vector<float>(128);
  std::vector<float> grid_ = std::vector<float>(600);
  std::vector<float> output_ = std::vector<float>(600);
  Launch launch_{};
};

TEST_F(WrongLaunch, IsFound) {
  EXPECT_EQ(fault(), "");
  Launch right = launch_;
  launch_.locations = 301;
  EXPECT_NE(fault().find("reads out of bounds of"), std::string::npos) << fault();
  launch_ = right;
  launch_.locations = 299;
  EXPECT_EQ(fault(), "nobody writes output[299]");
  launch_ = right;
  launch_.problem.output_channel = 299;
  EXPECT_NE(fault().find("no barrier is between them"), std::string::npos) << fault();
}

}  // namespace
}  // namespace gridproof::optimized::cuda
