#include "oracle/exact/dyadic.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

namespace gridproof::exact {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr Format f64 = format_of(Dtype::f64);
constexpr auto floating_dtypes = {Dtype::f16, Dtype::bf16, Dtype::f32, Dtype::f64};

// Any finite double: every bit pattern is as likely as every other, so the exponents spread out.
rc::Gen<double> any_double() {
  const auto patterns = rc::gen::resize(rc::kNominalSize, rc::gen::arbitrary<std::uint64_t>());
  return rc::gen::suchThat(rc::gen::map(patterns, std::bit_cast<double, std::uint64_t>),
                           [](double value) { return std::isfinite(value); });
}

// A double of at most 53 bits near 1, so that sums and products of some stay within 127 bits, lie
// around there, and pass them.
rc::Gen<double> near_one() {
  return rc::gen::map(rc::gen::resize(rc::kNominalSize, rc::gen::arbitrary<std::int64_t>()),
                      [](std::int64_t bits) { return std::ldexp(bits >> 11, bits % 40 - 52); });
}

// Sums and products of doubles, narrow and wide.
rc::Gen<Dyadic> any_dyadic() {
  const auto factor = rc::gen::oneOf(near_one(), near_one(), any_double(), rc::gen::just(0.0),
                                     rc::gen::element(1.0, -1.0, 0.5, 3.0));
  return rc::gen::apply([](double a, double b, double c) { return Dyadic(a) * b + c; }, factor,
                        factor, factor);
}

Dyadic from_int128(__int128 value) {
  return Dyadic(static_cast<std::int64_t>(value >> 64)).scaled(64) +
         static_cast<std::uint64_t>(value);
}

RC_GTEST_PROP(Dyadic, FloorQuotientAndRemainder, ()) {
  const auto value = *any_dyadic();
  const auto divisor =
      abs(*rc::gen::suchThat(any_dyadic(), [](const Dyadic& d) { return !d.is_zero(); }));
  const Dyadic quotient = value.floor_quotient(divisor);
  RC_ASSERT(quotient.is_integer());
  RC_ASSERT(quotient * divisor <= value);
  RC_ASSERT(value < (quotient + 1) * divisor);
  RC_ASSERT(value - quotient * divisor == value.remainder(divisor));
}

RC_GTEST_PROP(Dyadic, IsARing, ()) {
  const auto a = *any_dyadic();
  const auto b = *any_dyadic();
  const auto c = *any_dyadic();
  RC_ASSERT(a + b == b + a);
  RC_ASSERT((a + b) + c == a + (b + c));
  RC_ASSERT(a * b == b * a);
  RC_ASSERT((a * b) * c == a * (b * c));
  RC_ASSERT(a * (b + c) == a * b + a * c);
  RC_ASSERT(a + 0 == a);
  RC_ASSERT(a * 1 == a);
  RC_ASSERT((a * 0).is_zero());
  RC_ASSERT((a - a).is_zero());
  RC_ASSERT(-(-a) == a);
}

// A number of up to 127 bits or, rarely, more. Their products fill what a ProductSum holds.
rc::Gen<Dyadic> any_long() {
  const auto factor = rc::gen::oneOf(near_one(), near_one(), near_one(), any_double());
  return rc::gen::apply([](double a, double b, double c) { return Dyadic(a) * b + c; }, factor,
                        factor, near_one());
}

RC_GTEST_PROP(ProductSum, IsTheSumOfTheProducts, ()) {
  const auto terms = *rc::gen::container<std::vector<std::pair<Dyadic, Dyadic>>>(
      rc::gen::pair(any_long(), rc::gen::oneOf(any_long(), any_dyadic())));
  ProductSum sum;
  Dyadic expected;
  for (const auto& [a, b] : terms) {
    sum.add(a, b);
    expected += a * b;
    RC_ASSERT(sum.total() == expected);
  }
  for (const auto& [a, b] : terms) sum.add(-a, b);
  RC_ASSERT(sum.total().is_zero());
}

TEST(ProductSum, StaysExactAroundItsWidth) {
  const Dyadic widest = Dyadic(1).scaled(127) - 1;
  for (int shift = -300; shift <= 300; ++shift) {
    for (const int count : {1, 2, 3}) {
      ProductSum sum;
      Dyadic expected;
      for (int i = 0; i < count; ++i) {
        sum.add(widest, i == 1 ? -widest : widest.scaled(i * shift));
        sum.add(widest.scaled(shift), widest);
        expected += widest * (i == 1 ? -widest : widest.scaled(i * shift)) +
                    (widest * widest).scaled(shift);
      }
      EXPECT_EQ(sum.total(), expected) << shift;
    }
  }
}

RC_GTEST_PROP(Dyadic, AgreesWithTheMachineOnIntegers, (std::int64_t a, std::int64_t b)) {
  const __int128 wide_a = a;
  const __int128 wide_b = b;
  RC_ASSERT(Dyadic(a) + b == from_int128(wide_a + wide_b));
  RC_ASSERT(Dyadic(a) - b == from_int128(wide_a - wide_b));
  RC_ASSERT(Dyadic(a) * b == from_int128(wide_a * wide_b));
  RC_ASSERT((Dyadic(a) <=> b) == (a <=> b));
  RC_ASSERT(Dyadic(a).to_int64() == a);
}

// The hardware rounds sums and products correctly, so it is a witness for both the exact result and
// its rounding.
RC_GTEST_PROP(Dyadic, RoundsAsTheHardwareDoes, ()) {
  const auto a = *rc::gen::oneOf(any_double(), near_one());
  const auto b = *rc::gen::oneOf(any_double(), near_one());
  const auto c = *rc::gen::oneOf(any_double(), near_one());
  RC_ASSERT(round_to(f64, Dyadic(a) + b) == a + b);
  RC_ASSERT(round_to(f64, Dyadic(a) * b) == a * b);
  RC_ASSERT(round_to(f64, Dyadic(a) * b + c) == std::fma(a, b, c));
  RC_ASSERT(round_to(format_of(Dtype::f32), a) == static_cast<float>(a));
  const Wide wide_a = a;
  RC_ASSERT(to_wide(Dyadic(a) + b) == wide_a + b);
  RC_ASSERT(to_wide(Dyadic(a) * b) == wide_a * b);
}

RC_GTEST_PROP(Dyadic, HoldsEveryNumberExactly, ()) {
  const auto a = *any_double();
  const auto b = *any_double();
  RC_ASSERT(round_to(f64, a) == a);
  const Wide sum = static_cast<Wide>(a) * b + a;  // has a full mantissa
  RC_ASSERT(to_wide(sum) == sum);
  RC_ASSERT((Dyadic(a) <=> b) == std::strong_order(a + 0.0, b + 0.0));
}

RC_GTEST_PROP(Dyadic, IsOrderedLikeItsDifferences, ()) {
  const auto a = *any_dyadic();
  const auto b = *rc::gen::oneOf(any_dyadic(), rc::gen::just(a), rc::gen::just(a + 0x1p-1074));
  RC_ASSERT((a < b) == ((b - a).sign() > 0));
  RC_ASSERT((a == b) == (b - a).is_zero());
  RC_ASSERT((a > b) == (-a < -b));
  RC_ASSERT(abs(a) == (a < 0 ? -a : a));
}

RC_GTEST_PROP(Dyadic, KnowsItsLeadingBit, ()) {
  const auto a = *any_dyadic();
  RC_PRE(!a.is_zero());
  const auto power = Dyadic(1).scaled(a.leading_exponent());
  RC_ASSERT(power <= abs(a));
  RC_ASSERT(abs(a) < power.scaled(1));
}

RC_GTEST_PROP(Dyadic, FloorIsTheIntegerBelow, ()) {
  const auto a = *any_dyadic();
  RC_ASSERT(a.floor().is_integer());
  RC_ASSERT(a.floor() <= a);
  RC_ASSERT(a < a.floor() + 1);
  RC_ASSERT(a.is_integer() == (a.floor() == a));
  const auto b = *any_double();
  RC_ASSERT(Dyadic(b).floor() == std::floor(b));
  RC_ASSERT(Dyadic(b).nearest_integer() == std::nearbyint(b));
  const auto half = std::floor(*near_one()) + 0.5;
  RC_ASSERT(Dyadic(half).nearest_integer() == std::nearbyint(half));
}

// fmod is exact, and has the sign of its first argument.
RC_GTEST_PROP(Dyadic, RemainderIsThatOfTheMachine, ()) {
  const auto a = *rc::gen::oneOf(any_double(), near_one());
  const auto period = std::fabs(*rc::gen::oneOf(any_double(), near_one()));
  RC_PRE(period > 0);
  const double rest = std::fmod(a, period);
  RC_ASSERT(Dyadic(a).remainder(period) == (rest < 0 ? Dyadic(rest) + period : Dyadic(rest)));
}

RC_GTEST_PROP(Dyadic, RemainderRemovesWholePeriods, ()) {
  const auto period = *rc::gen::map(any_dyadic(), abs);
  RC_PRE(!period.is_zero());
  const auto whole = (*any_dyadic()).floor();
  const auto rest = (*any_dyadic()).remainder(period);
  RC_ASSERT(rest >= 0);
  RC_ASSERT(rest < period);
  RC_ASSERT((period * whole + rest).remainder(period) == rest);
}

// Between two neighbors of a format: the middle, either side of it, and the ends.
RC_GTEST_PROP(Dyadic, RoundsTiesToEvenInEveryFormat, ()) {
  for (const Dtype dtype : floating_dtypes) {
    const Format format = format_of(dtype);
    const int exponent = *rc::gen::inRange(format.min_exponent, format.max_exponent + 1);
    const bool is_subnormal = *rc::gen::arbitrary<bool>();
    const auto leading = std::int64_t{is_subnormal ? 0 : 1} << (format.precision - 1);
    const auto digits =
        *rc::gen::inRange<std::int64_t>(0, (std::int64_t{1} << (format.precision - 1)) - 1);
    const int last_place = (is_subnormal ? format.min_exponent : exponent) - format.precision + 1;
    const auto low = Dyadic(leading + digits).scaled(last_place);
    const auto high = Dyadic(leading + digits + 1).scaled(last_place);
    const auto middle = (low + high).scaled(-1);
    const auto little = Dyadic(1).scaled(last_place - *rc::gen::inRange(2, 3000));
    const auto& even = digits % 2 == 0 ? low : high;
    for (const int sign : {1, -1}) {
      const auto rounds = [&](const Dyadic& value, const Dyadic& expected) {
        return Dyadic(round_to(format, sign * value)) == sign * expected;
      };
      RC_ASSERT(rounds(low, low));
      RC_ASSERT(rounds(high, high));
      RC_ASSERT(rounds(middle, even));
      RC_ASSERT(rounds(middle + little, high));
      RC_ASSERT(rounds(middle - little, low));
    }
  }
}

// The definition: the largest number of the format that is not above, the smallest not below.
RC_GTEST_PROP(Dyadic, RoundsDownAndUpToNeighbors, ()) {
  const auto value = *rc::gen::oneOf(
      any_dyadic(), rc::gen::map(near_one(), [](double a) { return Dyadic(a).scaled(-1000); }));
  for (const Dtype dtype : floating_dtypes) {
    const Format format = format_of(dtype);
    const double down = round_to(format, value, Rounding::down);
    const double up = round_to(format, value, Rounding::up);
    const double nearest = round_to(format, value, Rounding::nearest);
    RC_ASSERT((down == -infinity || value >= down));
    RC_ASSERT((up == infinity || value <= up));
    RC_ASSERT((nearest == down || nearest == up));
    RC_ASSERT(gridproof::round_to(format, down) == down);  // both are numbers of the format
    RC_ASSERT(gridproof::round_to(format, up) == up);
    if (down == up || std::isinf(down) || std::isinf(up)) continue;
    // Nothing lies between them: their middle is not in the format.
    const auto middle = (Dyadic(down) + up).scaled(-1);
    RC_ASSERT(round_to(format, middle, Rounding::down) == down);
    RC_ASSERT(round_to(format, middle, Rounding::up) == up);
  }
  const Wide down = to_wide(value, Rounding::down);
  const Wide up = to_wide(value, Rounding::up);
  RC_ASSERT(value >= down);
  RC_ASSERT(value <= up);
  if (up == down) return;
  const auto middle = (Dyadic(down) + up).scaled(-1);
  RC_ASSERT(to_wide(middle, Rounding::down) == down);
  RC_ASSERT(to_wide(middle, Rounding::up) == up);
}

TEST(Dyadic, RoundsAsTheContractDoesIn16Bits) {
  // Every f16, every bf16 that f64 can be halfway between, and the halves between neighbors.
  for (const Dtype dtype : {Dtype::f16, Dtype::bf16}) {
    const Format format = format_of(dtype);
    for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
      const auto pattern = static_cast<std::uint16_t>(bits);
      const double value = dtype == Dtype::f16 ? to_double(std::bit_cast<Half>(pattern))
                                               : to_double(std::bit_cast<BFloat16>(pattern));
      if (!std::isfinite(value)) continue;
      EXPECT_EQ(round_to(format, value), value);
      const double next = std::nextafter(value, infinity);
      EXPECT_EQ(round_to(format, next), gridproof::round_to(format, next));
      const double place =
          std::ldexp(1.0, std::max(value == 0 ? -2000 : std::ilogb(value), format.min_exponent) -
                              format.precision);
      EXPECT_EQ(round_to(format, Dyadic(value) + place), gridproof::round_to(format, value + place))
          << value;
    }
  }
}

