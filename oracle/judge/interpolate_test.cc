#include "oracle/judge/interpolate.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "oracle/exact/axis.h"
#include "oracle/exact/dyadic.h"
#include "oracle/judge/cubic.h"
#include "oracle/judge/testing/any_rounding.h"
#include "oracle/judge/testing/random_case.h"

namespace gridproof::judging {
namespace {

using exact::Dyadic;

TEST(MultiAffine, AgreesWithTheSumOverCorners) {
  std::mt19937_64 random(8);
  for (int i = 0; i < 2000; ++i) {
    std::array<Dyadic, 8> texels;
    std::array<Dyadic, 3> t;
    for (Dyadic& texel : texels) texel = static_cast<double>(random() % 2001) / 64 - 15;
    for (Dyadic& one : t) one = static_cast<double>(random() % 1025) / 1024;
    Dyadic expected;
    for (unsigned corner = 0; corner < 8; ++corner) {
      Dyadic weight = 1;
      for (unsigned axis = 0; axis < 3; ++axis) {
        weight *= ((corner >> axis) & 1U) != 0 ? t[axis] : 1 - t[axis];
      }
      expected += weight * texels[corner];
    }
    EXPECT_EQ((multi_affine<Dyadic, 3>(texels, t)), expected);
  }
}

// [bicubic.kernel] The expanded coefficients are Keys' kernel at the distances of the four taps.
TEST(CubicCoefficients, AreTheKernel) {
  for (int k = -256; k <= 1280; ++k) {
    const Dyadic t = Dyadic(k).scaled(-10);
    const auto c = cubic_coefficients(t);
    Dyadic sum;
    for (std::size_t j = 0; j < 4; ++j) sum += c[j];
    EXPECT_EQ(sum, Dyadic(1));
    if (k < 0 || k > 1024) continue;
    for (int j = 0; j < 4; ++j) {
      EXPECT_EQ(c[static_cast<std::size_t>(j)], exact::cubic_weight(exact::abs(t - (j - 1))));
    }
  }
}

// Slopes and curvatures against divided differences of the exact coefficients, which for cubics
// lie between the extremes of the derivative.
TEST(CubicCoefficients, StayWithinTheirBounds) {
  constexpr int steps = 4096;
  const double stray = 1.0 / 512;
  for (int k = -8; k < steps + 8; ++k) {
    const double t = static_cast<double>(k) / steps;
    const auto slopes = cubic_slopes(t);
    const auto c = cubic_coefficients(Dyadic(t));
    const auto next = cubic_coefficients(Dyadic(t + 0x1p-20));
    const auto slopes_next = cubic_slopes(t + 0x1p-20);
    for (std::size_t j = 0; j < 4; ++j) {
      const double difference = exact::round_to(format_of(Dtype::f64), (next[j] - c[j]).scaled(20));
      EXPECT_NEAR(slopes[j], difference, 5e-6);
      if (t < -stray || t > 1 + stray) continue;
      EXPECT_LE(std::fabs(slopes[j]), cubic_slope[j]);
      EXPECT_LE(std::fabs(slopes_next[j] - slopes[j]) * 0x1p20, cubic_curvature[j] + 1e-6);
    }
  }
}

// The coefficient errors of cubic_outer, cubic_inner and cubic_sum.gappa, over every t of the
// 16-bit types and every way to round: 6 operations for an outer coefficient, 5 for an inner one,
// and the arguments.
class CoefficientError : public testing::TestWithParam<Dtype> {
 protected:
  static double rounded(double value, unsigned& choices, const Format& format) {
    const bool rounds = (choices & 1U) != 0;
    choices >>= 1U;
    return rounds ? round_to(format, value) : value;
  }
};

TEST_P(CoefficientError, IsBoundedForEveryTAndEveryTree) {
  const Format format = format_of(GetParam());
  const double unit = std::ldexp(1.0, -format.precision);
  std::array<double, 4> worst{};  // of the bound at that t
  std::array<double, 4> at_most{};
  int count = 0;
  // In double an operation on these numbers errs by 2^-50 or less: the reference for "unrounded".
  for (double t = 0; t <= 1;) {
    const auto exact = cubic_coefficients(t);
    std::array<double, 4> error{};
    const auto see = [&](std::size_t j, double value) {
      error[j] = std::max(error[j], std::fabs(value - exact[j]) / unit);
    };
    for (unsigned tree = 0; tree < 256; ++tree) {
      const auto outer = [&](double d, unsigned choices) {
        const double a = rounded(rounded(-0.75 * d, choices, format) + 3.75, choices, format);
        const double b = rounded(rounded(a * d, choices, format) - 6, choices, format);
        return rounded(rounded(b * d, choices, format) + 3, choices, format);
      };
      const auto inner = [&](double d, unsigned choices) {
        const double a = rounded(rounded(1.25 * d, choices, format) - 2.25, choices, format);
        const bool squares = (choices & 1U) != 0;
        choices >>= 1U;
        const double b = squares ? rounded(a * rounded(d * d, choices, format), choices, format)
                                 : rounded(rounded(a * d, choices, format) * d, choices, format);
        return rounded(b + 1, choices, format);
      };
      // In the fraction.
      const auto outer_near = [&](double d, unsigned choices) {
        const double a = rounded(rounded(-0.75 * d, choices, format) + 1.5, choices, format);
        return rounded(rounded(rounded(a * d, choices, format) - 0.75, choices, format) * d,
                       choices, format);
      };
      const auto outer_far = [&](double d, unsigned choices) {
        const double a = rounded(rounded(0.75 * d, choices, format) - 0.75, choices, format);
        return rounded(rounded(a * d, choices, format) * d, choices, format);
      };
      const auto inner_far = [&](double d, unsigned choices) {
        const double a = rounded(rounded(-1.25 * d, choices, format) + 1.5, choices, format);
        return rounded(rounded(rounded(a * d, choices, format) + 0.75, choices, format) * d,
                       choices, format);
      };
      unsigned choices = tree;
      const double first = rounded(t + 1, choices, format);
      see(0, outer(first, choices));
      choices = tree;
      see(0, outer_near(t, choices));
      see(1, inner(t, choices));
      see(2, inner_far(t, choices));
      see(3, outer_far(t, choices));
      const double s = rounded(1 - t, choices, format);
      see(0, outer_far(s, choices));
      see(2, inner(s, choices));
      see(3, outer_near(s, choices));
      choices = tree;
      const double near = rounded(1 - t, choices, format);
      see(3, outer(rounded(near + 1, choices, format), choices));
      choices = tree;
      see(3, outer(rounded(2 - t, choices, format), choices));
    }
    CellRange<double> cell;
    cell.lo = cell.hi = t;
    CubicAxis<double> axis(cell);
    axis.bound_errors(cell, {.unit = unit, .of_real = false});
    for (std::size_t j = 0; j < 4; ++j) {
      if (error[j] == 0) continue;
      worst[j] = std::max(worst[j], error[j] * unit / axis.error(j));
      at_most[j] = std::max(at_most[j], error[j]);
    }
    ++count;
    // The next number of the format.
    const double ulp = std::ldexp(
        1.0, std::max(t == 0 ? format.min_exponent : std::ilogb(t), format.min_exponent) -
                 format.precision + 1);
    t += ulp;
  }
  EXPECT_EQ(count, GetParam() == Dtype::f16 ? 15361 : 16257);
  for (std::size_t j = 0; j < 4; ++j) {
    EXPECT_LE(worst[j], 1) << j;
    EXPECT_GE(worst[j], 0.6) << j;
    EXPECT_LE(at_most[j], j == 0 || j == 3 ? 23.2 : 3.69) << j;
    RecordProperty("worst_in_u_" + std::to_string(j), std::to_string(at_most[j]));
  }
}
INSTANTIATE_TEST_SUITE_P(All, CoefficientError, testing::Values(Dtype::f16, Dtype::bf16),
                         [](const auto& info) { return std::string(name(info.param)); });

template <class Real>
Budget budget_of() {
  const Format format = format_of(dtype_of<Real>);
  return {.unit = std::ldexp(1.0, -format.precision),
          .smallest = std::ldexp(1.0, format.min_subnormal_exponent()),
          .largest = static_cast<double>(std::numeric_limits<Real>::max())};
}

// The error of `value` over what is allowed for rounding, where the position is known exactly.
template <class Wide>
double share(const Range<Wide>& range, const Dyadic& exact, const Dyadic& value) {
  return static_cast<double>(fabs(exact::to_wide(value - exact)) / range.error());
}
template <class Wide>
bool holds(const Range<Wide>& range, const Dyadic& value) {
  const Dyadic own_error(range.evaluation_error);
  return !(value < Dyadic(range.lo) - Dyadic(range.below) - own_error) &&
         !(Dyadic(range.hi) + Dyadic(range.above) + own_error < value);
}

template <class Real>
class InRange : public testing::Test {
 protected:
  using Wide = typename Arithmetic<Real>::Wide;
  RandomCase random{9};

