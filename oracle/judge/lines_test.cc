// The lines that the constants of judging.md draw, each from both sides.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "oracle/judge/cubic.h"
#include "oracle/judge/judge.h"

namespace gridproof::judging {
namespace {

Verdict verdict(const std::string& line, const std::string& answer,
                const std::string& profile = "P1") {
  return Judge(*parse_profile(profile)).judge(parse_case(line), parse_tensor(answer)).worst();
}

AxisSet<double> locate(const Options& options, double x, std::int64_t size,
                       const Profile& profile = {}) {
  AxisSet<double> axis;
  Locator<float>(options, profile).locate(x, size, axis);
  return axis;
}

// Section 2: t strays by u |position| with align_corners=True, and not at all without.
TEST(Lines, OfTheStray) {
  std::mt19937_64 random(1);
  for (const Mode mode : {Mode::bilinear, Mode::bicubic}) {
    for (const bool align_corners : {true, false}) {
      double largest = 0;
      for (int i = 0; i < 20000; ++i) {
        const auto size = static_cast<std::int64_t>(3 + random() % 3000);
        const auto k = static_cast<double>(2 + random() % static_cast<std::uint64_t>(size));
        if (k + 1 >= static_cast<double>(size)) continue;
        const auto scale = static_cast<double>(align_corners ? size - 1 : size);
        const auto x =
            static_cast<float>(align_corners ? 2 * k / scale - 1 : (2 * k + 1) / scale - 1);
        for (const CellRange<double>& cell :
             locate({mode, Padding::zeros, align_corners}, x, size).cells) {
          const auto at = static_cast<double>(cell.index);
          largest = std::max({largest, -cell.lo / (at * 0x1p-24), (cell.hi - 1) / (at * 0x1p-24)});
        }
      }
      if (align_corners) {
        EXPECT_GT(largest, 0.95);
        EXPECT_LT(largest, 1.4);  // the position lies a little beyond the pixel
      } else {
        EXPECT_EQ(largest, 0);
      }
    }
  }
  // By half a pixel at most.
  for (const double x : {0.1, 0.3, 0.7}) {
    for (const CellRange<double>& cell :
         locate({Mode::bicubic, Padding::zeros, true}, static_cast<float>(x), 20'000'001).cells) {
      EXPECT_GE(cell.lo, -0.5);
      EXPECT_LE(cell.hi, 1.5);
    }
  }
}

// Sections 3 and 7: where positions are lost.
TEST(Lines, OfWhatIsKnown) {
  const Options linear{Mode::bilinear, Padding::reflection, true};
  const Options cubic{Mode::bicubic, Padding::reflection, true};
  EXPECT_FALSE(locate(linear, 0x1p23, 3).wide);  // the position is x + 1
  EXPECT_TRUE(locate(linear, 0x1p24, 3).wide);
  EXPECT_FALSE(locate(cubic, 0x1p22, 3).wide);
  EXPECT_TRUE(locate(cubic, 0x1p23, 3).wide);
  const Profile narrow{Profile::Kind::narrow_coordinates, Dtype::bf16};
  EXPECT_FALSE(locate(linear, 100, 3, narrow).wide);
  EXPECT_TRUE(locate(linear, 256, 3, narrow).wide);
  // To within a pixel.
  std::mt19937_64 random(2);
  std::array<int, 2> seen{};
  std::vector<Interval<double>> hull;
  for (int i = 0; i < 3000; ++i) {
    const auto size = static_cast<std::int64_t>(5'000'000 + random() % 20'000'000);
    const auto x = static_cast<float>(static_cast<double>(random() >> 11U) * 0x1p-53);
    positions_of<float>(x, size, false, {}, hull);
    const double width = hull[0].hi - hull[0].lo;
    const bool wide = locate({Mode::bilinear, Padding::zeros, false}, x, size).wide;
    EXPECT_EQ(wide, width > 1) << width;
    seen[0] += width > 0.6 && width <= 1 ? 1 : 0;
    seen[1] += width > 1 && width < 1.9 ? 1 : 0;
  }
  EXPECT_GT(seen[0], 20);
  EXPECT_GT(seen[1], 20);
}

template <std::size_t N>
std::array<CellRange<double>, N> box_of(double t) {
  std::array<CellRange<double>, N> box;
  for (CellRange<double>& cell : box) cell.lo = cell.hi = t;
  return box;
}

// Section 5: gamma_8 of the magnitudes, beyond [0, 1] too, and 2^N eta/2.
TEST(Lines, OfLinearSums) {
  const std::array<double, 4> texels = {0.3, -0.7, 0.9, 1.1};
  for (const double t : {0.3, -0.25, 1.25}) {
    const double near = std::fabs(1 - t);
    const double far = std::fabs(t);
    const double mass = near * near * 0.3 + near * far * 0.7 + near * far * 0.9 + far * far * 1.1;
    const double error = linear_range<double, 2>(texels, box_of<2>(t), Budget{}).error();
    EXPECT_GE(error, mass * 7 * 0x1p-24) << t;
    EXPECT_LE(error, mass * 8.01 * 0x1p-24) << t;
  }
  std::array<double, 4> tiny{};
  tiny.fill(0x1p-149);
  EXPECT_GE((linear_range<double, 2>(tiny, box_of<2>(0.3), Budget{}).error()), 2 * 0x1p-149);
  EXPECT_LE((linear_range<double, 2>(tiny, box_of<2>(0.3), Budget{}).error()), 2.01 * 0x1p-149);
}

// Section 5: a + t (b - a) errs by 5 u of the largest texel for an axis, and by the growth of t.
TEST(Lines, OfLerps) {
  const Budget budget{.lerp_error = Budget::worst_lerp};
  double largest = 0;
  std::mt19937_64 random(3);
  const auto uniform = [&] {
    return static_cast<float>(static_cast<double>(random() >> 11U) * 0x1p-52 - 1);
  };
  for (int i = 0; i < 200000; ++i) {
    const float a = uniform();
    const float b = uniform();
    const float t = std::fabs(uniform());
    const double most = std::max(std::fabs(a), std::fabs(b));
    const std::array<CellRange<double>, 2> box = {CellRange<double>{.lo = t, .hi = t},
                                                  CellRange<double>{}};
    const double allowed = lerp_error<double, 2>(box, most, budget);
    EXPECT_EQ(allowed, 5.1 * most * 0x1p-24);
    const float difference = b - a;
    const float product = t * difference;
    const float sum = a + product;
    const double exact = a + static_cast<double>(t) * (static_cast<double>(b) - a);
    largest = std::max(largest, std::fabs(sum - exact) / allowed);
  }
  EXPECT_LE(largest, 1);
  EXPECT_GT(largest, 0.4);
  EXPECT_EQ((lerp_error<double, 2>(box_of<2>(-0.5), 1, budget)),
            (4 * lerp_error<double, 2>(box_of<2>(0.5), 1, budget)));
}

// Section 8: how many subnormal numbers can be flushed.
TEST(Lines, OfFlushing) {
  const Budget plain;
  const Budget flushing{.flush = 0x1p-126};
  const auto added = [&]<std::size_t N>(const std::array<CellRange<double>, N>& box) {
    std::array<double, (1U << N)> texels;
    texels.fill(0x1.234566p-110);
    return (linear_range<double, N>(texels, box, flushing).error() -
            linear_range<double, N>(texels, box, plain).error()) /
           0x1p-126;
  };
  EXPECT_NEAR(added(box_of<2>(0)), 1, 1e-6);
  EXPECT_NEAR(added(std::array<CellRange<double>, 2>{CellRange<double>{.lo = 0.3, .hi = 0.3}, {}}),
              4, 1e-6);
  EXPECT_NEAR(added(box_of<2>(0.3)), 8, 1e-6);
  EXPECT_NEAR(added(box_of<3>(0.3)), 16, 1e-6);
  std::array<double, 16> texels;
  texels.fill(0x1.234566p-110);
  EXPECT_NEAR((cubic_range<double>(texels, box_of<2>(0.3), flushing).error() -
               cubic_range<double>(texels, box_of<2>(0.3), plain).error()) /
                  0x1p-126,
              40, 1e-6);
  // f16 flushes below 2^-14, and copies flush below the least normal number only.
  const std::string half = "grid_sample padding_mode=border input=f16[1,1,1,2]{";
  const std::string middle = "} grid=f16[1,1,1,2]{0,0}";
  EXPECT_EQ(verdict(half + "0x1p-15,0x1p-15" + middle, "f16[1,1,1,1]{0}", "P2"),
            Verdict::admissible);
  EXPECT_EQ(verdict(half + "0x1p-13,0x1p-13" + middle, "f16[1,1,1,1]{0}", "P2"), Verdict::deviates);
  EXPECT_EQ(verdict(half + "0x1p-7,0x1p-7" + middle, "f16[1,1,1,1]{0}", "P2"), Verdict::deviates);
  const std::string copy = "grid_sample mode=nearest grid=f32[1,1,1,2]{0,0} input=f32[1,1,1,1]{";
  EXPECT_EQ(verdict(copy + "0x1.fffffcp-127}", "f32[1,1,1,1]{0}", "P2"), Verdict::admissible);
  EXPECT_EQ(verdict(copy + "0x1p-126}", "f32[1,1,1,1]{0}", "P2"), Verdict::deviates);
}

// Section 6: two small coefficients that are both off.
TEST(Lines, OfCrossedErrors) {
  std::array<double, 16> texels{};
  texels[15] = 1;
  const Budget budget{.unit = 0x1p-8, .of_real = false};
  std::array<CellRange<double>, 2> box;
  for (CellRange<double>& cell : box) {
    cell.lo = 0;
    cell.hi = 0x1p-20;
  }
  CubicAxis<double> axis(box[0]);
  axis.bound_errors(box[0], budget);
  const double one = axis.error(3);
  EXPECT_GT(one, 18 * 0x1p-8);
  const double error = cubic_range<double>(texels, box, budget).error();
  EXPECT_GE(error, one * one);
  EXPECT_LE(error, 1.1 * one * one);
}

// Section 6, beyond [0, 1]: the interpolant and Horner's coefficients, at every f16 there.
TEST(Lines, OfStrayCoefficients) {
  const Format format = format_of(Dtype::f16);
  std::array<double, 4> worst{};
  for (int k = 1; k <= 1024; ++k) {
    for (const double t : {-k * 0x1p-11, 1 + k * 0x1p-11}) {
      CellRange<double> cell;
      cell.lo = cell.hi = t;
      CubicAxis<double> axis(cell);
      axis.bound_errors(cell, {.unit = 0x1p-11, .of_real = false});
      const auto exact = cubic_coefficients(t);
      for (unsigned tree = 0; tree < 256; ++tree) {
        unsigned choices = tree;
        const auto op = [&](double value) {
          const bool rounds = (choices & 1U) != 0;
          choices >>= 1U;
          return rounds ? round_to(format, value) : value;
        };
        const auto outer = [&](double d) {
          return op(op(op(op(op(op(-0.75 * d) + 3.75) * d) - 6) * d) + 3);
        };
        const auto inner = [&](double d) {
          return op(op(op(op(op(1.25 * d) - 2.25) * d) * d) + 1);
        };
        const auto see = [&](std::size_t j, double value) {
          worst[j] = std::max(worst[j], std::fabs(value - exact[j]) / axis.error(j));
          choices = tree;
        };
        see(0, outer(op(1 + t)));
        see(1, inner(t));
        see(2, inner(op(1 - t)));
        see(3, outer(op(2 - t)));
      }
    }
  }
  for (const double share : worst) {
    EXPECT_LE(share, 1);
    EXPECT_GT(share, 0.2);
  }
  std::mt19937_64 random(4);
  for (int i = 0; i < 2000; ++i) {
    std::array<double, 16> texels{};
    for (double& texel : texels) texel = (random() & 1U) != 0 ? 1 : -1;
    std::array<CellRange<double>, 2> box;
    for (CellRange<double>& cell : box) {
      cell.lo = (i & 1) != 0 ? -0.5 : 1;
      cell.hi = cell.lo + 0.5;
    }
    const Range<double> range = cubic_range<double>(texels, box, Budget{});
    for (const double x : {box[0].lo, box[0].hi}) {
      for (const double y : {box[1].lo, box[1].hi}) {
        const auto cx = cubic_coefficients(x);
        const auto cy = cubic_coefficients(y);
        double value = 0;
        for (std::size_t tap = 0; tap < 16; ++tap) value += cx[tap % 4] * cy[tap / 4] * texels[tap];
        ASSERT_LE(range.lo, value + 1e-12);
        ASSERT_GE(range.hi, value - 1e-12);
      }
    }
  }
}

// Section 6, W: the mixed term where both coefficients are nearly 0; the curvature beyond t = 0.
TEST(Lines, OfTaylorsRemainder) {
  std::array<double, 16> corner{};
  corner[0] = 1;
  std::array<CellRange<double>, 2> box;
  for (CellRange<double>& cell : box) {
    cell.lo = 0;
    cell.hi = 0x1p-9;
  }
  const double end = cubic_coefficients(0x1p-9)[0];
  EXPECT_GE(cubic_range<double>(corner, box, Budget{}).hi, end * end);
  std::array<double, 16> outer{};
  outer[4] = 1;
  box[1] = {};
  box[0].lo = -0.5;
  box[0].hi = -0.5 + 0x1p-7;
  const Range<double> range = cubic_range<double>(outer, box, Budget{});
  EXPECT_GE(range.hi, cubic_coefficients(box[0].lo)[0]);
  EXPECT_LE(range.lo, cubic_coefficients(box[0].hi)[0]);
}

// Section 6, a known t: every form is inside the hull of the coefficients, and its ends are taken.
TEST(Lines, OfKnownCoefficients) {
  std::mt19937_64 random(5);
  int tight = 0;
  for (int i = 0; i < 300; ++i) {
    const double t = static_cast<float>(static_cast<double>(random() >> 11U) * 0x1p-53);
    std::array<Interval<double>, 4> taken;
    taken.fill({2, -2});
    for (unsigned tree = 0; tree < 512; ++tree) {
      unsigned choices = tree;
      const auto op = [&](double value) {
        const bool rounds = (choices & 1U) != 0;
        choices >>= 1U;
        return rounds ? static_cast<float>(value) : value;
      };
      const auto see = [&](std::size_t j, double value) {
        taken[j] = {std::min(taken[j].lo, value), std::max(taken[j].hi, value)};
        choices = tree;
      };
      const auto outer = [&](double d) {
        return op(op(op(op(op(op(-0.75 * d) + 3.75) * d) - 6) * d) + 3);
      };
      const auto first = [&](double d) { return op(op(1.25 * d) - 2.25); };
      const auto inner = [&](double d) { return op(op(op(first(d) * d) * d) + 1); };
      const auto by_square = [&](double d) {
        const double square = op(d * d);
        return op(op(first(d) * square) + 1);
      };
      const auto outer_near = [&](double d) {
        return op(op(op(op(op(-0.75 * d) + 1.5) * d) - 0.75) * d);
      };
      const auto outer_far = [&](double d) { return op(op(op(op(0.75 * d) - 0.75) * d) * d); };
      const auto inner_far = [&](double d) {
        return op(op(op(op(op(-1.25 * d) + 1.5) * d) + 0.75) * d);
      };
      see(0, outer(op(1 + t)));
      see(0, outer_near(t));
      see(0, outer_far(op(1 - t)));
      see(1, inner(t));
      see(1, by_square(t));
      see(2, inner(op(1 - t)));
      see(2, by_square(op(1 - t)));
      see(2, inner_far(t));
      see(3, outer(op(op(1 - t) + 1)));
      see(3, outer(op(2 - t)));
      see(3, outer_far(t));
      see(3, outer_near(op(1 - t)));
    }
    const auto hulls = CubicTrees<float, double>(t).hulls();
    for (std::size_t j = 0; j < 4; ++j) {
      ASSERT_LE(hulls[j].lo, taken[j].lo) << t << ' ' << j;
      ASSERT_GE(hulls[j].hi, taken[j].hi) << t << ' ' << j;
      // outer_far has a second order as well, by the square: not among these.
      if (j == 1 || j == 2) {
        for (const double miss : {taken[j].lo - hulls[j].lo, hulls[j].hi - taken[j].hi}) {
          ASSERT_LT(miss, 0x1p-22) << t << ' ' << j;
          tight += miss < 0x1p-40 ? 1 : 0;
        }
      }
    }
  }
  // A tie is rounded to either side in a hull; everywhere else the end is some form's.
  EXPECT_GT(tight, 300 * 4 * 3 / 4);
}

// Section 6, all taps one texel: only roundings remain.
TEST(Lines, OfAConstantAxis) {
  const std::string line =
      "grid_sample mode=bicubic padding_mode=border input=f32[1,1,2,2]{1,1,1,1} "
      "grid=f32[1,1,1,2]{-17.3,-23.9}";
  EXPECT_EQ(verdict(line, "f32[1,1,1,1]{0x1.00000ap0}"), Verdict::admissible);
  EXPECT_EQ(verdict(line, "f32[1,1,1,1]{0x1.0002p0}"), Verdict::deviates);
}

// Section 9: the search goes on for as long as it takes.
TEST(Lines, OfTheJointSearch) {
  std::vector<double> texels(2 * 1920, 0);
  for (std::size_t k = 1500; k < 1920; ++k) texels[k] = texels[1920 + k] = 1;
  const Case test_case{request_for({Mode::bilinear, Padding::border, false}),
                       Tensor(Dtype::f32, {1, 2, 1, 1920}, texels),
                       Tensor(Dtype::f32, {1, 1, 1, 2}, std::vector<double>{0x1.20003p-1, 0})};
  const Admissible set = Judge().admissible(test_case, 0, 0);
  ASSERT_EQ(set.intervals.size(), 1U);
  const auto [lo, hi] = set.intervals[0];
  ASSERT_GT(hi - lo, 0x1p-16);
  const auto verdict_of = [&](double a, double b) {
    return Judge()
        .judge(test_case, Tensor(Dtype::f32, {1, 2, 1, 1},
                                 std::vector<double>{lo + a * (hi - lo), lo + b * (hi - lo)}))
        .worst();
  };
  EXPECT_EQ(verdict_of(0.3, 0.3), Verdict::admissible);
  EXPECT_GT(verdict_of(0.3, 0.4), Verdict::undecided);
  EXPECT_GT(verdict_of(0.63, 0.7), Verdict::undecided);
}

// Sections 3 and 5: infinities under weights that are surely, and perhaps, not 0.
TEST(Lines, OfSpecialTexels) {
  // The second infinity has a weight of 0, or a little.
  EXPECT_EQ(verdict("grid_sample input=f32[1,1,1,3]{1,inf,-inf} grid=f32[1,1,1,2]{0x1p-30,0}",
                    "f32[1,1,1,1]{nan}"),
            Verdict::admissible);
  EXPECT_EQ(verdict("grid_sample input=f32[1,1,1,3]{1,inf,2} grid=f32[1,1,1,2]{0x1p-30,0}",
                    "f32[1,1,1,1]{nan}"),
            Verdict::quality_warning);
}

// Section 3: of a position that is lost the weights can go beyond the texels, in bicubic.
TEST(Lines, OfLostPositions) {
  const std::string cubic =
      "grid_sample mode=bicubic padding_mode=reflection input=f32[1,1,1,64]{-1*32,1*32} "
      "grid=f32[1,1,1,2]{0x1p30,0}";
  EXPECT_EQ(verdict(cubic, "f32[1,1,1,1]{1.3}"), Verdict::undecided);
  EXPECT_EQ(verdict(cubic, "f32[1,1,1,1]{3}"), Verdict::deviates);
  const std::string linear =
      "grid_sample padding_mode=reflection input=f32[1,1,1,64]{-1*32,1*32} "
      "grid=f32[1,1,1,2]{0x1p30,0}";
  EXPECT_EQ(verdict(linear, "f32[1,1,1,1]{1}"), Verdict::undecided);
  EXPECT_EQ(verdict(linear, "f32[1,1,1,1]{0x1.0001p0}"), Verdict::deviates);
}

// The tightest profile is named: here flushing and another formula would both do.
TEST(Lines, OfProfiles) {
  const Case test_case = parse_case(
      "grid_sample padding_mode=border input=f32[1,1,1,2]{0x1.234568p-125,-0x1.9p-126} "
      "grid=f32[1,1,1,2]{0x1.99999ap-4,0}");
  const Admissible set = Judge().admissible(test_case, 0, 0);
  ASSERT_EQ(set.intervals.size(), 1U);
  const double beyond = set.intervals[0].second + 3 * 0x1p-149;
  const Tensor answer(Dtype::f32, {1, 1, 1, 1}, std::vector<double>{beyond});
  EXPECT_EQ(Judge(*parse_profile("P3")).judge(test_case, answer).worst(), Verdict::admissible);
  EXPECT_EQ(Judge(*parse_profile("P2")).judge(test_case, answer).worst(), Verdict::admissible);
  const Judgment named = Judge().judge(test_case, answer);
  EXPECT_EQ(named.worst(), Verdict::quality_warning);
  EXPECT_EQ(named.notable.front().within, parse_profile("P2"));
}

}  // namespace
}  // namespace gridproof::judging