TEST(Dyadic, OverflowsAsIeee754Says) {
  for (const Dtype dtype : floating_dtypes) {
    const Format format = format_of(dtype);
    const auto limit = Dyadic(1).scaled(format.max_exponent + 1);
    const auto half_place = Dyadic(1).scaled(format.max_exponent - format.precision);
    const auto largest = limit - half_place.scaled(1);
    const double omega = round_to(format, largest);
    EXPECT_EQ(Dyadic(omega), largest);
    const auto below_limit = limit - half_place - Dyadic(1).scaled(-3000);
    EXPECT_EQ(round_to(format, below_limit), omega);
    EXPECT_EQ(round_to(format, limit - half_place), infinity);  // the tie goes to even
    for (const Dyadic& beyond : {below_limit, limit, limit * limit}) {
      EXPECT_EQ(round_to(format, beyond, Rounding::down), omega);
      EXPECT_EQ(round_to(format, beyond, Rounding::up), infinity);
      EXPECT_EQ(round_to(format, -beyond, Rounding::up), -omega);
      EXPECT_EQ(round_to(format, -beyond, Rounding::down), -infinity);
    }
  }
}

TEST(Dyadic, UnderflowsAsIeee754Says) {
  for (const Dtype dtype : floating_dtypes) {
    const Format format = format_of(dtype);
    const auto smallest = Dyadic(1).scaled(format.min_subnormal_exponent());
    const auto half = smallest.scaled(-1);
    const auto tiny = Dyadic(1).scaled(-9000);
    const double eta = std::ldexp(1.0, format.min_subnormal_exponent());
    EXPECT_EQ(round_to(format, smallest), eta);
    EXPECT_EQ(round_to(format, half), 0);
    EXPECT_EQ(round_to(format, half + tiny), eta);
    EXPECT_EQ(round_to(format, tiny, Rounding::up), eta);
    EXPECT_EQ(round_to(format, tiny, Rounding::down), 0);
    EXPECT_EQ(round_to(format, -tiny, Rounding::down), -eta);
    EXPECT_TRUE(std::signbit(round_to(format, -tiny)));
    EXPECT_TRUE(std::signbit(round_to(format, -tiny, Rounding::up)));
    EXPECT_FALSE(std::signbit(round_to(format, tiny)));
    EXPECT_FALSE(std::signbit(round_to(format, Dyadic())));
  }
}

