#include "fuzz/causes/loss.h"

#include <gtest/gtest.h>

#include <cmath>

#include "fuzz/mutants/mutants.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof {
namespace {

Loss loss_of(const std::function<bool(const Case&)>& is_lost, const Case& test_case) {
  FunctionSubject subject([&](const Case& asked) -> Answer {
    return is_lost(asked) ? Answer(Lost{"was killed by signal 11"}) : grid_sample(asked);
  });
  FunctionSubject reference([](const Case& asked) { return grid_sample(asked); });
  const Judge judge;
  return look_around({subject, reference, judge}, test_case);
}

Case wide(std::int64_t width) {
  Case test_case = parse_case(
      "grid_sample mode=nearest padding_mode=zeros align_corners=False input=f32[1,2,1,1]{1,2} "
      "grid=f32[1,1,3,2]{0.875,0,0.75,0,0.9375,0}");
  test_case.input = Tensor(Dtype::f32, {1, 2, 1, width});
  return test_case;
}

// Pixel indices of 16 bits: a pixel from 32,768 on is read before the memory of the input.
TEST(Loss, SixteenBitIndicesAreNamedForACrash) {
  const Loss loss = loss_of(
      [](const Case& test_case) {
        const std::vector<double> grid = test_case.grid.values();
        const auto width = static_cast<double>(test_case.input.size(3));
        bool is_lost = false;
        for (std::size_t i = 0; i < grid.size(); i += 2) {
          const double column = std::nearbyint(((grid[i] + 1) * width - 1) / 2);
          is_lost = is_lost || (column > 32767 && column < width);
        }
        return is_lost;
      },
      wide(100'000));
  ASSERT_TRUE(loss.cause);
  EXPECT_EQ(loss.cause->mutant, "index.i16");
  EXPECT_TRUE(loss.cause->ties.empty()) << testing::PrintToString(loss.cause->ties);
  EXPECT_EQ(sample_count(loss.reduced), 1);
  EXPECT_EQ(loss.reduced.input.size(1), 1);
  EXPECT_TRUE(loss.threshold.starts_with("lost from width 34,95")) << loss.threshold;
}

// Lost where the size less one is rounded up in bf16, and what is read is beyond the end. Texels
// that are all equal do not show which of them is read.
TEST(Loss, RoundedSizesAreNamedForACrash) {
  FunctionSubject subject(
      [](const Case& test_case) { return find_mutant("own-type.planes")->answer(test_case); });
  Case test_case = parse_case(
      "grid_sample mode=nearest padding_mode=border input=bf16[1,1,1,1]{1} "
      "grid=bf16[1,1,2,2]{2,0,0,0}");
  test_case.input = Tensor(Dtype::bf16, {1, 1, 1, 600}, std::vector<double>(600, 1));
  FunctionSubject reference([](const Case& asked) { return grid_sample(asked); });
  const Judge judge;
  const Loss loss = look_around({subject, reference, judge}, test_case);
  ASSERT_TRUE(loss.cause);
  EXPECT_EQ(loss.cause->mutant, "own-type.planes");
}

// A limit of the size has the same threshold as 16-bit indices, but not their pixels.
TEST(Loss, ALimitOfTheSizeIsNoMistakeWithIndices) {
  const Loss loss =
      loss_of([](const Case& test_case) { return test_case.input.size(3) > 32768; }, wide(40'000));
  EXPECT_EQ(loss.threshold, "lost from width 32,769 on; 32,768 is answered");
  EXPECT_FALSE(loss.cause) << loss.cause->mutant;
}

TEST(Loss, SaysEveryAxisThatMatters) {
  Case test_case = wide(50);
  test_case.input = Tensor(Dtype::f32, {1, 9, 1, 50});
  const Loss loss =
      loss_of([](const Case& asked) { return asked.input.size(1) > 4 && asked.grid.size(2) > 1; },
              test_case);
  EXPECT_EQ(loss.threshold,
            "lost from output width 2 on; 1 is answered; lost from channel count 5 on; 4 is "
            "answered");
  EXPECT_EQ(to_string(loss.reduced.input.shape()), "[1,5,1,1]");
}

TEST(Loss, OfMemoryIsOneOnlyWhereThereMustBeEnough) {
  const Case small = wide(50);
  Case large = small;
  large.input = Tensor::strided(Dtype::f32, {1, 1, 32768, 65536}, {0, 0, 0, 0}, 0,
                                small.input.shared_storage(), 1);
  for (const char* why : {"reported an error: std::bad_alloc",
                          "MemoryError: Unable to allocate 8 GiB", "CUDA out of memory"}) {
    EXPECT_TRUE(lacks_memory(large, Lost{why})) << why;
    EXPECT_FALSE(lacks_memory(small, Lost{why})) << why;
  }
  EXPECT_FALSE(lacks_memory(large, Lost{"killed by SIGSEGV"}));
  EXPECT_FALSE(lacks_memory(large, Refusal{"", "out of memory"}));
}

TEST(Loss, SaysNothingOfWhatIsAlwaysLost) {
  const Loss loss = loss_of([](const Case&) { return true; }, wide(50));
  EXPECT_EQ(loss.threshold, "");
  EXPECT_FALSE(loss.cause);
  EXPECT_EQ(loss.reduced.input.element_count(), 1);
}

}  // namespace
}  // namespace gridproof
