// Every kernel for CUDA devices gives the reference's bits: on the CPU, and on a device where there
// is one.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <string>

#include "fuzz/domain/domain.h"
#include "optimized/cuda/subjects.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof::optimized::cuda {
namespace {

class Cuda : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (GetParam() == "host") return;
    if (const auto why = obstacle()) GTEST_SKIP() << *why;
    device_ = std::make_unique<Device>();
  }
  Answer answer(const Case& test_case, const Choose& choose) {
    if (device_) return device_->answer(test_case, choose);
    // The threads in another order each time.
    constexpr std::array orders = {Order::forward, Order::backward, Order::shuffled};
    return answer_on_host(test_case, choose, orders[asked_++ % orders.size()]);
  }

  // The answers of all kernels that can compute it.
  void expect_the_references_bits(const Case& test_case) {
    const Answer expected = grid_sample(test_case);
    std::size_t kernels = 1;
    for (std::size_t i = 0; i < kernels; ++i) {
      std::string name = "no kernel";
      const Answer got = answer(test_case, [&](const std::vector<Kernel>& possible) {
        kernels = possible.size();
        name = to_string(possible[i]);
        ++times_[std::string(gridproof::name(test_case.input.dtype())) + ", " + name];
        return possible[i];
      });
      const auto* const lost = std::get_if<Lost>(&got);
      ASSERT_EQ(got.index(), expected.index())
          << (lost ? lost->why + ": " : "") << name << ": " << to_line(test_case).substr(0, 500);
      if (const auto* refusal = std::get_if<Refusal>(&got)) {
        ASSERT_EQ(refusal->clause, std::get<Refusal>(expected).clause);
      } else {
        ASSERT_TRUE(std::get<Tensor>(got).same_values(std::get<Tensor>(expected)))
            << name << ": " << to_line(test_case).substr(0, 500);
      }
    }
  }

  std::map<std::string, int> times_;

 private:
  std::size_t asked_ = 0;
  std::unique_ptr<Device> device_;
};
INSTANTIATE_TEST_SUITE_P(All, Cuda, testing::Values("host", "device"),
                         [](const auto& info) { return info.param; });

TEST_P(Cuda, GivesTheReferencesBits) {
  for (std::uint64_t ordinal = 0; ordinal < 3000; ++ordinal) {
    expect_the_references_bits(make_case(recipe_of(6, ordinal)));
    if (HasFatalFailure()) return;
  }
}

// Channels that are neighbors, so that every kernel is possible.
TEST_P(Cuda, EveryKernelGivesTheReferencesBits) {
  constexpr std::array channels = {1, 2, 3, 4, 6, 8, 16, 19, 24, 40, 264};
  for (std::uint64_t ordinal = 0; ordinal < 1500; ++ordinal) {
    Recipe recipe = recipe_of(7, ordinal);
    if (recipe.flaw != Flaw::none) continue;
    recipe.dtype = names<Dtype>[ordinal % 4].value;
    recipe.input_shape[1] = channels[ordinal / 4 % channels.size()];
    recipe.input_arrangement = Arrangement::channels_last;
    expect_the_references_bits(make_case(recipe));
    if (HasFatalFailure()) return;
  }
  EXPECT_EQ(times_.size(), 2 * (3 + 3 + 2 + 2));
  for (const auto& [kernel, times] : times_) EXPECT_GT(times, 50) << kernel;
}

// Through both conversions: a channel for each 16-bit number, under a weight of 1.
TEST_P(Cuda, EveryNumberOf16BitsIsConverted) {
  for (const Dtype dtype : {Dtype::f16, Dtype::bf16}) {
    Tensor input(dtype, {1, 1 << 16, 1, 1});
    visit(dtype, [&]<class T>(T element) {
      if constexpr (sizeof element == 2) {
        for (T& each : input.elements<T>()) each.bits = element.bits++;
      }
    });
    expect_the_references_bits({{}, input, Tensor(dtype, {1, 1, 1, 2})});
  }
}

