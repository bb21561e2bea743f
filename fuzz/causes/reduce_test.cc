#include "fuzz/causes/reduce.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "fuzz/domain/domain.h"

namespace gridproof {
namespace {

Case first_of(Stratum stratum) {
  for (std::uint64_t ordinal = 0;; ++ordinal) {
    const Recipe recipe = recipe_of(5, ordinal);
    if (recipe.stratum == stratum && sample_count(recipe) > 10) return make_case(recipe);
  }
}

bool has_nan_coordinate(const Case& test_case) {
  const std::vector<double> grid = test_case.grid.values();
  return std::ranges::any_of(grid, [](double x) { return std::isnan(x); });
}

TEST(Reduce, EndsInTheSmallestCaseThatIsInteresting) {
  const Case test_case = first_of(Stratum::nan);
  ASSERT_TRUE(has_nan_coordinate(test_case));
  const Case reduced = reduce(test_case, 0, has_nan_coordinate);
  EXPECT_TRUE(has_nan_coordinate(reduced));
  EXPECT_EQ(sample_count(reduced), 1);
  EXPECT_EQ(reduced.input.element_count(), 1);
  EXPECT_EQ(reduced.input.dtype(), Dtype::f32);
  EXPECT_EQ(resolve(reduced.request)->padding, Padding::zeros);
  EXPECT_EQ(resolve(reduced.request)->align_corners, false);
  EXPECT_NE(resolve(reduced.request)->mode, Mode::bicubic);
}

TEST(Reduce, KeepsTheKernelWhereThatIsAskedFor) {
  const Case test_case = parse_case(
      "grid_sample mode=bicubic padding_mode=border align_corners=True "
      "input=bf16[1,1,1,2]{1,2} grid=bf16[1,1,2,2]{0,nan,0,0}");
  Case volume = parse_case(
      "grid_sample mode=nearest padding_mode=border align_corners=True "
      "input=bf16[1,1,2,1,2]{1,2,3,4} grid=bf16[1,1,1,2,3]{0,nan,0,0,0,0}");
  for (const Case& one : {test_case, volume}) {
    const Case reduced = reduce(one, 0, has_nan_coordinate, 400, Keeping::kernel);
    EXPECT_EQ(reduced.input.dtype(), Dtype::bf16);
    EXPECT_EQ(reduced.input.rank(), one.input.rank());
    EXPECT_EQ(reduced.input.element_count(), 1);
    EXPECT_EQ(sample_count(reduced), 1);
  }
  std::vector<std::string> plainer;
  for (const Case& one :
       in_plainer_kernels(reduce(volume, 0, has_nan_coordinate, 400, Keeping::kernel))) {
    plainer.push_back(std::string(name(one.input.dtype())) + to_string(one.input.shape()));
    EXPECT_TRUE(has_nan_coordinate(one));
  }
  EXPECT_EQ(plainer, (std::vector<std::string>{"f32[1,1,1,1]", "f32[1,1,1,1,1]", "bf16[1,1,1,1]"}));
}

TEST(Reduce, KeepsWhatMatters) {
  Case test_case = first_of(Stratum::interior);
  test_case.grid = Tensor(Dtype::f32, {1, 1, 1, 2}, std::vector<double>{0.7, 0.1});
  test_case.input = Tensor(Dtype::f32, {1, 1, 4, 5});
  const auto interesting = [](const Case& candidate) {
    return candidate.input.element_count() >= 3 && candidate.grid.element_count() >= 2 &&
           candidate.grid.values()[0] > 0.3;
  };
  ASSERT_TRUE(interesting(test_case));
  const Case reduced = reduce(test_case, 0, interesting);
  EXPECT_EQ(reduced.input.element_count(), 3);
  EXPECT_EQ(reduced.grid.values()[0], 1);  // the plainest coordinate above 0.3 that is tried
}

TEST(Reduce, IsDeterministicAndEndsWithItsPatience) {
  const Case test_case = first_of(Stratum::layouts);
  int asked = 0;
  const auto counting = [&](const Case&) {
    ++asked;
    return true;
  };
  const std::string once = to_line(reduce(test_case, 3, counting, 50));
  EXPECT_LE(asked, 50);
  EXPECT_EQ(once, to_line(reduce(test_case, 3, counting, 50)));
}

TEST(Reduce, LeavesAnUninterestingNeighborhoodAlone) {
  const Case test_case = first_of(Stratum::ties);
  const std::string line = to_line(test_case);
  const Case reduced =
      reduce(test_case, 0, [&](const Case& candidate) { return to_line(candidate) == line; });
  EXPECT_EQ(to_line(reduced), line);
}

}  // namespace
}  // namespace gridproof
