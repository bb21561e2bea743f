#include "reference/semantics/nonfinite.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "reference/semantics/grid_sample.h"

namespace gridproof {
namespace {

constexpr double inf = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// The output for one row of texels, at one point (x, y).
double sampled(const Options& options, Dtype dtype, const std::vector<double>& row, double x,
               double y) {
  const Tensor input(dtype, {1, 1, 1, static_cast<std::int64_t>(row.size())}, row);
  const Tensor grid(dtype, {1, 1, 1, 2}, std::vector<double>{x, y});
  return std::get<Tensor>(grid_sample({request_for(options), input, grid})).values().front();
}

template <class Visitor>
void for_each_setting(Visitor&& visitor) {
  for (const auto& mode : names<Mode>) {
    for (const auto& padding : names<Padding>) {
      for (const bool align_corners : {false, true}) {
        for (const Dtype dtype : {Dtype::f16, Dtype::bf16, Dtype::f32, Dtype::f64}) {
          visitor(Options{mode.value, padding.value, align_corners}, dtype);
        }
      }
    }
  }
}

// [coord.nan]
TEST(Nonfinite, NanIsMinusOneEverywhere) {
  EXPECT_EQ(semantics::replace_nan(std::nanf("")), -1);
  EXPECT_EQ(semantics::replace_nan(-std::nan("1")), -1);
  EXPECT_EQ(semantics::replace_nan(0.25), 0.25);
  EXPECT_EQ(semantics::replace_nan(inf), inf);
  for_each_setting([](const Options& options, Dtype dtype) {
    const std::vector<double> row{1, 2, 4, 8};
    EXPECT_EQ(sampled(options, dtype, row, nan, 0), sampled(options, dtype, row, -1, 0));
    EXPECT_EQ(sampled(options, dtype, row, 0.25, nan), sampled(options, dtype, row, 0.25, -1));
  });
}

// [infinity.zeros] [infinity.border] [infinity.reflection]
TEST(Nonfinite, InfinityUnderEachPadding) {
  for_each_setting([](const Options& options, Dtype dtype) {
    const std::vector<double> row{1, 2, 4, 8};
    const double low = sampled(options, dtype, row, -inf, 0);
    const double high = sampled(options, dtype, row, inf, 0);
    const double unit = sampled(options, dtype, row, 0.25, inf);  // an axis of one pixel
    switch (options.padding) {
      case Padding::zeros:
        EXPECT_TRUE(low == 0 && high == 0 && unit == 0);
        EXPECT_FALSE(std::signbit(low) || std::signbit(high) || std::signbit(unit));
        break;
      case Padding::border:
        EXPECT_EQ(low, 1);
        EXPECT_EQ(high, 8);
        EXPECT_EQ(unit, sampled(options, dtype, row, 0.25, 1e4));
        break;
      case Padding::reflection:
        EXPECT_EQ(low, sampled(options, dtype, row, nan, 0));
        EXPECT_EQ(high, sampled(options, dtype, row, nan, 0));
        EXPECT_EQ(unit, sampled(options, dtype, row, 0.25, nan));
        break;
    }
  });
}

TEST(Nonfinite, InfiniteAndHugePositionsHaveACellFarAway) {
  for (const double position : {inf, 0x1p62, 0x1p1000}) {
    EXPECT_EQ(semantics::cell_of(position).index, std::int64_t{1} << 62);
    EXPECT_EQ(semantics::cell_of(position).fraction, 0);
    EXPECT_EQ(semantics::cell_of(-position).index, -(std::int64_t{1} << 62));
    EXPECT_EQ(semantics::cell_of(-position).fraction, 0);
  }
  EXPECT_EQ(semantics::to_index(0x1.fffffffffffffp61), 0x3ffffffffffffe00);
  EXPECT_EQ(semantics::to_index(nan), -(std::int64_t{1} << 62));
  EXPECT_EQ(semantics::cell_of(-0.25F).index, -1);
  EXPECT_EQ(semantics::cell_of(-0.25F).fraction, 0.75F);
}

// [texel.nonfinite] [texel.zero-weight]
TEST(Nonfinite, TexelsAreMultipliedAsTheyAre) {
  const Options linear;
  EXPECT_EQ(sampled(linear, Dtype::f32, {1, inf}, 0, 0), inf);
  EXPECT_EQ(sampled(linear, Dtype::f32, {1, -inf}, 0, 0), -inf);
  EXPECT_TRUE(std::isnan(sampled(linear, Dtype::f32, {inf, -inf}, 0, 0)));
  EXPECT_TRUE(std::isnan(sampled(linear, Dtype::f32, {nan, 1}, 0.25, 0)));
  // Weight 0 on a pixel inside, then the same distance on one outside.
  EXPECT_TRUE(std::isnan(sampled(linear, Dtype::f32, {1, inf}, -0.5, 0)));
  EXPECT_EQ(sampled(linear, Dtype::f32, {inf, 1}, 0.5, 0), 1);
  // Not a tap at all.
  EXPECT_EQ(sampled(linear, Dtype::f32, {nan, 1, 3, inf}, 0, 0), 2);
  EXPECT_TRUE(std::isnan(sampled({.mode = Mode::nearest}, Dtype::f16, {1, nan}, 0.5, 0)));
}

}  // namespace
}  // namespace gridproof
