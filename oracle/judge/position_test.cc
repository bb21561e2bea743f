#include "oracle/judge/position.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <optional>
#include <random>
#include <vector>

#include "oracle/exact/dyadic.h"

namespace gridproof::judging {
namespace {

using exact::Dyadic;

// Numbers of which one may have left the range of the type: then it is an infinity.
struct Number {
  std::optional<Dyadic> value;  // or nothing for an infinity
  int sign = 0;                 // of the infinity
};

Number number_of(double x) {
  if (std::isinf(x)) return {std::nullopt, x < 0 ? -1 : 1};
  return {Dyadic(x), 0};
}
template <class Wide>
bool at_most(Wide a, const Number& b) {
  if (std::isinf(a)) return a < 0 || (!b.value && b.sign > 0);
  return b.value ? !(*b.value < Dyadic(a)) : b.sign > 0;
}
template <class Wide>
bool at_least(Wide a, const Number& b) {
  if (std::isinf(a)) return a > 0 || (!b.value && b.sign < 0);
  return b.value ? !(Dyadic(a) < *b.value) : b.sign < 0;
}

// Every tree "operation k is rounded or not", evaluated with exact numbers.
template <class Real>
class Trees {
 public:
  explicit Trees(unsigned choices) : choices_(choices) {}
  Number round(const Number& x) {
    const bool rounds = (choices_ & 1U) != 0;
    choices_ >>= 1U;
    if (!rounds || !x.value) return x;
    return number_of(exact::round_to(format_of(dtype_of<Real>), *x.value));
  }

  Number standard(double x, std::int64_t size, bool align_corners) {
    const Number sum = round({Dyadic(x) + 1, 0});
    if (align_corners) return round(times(sum, Dyadic(size - 1).scaled(-1)));
    return times(round(plus(round(times(sum, size)), -1)), Dyadic(1).scaled(-1));
  }
  Number expanded(double x, std::int64_t size) {
    const Number product = round({Dyadic(x) * Dyadic(size), 0});
    return times(round(plus(round(plus(product, size)), -1)), Dyadic(1).scaled(-1));
  }
  Number decomposed(double x, std::int64_t size, bool align_corners) {
    const Number product =
        round({Dyadic(x) * Dyadic(align_corners ? size - 1 : size).scaled(-1), 0});
    return round(plus(product, Dyadic(size - 1).scaled(-1)));
  }

 private:
  static Number times(Number a, const Dyadic& positive) {
    if (a.value) a.value = *a.value * positive;
    return a;
  }
  static Number plus(Number a, const Dyadic& b) {
    if (a.value) a.value = *a.value + b;
    return a;
  }
  unsigned choices_;
};

template <class Real>
class PositionHull : public testing::Test {
 protected:
  using Wide = typename Arithmetic<Real>::Wide;

  static Interval<Wide> hull(double x, std::int64_t size, bool align_corners,
                             Profile::Kind kind = Profile::Kind::ieee) {
    std::vector<Interval<Wide>> out;
    positions_of<Real>(x, size, align_corners, {.kind = kind}, out);
    EXPECT_EQ(out.size(), 1U);
    return out.front();
  }

