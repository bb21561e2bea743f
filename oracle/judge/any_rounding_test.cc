#include "oracle/judge/testing/any_rounding.h"

#include <gtest/gtest.h>

#include "oracle/exact/exact.h"
#include "oracle/judge/testing/random_case.h"

namespace gridproof::judging {
namespace {

// With exact arithmetic it is the witness, so its formulas and its padding are the right ones.
TEST(AnyRounding, WithoutRoundingIsTheWitness) {
  int compared = 0;
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    RandomCase random(seed);
    const Options options = random.options();
    const auto dtype = static_cast<Dtype>(random.below(4));
    const int axes = options.mode == Mode::bicubic ? 2 : 2 + static_cast<int>(random.below(2));
    const Case test_case = random.make(options, dtype, axes, 4, 2);
    const std::vector<double> grid = test_case.grid.values();
    if (std::ranges::any_of(grid, [](double x) { return std::isinf(x); })) continue;
    for (const CoordinateFormula formula :
         {CoordinateFormula::standard, CoordinateFormula::decomposed,
          CoordinateFormula::expanded}) {
      const Tensor answer = any_rounding(
          test_case, seed, {.formula = formula, .rounded = 0, .powers = seed % 2 == 0});
      const std::vector<double> expected = std::get<Tensor>(exact::answer(test_case)).values();
      ASSERT_EQ(answer.values(), expected) << to_line(test_case);
      ++compared;
    }
  }
  EXPECT_GT(compared, 5000);
}

// And with its usual habits it is not one implementation, but many.
TEST(AnyRounding, IsContrary) {
  const Case test_case = parse_case(
      "grid_sample input=f32[1,1,2,2]{0.1,0.2,0.3,0.7} grid=f32[1,1,1,2]{0x1.91eb86p-4,0.3}");
  std::vector<double> answers;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    answers.push_back(any_rounding(test_case, seed).values()[0]);
  }
  std::ranges::sort(answers);
  answers.erase(std::ranges::unique(answers).begin(), answers.end());
  EXPECT_GE(answers.size(), 3U);
}

}  // namespace
}  // namespace gridproof::judging
