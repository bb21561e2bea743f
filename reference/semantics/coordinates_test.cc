#include "reference/semantics/coordinates.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

namespace gridproof::semantics {
namespace {

Axis axis(std::int64_t size, bool align_corners) {
  Axis result{.size = size};
  result.options.align_corners = align_corners;
  return result;
}

template <class T>
class Coordinates : public testing::Test {};
using RealTypes = testing::Types<float, double>;
TYPED_TEST_SUITE(Coordinates, RealTypes);

// [coord.corners] [coord.extremes]
TYPED_TEST(Coordinates, CornersLieHalfAPixelOutside) {
  using T = TypeParam;
  for (const std::int64_t size : {1, 2, 3, 7, 640, 1 << 20}) {
    EXPECT_EQ(position(T{-1}, axis(size, false)), T{-0.5});
    EXPECT_EQ(position(T{1}, axis(size, false)), static_cast<T>(size) - T{0.5});
  }
}

// [coord.centers] [coord.extremes]
TYPED_TEST(Coordinates, CentersAreTheOutermostPixels) {
  using T = TypeParam;
  for (const std::int64_t size : {1, 2, 3, 7, 640, 1 << 20}) {
    EXPECT_EQ(position(T{-1}, axis(size, true)), T{0});
    EXPECT_EQ(position(T{1}, axis(size, true)), static_cast<T>(size - 1));
  }
}

// [coord.normalized]
TYPED_TEST(Coordinates, ZeroIsTheMiddleOfEveryAxis) {
  using T = TypeParam;
  for (const std::int64_t size : {1, 2, 3, 7, 640, 1 << 20}) {
    for (const bool align_corners : {false, true}) {
      EXPECT_EQ(position(T{0}, axis(size, align_corners)), static_cast<T>(size - 1) / 2);
    }
  }
}

// [coord.resolution]
TYPED_TEST(Coordinates, ShareOfTheWidthIsKeptWithFalseOnly) {
  using T = TypeParam;
  const auto share = [](std::int64_t size, bool align_corners) {
    return (position(T{0.5}, axis(size, align_corners)) + T{0.5}) / static_cast<T>(size);
  };
  for (const std::int64_t size : {4, 8, 64, 1024}) EXPECT_EQ(share(size, false), T{0.75});
  EXPECT_EQ(share(4, true), T{0.6875});
  EXPECT_EQ(share(8, true), T{0.71875});
}

// [coord.outside]
TYPED_TEST(Coordinates, OutsideTheFormulaStaysTheSame) {
  using T = TypeParam;
  EXPECT_EQ(position(T{-3}, axis(4, false)), T{-4.5});
  EXPECT_EQ(position(T{5}, axis(4, true)), T{9});
  EXPECT_EQ(position(T{1e6}, axis(64, false)), T{32000031.5});
}

// [coord.unit-size]
TYPED_TEST(Coordinates, OnePixel) {
  using T = TypeParam;
  for (const T x : {T{-2}, T{-1}, T{0}, T{0.75}, T{1e30}}) {
    EXPECT_EQ(position(x, axis(1, true)), T{0});
  }
  EXPECT_EQ(position(T{0.75}, axis(1, false)), T{0.375});
  EXPECT_EQ(position(T{-3}, axis(1, false)), T{-1.5});
}

// [coord.order]
TEST(Coordinates, XGoesAlongTheLastAxis) {
  const Shape input{1, 1, 5, 6, 7};
  for (int k = 0; k < 3; ++k) {
    const Axis a = axis_of(k, input, {});
    EXPECT_EQ(a.size, 7 - k);
    EXPECT_EQ(a.number, k);
    EXPECT_EQ(a.dimensions, 3);
  }
  EXPECT_EQ(axis_of(1, {1, 1, 5, 6}, {}).size, 5);
}

// [coord.rounding] In f32, 0.1 is 0x1.99999ap-4: x + 1 rounds up to 0x1.19999ap+0, three times that
// to 0x1.a66668p+1, and the rest is exact. Unrounded it would end at 0x1.2666667p+0.
TEST(Coordinates, EveryOperationRounds) {
  EXPECT_EQ(position(0x1.99999ap-4F, axis(3, false)), 0x1.266668p+0F);
  EXPECT_EQ(position(0x1.99999ap-4F, axis(4, true)), 0x1.a66668p+0F);
  EXPECT_EQ(position(0x1p-30F, axis(3, false)), 1.0F);  // lost in x + 1
  EXPECT_EQ(position(0x1p-30, axis(3, false)), 1.0 + 0x1.8p-30);
}

// [coord.inverse] Forth and back: two roundings each way, each of at most half a last place of a
// number no larger than |x| + 1 in units of the coordinate.
RC_GTEST_PROP(Coordinates, InverseComesBack, ()) {
  const auto size = *rc::gen::inRange<std::int64_t>(2, 5000);
  const auto x = static_cast<float>(*rc::gen::inRange(-4096, 4097)) / 1999;
  for (const bool align_corners : {false, true}) {
    const Axis a = axis(size, align_corners);
    const float back = coordinate(position(x, a), a);
    RC_ASSERT(std::fabs(back - x) <= 4 * 0x1p-24F * (std::fabs(x) + 1));
  }
}

TEST(Coordinates, InverseOfTheOuterLines) {
  for (const std::int64_t size : {2, 3, 5, 1000}) {
    const auto s = static_cast<double>(size);
    EXPECT_EQ(coordinate(-0.5, axis(size, false)), -1);
    EXPECT_EQ(coordinate(s - 0.5, axis(size, false)), 1);
    EXPECT_EQ(coordinate(0.0, axis(size, true)), -1);
    EXPECT_EQ(coordinate(s - 1, axis(size, true)), 1);
  }
  EXPECT_EQ(coordinate(0.0, axis(1, true)), 0);
  EXPECT_EQ(coordinate(0.25, axis(1, false)), 0.5);
}

}  // namespace
}  // namespace gridproof::semantics
