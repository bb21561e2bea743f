#include "reports/page/number_line.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

namespace gridproof::reports {
namespace {

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t times = 0;
  for (std::size_t i = text.find(part); i != std::string::npos; i = text.find(part, i + 1)) ++times;
  return times;
}

TEST(NumberLine, ShowsSetReferenceAndOthers) {
  const Admissible set{.intervals = {{1, 1.5}, {2, 2}}, .clause = "coord.nan"};
  const std::string svg = number_line(set, 1.25, std::array{1.75}, Dtype::f32);
  EXPECT_EQ(count(svg, "class=\"set\""), 2U);
  EXPECT_EQ(count(svg, "class=\"reference\""), 1U);
  EXPECT_EQ(count(svg, "class=\"given\""), 1U);
  EXPECT_LT(count(svg, "class=\"tick\""), 40U);
}

TEST(NumberLine, TicksAreSpacingsWhereThereIsRoom) {
  const Admissible set{.intervals = {{1, 1.00390625}}};
  EXPECT_NE(number_line(set, 1, {}, Dtype::bf16).find("a tick: the spacing of bf16 here"),
            std::string::npos);
  EXPECT_NE(number_line({.intervals = {{1, 1.00001}}}, 1, {}, Dtype::f32).find(" spacings of f32"),
            std::string::npos);
  EXPECT_NE(number_line({.intervals = {{0, 1}}}, 0, {}, Dtype::f32).find("a tick: 0.0"),
            std::string::npos);
}

// Just below a power of two the spacing is half of that above it.
TEST(NumberLine, EndsAtAPowerOfTwo) {
  for (const Dtype dtype : {Dtype::f64, Dtype::f32, Dtype::bf16}) {
    const Format format = format_of(dtype);
    for (const double power : {1.0, 1024.0, 0x1p-1000, 0x1p1000, 0x1p-1074}) {
      const double below = round_to(format, power * (1 - std::ldexp(1.0, -format.precision)));
      const std::string svg =
          number_line({.intervals = {{below, below}}}, below, std::array{power}, dtype);
      EXPECT_LT(count(svg, "class=\"tick\""), 40U);
    }
  }
}

TEST(NumberLine, DrawsNothingWhereThereIsNothingToDraw) {
  const double inf = std::numeric_limits<double>::infinity();
  EXPECT_EQ(number_line({}, 1, {}, Dtype::f32), "");
  EXPECT_EQ(number_line({.intervals = {{1, 1}}}, inf, {}, Dtype::f32), "");
  EXPECT_EQ(number_line({.intervals = {{-inf, inf}}}, 1, {}, Dtype::f64), "");
  const double largest = std::numeric_limits<double>::max();
  EXPECT_EQ(number_line({.intervals = {{-largest, largest}}}, 1, {}, Dtype::f64), "");
}

}  // namespace
}  // namespace gridproof::reports
