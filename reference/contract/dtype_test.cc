#include "reference/contract/dtype.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

namespace gridproof {
namespace {

// The value of a 16-bit pattern by the definition of the format.
double by_definition(std::uint16_t bits, const Format& format, int exponent_bits) {
  const int fraction_bits = format.precision - 1;
  const int exponent = (bits >> fraction_bits) & ((1 << exponent_bits) - 1);
  const int fraction = bits & ((1 << fraction_bits) - 1);
  const double sign = (bits & 0x8000U) != 0 ? -1 : 1;
  if (exponent == (1 << exponent_bits) - 1) return fraction == 0 ? sign * INFINITY : NAN;
  if (exponent == 0) return sign * std::ldexp(fraction, format.min_subnormal_exponent());
  return sign * std::ldexp(fraction + (1 << fraction_bits),
                           exponent - 1 + format.min_subnormal_exponent());
}

template <class T>
void every_pattern_means_what_the_format_says(int exponent_bits) {
  const Format format = format_of(dtype_of<T>);
  for (unsigned pattern = 0; pattern < 0x10000U; ++pattern) {
    T value;
    value.bits = static_cast<std::uint16_t>(pattern);
    const double expected = by_definition(value.bits, format, exponent_bits);
    ASSERT_TRUE(same_bits(to_double(value), expected)) << pattern;
    // And back: every value is its own rounding.
    ASSERT_TRUE(same_bits(to_double(T(to_double(value))), expected)) << pattern;
  }
}

TEST(Dtype, EveryHalfIsItsDefinition) { every_pattern_means_what_the_format_says<Half>(5); }
TEST(Dtype, EveryBFloat16IsItsDefinition) { every_pattern_means_what_the_format_says<BFloat16>(8); }

// At and beside the middle between neighbors, the even one wins the middle only.
template <class T>
void rounds_to_nearest_even() {
  const auto infinity = static_cast<std::uint16_t>(T(INFINITY).bits);
  for (std::uint16_t pattern = 0; pattern < infinity; ++pattern) {
    T lower;
    T upper;
    lower.bits = pattern;
    upper.bits = static_cast<std::uint16_t>(pattern + 1);
    // Beyond the largest number the next one would be as far away as the last.
    T before;
    before.bits = static_cast<std::uint16_t>(pattern - 1);
    const double step = upper.bits == infinity ? to_double(lower) - to_double(before)
                                               : to_double(upper) - to_double(lower);
    const double middle = to_double(lower) + step / 2;
    const std::uint16_t even = (lower.bits % 2 == 0) ? lower.bits : upper.bits;
    ASSERT_EQ(T(middle).bits, even) << pattern;
    ASSERT_EQ(T(std::nextafter(middle, 0)).bits, lower.bits) << pattern;
    ASSERT_EQ(T(std::nextafter(middle, INFINITY)).bits, upper.bits) << pattern;
    ASSERT_EQ(T(-middle).bits, even | 0x8000U) << pattern;
  }
}

TEST(Dtype, HalfRoundsToNearestEven) { rounds_to_nearest_even<Half>(); }
TEST(Dtype, BFloat16RoundsToNearestEven) { rounds_to_nearest_even<BFloat16>(); }

TEST(Dtype, RoundToAgreesWithTheTypes) {
  std::uint64_t state = 1;
  for (int i = 0; i < 200000; ++i) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    const double value = std::bit_cast<double>(state);
    if (std::isnan(value)) continue;
    const double scaled = std::ldexp(std::frexp(value, std::array<int, 1>{}.data()),
                                     static_cast<int>(state % 300) - 150);
    EXPECT_TRUE(same_bits(round_to(format_of(Dtype::f32), scaled),
                          static_cast<double>(static_cast<float>(scaled))));
    EXPECT_TRUE(same_bits(round_to(format_of(Dtype::f16), scaled), to_double(Half(scaled))));
    EXPECT_TRUE(same_bits(round_to(format_of(Dtype::bf16), scaled), to_double(BFloat16(scaled))));
  }
}

TEST(Dtype, SameBitsKnowsNaNAndTheSignOfZero) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(same_bits(nan, -nan));
  EXPECT_FALSE(same_bits(0.0F, -0.0F));
  EXPECT_FALSE(same_bits(nan, 0.0F));
  EXPECT_TRUE(same_bits(Half(1.5), Half(1.5)));
}

}  // namespace
}  // namespace gridproof
