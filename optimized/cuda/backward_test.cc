// The backward kernels for CUDA devices give the reference's bits: on the CPU, and on a device
// where there is one.
#include "optimized/cuda/backward.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "fuzz/domain/part.h"
#include "fuzz/gradients/plan.h"
#include "optimized/cuda/host.h"
#include "optimized/cuda/subjects.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof::optimized::cuda {
namespace {

bool same(const std::optional<Tensor>& one, const std::optional<Tensor>& other) {
  return one.has_value() == other.has_value() && (!one || one->same_values(*other));
}

class CudaBackward : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (GetParam() == "host") return;
    if (const auto why = obstacle()) GTEST_SKIP() << *why;
    device_ = std::make_unique<Device>();
  }

  void expect_the_references_bits(const BackwardCase& test_case) {
    constexpr std::array orders = {Order::forward, Order::backward, Order::shuffled};
    // In chunks of several sizes.
    constexpr std::array limits = {Limits{}, Limits{.taps = 100}, Limits{.taps = 4096, .pixels = 7},
                                   Limits{.taps = 300, .pixels = 64}, Limits{}};
    const std::size_t i = asked_++;
    const BackwardAnswer got =
        device_ ? device_->backward(test_case)
                : backward_on_host(test_case, limits[i % limits.size()], orders[i % orders.size()]);
    const BackwardAnswer expected = grid_sample_backward(test_case);
    const auto* const lost = std::get_if<Lost>(&got);
    ASSERT_EQ(got.index(), expected.index())
        << (lost ? lost->why + ": " : "") << to_line(test_case).substr(0, 500);
    if (const auto* refusal = std::get_if<Refusal>(&got)) {
      ASSERT_EQ(refusal->clause, std::get<Refusal>(expected).clause);
      return;
    }
    const auto& gradients = std::get<Gradients>(got);
    const auto& right = std::get<Gradients>(expected);
    ASSERT_TRUE(same(gradients.input, right.input)) << to_line(test_case).substr(0, 500);
    ASSERT_TRUE(same(gradients.grid, right.grid)) << to_line(test_case).substr(0, 500);
  }

 private:
  std::size_t asked_ = 0;
  std::unique_ptr<Device> device_;
};
INSTANTIATE_TEST_SUITE_P(All, CudaBackward, testing::Values("host", "device"),
                         [](const auto& info) { return info.param; });

// Those of the clauses first, then those of a campaign; not the largest, which take minutes here.
TEST_P(CudaBackward, GivesTheReferencesBits) {
  constexpr std::int64_t most = 1 << 15;
  const GradientPlan plan(11, gridproof::Part{});
  std::size_t asked = 0;
  for (std::uint64_t ordinal = 0; ordinal < 2500; ++ordinal) {
    const BackwardCase test_case = plan.question(ordinal).test_case;
    if (test_case.forward.input.element_count() > most ||
        test_case.grad_output.element_count() > most) {
      continue;
    }
    ++asked;
    expect_the_references_bits(test_case);
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(asked, 2000);
}

// More counters than one thread or two levels of threads sum up, and texels of many taps.
TEST_P(CudaBackward, SortsManyTaps) {
  constexpr std::int64_t side = 96;
  static_assert(digits * walkers_of(side * side) > fan * fan);
  for (const char* const mode : {"nearest", "bilinear", "bicubic"}) {
    std::vector<double> grid;
    for (std::int64_t y = 0; y < side; ++y) {
      for (std::int64_t x = 0; x < side; ++x) {
        const bool is_far = (x + 7 * y) % 61 == 0;
        grid.push_back(is_far ? 0.9 : static_cast<double>(2 * x) / side - 1);
        grid.push_back(is_far ? -0.7 : static_cast<double>(2 * y) / side - 1);
      }
    }
    std::vector<double> grads(3 * side * side);
    for (std::size_t i = 0; i < grads.size(); ++i) grads[i] = 1.0 / static_cast<double>(i + 3);
    expect_the_references_bits({{{.mode = mode},
                                 Tensor(Dtype::f32, {1, 3, 40, 50}, std::vector<double>(6000, 0.1)),
                                 Tensor(Dtype::f32, {1, side, side, 2}, grid)},
                                Tensor(Dtype::f32, {1, 3, side, side}, grads),
                                {}});
    if (HasFatalFailure()) return;
  }
}

// Numbers that a caller may rely on: what is needed is bounded, whatever the size of the problem.
TEST(CudaBackwardLaunch, NeedsBoundedMemory) {
  int given = 0;
  Backward backward{.forward = {.options = {},
                                .dtype = Dtype::f32,
                                .axes = 2,
                                .batches = 1000,
                                .channels = 5,
                                .size = {700, 1100, 1},
                                .out_size = {10000, 10000, 1}},
                    .grads = nullptr,
                    .grad_input = &given,
                    .grad_grid = &given};
  constexpr std::size_t taps = 1 << 22;
  EXPECT_GE(scratch_bytes(backward), 22 * taps);
  EXPECT_LE(scratch_bytes(backward), 23 * taps);
  backward.forward.dtype = Dtype::f16;
  EXPECT_LE(scratch_bytes(backward), 23 * taps + 4 * 5 * 770000);
  backward.grad_input = nullptr;
  EXPECT_EQ(scratch_bytes(backward), 0U);
  EXPECT_EQ(launches_of(backward, nullptr).size(), 1U);
}

// Chunks are whole batch entries, or parts of one in the order of its samples.
TEST(CudaBackwardLaunch, GathersEverySampleOnceAndInOrder) {
  int given = 0;
  const Backward backward{.forward = {.options = {},
                                      .dtype = Dtype::f32,
                                      .axes = 2,
                                      .batches = 5,
                                      .channels = 1,
                                      .size = {7, 11, 1},
                                      .out_size = {10, 10, 1}},
                          .grads = nullptr,
                          .grad_input = &given,
                          .grad_grid = nullptr};
  for (const std::int64_t taps : {16, 100, 400, 900, 1 << 22}) {
    std::int64_t next = 0;
    for (const BackwardLaunch& launch : launches_of(backward, nullptr, {.taps = taps})) {
      if (launch.task != Task::gather) continue;
      const Chunk& chunk = launch.chunk;
      EXPECT_EQ(chunk.batch * 100 + chunk.first, next);
      EXPECT_EQ(launch.begins, chunk.first == 0);
      EXPECT_EQ(launch.ends, chunk.first + chunk.samples == 100);
      EXPECT_LE(launch.count, taps);
      next += chunk.batches * chunk.samples;
    }
    EXPECT_EQ(next, 500);
  }
}

}  // namespace
}  // namespace gridproof::optimized::cuda
