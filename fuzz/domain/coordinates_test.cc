#include "fuzz/domain/coordinates.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <set>
#include <utility>
#include <vector>

namespace gridproof {
namespace {

constexpr std::uint64_t seed = 3;  // of every Random here
constexpr int many = 4000;

// Coordinates of one kind, as they are stored.
template <class T>
std::vector<T> drawn(Where where, std::int64_t size, bool align_corners) {
  Random random(seed);
  std::vector<T> all;
  for (int i = 0; i < many; ++i) {
    const double x = coordinate_in(where, size, align_corners, dtype_of<T>, random);
    all.push_back(stored<T>(where, x, random));
  }
  return all;
}

// The documentation's formula, by itself.
double position(double x, std::int64_t size, bool align_corners) {
  const auto n = static_cast<double>(size);
  return align_corners ? (x + 1) / 2 * (n - 1) : ((x + 1) * n - 1) / 2;
}

// How many floats lie between two.
int steps_between(float from, float to) {
  int steps = 0;
  for (; from < to && steps < 1000; ++steps) from = std::nextafter(from, 1e9F);
  for (; from > to && steps > -1000; --steps) from = std::nextafter(from, -1e9F);
  return steps;
}

// Positions of one kind are those in `expected`, all of them, exactly and 1, 2, … ulp beside.
void expect_positions(Where where, double first, std::int64_t size, bool align_corners) {
  SCOPED_TRACE(testing::Message() << name(where) << " of " << size << ' ' << align_corners);
  std::map<double, std::set<int>> steps;
  for (const float x : drawn<float>(where, size, align_corners)) {
    const double from_first = position(x, size, align_corners) - first;
    const double place = first + std::round(from_first);
    const auto n = static_cast<double>(size);
    const double exact = align_corners ? 2 * place / (n - 1) - 1 : (2 * place + 1) / n - 1;
    steps[place].insert(steps_between(static_cast<float>(exact), x));
  }
  // One pixel beyond the input on either side, and no more.
  EXPECT_EQ(steps.begin()->first, first);
  EXPECT_EQ(std::ssize(steps), size + 2);
  std::set<int> all;
  for (const auto& [place, beside] : steps) {
    all.insert(beside.begin(), beside.end());
    if (size < 9) {
      EXPECT_TRUE(beside.contains(0) && beside.contains(1) && beside.contains(-1)) << place;
    }
  }
  EXPECT_EQ(all, (std::set<int>{-8, -3, -2, -1, 0, 1, 2, 3, 8}));
}

TEST(Coordinates, CentersAndTiesAreWhereTheFlagPutsThem) {
  for (const bool align_corners : {false, true}) {
    for (const std::int64_t size : {2, 4, 8, 62}) {
      expect_positions(Where::center, -1, size, align_corners);
      expect_positions(Where::tie, -1.5, size, align_corners);
    }
  }
}

TEST(Coordinates, ASinglePixelHasItsMiddle) {
  EXPECT_EQ(coordinate_at(0, 1, true), 0);
  EXPECT_EQ(coordinate_at(5, 1, true), 0);
  EXPECT_EQ(coordinate_at(0, 1, false), 0);
  EXPECT_EQ(coordinate_at(-0.5, 1, false), -1);
}

template <class T>
class CoordinatesOf : public testing::Test {};
using Types = testing::Types<Half, BFloat16, float, double>;
TYPED_TEST_SUITE(CoordinatesOf, Types);

struct Magnitudes {
  double lo = std::numeric_limits<double>::infinity();
  double hi = 0;
};

// The least and the greatest magnitude of a kind, of which both signs come.
template <class T>
Magnitudes magnitudes(Where where, std::int64_t size, bool align_corners) {
  Magnitudes range;
  bool negative = false;
  bool positive = false;
  for (const T x : drawn<T>(where, size, align_corners)) {
    const double value = to_double(x);
    EXPECT_TRUE(std::isfinite(value)) << name(where);
    (std::signbit(value) ? negative : positive) = true;
    range = {std::min(range.lo, std::fabs(value)), std::max(range.hi, std::fabs(value))};
  }
  EXPECT_TRUE(negative && positive) << name(where);
  return range;
}

TYPED_TEST(CoordinatesOf, MagnitudesAreOfTheirKind) {
  constexpr Dtype dtype = dtype_of<TypeParam>;
  const double ulp = std::ldexp(1.0, 1 - format_of(dtype).precision);
  for (const bool align_corners : {false, true}) {
    for (const std::int64_t size : {1, 2, 7, 40}) {
      SCOPED_TRACE(testing::Message() << size << ' ' << align_corners);
      const auto of = [&](Where where) {
        return magnitudes<TypeParam>(where, size, align_corners);
      };
      const auto inside = of(Where::inside);
      EXPECT_LT(inside.lo, 0.01);
      EXPECT_GT(inside.hi, 0.99);
      EXPECT_LE(inside.hi, 1);
      const double pixel = 2.0 / static_cast<double>(size);
      const auto rim = of(Where::rim);
      EXPECT_GE(rim.lo, std::max(0.0, 1 - pixel - 8 * ulp));
      EXPECT_GT(rim.hi, 1 + 1.9 * pixel - 8 * ulp);
      EXPECT_LE(rim.hi, (1 + 2 * pixel) * (1 + 8 * ulp));
      const auto outside = of(Where::outside);
      EXPECT_GE(outside.lo, 1);
      EXPECT_GT(outside.hi, 9.5);
      EXPECT_LE(outside.hi, 10);
      const auto far = of(Where::far);
      EXPECT_GE(far.lo, 8);
      EXPECT_GT(far.hi, 0x1.8p13);
      EXPECT_LE(far.hi, 0x1p14);
      const auto huge = of(Where::huge);
      EXPECT_GE(huge.lo, 0x1p14);
      EXPECT_GT(huge.hi, largest_of(dtype) / 2);
      const auto tiny = of(Where::tiny);
      EXPECT_EQ(tiny.lo, 0);
      EXPECT_LE(tiny.hi, 0x1p-6);
    }
  }
}

// ±1 themselves, and the numbers beside them on either side.
TYPED_TEST(CoordinatesOf, TheRimIsMetExactly) {
  for (const bool align_corners : {false, true}) {
    std::set<double> seen;
    for (const TypeParam x : drawn<TypeParam>(Where::rim, 5, align_corners)) {
      seen.insert(to_double(x));
    }
    for (const double end : {-1.0, 1.0}) {
      const double ulp = std::ldexp(1.0, 1 - format_of(dtype_of<TypeParam>).precision);
      EXPECT_TRUE(seen.contains(end));
      EXPECT_TRUE(seen.contains(end * (1 + ulp)));
      EXPECT_TRUE(seen.contains(end * (1 - ulp / 2)));
    }
  }
}

TYPED_TEST(CoordinatesOf, TinyOnesAreZerosOfBothSignsAndSubnormalToo) {
  const double normal = std::ldexp(1.0, format_of(dtype_of<TypeParam>).min_exponent);
  std::map<bool, int> zeros;
  std::map<bool, int> subnormals;
  int normals = 0;
  for (const TypeParam x : drawn<TypeParam>(Where::tiny, 5, false)) {
    const double value = to_double(x);
    if (value == 0) {
      ++zeros[std::signbit(value)];
    } else if (std::fabs(value) < normal) {
      ++subnormals[value < 0];
    } else {
      ++normals;
    }
  }
  for (const bool negative : {false, true}) {
    EXPECT_GT(zeros[negative], many / 16);
    EXPECT_GT(subnormals[negative], many / 8);
  }
  EXPECT_GT(normals, many / 8);
}

template <class T>
std::uint64_t bits_of(T value) {
  std::uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof(T));
  return bits;
}

TYPED_TEST(CoordinatesOf, NansHaveTheSignAndThePayloadOfTheirKind) {
  constexpr int width = 8 * sizeof(TypeParam);
  constexpr int fraction = format_of(dtype_of<TypeParam>).precision - 1;
  constexpr std::uint64_t sign = std::uint64_t{1} << (width - 1);
  constexpr std::uint64_t quiet = std::uint64_t{1} << (fraction - 1);
  constexpr std::uint64_t usual = (sign - 1) & ~(quiet - 1);
  for (const TypeParam x : drawn<TypeParam>(Where::nan, 5, false)) ASSERT_EQ(bits_of(x), usual);
  for (const TypeParam x : drawn<TypeParam>(Where::negative_nan, 5, false)) {
    ASSERT_EQ(bits_of(x), usual | sign);
  }
  std::map<std::pair<bool, bool>, std::set<std::uint64_t>> payloads;
  for (const TypeParam x : drawn<TypeParam>(Where::nan_payload, 5, false)) {
    const std::uint64_t bits = bits_of(x);
    ASSERT_TRUE(std::isnan(to_double(x)));
    ASSERT_NE(bits & (quiet - 1), 0U);
    payloads[{(bits & sign) != 0, (bits & quiet) != 0}].insert(bits & (quiet - 1));
  }
  // Quiet and signaling, of both signs, with many payloads each.
  ASSERT_EQ(payloads.size(), 4U);
  for (const auto& [kind, some] : payloads) EXPECT_GE(some.size(), 32U);
}

TYPED_TEST(CoordinatesOf, InfinitiesHaveTheirSign) {
  for (const TypeParam x : drawn<TypeParam>(Where::plus_infinity, 5, false)) {
    ASSERT_EQ(to_double(x), std::numeric_limits<double>::infinity());
  }
  for (const TypeParam x : drawn<TypeParam>(Where::minus_infinity, 5, false)) {
    ASSERT_EQ(to_double(x), -std::numeric_limits<double>::infinity());
  }
}

}  // namespace
}  // namespace gridproof
