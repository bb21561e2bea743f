#include "fuzz/causes/battery.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

namespace gridproof {
namespace {

TEST(Battery, KeepsWhatIsNotFinite) {
  const Case test_case =
      parse_case("grid_sample input=f32[1,1,2,2]{1,inf,3,nan} grid=f32[1,1,1,2]{nan,-1e30}");
  const std::vector<Case> all = questions_around(test_case, 0);
  ASSERT_GE(all.size(), 10U);
  std::size_t with_nan = 0;
  for (const Case& other : all) {
    EXPECT_TRUE(std::isinf(other.input.at(std::vector<std::int64_t>{0, 0, 0, 1})));
    EXPECT_TRUE(std::isnan(other.input.at(std::vector<std::int64_t>{0, 0, 1, 1})));
    const std::vector<double> grid = other.grid.values();
    with_nan += std::ranges::any_of(grid, [](double x) { return std::isnan(x); }) ? 1 : 0;
    EXPECT_TRUE(std::ranges::any_of(grid, [](double x) { return x <= -0.9e30; }) ||
                sample_count(other) > 1);
  }
  EXPECT_EQ(with_nan, all.size());
}

// Each question is a different one, of the same options; sizes, counts of channels and locations
// differ among them; coordinates come from inside, the rim and outside, on every axis.
TEST(Battery, AsksManyDifferentQuestions) {
  for (const std::string line :
       {"grid_sample mode=bicubic padding_mode=border input=bf16[2,1,1,3]{1..6} "
        "grid=bf16[2,1,1,2]{0.5,0,0.25,1}",
        "grid_sample mode=nearest padding_mode=zeros input=f64[1,1,1,2,1]{1,2} "
        "grid=f64[1,1,1,1,3]{0.5,0,0.25}"}) {
    const Case test_case = parse_case(line);
    std::set<std::string> lines;
    std::set<Shape> inputs;
    std::set<Shape> grids;
    std::set<std::pair<std::size_t, int>> regions;
    const std::vector<Case> all = questions_around(test_case, 0);
    for (const Case& other : all) {
      EXPECT_TRUE(lines.insert(to_line(other)).second);
      inputs.insert(other.input.shape());
      grids.insert(other.grid.shape());
      EXPECT_EQ(other.request.mode, test_case.request.mode);
      EXPECT_EQ(other.input.dtype(), test_case.input.dtype());
      EXPECT_EQ(other.input.size(0), test_case.input.size(0));
      const std::vector<double> grid = other.grid.values();
      const auto axes = static_cast<std::size_t>(test_case.input.rank() - 2);
      for (std::size_t i = 0; i < grid.size(); ++i) {
        const double x = std::fabs(grid[i]);
        regions.emplace(i % axes, x > 1 ? 2 : x > 0.8 ? 1 : 0);
      }
      std::set<double> texels;
      for (const double texel : other.input.values()) texels.insert(texel);
      EXPECT_GE(texels.size(), std::min<std::size_t>(
                                   static_cast<std::size_t>(other.input.element_count()) / 2, 100));
    }
    EXPECT_GE(inputs.size(), 3U);
    EXPECT_GE(grids.size(), 3U);
    EXPECT_EQ(regions.size(), 3U * static_cast<std::size_t>(test_case.input.rank() - 2));
  }
}

// In nearest the last question has ties after even pixels and after odd ones, on each axis, beside
// the middles of pixels; whatever the sizes of the case are, and wherever it has a NaN.
TEST(Battery, HasTiesOfBothKinds) {
  for (const std::string flag : {"False", "True"}) {
    for (const std::string dtype : {"f16", "bf16", "f32", "f64"}) {
      const Case test_case =
          parse_case("grid_sample mode=nearest align_corners=" + flag + " input=" + dtype +
                     "[1,1,1,100]{0*57,nan,1..42} grid=" + dtype + "[1,1,1,2]{0.5,0}");
      const Case ties = questions_around(test_case, 0).back();
      const auto size = static_cast<double>(ties.input.size(3));
      std::array<std::set<double>, 2> remainders;  // of twice the positions by 4, for each axis
      const std::vector<double> grid = ties.grid.values();
      for (std::size_t i = 0; i < grid.size(); ++i) {
        const double twice = flag == "True" ? (grid[i] + 1) * (size - 1) : (grid[i] + 1) * size - 1;
        remainders.at(i % 2).insert(std::fmod(twice, 4));
      }
      EXPECT_EQ(remainders[0], (std::set<double>{0, 1, 2, 3})) << to_line(ties).substr(0, 200);
      EXPECT_EQ(remainders[1], (std::set<double>{0, 1, 2, 3})) << to_line(ties).substr(0, 200);
    }
  }
}

TEST(Battery, KeepsTheLayoutAndIsFinite) {
  const Case test_case = parse_case(
      "grid_sample mode=nearest input=f32[1,1,2,2]strides[4,4,1,2]{1,2,3,4} "
      "grid=f32[1,1,2,2]strides[4,4,1,2]{-0.75,0.75,0,0}");
  std::size_t strided = 0;
  for (const Case& other : questions_around(test_case, 1)) {
    strided += other.input.is_contiguous() ? 0 : 1;
    EXPECT_EQ(other.input.is_contiguous(), other.grid.is_contiguous());
  }
  EXPECT_GE(strided, 5U);
}

// Neither a huge plane that takes no memory nor a case without elements is too much.
TEST(Battery, TakesNoMoreMemoryThanTheCase) {
  Case huge = parse_case("grid_sample input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{0.5,0}");
  huge.input = Tensor::strided(Dtype::f32, {1, 1, 1 << 15, 1 << 15}, {0, 0, 0, 0}, 0,
                               huge.input.shared_storage(), 2);
  for (const Case& other : questions_around(huge, 0)) EXPECT_LE(other.input.storage_size(), 2);
  const Case empty =
      parse_case("grid_sample mode=nearest input=f32[1,1,1,1]{0} grid=f32[1,1,0,2]{}");
  const std::vector<Case> all = questions_around(empty, 0);
  EXPECT_EQ(all.size(), 8U);
  for (const Case& other : all) EXPECT_EQ(other.grid.element_count(), 0);
  EXPECT_TRUE(
      questions_around(parse_case("grid_sample input=f32[2,3]{1*6} grid=f32[1]{0}"), 0).empty());
}

// Of large questions fewer are asked, the first among them.
TEST(Battery, IsAsLargeAsCanBeAfforded) {
  const Case small = parse_case("grid_sample input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,0}");
  EXPECT_EQ(affordable(std::vector<Case>(1000, small)).size(), 1000U);
  Case large = small;
  large.input = Tensor(Dtype::f32, {1, 4096, 1, 1});
  EXPECT_EQ(output_count(large), 4096);
  EXPECT_EQ(affordable(std::vector<Case>(1000, large)).size(), 250U);
  EXPECT_TRUE(affordable({}).empty());
}

}  // namespace
}  // namespace gridproof