TEST(Dyadic, StaysExactAroundTheWidthOfTheMachine) {
  for (int power = 120; power <= 135; ++power) {
    const auto a = Dyadic(1).scaled(power);
    EXPECT_EQ((a + 1) * (a - 1), a * a - 1);
    EXPECT_EQ((a - 1) + 1, a);
    EXPECT_EQ((-a - 1) + a, -1);
    EXPECT_EQ((a + 1) - (a - 1), 2);
    EXPECT_EQ((a + 0.5).floor(), a);
    EXPECT_EQ((-a - 0.5).floor(), -a - 1);
    EXPECT_EQ((-a.scaled(1) - 1).scaled(-1).floor(), -a - 1);
    EXPECT_EQ((a + 5).remainder(16), 5);
    EXPECT_EQ((-a + 5).remainder(16), 5);
    EXPECT_EQ(-(a + 1) * (a + 1), -(a * a) - a.scaled(1) - 1);
    EXPECT_LT(a - 1, a);
    EXPECT_LT(-a - 1, -a);
  }
}

TEST(Dyadic, ConvertsToInt64WhereItFits) {
  using Limits = std::numeric_limits<std::int64_t>;
  EXPECT_EQ(Dyadic().to_int64(), 0);
  EXPECT_EQ(Dyadic(Limits::max()).to_int64(), Limits::max());
  EXPECT_EQ(Dyadic(Limits::min()).to_int64(), Limits::min());
  EXPECT_EQ((Dyadic(Limits::max()) + 1).to_int64(), std::nullopt);
  EXPECT_EQ((Dyadic(Limits::min()) - 1).to_int64(), std::nullopt);
  EXPECT_EQ(Dyadic(0.5).to_int64(), std::nullopt);
  EXPECT_EQ(Dyadic(1e308).to_int64(), std::nullopt);
  EXPECT_EQ((Dyadic(1).scaled(200) + 1).to_int64(), std::nullopt);
}

TEST(Dyadic, HasNoInfinitiesAndNoNan) {
  EXPECT_THROW(Dyadic{infinity}, std::domain_error);
  EXPECT_THROW(Dyadic{std::nan("")}, std::domain_error);
  EXPECT_THROW(Dyadic{-std::numeric_limits<long double>::infinity()}, std::domain_error);
}

TEST(Dyadic, PrintsItself) {
  EXPECT_EQ(to_text(0), "0");
  EXPECT_EQ(to_text(-3), "-3");
  EXPECT_EQ(to_text(1024), "1024");
  EXPECT_EQ(to_text(0.5), "0.5");
  EXPECT_EQ(to_text(-0.0625), "-0.0625");
  EXPECT_EQ(to_text(-10.75), "-10.75");
  EXPECT_EQ(to_text(0x1p-24), "0.000000059604644775390625");
  EXPECT_EQ(to_text(0x3p-25), "3*2^-25");
  EXPECT_EQ(to_text(-0x5p100), "-5*2^100");
  EXPECT_EQ(to_text(Dyadic(1).scaled(130) + 1), "1361129467683753853853498429727072845825");
}

}  // namespace
}  // namespace gridproof::exact
