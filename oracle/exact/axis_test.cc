#include "oracle/exact/axis.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace gridproof::exact {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr auto all_modes = {Mode::bilinear, Mode::nearest, Mode::bicubic};
constexpr auto all_paddings = {Padding::zeros, Padding::border, Padding::reflection};

rc::Gen<Options> any_options() {
  return rc::gen::construct<Options>(rc::gen::elementOf(std::vector<Mode>(all_modes)),
                                     rc::gen::elementOf(std::vector<Padding>(all_paddings)),
                                     rc::gen::arbitrary<bool>());
}

// Mostly in and around the input, now and then anywhere.
rc::Gen<double> any_coordinate() {
  const auto near = rc::gen::map(rc::gen::inRange<std::int64_t>(-(1LL << 54), 1LL << 54),
                                 [](std::int64_t bits) { return std::ldexp(bits, -53); });
  const auto simple = rc::gen::map(rc::gen::inRange(-64, 65), [](int n) { return n / 16.0; });
  const auto any = rc::gen::apply([](int n, int e) { return std::ldexp(n, e); },
                                  rc::gen::inRange(-9999, 10000), rc::gen::inRange(-1074, 1000));
  return rc::gen::weightedOneOf<double>({{4, near}, {4, simple}, {1, any}});
}

std::vector<std::pair<std::int64_t, Dyadic>> listed(const AxisTaps& taps) {
  std::vector<std::pair<std::int64_t, Dyadic>> list;
  for (const auto& [index, weight] : taps) list.emplace_back(index, weight);
  return list;
}

Dyadic total(const AxisTaps& taps) {
  Dyadic sum;
  for (const auto& tap : taps) sum += tap.weight;
  return sum;
}

TEST(Axis, PutsTheCornersWhereTheDocumentationSays) {
  const Axis edges(5, {.align_corners = false});  // -1 and 1 are the outer edges of the pixels
  EXPECT_EQ(edges.position(-1), -0.5);
  EXPECT_EQ(edges.position(0), 2);
  EXPECT_EQ(edges.position(1), 4.5);
  const Axis centers(5, {.align_corners = true});  // … or the centers
  EXPECT_EQ(centers.position(-1), 0);
  EXPECT_EQ(centers.position(0), 2);
  EXPECT_EQ(centers.position(1), 4);
}

TEST(Axis, OfOnePixelHasOnePositionWithAlignedCorners) {
  for (const double x : {-1e308, -1.0, 0.25, 7.0}) {
    EXPECT_EQ(Axis(1, {.align_corners = true}).position(x), 0) << x;
  }
}

// "it will keep being reflected until becoming in bound": the loop that the remainder stands for.
RC_GTEST_PROP(Axis, ReflectsStepByStep, ()) {
  const auto size = *rc::gen::inRange(2, 9);
  const bool align_corners = *rc::gen::arbitrary<bool>();
  const Axis axis(size, {Mode::bilinear, Padding::reflection, align_corners});
  const Dyadic low = align_corners ? 0.0 : -0.5;
  const Dyadic high = align_corners ? size - 1 : size - 0.5;
  const auto start = Dyadic(*rc::gen::inRange(-4000, 4000)).scaled(-4);
  Dyadic position = start;
  while (position < low || position > high) {
    position = (position < low ? low : high).scaled(1) - position;
  }
  RC_ASSERT(axis.padded(start) == std::clamp<Dyadic>(position, 0, size - 1));
}

RC_GTEST_PROP(Axis, PaddingEndsInsideAndLeavesTheInsideAlone, ()) {
  const auto size = *rc::gen::inRange<std::int64_t>(1, 1000);
  auto options = *any_options();
  RC_PRE(options.padding != Padding::zeros);
  const Axis axis(size, options);
  const auto padded = axis.padded(axis.position(*any_coordinate()));
  RC_ASSERT(padded >= 0);
  RC_ASSERT(padded <= size - 1);
  RC_ASSERT(axis.padded(padded) == padded);
}