// More than a device counts along that axis.
TEST_P(Cuda, ABatchMayHaveAnySize) {
  constexpr std::int64_t batches = 70000;
  std::vector<double> numbers(batches);
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<double>(i);
  expect_the_references_bits({{},
                              Tensor(Dtype::f32, {batches, 1, 1, 1}, numbers),
                              Tensor(Dtype::f32, {batches, 1, 1, 2})});
}

// [padding.border] f32 does not have the number of the last pixel.
TEST_P(Cuda, ReadsTheLastPixelBeyond2To24) {
  for (const char* const mode : {"nearest", "bilinear", "bicubic"}) {
    for (const char* const padding : {"zeros", "border", "reflection"}) {
      for (const char* const size : {"16777218", "16777220", "33554437"}) {
        expect_the_references_bits(parse_case(fmt::format(
            "grid_sample mode={} padding_mode={} align_corners=True "
            "input=f32[1,1,1,{}]strides[1,1,1,0]{{5}} grid=f32[1,1,4,2]{{1,0,-1,0,inf,0,0x1p40,0}}",
            mode, padding, size)));
        if (HasFatalFailure()) return;
      }
    }
  }
}

// Sizes that need 64 bits, over memory that holds one texel.
TEST(Kernels, OffsetsOf32BitsAreForWhatTheyReach) {
  Problem problem{.options = {},
                  .dtype = Dtype::f32,
                  .axes = 2,
                  .batches = 1,
                  .channels = 1,
                  .size = {1 << 15, 1 << 15, 1},
                  .out_size = {1, 1, 1},
                  .input_stride = {1, 1 << 15, 0},
                  .grid_stride = {2, 2, 0},
                  .output_stride = {1, 1, 1}};
  const auto first = [&] { return possible_kernels(problem).front(); };
  EXPECT_EQ(first(), (Kernel{32, 1}));
  problem.input_stride.y = 1 << 17;
  EXPECT_EQ(first(), (Kernel{64, 1}));
  problem.input_stride.y = 1 << 15;
  problem.out_size = {1 << 15, 1 << 15, 1};
  EXPECT_EQ(first(), (Kernel{64, 1}));
}

TEST(Launch, StaysWithinWhatADeviceAllows) {
  for (const std::int64_t batches : {1, 2, 70000}) {
    for (const std::int64_t locations : {1, 255, 256, 257}) {
      for (const std::int64_t channels : {1, 3, 8, 9, 200}) {
        for (const std::int64_t stride : {std::int64_t{1}, locations}) {
          const Problem problem{.options = {},
                                .dtype = Dtype::f32,
                                .axes = 2,
                                .batches = batches,
                                .channels = channels,
                                .size = {1, 1, 1},
                                .out_size = {locations, 1, 1},
                                .input_channel = stride,
                                .grid_stride = {2, 0, 0},
                                .output_stride = {1, 0, 0}};
          const Launch launch = launch_of(problem, {32, 1});
          EXPECT_LE(launch.lanes * launch.rows, max_threads);
          EXPECT_GE(launch.lanes * launch.rows, max_threads / 2);
          EXPECT_GE(launch.blocks.x * launch.rows, locations);
          EXPECT_LT((launch.blocks.y - 1) * launch.lanes, channels);
          EXPECT_LE(launch.blocks.z, 65535);
        }
      }
    }
  }
}

TEST(CudaSubject, SaysWhyItCannotStart) {
  for (const SubjectEntry& entry : subjects()) {
    if (entry.name == "cuda-host" || !obstacle()) {
      EXPECT_NE(entry.open(), nullptr) << entry.name;
    } else {
      try {
        entry.open();
        ADD_FAILURE();
      } catch (const std::runtime_error& error) {
        EXPECT_EQ(error.what(), *obstacle());
      }
    }
  }
}

}  // namespace
}  // namespace gridproof::optimized::cuda
