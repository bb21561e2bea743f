#include "reference/semantics/displacement.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <numeric>

#include "reference/semantics/affine_grid.h"

namespace gridproof {
namespace {

using semantics::Axis;
using semantics::identity_position;

Axis axis(std::int64_t size, bool align_corners) {
  Axis result{.size = size};
  result.options.align_corners = align_corners;
  return result;
}

// [displacement.identity] 5 pixels seen at 3 locations: 0, 2, 4 or 1/3, 2, 11/3.
TEST(Displacement, IdentityOfAResizedInput) {
  EXPECT_EQ(identity_position<double>(0, 3, axis(5, true)), 0);
  EXPECT_EQ(identity_position<double>(1, 3, axis(5, true)), 2);
  EXPECT_EQ(identity_position<double>(2, 3, axis(5, true)), 4);
  EXPECT_EQ(identity_position<double>(0, 3, axis(5, false)), 1.0 / 3);
  EXPECT_EQ(identity_position<double>(1, 3, axis(5, false)), 2);
  EXPECT_EQ(identity_position<double>(2, 3, axis(5, false)), 11.0 / 3);
}

// [displacement.identity]
RC_GTEST_PROP(Displacement, IdentityOfTheSameSizeIsTheIndex, ()) {
  const auto size = *rc::gen::inRange<std::int64_t>(1, 2000);
  const auto index = *rc::gen::inRange<std::int64_t>(0, size);
  for (const bool align_corners : {false, true}) {
    if (size == 1 && align_corners) continue;
    RC_ASSERT(identity_position<float>(index, size, axis(size, align_corners)) ==
              static_cast<float>(index));
  }
}

// [displacement.coordinate] Without displacement it is affine_grid's base coordinate: at most three
// operations round, on numbers of at most 1 in units of the coordinate.
RC_GTEST_PROP(Displacement, NoDisplacementIsTheIdentityGrid, ()) {
  const auto size = *rc::gen::inRange<std::int64_t>(2, 2000);
  const auto outputs = *rc::gen::inRange<std::int64_t>(1, 2000);
  const auto index = *rc::gen::inRange<std::int64_t>(0, outputs);
  for (const bool align_corners : {false, true}) {
    const Axis a = axis(size, align_corners);
    const float x = semantics::displaced_coordinate(0.0F, index, outputs, a);
    const float base = semantics::base_coordinate<float>(index, outputs, align_corners);
    RC_ASSERT(std::fabs(x - base) <= 4 * 0x1p-24F);
  }
}

// [displacement.relative] [displacement.coordinate] Forth and back, in pixels: the coordinate is
// rounded where it is near 1, which is half a last place of S/2, and so are the positions.
RC_GTEST_PROP(Displacement, ComesBack, ()) {
  const auto size = *rc::gen::inRange<std::int64_t>(2, 2000);
  const auto outputs = *rc::gen::inRange<std::int64_t>(1, 2000);
  const auto index = *rc::gen::inRange<std::int64_t>(0, outputs);
  const auto moved = static_cast<float>(*rc::gen::inRange(-4000, 4000)) / 997;
  for (const bool align_corners : {false, true}) {
    const Axis a = axis(size, align_corners);
    const float x = semantics::displaced_coordinate(moved, index, outputs, a);
    const float back = semantics::displacement(x, index, outputs, a);
    const float scale = static_cast<float>(size) + std::fabs(moved);
    RC_ASSERT(std::fabs(back - moved) <= 6 * 0x1p-24F * scale);
  }
}

// [displacement.relative] x goes with the last size of the input, z with the first.
TEST(Displacement, WholeGridsOfThreeDimensions) {
  const Tensor grid(Dtype::f32, {1, 1, 1, 2, 3}, std::vector<double>{-0.5, 0, 0, 0.5, 0, 0.25});
  const Tensor moved = displacement_of(grid, {8, 4, 2}, false);
  // (x - x_id) I / 2 with x_id = -1/2, 1/2 along x and 0 along y and z.
  EXPECT_EQ(moved.values(), (std::vector<double>{0, 0, 0, 0, 0, 1}));
  const Tensor back = displaced_grid(moved, {8, 4, 2}, false);
  EXPECT_TRUE(back.same_values(grid));
}

// [displacement.relative] Rows of the output, not only columns; and any layout of the grid.
TEST(Displacement, WholeGridsOfTwoDimensions) {
  std::vector<double> zeros(48);
  const Tensor identity = displaced_grid(Tensor(Dtype::f64, {2, 3, 4, 2}, zeros), {3, 4}, true);
  for (std::int64_t n = 0; n < 2; ++n) {
    for (std::int64_t y = 0; y < 3; ++y) {
      for (std::int64_t x = 0; x < 4; ++x) {
        EXPECT_EQ(identity.at(Shape{n, y, x, 0}), semantics::base_coordinate<double>(x, 4, true));
        EXPECT_EQ(identity.at(Shape{n, y, x, 1}), semantics::base_coordinate<double>(y, 3, true));
      }
    }
  }
  const Tensor planar =
      identity.permuted(std::array{3, 0, 1, 2}).contiguous().permuted(std::array{1, 2, 3, 0});
  EXPECT_TRUE(
      displacement_of(planar, {3, 4}, true).same_values(displacement_of(identity, {3, 4}, true)));
}

// [displacement.unit-size]
TEST(Displacement, OnePixel) {
  EXPECT_EQ(semantics::displacement(0.75F, 0, 2, axis(1, true)), 0);
  EXPECT_EQ(semantics::displaced_coordinate(3.0F, 1, 2, axis(1, true)), 0);
  EXPECT_EQ(semantics::displacement(0.75F, 0, 1, axis(1, false)), 0.375F);
  EXPECT_EQ(semantics::displaced_coordinate(0.375F, 0, 1, axis(1, false)), 0.75F);
}

// [displacement.unit-output]
TEST(Displacement, OneLocationIsTheMiddle) {
  for (const bool align_corners : {false, true}) {
    EXPECT_EQ(identity_position<float>(0, 1, axis(6, align_corners)), 2.5F);
    EXPECT_EQ(semantics::displacement(0.0F, 0, 1, axis(6, align_corners)), 0);
  }
}

// [displacement.output-pixels]
TEST(Displacement, PixelsOfTheOutput) {
  EXPECT_EQ(semantics::input_pixels_per_output_pixel<float>(2, axis(8, false)), 4);
  EXPECT_EQ(semantics::input_pixels_per_output_pixel<float>(3, axis(5, true)), 2);
  EXPECT_EQ(semantics::input_pixels_per_output_pixel<float>(1, axis(5, true)), 0);
  // A displacement by one output pixel is the neighbor's place in the identity.
  const Tensor one(Dtype::f64, {1, 1, 3, 2}, std::vector<double>{1, 0, 1, 0, -1, 0});
  const Tensor grid = displaced_grid(one, {1, 5}, true, PixelUnit::output);
  EXPECT_EQ(grid.values(), (std::vector<double>{0, 0, 1, 0, 0, 0}));
}

TEST(Displacement, ShapesMustFit) {
  const Tensor grid(Dtype::f32, {1, 2, 2, 2});
  EXPECT_THROW(displacement_of(grid, {4}, true), std::invalid_argument);
  EXPECT_THROW(displacement_of(grid, {4, 4, 4}, true), std::invalid_argument);
  EXPECT_THROW(displacement_of(grid, {4, 0}, true), std::invalid_argument);
  EXPECT_THROW(displacement_of(grid, {}, true), std::invalid_argument);
  EXPECT_THROW(displaced_grid(Tensor(Dtype::i32, {1, 2, 2, 2}), {4, 4}, true),
               std::invalid_argument);
}

}  // namespace
}  // namespace gridproof
