#include "reference/semantics/padding.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <bit>
#include <limits>
#include <random>

#include "reference/semantics/clauses.h"

namespace gridproof {
namespace {

using semantics::Axis;
using semantics::clip;
using semantics::pad;
using semantics::reflect;

Axis axis(std::int64_t size, Padding padding, bool align_corners) {
  return {.size = size, .options = {Mode::bilinear, padding, align_corners}};
}

// [padding.zeros]
TEST(Padding, ZerosMovesNothing) {
  const Axis a = axis(4, Padding::zeros, false);
  for (const float p : {-INFINITY, -7.25F, -0.5F, 0.0F, 2.5F, 3.5F, 0x1p100F})
    EXPECT_EQ(pad(p, a), p);
}

// [padding.zeros-ramp]
TEST(Padding, ZerosAsksEachTap) {
  const Axis a = axis(4, Padding::zeros, false);
  for (const std::int64_t index : {0, 1, 2, 3})
    EXPECT_EQ(semantics::inside_or_outside(index, a), index);
  for (const std::int64_t index : {-(std::int64_t{1} << 62), std::int64_t{-2}, std::int64_t{-1},
                                   std::int64_t{4}, std::int64_t{1} << 62}) {
    EXPECT_EQ(semantics::inside_or_outside(index, a), semantics::outside);
  }
  // A quarter and three quarters of a pixel beyond either end, then a whole one.
  EXPECT_EQ(
      to_text(answer_line("grid_sample align_corners=True input=f32[1,1,1,5]{4,0,0,0,8} "
                          "grid=f32[1,1,6,2]{-1.125,0,-1.375,0,-1.5,0,1.125,0,1.375,0,1.5,0}")),
      "f32[1,1,1,6]{3,1,0,6,2,0}");
}

// [padding.border]
TEST(Padding, BorderClips) {
  for (const bool align_corners : {false, true}) {
    const Axis a = axis(4, Padding::border, align_corners);
    EXPECT_EQ(pad(-0.25, a), 0);
    EXPECT_EQ(pad(0.25, a), 0.25);
    EXPECT_EQ(pad(3.0, a), 3);
    EXPECT_EQ(pad(3.0000001, a), 3);
    EXPECT_EQ(pad(-std::numeric_limits<double>::infinity(), a), 0);
    EXPECT_EQ(pad(std::numeric_limits<double>::infinity(), a), 3);
  }
  EXPECT_EQ(clip(5.0F, axis(1, Padding::border, false)), 0);
}

// [padding.border] [infinity.border] Where f32 has no S - 1, the last pixel is read all the same,
// and nothing but what is beyond it is moved there.
TEST(Padding, BorderReadsALastPixelWhoseNumberF32LacksToo) {
  constexpr std::int64_t two_to_24 = 1 << 24;
  for (std::int64_t last = two_to_24 - 3; last < two_to_24 + 9; ++last) {
    for (const Padding padding : {Padding::border, Padding::reflection}) {
      const Axis a = axis(last + 1, padding, true);
      const auto pixel = [&](float p) { return semantics::padded_cell(pad(p, a), a).index; };
      if (padding == Padding::border) {
        EXPECT_EQ(pixel(INFINITY), last);
        EXPECT_EQ(pixel(0x1p26F), last);
        EXPECT_EQ(pixel(-5), 0);
      }
      for (float p = two_to_24 - 8; p < two_to_24 + 20; p = std::nextafter(p, INFINITY)) {
        if (p <= static_cast<double>(last)) {
          EXPECT_EQ(pixel(p), static_cast<std::int64_t>(p));
        }
        EXPECT_LE(pixel(p), last);
      }
    }
    const Axis a = axis(last + 1, Padding::zeros, true);
    const auto beyond = std::nextafter(static_cast<float>(last + 1), INFINITY);
    EXPECT_GT(semantics::pixel_at(beyond, a), last);
  }
}

// [padding.reflection] [padding.reflection-lines] About -1/2 and 7/2; about 0 and 3.
TEST(Padding, ReflectionWalksBetweenTheLines) {
  const Axis corners = axis(4, Padding::reflection, false);
  EXPECT_EQ(reflect(-0.5, corners), -0.5);
  EXPECT_EQ(reflect(3.5, corners), 3.5);
  EXPECT_EQ(reflect(-0.75, corners), -0.25);
  EXPECT_EQ(reflect(3.75, corners), 3.25);
  EXPECT_EQ(reflect(-9.5, corners), 0.5);  // 8.5, then -1.5, then 0.5
  EXPECT_EQ(reflect(20.0, corners), 3);    // -13, 12, -5, 4, 3
  const Axis align_corners = axis(4, Padding::reflection, true);
  EXPECT_EQ(reflect(-0.75, align_corners), 0.75);
  EXPECT_EQ(reflect(3.75, align_corners), 2.25);
  EXPECT_EQ(reflect(-9.5, align_corners), 2.5);  // 9.5, -3.5, 3.5, 2.5
  EXPECT_EQ(reflect(6.0, align_corners), 0);
}

// [padding.reflection-example] In coordinates: about -1, then about 1.
TEST(Padding, TheDocumentationsExampleEndsAtPlusOneHalf) {
  const double first = 2 * -1 - -3.5;
  const double second = 2 * 1 - first;
  EXPECT_EQ(first, 1.5);
  EXPECT_EQ(second, 0.5);
  for (const char* flag : {"False", "True"}) {
    for (const char* x : {"-3.5", "1.5", "0.5"}) {
      EXPECT_EQ(to_text(answer_line(
                    std::string("grid_sample padding_mode=reflection align_corners=") + flag +
                    " input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{" + x + ",0}")),
                flag == std::string("False") ? "f32[1,1,1,1]{6}" : "f32[1,1,1,1]{5}");
    }
  }
}

// [padding.reflection-clip]
TEST(Padding, ReflectionIsClippedToTheCenters) {
  const Axis a = axis(4, Padding::reflection, false);
  for (const double p : {-0.5, -0.25, -0.75, -1.0}) EXPECT_EQ(pad(p, a), 0);
  for (const double p : {3.5, 3.25, 3.75, 4.0}) EXPECT_EQ(pad(p, a), 3);
}

// [padding.reflection-unit]
TEST(Padding, ReflectionOnOnePixel) {
  for (const float p : {0.0F, -0.5F, 0.75F, -1e30F, 0x1p120F}) {
    EXPECT_EQ(pad(p, axis(1, Padding::reflection, true)), 0);
    EXPECT_EQ(pad(p, axis(1, Padding::reflection, false)), 0);
  }
}

// [padding.reflection-exact] The lemma, against whole numbers of 128 bits: positions count in steps
// of 2^-60, and powers of two too large for that are reduced modulo the period.
using Wide = __int128;

template <class T>
Wide exact_reflection(T position, std::int64_t size, bool align_corners, bool& inside) {
  constexpr int bits = 60;
  const Wide one = Wide{1} << bits;
  const Wide low = align_corners ? 0 : -one / 2;
  const Wide span = one * (align_corners ? size - 1 : size);
  int exponent = 0;
  const T fraction = std::frexp(position, &exponent);
  auto mantissa = static_cast<Wide>(std::ldexp(fraction, std::numeric_limits<T>::digits));
  exponent += bits - std::numeric_limits<T>::digits;
  inside = exponent < 0;  // far below 1/2: between the lines, or a step beyond 0
  if (inside) return 0;
  const Wide period = 2 * span;
  Wide distance = mantissa % period;
  for (; exponent > 0; --exponent) distance = distance * 2 % period;
  distance = ((distance - low) % period + period) % period;
  return low + (distance > span ? period - distance : distance);
}

template <class T>
void expect_exact(T position, std::int64_t size, bool align_corners) {
  bool small = false;
  const Wide expected = exact_reflection(position, size, align_corners, small);
  const T got = reflect(position, axis(size, Padding::reflection, align_corners));
  if (small) {
    ASSERT_EQ(got, align_corners ? std::fabs(position) : position);
    return;
  }
  ASSERT_EQ(static_cast<Wide>(std::ldexp(static_cast<long double>(got), 60)) == expected, true)
      << "size " << size << " align_corners " << align_corners << " position " << std::hexfloat
      << position << " got " << got;
}

template <class T>
class PaddingLemma : public testing::Test {};
using RealTypes = testing::Types<float, double>;
TYPED_TEST_SUITE(PaddingLemma, RealTypes);

template <class T>
constexpr std::int64_t largest_size(bool align_corners) {
  const std::int64_t two_to_m = std::int64_t{1} << std::numeric_limits<T>::digits;
  return align_corners ? two_to_m + 1 : two_to_m / 2;
}

// Each half-integer and its neighbors through several periods of small sizes, and powers of two
// with its neighbors for sizes up to the largest.
TYPED_TEST(PaddingLemma, NoStepRoundsAtTheBoundaries) {
  using T = TypeParam;
  for (const bool align_corners : {false, true}) {
    std::vector<std::int64_t> sizes{1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 100, 641};
    const std::int64_t largest = largest_size<T>(align_corners);
    // The wide arithmetic of this test holds periods below 2^66, in steps of 2^-60.
    for (std::int64_t size = 1024; size < largest; size *= 4)
      sizes.insert(sizes.end(), {size - 1, size, size + 1});
    sizes.insert(sizes.end(), {largest / 2, largest - 1, largest});
    for (const std::int64_t size : sizes) {
      if (align_corners && size == 1) continue;
      const auto around = [&](T position) {
        T below = position;
        T above = position;
        for (int k = 0; k < 4; ++k) {
          for (const T p : {below, above, -below, -above}) {
            if (std::isfinite(p)) expect_exact(p, size, align_corners);
          }
          below = std::nextafter(below, -std::numeric_limits<T>::infinity());
          above = std::nextafter(above, std::numeric_limits<T>::infinity());
        }
      };
      const std::int64_t halves = std::min<std::int64_t>(10 * size, 400);
      for (std::int64_t half = 0; half < halves; ++half) around(static_cast<T>(half) / 2);
      for (std::int64_t turns = 1; turns < 40; ++turns) {
        around(static_cast<T>(turns) * static_cast<T>(size));
        around(static_cast<T>(turns) * static_cast<T>(size - 1));
        around(static_cast<T>(turns) * static_cast<T>(size) - T{0.5});
      }
      // All exponents near 1, fewer and fewer far away.
      for (int e = 0; e < std::numeric_limits<T>::max_exponent; e += 1 + e / 32) {
        around(std::ldexp(T{1}, e));
        around(std::ldexp(T{1}, -e));
      }
      around(std::numeric_limits<T>::max());
    }
  }
}

TYPED_TEST(PaddingLemma, NoStepRoundsAnywhere) {
  using T = TypeParam;
  std::mt19937_64 random(20240607);
  for (int k = 0; k < 300'000; ++k) {
    const bool align_corners = random() % 2 == 0;
    // Sizes and positions of every magnitude alike.
    const std::int64_t largest = largest_size<T>(align_corners);
    const int width = std::bit_width(static_cast<std::uint64_t>(largest));
    const std::int64_t size =
        std::min(static_cast<std::int64_t>(random() >>
                                           (64 - (1 + random() % static_cast<unsigned>(width)))) +
                     2,
                 largest);
    using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
    T position = std::bit_cast<T>(static_cast<Bits>(random()));
    if (k % 2 == 0) {  // near the input
      position = static_cast<T>(static_cast<double>(random() % 0x1000000) / 0x200000 - 4) *
                 static_cast<T>(size);
    }
    if (std::isfinite(position)) expect_exact(position, size, align_corners);
  }
}

// One pixel more, and a line is no longer representable.
TYPED_TEST(PaddingLemma, WhereItStops) {
  using T = TypeParam;
  const std::int64_t half = std::int64_t{1} << (std::numeric_limits<T>::digits - 1);
  // With False the far line of 2^(m-1) + 1 pixels comes out at 2^(m-1), 1/2 too low.
  EXPECT_EQ(reflect(static_cast<T>(half), axis(half, Padding::reflection, false)),
            static_cast<T>(half - 1));
  EXPECT_EQ(reflect(static_cast<T>(half + 1), axis(half + 1, Padding::reflection, false)),
            static_cast<T>(half - 1));  // exactly: half
  // With True that of 2^m + 2 comes out at 2^m, 1 too low.
  EXPECT_EQ(reflect(static_cast<T>(2 * half + 4), axis(2 * half + 1, Padding::reflection, true)),
            static_cast<T>(2 * half - 4));
  EXPECT_EQ(reflect(static_cast<T>(2 * half + 4), axis(2 * half + 2, Padding::reflection, true)),
            static_cast<T>(2 * half - 4));  // exactly: 2 * half - 2
}

}  // namespace
}  // namespace gridproof