// Reflecting twice is a shift by 4 in coordinates, with and without aligned corners.
RC_GTEST_PROP(Axis, ReflectionRepeats, ()) {
  const auto size = *rc::gen::inRange<std::int64_t>(1, 100);
  auto options = *any_options();
  options.padding = Padding::reflection;
  const Axis axis(size, options);
  const Dyadic coordinate = *any_coordinate();
  const Dyadic far = Dyadic(4) * *rc::gen::arbitrary<std::int64_t>();
  RC_ASSERT(axis.padded(axis.position(coordinate + far)) == axis.padded(axis.position(coordinate)));
  RC_ASSERT(axis.padded(axis.position(-2 - coordinate)) == axis.padded(axis.position(coordinate)));
}

RC_GTEST_PROP(Axis, WeightsArePartitionOfUnity, ()) {
  const auto size = *rc::gen::inRange<std::int64_t>(1, 100);
  const auto options = *any_options();
  const auto coordinate = *any_coordinate();
  const auto taps = Axis(size, options).taps(coordinate);
  for (const auto& [index, weight] : taps) {
    RC_ASSERT(index >= 0);
    RC_ASSERT(index < size);
    RC_ASSERT(!weight.is_zero());
    if (options.mode != Mode::bicubic) RC_ASSERT(weight > 0);
  }
  if (options.padding != Padding::zeros) RC_ASSERT(total(taps) == 1);
}

// Inside, the position is the weighted mean of the indices, exactly.
RC_GTEST_PROP(Axis, LinearWeightsMeetThePosition, ()) {
  const auto size = *rc::gen::inRange<std::int64_t>(1, 100);
  auto options = *any_options();
  options.mode = Mode::bilinear;
  RC_PRE(options.padding != Padding::zeros);
  const Axis axis(size, options);
  const auto coordinate = *any_coordinate();
  Dyadic mean;
  for (const auto& [index, weight] : axis.taps(coordinate)) mean += weight * index;
  RC_ASSERT(mean == axis.padded(axis.position(coordinate)));
}

TEST(Axis, TakesNanForMinusOneInEveryModeAndPadding) {
  for (const Mode mode : all_modes) {
    for (const Padding padding : all_paddings) {
      for (const bool align_corners : {false, true}) {
        const Axis axis(4, {mode, padding, align_corners});
        EXPECT_EQ(listed(axis.taps(std::nan(""))), listed(axis.taps(-1)));
      }
    }
  }
}

TEST(Axis, TakesInfinityForOutside) {
  using Taps = std::vector<std::pair<std::int64_t, Dyadic>>;
  for (const Mode mode : all_modes) {
    for (const bool align_corners : {false, true}) {
      for (const std::int64_t size : {1, 4}) {
        const Axis zeros(size, {mode, Padding::zeros, align_corners});
        const Axis border(size, {mode, Padding::border, align_corners});
        const Axis reflection(size, {mode, Padding::reflection, align_corners});
        EXPECT_EQ(listed(zeros.taps(infinity)), Taps{});
        EXPECT_EQ(listed(zeros.taps(-infinity)), Taps{});
        EXPECT_EQ(listed(border.taps(infinity)), (Taps{{size - 1, 1}}));
        EXPECT_EQ(listed(border.taps(-infinity)), (Taps{{0, 1}}));
        EXPECT_EQ(listed(reflection.taps(infinity)), listed(reflection.taps(-1)));
        EXPECT_EQ(listed(reflection.taps(-infinity)), listed(reflection.taps(-1)));
      }
    }
  }
}

TEST(Axis, ReadsTheEdgeForHugeCoordinatesUnderBorder) {
  using Taps = std::vector<std::pair<std::int64_t, Dyadic>>;
  for (const Mode mode : {Mode::bilinear, Mode::nearest}) {
    const Axis axis(64, {mode, Padding::border, false});
    EXPECT_EQ(listed(axis.taps(1e308)), (Taps{{63, 1}}));
    EXPECT_EQ(listed(axis.taps(-1e308)), (Taps{{0, 1}}));
  }
  for (const Mode mode : all_modes) {
    EXPECT_EQ(Axis(64, {mode, Padding::zeros, false}).taps(1e308).size(), 0U);
  }
}