  // A box around a t of the type, as wide as a position may be uncertain, or a point.
  CellRange<Wide> cell(Real t) {
    double width = 0;
    if (random.below(3) != 0) {
      const int exponent = -static_cast<int>(random.below(20)) - 4;
      width = std::ldexp(random.real(0, 1), exponent);
    }
    CellRange<Wide> result;
    result.lo = std::max<Wide>(0, static_cast<Wide>(t) - static_cast<Wide>(random.real(0, width)));
    result.hi = std::min<Wide>(1, static_cast<Wide>(t) + static_cast<Wide>(random.real(0, width)));
    return result;
  }
  Real t() {
    switch (random.below(5)) {
      case 0:
        return static_cast<Real>(std::ldexp(1.0, -static_cast<int>(random.below(30))));
      case 1:
        return 1 - static_cast<Real>(std::ldexp(1.0, -1 - static_cast<int>(random.below(20))));
      case 2:
        return static_cast<Real>(random.below(3)) / 2;
      default:
        return static_cast<Real>(random.real(0, 1));
    }
  }
};
using Reals = testing::Types<float, double>;
TYPED_TEST_SUITE(InRange, Reals);

template <class Real, std::size_t N>
double largest_linear(RandomCase& random, auto&& draw_t, auto&& draw_cell) {
  using Wide = typename Arithmetic<Real>::Wide;
  double largest = 0;
  for (int i = 0; i < 20000; ++i) {
    std::array<Wide, (1U << N)> texels;
    const auto drawn = random.texels(1 << N, dtype_of<Real>);
    for (std::size_t k = 0; k < texels.size(); ++k) texels[k] = static_cast<Real>(drawn[k]);
    std::array<CellRange<Wide>, N> box;
    std::array<Real, N> t;
    for (std::size_t axis = 0; axis < N; ++axis) {
      t[axis] = draw_t();
      box[axis] = draw_cell(t[axis]);
    }
    const Range<Wide> range = linear_range<Wide, N>(texels, box, budget_of<Real>());
    std::array<Dyadic, (1U << N)> exact_texels;
    std::array<Dyadic, N> exact_t;
    std::ranges::copy(texels, exact_texels.begin());
    std::ranges::copy(t, exact_t.begin());
    const Dyadic exact = multi_affine<Dyadic, N>(exact_texels, exact_t);
    const bool point =
        std::ranges::all_of(box, [](const auto& cell) { return cell.lo == cell.hi; });
    AnyRounding round(dtype_of<Real>, random.bits());
    for (int repeat = 0; repeat < 4; ++repeat) {
      round.begin_sample();
      std::array<std::array<Dyadic, 2>, N> weights;
      for (std::size_t axis = 0; axis < N; ++axis) weights[axis] = round.linear_weights(t[axis]);
      std::vector<Dyadic> terms;
      for (unsigned corner = 0; corner < (1U << N); ++corner) {
        // The factors of a weight in any order.
        std::array<std::size_t, N> order;
        for (std::size_t axis = 0; axis < N; ++axis) order[axis] = axis;
        std::swap(order[0], order[round.below(N)]);
        Dyadic weight = weights[order[0]][(corner >> order[0]) & 1U];
        for (std::size_t k = 1; k < N; ++k) {
          weight = round(weight * weights[order[k]][(corner >> order[k]) & 1U]);
        }
        terms.push_back(round(weight * Dyadic(texels[corner])));
      }
      const Dyadic value = round.narrowly(round.sum(std::move(terms)));
      EXPECT_TRUE(holds(range, value))
          << value << " in [" << range.lo << ", " << range.hi << "] error " << range.error();
      if (point && range.error() > 0) largest = std::max(largest, share(range, exact, value));
    }
    if (testing::Test::HasFailure()) break;
  }
  return largest;
}

// Sound, and more than half of it is attained.
TYPED_TEST(InRange, HoldsEveryBilinearTree) {
  const double largest = largest_linear<TypeParam, 2>(
      this->random, [&] { return this->t(); }, [&](TypeParam t) { return this->cell(t); });
  EXPECT_LE(largest, 1);
  EXPECT_GT(largest, 0.5);
  this->RecordProperty("largest", std::to_string(largest));
}
TYPED_TEST(InRange, HoldsEveryTrilinearTree) {
  const double largest = largest_linear<TypeParam, 3>(
      this->random, [&] { return this->t(); }, [&](TypeParam t) { return this->cell(t); });
  EXPECT_LE(largest, 1);
  EXPECT_GT(largest, 0.5);
  this->RecordProperty("largest", std::to_string(largest));
}

TYPED_TEST(InRange, HoldsEveryBicubicTree) {
  using Real = TypeParam;
  using Wide = typename TestFixture::Wide;
  double largest = 0;
  for (int i = 0; i < 10000; ++i) {
    std::array<Wide, 16> texels;
    const auto drawn = this->random.texels(16, dtype_of<Real>);
    for (std::size_t k = 0; k < 16; ++k) texels[k] = static_cast<Real>(drawn[k]);
    const std::array<Real, 2> t = {this->t(), this->t()};
    const std::array<CellRange<Wide>, 2> box = {this->cell(t[0]), this->cell(t[1])};
    const Range<Wide> range = cubic_range<Wide>(texels, box, budget_of<Real>());
    const auto exact_x = cubic_coefficients(Dyadic(t[0]));
    const auto exact_y = cubic_coefficients(Dyadic(t[1]));
    Dyadic exact;
    for (std::size_t tap = 0; tap < 16; ++tap) {
      exact += exact_x[tap % 4] * exact_y[tap / 4] * Dyadic(texels[tap]);
    }
    const bool point = box[0].lo == box[0].hi && box[1].lo == box[1].hi;
    AnyRounding round(dtype_of<Real>, this->random.bits());
    for (int repeat = 0; repeat < 4; ++repeat) {
      round.begin_sample();
      const auto x = round.cubic_weights(t[0]);
      const auto y = round.cubic_weights(t[1]);
      std::vector<Dyadic> terms;
      const bool staged = round.chance(4);
      for (std::size_t row = 0; row < 4; ++row) {
        std::vector<Dyadic> products;
        for (std::size_t j = 0; j < 4; ++j) {
          const Dyadic texel(texels[4 * row + j]);
          products.push_back(staged ? round(x[j] * texel) : round(round(x[j] * y[row]) * texel));
        }
        if (staged) {
          terms.push_back(round(y[row] * round.sum(std::move(products))));
        } else {
          terms.insert(terms.end(), products.begin(), products.end());
        }
      }
      const Dyadic value = round.narrowly(round.sum(std::move(terms)));
      EXPECT_TRUE(holds(range, value))
          << value << " in [" << range.lo << ", " << range.hi << "] error " << range.error();
      if (point && range.error() > 0) largest = std::max(largest, share(range, exact, value));
    }
    if (this->HasFailure()) break;
  }
  EXPECT_LE(largest, 1);
  EXPECT_GT(largest, 0.4);
  this->RecordProperty("largest", std::to_string(largest));
}

// What the interpolant takes anywhere in a box lies between the ends, and both ends are nearly
// taken where the texels are rough.
TYPED_TEST(InRange, HoldsTheInterpolantOverTheBox) {
  using Wide = typename TestFixture::Wide;
  for (int i = 0; i < 3000; ++i) {
    std::array<Wide, 16> texels;
    for (Wide& texel : texels) texel = this->random.real(-1, 1);
    std::array<CellRange<Wide>, 2> box;
    for (auto& cell : box) {
      const double middle = this->random.real(0, 1);
      const double radius = std::ldexp(0.25, -static_cast<int>(this->random.below(12)));
      cell.lo = std::max(0.0, middle - radius);
      cell.hi = std::min(1.0, middle + radius);
    }
    const Range<Wide> cubic = cubic_range<Wide>(texels, box, budget_of<TypeParam>());
    std::array<Wide, 4> corners{};
    std::copy_n(texels.begin(), 4, corners.begin());
    const Range<Wide> linear = linear_range<Wide, 2>(corners, box, budget_of<TypeParam>());
    for (int k = 0; k < 50; ++k) {
      std::array<Wide, 2> t{};
      for (std::size_t axis = 0; axis < 2; ++axis) {
        const Wide part =
            k < 4 ? ((static_cast<unsigned>(k) >> axis) & 1U) : this->random.real(0, 1);
        t[axis] = box[axis].lo + part * (box[axis].hi - box[axis].lo);
      }
      const auto x = cubic_coefficients(t[0]);
      const auto y = cubic_coefficients(t[1]);
      Wide value = 0;
      for (std::size_t tap = 0; tap < 16; ++tap) value += x[tap % 4] * y[tap / 4] * texels[tap];
      EXPECT_LE(cubic.lo - 16 * cubic.evaluation_error, value);
      EXPECT_GE(cubic.hi + 16 * cubic.evaluation_error, value);
      const Wide affine = multi_affine<Wide, 2>(corners, t);
      EXPECT_LE(linear.lo - linear.evaluation_error, affine);
      EXPECT_GE(linear.hi + linear.evaluation_error, affine);
    }
  }
}

// An identity grid asks for texels as they are: nothing rounds, and nothing is tolerated.
TEST(LinearRange, OfAnExactCellIsOneTexel) {
  const std::array<double, 4> texels = {0.1, 7, -3, 1e30};
  for (std::size_t corner = 0; corner < 4; ++corner) {
    std::array<CellRange<double>, 2> box;
    for (std::size_t axis = 0; axis < 2; ++axis) {
      box[axis].lo = box[axis].hi = static_cast<double>((corner >> axis) & 1U);
    }
    const Range<double> range = linear_range<double, 2>(texels, box, Budget{});
    EXPECT_EQ(range.lo, texels[corner]);
    EXPECT_EQ(range.hi, texels[corner]);
    EXPECT_EQ(range.error(), 0);
    EXPECT_EQ(range.evaluation_error, 0);
  }
}

TEST(CubicRange, OfAnExactCellIsOneTexel) {
  std::array<double, 16> texels;
  for (std::size_t tap = 0; tap < 16; ++tap) texels[tap] = static_cast<double>(tap) + 0.1;
  for (std::size_t corner = 0; corner < 4; ++corner) {
    std::array<CellRange<double>, 2> box;
    for (std::size_t axis = 0; axis < 2; ++axis) {
      box[axis].lo = box[axis].hi = static_cast<double>((corner >> axis) & 1U);
    }
    const Range<double> range = cubic_range<double>(texels, box, Budget{});
    EXPECT_EQ(range.lo, texels[5 + corner % 2 + 4 * (corner / 2)]);
    EXPECT_EQ(range.hi, range.lo);
    EXPECT_EQ(range.error(), 0);
  }
}

// judging.md, section 6: a bound relative to the weights would fail here, where a coefficient is
// nearly 0 and its error is not.
TEST(CubicRange, AllowsForCoefficientsThatAreNearlyZero) {
  std::array<double, 16> texels{};
  texels[7] = 1e20;  // under the far outer coefficient, which is -3/4 t^2 (1 - t)
  std::array<CellRange<double>, 2> box;
  box[0].lo = 0;
  box[0].hi = 0x1p-20;
  box[1].lo = box[1].hi = 0;
  const Range<double> range = cubic_range<double>(texels, box, Budget{});
  EXPECT_GE(range.error(), 1e20 * 19.85 * 0x1p-24);
  EXPECT_LE(range.error(), 1e20 * 23.3 * 0x1p-24);
}

TEST(Ranges, ReportOverflow) {
  constexpr double largest = 0x1.fffffep127;
  std::array<CellRange<double>, 2> box;
  for (auto& cell : box) cell.lo = cell.hi = 0.5;
  std::array<double, 4> linear;
  linear.fill(largest);
  EXPECT_TRUE((linear_range<double, 2>(linear, box, Budget{}).overflow));
  linear.fill(largest / 2);
  EXPECT_FALSE((linear_range<double, 2>(linear, box, Budget{}).overflow));
  std::array<double, 16> cubic;
  cubic.fill(largest / 1.44);  // the weights above 0 sum to 1.1875^2 + 0.1875^2, which is 1.4453
  EXPECT_EQ(cubic_range<double>(cubic, box, Budget{}).overflow, plus_bit);
  cubic.fill(-largest / 1.44);
  EXPECT_EQ(cubic_range<double>(cubic, box, Budget{}).overflow, minus_bit);
  cubic.fill(largest / 1.45);
  EXPECT_EQ(cubic_range<double>(cubic, box, Budget{}).overflow, 0);
}

// [arith.subnormal] The counts of judging.md, section 8, against kernels that flush every subnormal
// result, and the texels beforehand.
TEST(Flushing, IsCovered) {
  std::mt19937_64 random(10);
  const auto flush = [](double value) {
    const auto narrow = static_cast<float>(value);
    return std::fabs(narrow) < 0x1p-126F ? 0.0 : static_cast<double>(narrow);
  };
  Budget budget;
  budget.flush = 0x1p-126;
  double largest = 0;
  for (int i = 0; i < 100000; ++i) {
    std::array<double, 4> texels{};
    for (double& texel : texels) {
      texel =
          static_cast<float>(std::ldexp(static_cast<double>(random() >> 11U) * 0x1p-52 - 1, -124));
    }
    std::array<CellRange<double>, 2> box;
    for (auto& cell : box) cell.lo = cell.hi = static_cast<double>(random() % 1025) / 1024;
    const double x = box[0].lo;
    const double y = box[1].lo;
    double sum = 0;
    const std::array<double, 4> weights = {(1 - x) * (1 - y), x * (1 - y), (1 - x) * y, x * y};
    for (std::size_t k = 0; k < 4; ++k) sum = flush(sum + flush(weights[k] * flush(texels[k])));
    const Range<double> range = linear_range<double, 2>(texels, box, budget);
    EXPECT_LE(range.least(), sum);
    EXPECT_GE(range.most(), sum);
    largest = std::max(largest, std::fabs(sum - (range.lo + range.hi) / 2) / range.error());
  }
  EXPECT_GT(largest, 0.25);
}

}  // namespace
}  // namespace gridproof::judging
