#include "oracle/exact/ratio.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>

namespace gridproof::exact {
namespace {

constexpr Format f64 = format_of(Dtype::f64);
constexpr Format f16 = format_of(Dtype::f16);

// Numbers of many and of few bits, of any size.
rc::Gen<double> number() {
  return rc::gen::map(
      rc::gen::resize(rc::kNominalSize, rc::gen::arbitrary<std::int64_t>()), [](std::int64_t bits) {
        const auto exponent = static_cast<int>((bits >> 3) % 300);
        return std::ldexp(static_cast<double>(bits >> (11 + std::abs(bits % 7) * 7)), exponent);
      });
}

// The hardware rounds a quotient once.
RC_GTEST_PROP(Ratio, RoundsAsADivision, ()) {
  const double above = *number();
  const double below = std::fabs(*rc::gen::suchThat(number(), [](double d) { return d != 0; }));
  RC_ASSERT(round_to(f64, Ratio(above, below)) == above / below);
  const auto a = static_cast<float>(std::fmod(above, 0x1p30));
  const auto b = static_cast<float>(std::fmod(below, 0x1p30));
  if (b != 0) RC_ASSERT(round_to(format_of(Dtype::f32), Ratio(a, b)) == a / b);
}

// Near a tie the last bit decides: (2^11 + 1/2) with what lies beside it.
TEST(Ratio, TiesAndWhatIsBesideThem) {
  const Dyadic tie = Dyadic(2049);  // between 2048 and 2050 in f16
  EXPECT_EQ(round_to(f16, Ratio(tie * 3, 3)), 2048);
  EXPECT_EQ(round_to(f16, Ratio(tie * 3 + Dyadic(1).scaled(-900), 3)), 2050);
  EXPECT_EQ(round_to(f16, Ratio(tie * 3 - Dyadic(1).scaled(-900), 3)), 2048);
  EXPECT_EQ(round_to(f16, Ratio(-(tie + 2) * 7, 7)), -2052);
  EXPECT_EQ(round_to(f16, Ratio(-(tie + 2) * 7 + Dyadic(1).scaled(-900), 7)), -2050);
}

TEST(Ratio, SubnormalsOverflowAndZero) {
  EXPECT_EQ(round_to(f16, Ratio(Dyadic(1).scaled(-24), 2)), 0);  // a tie, to even
  EXPECT_EQ(round_to(f16, Ratio(Dyadic(3).scaled(-24), 5)), 0x1p-24);
  EXPECT_EQ(round_to(f64, Ratio(0x1p-1074, 3)), 0);
  EXPECT_EQ(round_to(f64, Ratio(0x1p-1073, 3)), 0x1p-1074);
  EXPECT_EQ(round_to(f64, Ratio(Dyadic(1).scaled(1030), 3)),
            std::numeric_limits<double>::infinity());
  const double zero = round_to(f64, Ratio(0, 3));
  EXPECT_TRUE(zero == 0 && !std::signbit(zero));
}

RC_GTEST_PROP(Ratio, IsAField, ()) {
  const auto any = [] {
    return Ratio(*number(),
                 std::fabs(*rc::gen::suchThat(number(), [](double d) { return d != 0; })));
  };
  const Ratio a = any();
  const Ratio b = any();
  const Ratio c = any();
  RC_ASSERT(a + b == b + a);
  RC_ASSERT((a + b) * c == a * c + b * c);
  RC_ASSERT((a - b) + b == a);
  RC_ASSERT((a - a).numerator.is_zero());
}

}  // namespace
}  // namespace gridproof::exact