// A double of 2^53 or more is an integer; its remainder by 4 decides where it is reflected to.
TEST(Axis, ReflectsHugeCoordinatesExactly) {
  for (const bool align_corners : {false, true}) {
    const Axis axis(5, {Mode::bilinear, Padding::reflection, align_corners});
    EXPECT_EQ(listed(axis.taps(1e308)), listed(axis.taps(0)));
    EXPECT_EQ(listed(axis.taps(-1e308)), listed(axis.taps(0)));
    EXPECT_EQ(listed(axis.taps(0x1p52 + 1)), listed(axis.taps(1)));
    EXPECT_EQ(listed(axis.taps(0x1p52 + 3)), listed(axis.taps(-1)));
    EXPECT_EQ(listed(axis.taps(0x1p51 + 1.5)), listed(axis.taps(0.5)));
    EXPECT_EQ(listed(axis.taps(-0x1p51 - 0.5)), listed(axis.taps(-0.5)));
  }
}

TEST(CubicWeight, IsKeysKernelWithMinusThreeQuarters) {
  EXPECT_EQ(cubic_weight(0), 1);
  EXPECT_EQ(cubic_weight(1), 0);
  EXPECT_EQ(cubic_weight(2), 0);
  EXPECT_EQ(cubic_weight(0.5), 0.59375);
  EXPECT_EQ(cubic_weight(1.5), -0.09375);
  EXPECT_EQ(cubic_weight(0.25), 0.87890625);
  EXPECT_EQ(cubic_weight(1.25), -0.10546875);
}

// The kernel as Keys builds it: 0 at distances 1 and 2, a double root at 2, and slope alpha at 1
// from both sides. These factors are the kernel; the code has it expanded.
RC_GTEST_PROP(CubicWeight, HasTheRootsOfKeysKernel, ()) {
  const auto t = Dyadic(*rc::gen::inRange<std::int64_t>(0, (1LL << 50) + 1)).scaled(-50);
  RC_ASSERT(cubic_weight(t).scaled(2) == (1 - t) * (4 + 4 * t - 5 * t * t));
  RC_ASSERT(cubic_weight(1 + t) == -0.75 * t * (1 - t) * (1 - t));
}

// ---- Derivatives ----

// Of few bits and of many.
RC_GTEST_PROP(CubicWeight, IsTheSameForFourTapsAtOnce, ()) {
  const auto bits = *rc::gen::inRange<std::int64_t>(0, std::int64_t{1} << 53);
  const Dyadic t = Dyadic(bits).scaled(-*rc::gen::inRange(30, 54)).remainder(1);
  const std::array<Dyadic, 4> weights = cubic_weights(t);
  for (int k = -1; k <= 2; ++k)
    RC_ASSERT(weights[static_cast<std::size_t>(k + 1)] == cubic_weight(abs(t - k)));
}

TEST(Axis, HasPixelsPerUnit) {
  EXPECT_EQ(Axis(5, {.align_corners = false}).scale(), 2.5);
  EXPECT_EQ(Axis(5, {.align_corners = true}).scale(), 2);
  EXPECT_EQ(Axis(1, {.align_corners = true}).scale(), 0);
}

