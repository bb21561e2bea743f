#include "reference/semantics/bicubic.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <numeric>

#include "reference/semantics/clauses.h"

namespace gridproof {
namespace {

using semantics::Axis;
using semantics::cubic_weights;
using semantics::pad_tap;

Axis axis(std::int64_t size, Padding padding, bool align_corners = false) {
  return {.size = size, .options = {Mode::bicubic, padding, align_corners}};
}

// [bicubic.kernel]
TEST(Bicubic, WeightsOfCubicConvolution) {
  EXPECT_EQ(cubic_weights(0.0F), (std::array{0.0F, 1.0F, 0.0F, 0.0F}));
  EXPECT_EQ(cubic_weights(0.5), (std::array{-0.09375, 0.59375, 0.59375, -0.09375}));
  // 1.25/64 - 2.25/16 + 1, and (-0.75 125/64 + 3.75 25/16 - 6 5/4 + 3)
  EXPECT_EQ(cubic_weights(0.25), (std::array{-0.10546875, 0.87890625, 0.26171875, -0.03515625}));
}

RC_GTEST_PROP(Bicubic, WeightsSumToOneAndMirror, ()) {
  const double t = *rc::gen::inRange(0, 1025) / 1024.0;
  const auto w = cubic_weights(t);
  const auto mirrored = cubic_weights(1 - t);
  // Dyadic to 30 bits and below 2 in size: no operation rounds.
  RC_ASSERT(std::accumulate(w.begin(), w.end(), 0.0) == 1);
  for (std::size_t k = 0; k < 4; ++k) RC_ASSERT(w[k] == mirrored[3 - k]);
}

// [bicubic.overshoot] A step from 0 to 255, a quarter of a pixel past either side of it.
TEST(Bicubic, OvershootIsKept) {
  EXPECT_EQ(
      to_text(answer_line("grid_sample mode=bicubic padding_mode=border "
                          "input=f64[1,1,1,4]{0,0,255,255} grid=f64[1,1,2,2]{-0.625,0,0.625,0}")),
      "f64[1,1,1,2]{-8.96484375,263.96484375}");
}

// [bicubic.taps-padded]
TEST(Bicubic, EachTapIsPaddedOnItsOwn) {
  const auto padded = [](const Axis& a) {
    std::vector<std::int64_t> indices;
    for (std::int64_t index = -5; index <= 8; ++index) indices.push_back(pad_tap(index, a));
    return indices;
  };
  using Indices = std::vector<std::int64_t>;
  EXPECT_EQ(padded(axis(4, Padding::zeros)),
            (Indices{-1, -1, -1, -1, -1, 0, 1, 2, 3, -1, -1, -1, -1, -1}));
  EXPECT_EQ(padded(axis(4, Padding::border)), (Indices{0, 0, 0, 0, 0, 0, 1, 2, 3, 3, 3, 3, 3, 3}));
  EXPECT_EQ(padded(axis(4, Padding::reflection)),
            (Indices{3, 3, 2, 1, 0, 0, 1, 2, 3, 3, 2, 1, 0, 0}));
  EXPECT_EQ(padded(axis(4, Padding::reflection, true)),
            (Indices{1, 2, 3, 2, 1, 0, 1, 2, 3, 2, 1, 0, 1, 2}));
}

// Far taps, up to where indices end, agree with the ones a period nearer.
RC_GTEST_PROP(Bicubic, ReflectedTapsHaveAPeriod, ()) {
  const auto size = *rc::gen::inRange<std::int64_t>(1, 50);
  const bool align_corners = *rc::gen::arbitrary<bool>();
  const Axis a = axis(size, Padding::reflection, align_corners);
  const std::int64_t period = std::max<std::int64_t>(align_corners ? 2 * (size - 1) : 2 * size, 1);
  const auto index = *rc::gen::inRange<std::int64_t>(-200, 200);
  const auto turns =
      *rc::gen::inRange<std::int64_t>(-(std::int64_t{1} << 55), std::int64_t{1} << 55);
  RC_ASSERT(pad_tap(index + turns * period, a) == pad_tap(index, a));
  RC_ASSERT(pad_tap(index, a) >= 0 && pad_tap(index, a) < size);
}

// [bicubic.unpadded-cell] A step of one pixel across the rim: the position itself is not moved. The
// cell of -1/8 is -1 and its fraction 7/8; the taps are -2, -1, 0, 1.
TEST(Bicubic, CellIsThatOfTheUnpaddedPosition) {
  const auto w = cubic_weights(0.875);
  const double expected = w[3];  // only tap 1 reads the texel
  EXPECT_EQ(to_text(answer_line("grid_sample mode=bicubic padding_mode=border "
                                "input=f64[1,1,1,4]{0,1,0,0} grid=f64[1,1,1,2]{-0.8125,0}")),
            "f64[1,1,1,1]{" + to_text(expected, Dtype::f64) + "}");
}

// Beyond 2^62 whole periods are taken off; below, nothing is.
TEST(Bicubic, HugePositionsAreBroughtNearExactly) {
  const Axis corners = axis(3, Padding::reflection);
  const Axis centers = axis(4, Padding::reflection, true);
  EXPECT_EQ(semantics::pad_for_bicubic(0x1p62F, corners), 4);    // 2^62 mod 6
  EXPECT_EQ(semantics::pad_for_bicubic(-0x1p63F, corners), -2);  // 2^63 mod 6
  EXPECT_EQ(semantics::pad_for_bicubic(0x1p1023, centers), 2);   // 2^1023 mod 6
  EXPECT_EQ(semantics::pad_for_bicubic(0x1.8p61, corners), 0x1.8p61);
  EXPECT_EQ(semantics::pad_for_bicubic(0x1p80, axis(1, Padding::reflection, true)), 0);
  EXPECT_EQ(semantics::pad_for_bicubic(0x1p80, axis(3, Padding::border)), 0x1p80);
}

// [bicubic.unit-size] All the weight on one pixel is 1 to rounding, and exactly 1 at dyadic
// fractions.
TEST(Bicubic, OnePixel) {
  for (const char* padding : {"border", "reflection"}) {
    for (const char* align_corners : {"False", "True"}) {
      EXPECT_EQ(to_text(answer_line(std::string("grid_sample mode=bicubic padding_mode=") +
                                    padding + " align_corners=" + align_corners +
                                    " input=f32[1,1,1,1]{3} grid=f32[1,1,3,2]{0.5,0,-7,0,0,3.25}")),
                "f32[1,1,1,3]{3,3,3}");
    }
  }
}

}  // namespace
}  // namespace gridproof