  // The hull contains every tree, and neither end is further from the nearest of them than the
  // allowance for types between Real and Wide.
  static void check(double x, std::int64_t size, bool align_corners) {
    const Interval<Wide> found = hull(x, size, align_corners);
    const Interval<Wide> formulas = hull(x, size, align_corners, Profile::Kind::formula);
    std::optional<Number> least;
    std::optional<Number> greatest;
    for (unsigned choices = 0; choices < 8; ++choices) {
      const Number tree = Trees<Real>(choices).standard(x, size, align_corners);
      const Number other = Trees<Real>(choices).decomposed(x, size, align_corners);
      ASSERT_TRUE(at_most(found.lo, tree) && at_least(found.hi, tree))
          << std::hexfloat << x << " size " << size << " tree " << choices;
      ASSERT_TRUE(at_most(formulas.lo, tree) && at_least(formulas.hi, tree));
      ASSERT_TRUE(at_most(formulas.lo, other) && at_least(formulas.hi, other))
          << std::hexfloat << x << " size " << size << " tree " << choices;
      if (!align_corners) {
        const Number third = Trees<Real>(choices).expanded(x, size);
        ASSERT_TRUE(at_most(formulas.lo, third) && at_least(formulas.hi, third));
      }
      if (!least || below(tree, *least)) least = tree;
      if (!greatest || below(*greatest, tree)) greatest = tree;
    }
    if (!least->value || !greatest->value) return;
    // Slack enters at each of three operations, and is multiplied by the size after the first.
    const Dyadic slack =
        Dyadic(3 * Arithmetic<Real>::slack) * ((exact::abs(Dyadic(x)) + 1) * Dyadic(size) + 1);
    // A slack that crosses a tie moves a later rounding by one last place; rare, and counted.
    const bool tight = !(Dyadic(found.lo) < *least->value - slack) &&
                       !(*greatest->value + slack < Dyadic(found.hi));
    ++checked;
    loose += tight ? 0 : 1;
    if (least->value == greatest->value && all_exact(x, size, align_corners)) {
      EXPECT_TRUE(found.is_point()) << std::hexfloat << x << " size " << size;
      ++points;
    }
  }

  static bool below(const Number& a, const Number& b) {
    if (a.value && b.value) return *a.value < *b.value;
    return a.value ? b.sign > 0 : a.sign < 0 && (b.value || b.sign > 0);
  }
  // No operation rounds.
  static bool all_exact(double x, std::int64_t size, bool align_corners) {
    const auto fits = [](const Dyadic& value) {
      return value == Dyadic(exact::round_to(format_of(dtype_of<Real>), value));
    };
    const Dyadic sum = Dyadic(x) + 1;
    if (!fits(sum)) return false;
    if (align_corners) return fits(sum * Dyadic(size - 1).scaled(-1));
    return fits(sum * Dyadic(size)) && fits(sum * Dyadic(size) - 1);
  }