TEST(Axis, PaddingMovesBetweenTheOuterCenters) {
  const auto slopes = [](Padding padding, bool align_corners,
                         const std::vector<double>& positions) {
    const Axis axis(4, {Mode::bilinear, padding, align_corners});
    std::vector<int> list;
    for (const double position : positions) list.push_back(axis.padding_slope(position));
    return list;
  };
  using Slopes = std::vector<int>;
  EXPECT_EQ(slopes(Padding::zeros, false, {-9, -0.5, 0, 1, 3, 9}), Slopes(6, 1));
  EXPECT_EQ(slopes(Padding::border, false, {-9, 0, 0x1p-60, 1, 2.5, 3, 9}),
            (Slopes{0, 0, 1, 1, 1, 0, 0}));
  // Mirrors at -0.5 and 3.5, and half a pixel to both sides of them that is clipped …
  EXPECT_EQ(
      slopes(Padding::reflection, false, {-5, -4.5, -4, -3.5, -2, -1, -0.5, 0, 0.5, 3, 3.5, 4}),
      (Slopes{0, 0, 0, -1, -1, 0, 0, 0, 1, 0, 0, 0}));
  EXPECT_EQ(slopes(Padding::reflection, false, {4.5, 6.5, 7, 7.5, 8, 8.25, 1e9 + 1}),
            (Slopes{-1, -1, 0, 0, 0, 1, 1}));
  // … or at 0 and 3.
  EXPECT_EQ(slopes(Padding::reflection, true, {-4, -3, -1, 0, 1, 3, 4, 6, 7}),
            (Slopes{1, 0, -1, 0, 1, 0, -1, 0, 1}));
  EXPECT_EQ(Axis(1, {Mode::bilinear, Padding::reflection, true}).padding_slope(0), 0);
  EXPECT_EQ(Axis(1, {Mode::bilinear, Padding::reflection, false}).padding_slope(0), 0);
  EXPECT_EQ(Axis(1, {Mode::bilinear, Padding::border, false}).padding_slope(0), 0);
}

TEST(Axis, HasNoSlopesWhereNothingMoves) {
  for (const Padding padding : all_paddings) {
    for (const double x : {-2.0, -0.5, 0.125, 3.0}) {
      EXPECT_EQ(Axis(4, {Mode::nearest, padding, false}).slopes(x).size(), 0U);
      for (const Mode mode : all_modes) {
        EXPECT_EQ(Axis(1, {mode, padding, true}).slopes(x).size(), 0U);
      }
    }
    for (const Mode mode : all_modes) {
      for (const double x : {infinity, -infinity, std::nan("")}) {
        EXPECT_EQ(Axis(4, {mode, padding, false}).slopes(x).size(), 0U);
      }
    }
  }
}

// The derivatives of what the weights add up to, and of the place that they are the mean of.
RC_GTEST_PROP(Axis, SlopesKeepThePartitionOfUnity, ()) {
  const auto size = *rc::gen::inRange<std::int64_t>(1, 100);
  const auto options = *any_options();
  const auto coordinate = *any_coordinate();
  RC_PRE(options.padding != Padding::zeros);
  const Axis axis(size, options);
  const AxisTaps slopes = axis.slopes(coordinate);
  RC_ASSERT(total(slopes).is_zero());
  if (options.mode != Mode::bilinear) return;
  Dyadic mean;
  for (const auto& [index, slope] : slopes) mean += slope * index;
  RC_ASSERT(mean == axis.scale() * axis.padding_slope(axis.position(coordinate)));
}

// u(d + h) - u(d - h) = 2 h u'(d) + 2 h^3 times the leading coefficient of the cubic that u is.
RC_GTEST_PROP(CubicSlope, IsTheDerivativeOfTheKernel, ()) {
  const auto d = Dyadic(*rc::gen::inRange(1 << 10, (1 << 20) - (1 << 10))).scaled(-20);
  const auto h = Dyadic(*rc::gen::inRange(1, 1 << 10)).scaled(-20);
  const auto growth = [&](const Dyadic& at) { return cubic_weight(at + h) - cubic_weight(at - h); };
  RC_ASSERT(growth(d) == (h * cubic_slope(d) + 1.25 * h * h * h).scaled(1));
  RC_ASSERT(growth(1 + d) == (h * cubic_slope(1 + d) - 0.75 * h * h * h).scaled(1));
}

TEST(CubicSlope, IsContinuous) {
  EXPECT_EQ(cubic_slope(0), 0);
  EXPECT_EQ(cubic_slope(1), -0.75);
  EXPECT_EQ(cubic_slope(1 + Dyadic(0x1p-60)), -0.75 + Dyadic(0x3p-60) - Dyadic(0x9p-122));
  EXPECT_EQ(cubic_slope(2), 0);
}

}  // namespace
}  // namespace gridproof::exact
