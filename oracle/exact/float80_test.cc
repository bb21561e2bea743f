#include "oracle/exact/float80.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>

#include "oracle/exact/dyadic.h"

namespace gridproof::exact {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// Finite doubles: any pattern, or near 1 and of few bits, so that sums cancel and ties are met.
rc::Gen<double> any_double() {
  return rc::gen::oneOf(
      rc::gen::suchThat(
          rc::gen::map(rc::gen::arbitrary<std::uint64_t>(),
                       [](std::uint64_t bits) { return std::bit_cast<double>(bits); }),
          [](double value) { return std::isfinite(value); }),
      rc::gen::map(rc::gen::pair(rc::gen::inRange(-9, 10), rc::gen::inRange(-140, 140)),
                   [](const auto& parts) { return std::ldexp(parts.first, parts.second); }),
      rc::gen::map(rc::gen::arbitrary<std::int64_t>(),
                   [](std::int64_t bits) { return static_cast<double>(bits) * 0x1p-63; }));
}

// With a full significand, or the last bits of one, from two doubles.
rc::Gen<Float80> any_float80() {
  return rc::gen::map(rc::gen::tuple(any_double(), any_double(), rc::gen::inRange(0, 3)),
                      [](const auto& parts) {
                        const auto& [a, b, how] = parts;
                        if (how == 0) return Float80(a);
                        return how == 1 ? Float80(a) * b : Float80(a) + Float80(b);
                      });
}

// The nearest number of 64 bits, ties to even: by exact numbers alone.
Dyadic nearest(const Dyadic& value) {
  if (value.is_zero()) return value;
  const int last_place = value.leading_exponent() - 63;
  return value.scaled(-last_place).nearest_integer().scaled(last_place);
}

RC_GTEST_PROP(Float80, HoldsIntegersAndDoubles, ()) {
  const auto integer = *rc::gen::arbitrary<std::int64_t>();
  RC_ASSERT(Dyadic(Float80(integer)) == integer);
  RC_ASSERT(static_cast<std::int64_t>(Float80(integer)) == integer);
  RC_ASSERT(Dyadic(Float80(static_cast<std::uint64_t>(integer))) ==
            static_cast<std::uint64_t>(integer));
  const auto number = *any_double();
  RC_ASSERT(Dyadic(Float80(number)) == number);
  RC_ASSERT(static_cast<double>(Float80(number)) == number);
}

RC_GTEST_PROP(Float80, RoundsEachOperationOnce, ()) {
  const auto a = *any_float80();
  const auto b = *rc::gen::oneOf(any_float80(), rc::gen::just(a), rc::gen::just(-a));
  RC_ASSERT(Dyadic(a + b) == nearest(Dyadic(a) + b));
  RC_ASSERT(Dyadic(a - b) == nearest(Dyadic(a) - b));
  RC_ASSERT(Dyadic(a * b) == nearest(Dyadic(a) * b));
  RC_ASSERT(is_inexact_product(a, b) == (Dyadic(a * b) != Dyadic(a) * b));
  RC_PRE(!b.is_zero());
  // A quotient is never halfway between two numbers of its own precision.
  const Dyadic quotient = a / b;
  const Dyadic rest = abs(Dyadic(a) - quotient * b);
  const Dyadic place = a.is_zero() ? Dyadic() : Dyadic(1).scaled(quotient.leading_exponent() - 63);
  RC_ASSERT(rest.scaled(1) <= place * abs(Dyadic(b)));
}

RC_GTEST_PROP(Float80, TakesIntegersAsCmathDoes, ()) {
  const auto a = *any_float80();
  RC_ASSERT(Dyadic(floor(a)) == Dyadic(a).floor());
  RC_ASSERT(Dyadic(ceil(a)) == -(-Dyadic(a)).floor());
  RC_ASSERT(Dyadic(nearbyint(a)) == Dyadic(a).nearest_integer());
  const Dyadic towards_zero = signbit(a) ? ceil(a) : floor(a);
  if (const auto integer = towards_zero.to_int64()) {
    RC_ASSERT(static_cast<std::int64_t>(a) == *integer);
  }
  RC_ASSERT(Dyadic(ldexp(a, -7)) == Dyadic(a).scaled(-7));
  RC_PRE(!a.is_zero());
  RC_ASSERT(ilogb(a) == Dyadic(a).leading_exponent());
  const auto b = *any_float80();
  RC_PRE(!b.is_zero());
  const Dyadic rest = abs(Dyadic(a)).remainder(abs(Dyadic(b)));
  RC_ASSERT(Dyadic(fmod(a, b)) == (signbit(a) ? -rest : rest));
}

RC_GTEST_PROP(Float80, IsOrderedLikeItsNumbers, ()) {
  const auto a = *any_float80();
  const auto b = *rc::gen::oneOf(any_float80(), rc::gen::just(a), rc::gen::just(-a));
  RC_ASSERT((a <=> b) == (Dyadic(a) <=> b));
  RC_ASSERT(fabs(a) >= 0);
  RC_ASSERT(a < infinity);
  RC_ASSERT(-infinity < a);
  RC_ASSERT(!(a < std::nan("")));
}

RC_GTEST_PROP(Float80, RoundsOnceToNarrowerTypes, ()) {
  // Down to where they have subnormals, and halfway between them.
  const auto power = *rc::gen::inRange(-1080, 1030);
  const auto number = *any_float80();
  const auto a = number.is_zero() ? number : ldexp(number, power - ilogb(number));
  RC_ASSERT(static_cast<double>(a) == round_to(format_of(Dtype::f64), a));
  const auto b = number.is_zero() ? number : ldexp(number, power / 7 - ilogb(number));
  RC_ASSERT(static_cast<float>(b) == static_cast<float>(round_to(format_of(Dtype::f32), b)));
  RC_ASSERT(std::signbit(static_cast<double>(a)) == signbit(a));
}

TEST(Float80, HasInfinitiesAndNan) {
  const Float80 inf = infinity;
  EXPECT_TRUE(isinf(inf + 1) && isinf(inf * -2) && isinf(inf / 2) && isinf(Float80(1) / 0));
  EXPECT_TRUE(signbit(inf * -2));
  EXPECT_TRUE(isnan(inf - inf) && isnan(inf * 0) && isnan(inf / inf) && isnan(fmod(inf, 2)));
  EXPECT_TRUE(isnan(Float80(std::nan("")) + 1) && isnan(Float80(0) / 0));
  EXPECT_EQ(Float80(1) / inf, 0);
  EXPECT_EQ(fmod(Float80(3), inf), 3);
  EXPECT_EQ(static_cast<double>(-inf), -infinity);
  EXPECT_TRUE(std::isnan(static_cast<float>(inf - inf)));
  EXPECT_THROW(Dyadic{inf}, std::domain_error);
  EXPECT_TRUE(signbit(Float80(-0.0)) && signbit(ceil(Float80(-0.5))));
  EXPECT_FALSE(signbit(Float80(1) - 1));
}

// The same bits as the processor's, where it has the type.
RC_GTEST_PROP(Float80, HasTheBitsOfX87, ()) {
  if (std::numeric_limits<long double>::digits != 64) return;
  const auto a = *any_double();
  const auto b = *any_double();
  const auto c = *any_double();
  RC_PRE(b != 0 && c != 0);
  const long double hard = (static_cast<long double>(a) * b + c) / b;
  const Float80 soft = (Float80(a) * b + c) / b;
  RC_ASSERT(Dyadic(soft) == hard);
  RC_ASSERT(Dyadic(fmod(soft, c)) == std::fmod(hard, static_cast<long double>(c)));
  RC_ASSERT(Dyadic(nearbyint(soft)) == std::nearbyint(hard));
  RC_ASSERT(static_cast<double>(soft) == static_cast<double>(hard));
  RC_ASSERT(static_cast<float>(soft) == static_cast<float>(hard));
}

}  // namespace
}  // namespace gridproof::exact