  [[maybe_unused]] static inline std::int64_t checked = 0;
  [[maybe_unused]] static inline std::int64_t loose = 0;
  [[maybe_unused]] static inline std::int64_t points = 0;
};

using Reals = testing::Types<float, double>;
TYPED_TEST_SUITE(PositionHull, Reals);

constexpr std::int64_t sizes[] = {1,   2,   3,    4,    5,    7,     8,       17,           64,
                                  100, 255, 1000, 1920, 4096, 65537, 1000003, (1 << 23) + 1};

TYPED_TEST(PositionHull, ContainsEveryTreeAndNoMore) {
  using Real = TypeParam;
  constexpr auto smallest = static_cast<double>(std::numeric_limits<Real>::denorm_min());
  constexpr auto largest = static_cast<double>(std::numeric_limits<Real>::max());
  std::vector<double> coordinates = {0,
                                     smallest,
                                     -smallest,
                                     1000 * smallest,
                                     static_cast<double>(std::numeric_limits<Real>::min()),
                                     largest,
                                     -largest,
                                     largest / 3,
                                     0.1,
                                     -0.1,
                                     1,
                                     -1,
                                     0.5,
                                     -0.5};
  for (const double near : {-1.0, -0.5, 0.5, 1.0, 2.0}) {
    auto up = static_cast<Real>(near);
    auto down = up;
    for (int ulps = 0; ulps < 4; ++ulps) {
      coordinates.push_back(up = std::nextafter(up, Real{9}));
      coordinates.push_back(down = std::nextafter(down, Real{-9}));
    }
  }
  std::mt19937_64 random(20);
  for (int i = 0; i < 1500; ++i) {
    const double unit = static_cast<double>(random() >> 11U) * 0x1p-53;
    coordinates.push_back(static_cast<Real>(2 * unit - 1));
    coordinates.push_back(
        static_cast<Real>(std::ldexp(2 * unit - 1, static_cast<int>(random() % 60) - 30)));
    coordinates.push_back(static_cast<double>(random() % 4097) / 2048 - 1);
  }
  TestFixture::checked = TestFixture::loose = TestFixture::points = 0;
  for (const std::int64_t size : sizes) {
    for (const double x : coordinates) {
      TestFixture::check(x, size, false);
      if (size > 1) TestFixture::check(x, size, true);
      if (this->HasFatalFailure()) return;
    }
  }
  EXPECT_GT(TestFixture::points, TestFixture::checked / 10);
  EXPECT_LT(TestFixture::loose * 1000, TestFixture::checked);
  this->RecordProperty("checked", static_cast<int>(TestFixture::checked));
}

// [coord.corners] Edges and ties of a power-of-two size are hit exactly, so that the tie rule is
// itself tested.
TYPED_TEST(PositionHull, IsAPointForDyadicGrids) {
  for (const std::int64_t size : {1, 2, 8, 64, 1024}) {
    for (std::int64_t k = -size; k <= 2 * size; ++k) {
      const double x = static_cast<double>(2 * k + 1) / static_cast<double>(size) - 1;
      const auto center = this->hull(x, size, false);
      EXPECT_TRUE(center.is_point());
      EXPECT_EQ(center.lo, k);
      const double tie = static_cast<double>(2 * k) / static_cast<double>(size) - 1;
      EXPECT_TRUE(this->hull(tie, size, false).is_point());
      EXPECT_EQ(this->hull(tie, size, false).lo, static_cast<double>(k) - 0.5);
    }
  }
}

// A size that the type cannot hold is rounded or not, like everything else.
TYPED_TEST(PositionHull, AllowsForSizesThatRound) {
  using Real = TypeParam;
  const std::int64_t size = (std::int64_t{1} << std::numeric_limits<Real>::digits) + 1;
  const auto found = this->hull(1, size, true);
  EXPECT_LE(found.lo, static_cast<Real>(size - 1));
  EXPECT_GE(found.hi, static_cast<Real>(size - 1));
  const auto corners = this->hull(0, size, false);
  const Dyadic exact = Dyadic(size - 1).scaled(-1);
  EXPECT_FALSE(exact < Dyadic(corners.lo));
  EXPECT_FALSE(Dyadic(corners.hi) < exact);
  EXPECT_LE(corners.lo, (static_cast<Real>(size) - 1) / 2);
  EXPECT_GE(corners.hi, (static_cast<Real>(size) - 1) / 2);
  // Left of -1 the larger size is the lesser position.
  const auto left = this->hull(-3, size, false);
  EXPECT_LE(left.lo, -static_cast<Real>(size - 1) - 1.5);
  EXPECT_GE(left.hi, -static_cast<Real>(size - 1) - 0.5);
  // The decomposed formula rounds the halves of the size.
  for (const double x : {1.0, -1.0, 0.25}) {
    const std::int64_t odd = size + 2;
    const Real scale = static_cast<Real>(odd) / 2;
    const Real shift = static_cast<Real>(odd - 1) / 2;
    const auto formulas = this->hull(x, odd, false, Profile::Kind::formula);
    EXPECT_LE(formulas.lo, static_cast<Real>(x) * scale + shift);
    EXPECT_GE(formulas.hi, static_cast<Real>(x) * scale + shift);
  }
}

// P3 divides by the distance between pixels as well.
TEST(PositionHulls, ContainQuotients) {
  std::mt19937_64 random(21);
  std::vector<Interval<double>> out;
  int beyond = 0;
  for (int i = 0; i < 20000; ++i) {
    const auto x = static_cast<float>(3 * static_cast<double>(random() >> 11U) * 0x1p-53 - 1.5);
    const auto size = static_cast<std::int64_t>(2 + random() % 3000);
    const bool align_corners = i % 2 == 0;
    const auto factor = static_cast<float>(align_corners ? size - 1 : size);
    const float quotient = (x + 1) / (2 / factor);
    const double at = align_corners ? quotient : quotient - 0.5F;
    positions_of<float>(x, size, align_corners, {.kind = Profile::Kind::formula}, out);
    ASSERT_LE(out[0].lo, at) << x << ' ' << size;
    ASSERT_GE(out[0].hi, at) << x << ' ' << size;
    positions_of<float>(x, size, align_corners, {}, out);
    beyond += at < out[0].lo || at > out[0].hi ? 1 : 0;
  }
  EXPECT_GT(beyond, 2000);
}

TYPED_TEST(PositionHull, OfOnePixelIsItsCenter) {
  const auto found = this->hull(1e30, 1, true);
  EXPECT_TRUE(found.is_point());
  EXPECT_EQ(found.lo, 0);
}

// judging.md, section 2: the bound of position.gappa is not exceeded, and not far from attained.
TEST(PositionBound, OfGappaHolds) {
  std::mt19937_64 random(3);
  double widest = 0;
  std::vector<Interval<double>> out;
  for (int i = 0; i < 200000; ++i) {
    const auto x = static_cast<float>(2 * (static_cast<double>(random() >> 11U) * 0x1p-53) - 1);
    const auto size = static_cast<std::int64_t>(1 + random() % 4096);
    const bool align_corners = (random() & 1U) != 0;
    positions_of<float>(x, size, align_corners, {}, out);
    const double exact = align_corners ? (double{x} + 1) * static_cast<double>(size - 1) / 2
                                       : ((double{x} + 1) * static_cast<double>(size) - 1) / 2;
    widest = std::max({widest, out[0].hi - exact, exact - out[0].lo});
  }
  EXPECT_LE(widest, 6144 * 0x1p-24);
  EXPECT_GE(widest, 3000 * 0x1p-24);
}

// P4c: the trees in the narrow format, one by one, as a step-by-step evaluation gives them.
TEST(NarrowPositions, AreTheListedTrees) {
  for (const Dtype dtype : {Dtype::f16, Dtype::bf16}) {
    const Format format = format_of(dtype);
    const auto rn = [&](double value) { return round_to(format, value); };
    std::mt19937_64 random(4);
    for (int i = 0; i < 20000; ++i) {
      const double x = rn(3 * (static_cast<double>(random() >> 11U) * 0x1p-53) - 1.5);
      const auto size = static_cast<std::int64_t>(2 + random() % 2000);
      const auto corners = narrow_positions(x, size, false, format);
      const double s = rn(static_cast<double>(size));
      const auto has = [](const std::vector<double>& list, double value) {
        return std::ranges::find(list, value) != list.end();
      };
      EXPECT_TRUE(has(corners, rn(rn(rn(rn(x + 1) * s) - 1) / 2)));
      EXPECT_TRUE(has(corners, rn(rn(rn(x + 1) * s - 1) / 2)));
      EXPECT_TRUE(has(corners, rn(rn(rn(x + 1) * rn(s / 2)) - 0.5)));
      EXPECT_TRUE(has(corners, rn(rn(x + 1) * rn(s / 2) - 0.5)));
      // As one fused multiply-add, and rounded once from the exact position.
      EXPECT_TRUE(has(corners, rn(x * rn(s / 2) + rn(rn(static_cast<double>(size - 1)) / 2))));
      EXPECT_TRUE(has(corners, rn(((x + 1) * static_cast<double>(size) - 1) / 2)));
      EXPECT_TRUE(has(corners, rn(rn(rn(x * s) + s) - 1) / 2));
      EXPECT_LE(corners.size(), 9U);
      const auto centers = narrow_positions(x, size, true, format);
      EXPECT_TRUE(has(centers, rn(rn(rn(x + 1) / 2) * rn(static_cast<double>(size - 1)))));
      EXPECT_TRUE(has(centers, rn(rn(rn(x + 1) / 2) * rn(s - 1))));
      const double half = rn(rn(static_cast<double>(size - 1)) / 2);
      EXPECT_TRUE(has(centers, rn(rn(x + 1) * half)));
      EXPECT_TRUE(has(centers, rn(x * half + half)));
      EXPECT_TRUE(has(centers, rn(rn(x * half) + half)));
      EXPECT_TRUE(has(centers, rn((x + 1) / 2 * static_cast<double>(size - 1))));
      EXPECT_LE(centers.size(), 6U);
      EXPECT_TRUE(std::ranges::is_sorted(centers));
    }
  }
}

}  // namespace
}  // namespace gridproof::judging
