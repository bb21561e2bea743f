// Statements of PyTorch's documentation: the third part of claims.md.
#include <algorithm>
#include <array>
#include <limits>

#include "reference/semantics/affine_grid.h"
#include "reference/semantics/displacement.h"
#include "reports/claims/claim.h"

namespace gridproof::claims {
namespace {

// The clause under which a question is refused, "" if it is answered.
std::string refused(const Case& test_case) {
  const Answer answer = grid_sample(test_case);
  const auto* refusal = std::get_if<Refusal>(&answer);
  return refusal == nullptr ? "" : refusal->clause;
}

TEST(Documentation, AZeroFlowIsNoIdentity) {
  Claim claim("[claim.flow-field] imprecise");
  const Numbers none{0, 0, 0};
  claim.says(sample(image(3, 3), grid_of(none, none), unaligned));
}

TEST(Documentation, FourAndFiveAxesOnly) {
  Claim claim("[claim.ranks] true");
  const auto of_rank = [](std::size_t rank) {
    Shape grid(rank, 1);
    grid.back() = static_cast<std::int64_t>(rank) - 2;
    return refused({{}, {Dtype::f64, Shape(rank, 1)}, {Dtype::f64, grid}});
  };
  EXPECT_EQ(of_rank(3), "shape.rank");
  EXPECT_EQ(of_rank(4), "");
  EXPECT_EQ(of_rank(5), "");
  EXPECT_EQ(of_rank(6), "shape.rank");
}

TEST(Documentation, OutputShapes) {
  Claim claim("[claim.output-sizes] true");
  for (const auto& [input, grid] : {std::pair(Shape{2, 3, 4, 5}, Shape{2, 6, 7, 2}),
                                    {Shape{2, 3, 4, 5, 6}, Shape{2, 7, 8, 9, 3}}}) {
    const Shape shape = sample({Dtype::f64, input}, {Dtype::f64, grid}, {}).shape();
    claim.says(Numbers(shape.begin(), shape.end()));
  }
}

TEST(Documentation, IdentitiesLieInsideAndPixelIndicesDoNot) {
  Claim claim("[claim.most-values-inside] true");
  for (const Options& options : {unaligned, aligned}) {
    for (std::int64_t size = 2; size < 100; ++size) {
      for (const double x : identity(size, options)) EXPECT_LE(std::fabs(x), 1);
    }
    claim.says(identity(5, options).back());
  }
  const Numbers indices{0, 1, 2, 3, 4};
  const Numbers values = grid_of(indices, indices).values();
  claim.says(100.0 *
             static_cast<double>(
                 std::ranges::count_if(values, [](double x) { return x >= -1 && x <= 1; })) /
             static_cast<double>(values.size()));
}

TEST(Documentation, MinusOneIsTheFirstPixelsCenterOrCorner) {
  Claim claim("[claim.first-pixel] imprecise");
  claim.says(value_at(-1, -1, image(3, 3), aligned));
  claim.says(value_at(-1, -1, image(3, 3), unaligned));
  claim.says(value_at(-1, -1, image(3, 3), {.padding = Padding::border}));
  claim.says(value_at(1, 1, image(3, 3), nearest_corners));
  claim.says(value_at(1, 1, image(4, 4), nearest_corners));
}

TEST(Documentation, ZerosIsSaidOfPixels) {
  Claim claim("[claim.zeros] imprecise");
  const Tensor ones = row(Numbers(128, 1));
  claim.says(value_at(1.004, 0, ones, aligned));
  claim.says(value_at(1.004, 0, ones, nearest_centers));
  EXPECT_EQ(value_at(1 + 0.99 / 127, 0, ones, nearest_centers), 1);
  EXPECT_EQ(value_at(1 + 1.01 / 127, 0, ones, nearest_centers), 0);
  claim.says(value_at(1, 0, ones, unaligned));
}

TEST(Documentation, BorderIsTheOutermostPixel) {
  Claim claim("[claim.border] imprecise");
  const Tensor input = row({1, 2, 4, 8});
  for (const Mode mode : {Mode::bilinear, Mode::nearest, Mode::bicubic}) {
    const Options options{.mode = mode, .padding = Padding::border};
    claim.says(Numbers{value_at(1.125, 0, input, options), value_at(100, 0, input, options)});
  }
  claim.says(value_at(0.875, 0, input, {.padding = Padding::border}));
}

TEST(Documentation, ReflectionGoesOnUntilItIsInside) {
  Claim claim("[claim.reflection] true");
  const Tensor input = row({0, 1, 2, 3});
  for (const bool align_corners : {false, true}) {
    const Options options{.padding = Padding::reflection, .align_corners = align_corners};
    claim.says(Numbers{value_at(-1.5, 0, input, options), value_at(4, 0, input, options)});
  }
}

TEST(Documentation, TheExampleOfReflectionEndsAtPlusOneHalf) {
  Claim claim("[claim.reflection-example] false");
  const double first = 2 * -1 - -3.5;
  claim.says(first);
  claim.says(2 * 1 - first);
  const Tensor input = counted({1, 1, 1, 8}, 0);
  const Options options{.padding = Padding::reflection};
  for (const double x : {-3.5, 0.5, -0.5}) claim.says(value_at(x, 0, input, options));
}

TEST(Documentation, AffineGridWithTheSameSetting) {
  Claim claim("[claim.affine-grid] true");
  const Tensor theta(Dtype::f64, {1, 2, 3}, Numbers{1, 0, 0, 0, 1, 0});
  const Tensor input = counted({1, 1, 4, 4}, 0);
  const auto identity_grid = [&](const Options& options) {
    return std::get<Tensor>(affine_grid(theta, input.shape(), options.align_corners));
  };
  for (const Options& options : {aligned, unaligned}) {
    const Numbers got = sample(input, identity_grid(options), options).values();
    for (std::size_t i = 0; i < got.size(); ++i) {
      EXPECT_NEAR(got[i], static_cast<double>(i), 1e-14);
    }
  }
  claim.says(sample(input, identity_grid(aligned), unaligned).slice(2, 0, 1));
}

TEST(Documentation, NanIsMinusOne) {
  Claim claim("[claim.nan] imprecise");
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const Options& options :
       {aligned,
        Options{.mode = Mode::nearest, .padding = Padding::border, .align_corners = true}}) {
    const Tensor input = image(3, 3);
    claim.says(Numbers{value_at(nan, 0, input, options), value_at(0, nan, input, options),
                       value_at(nan, nan, input, options)});
    EXPECT_EQ(value_at(nan, 0, input, options), value_at(-1, 0, input, options));
  }
}

TEST(Documentation, Defaults) {
  Claim claim("[claim.defaults] true");
  const Tensor input = image(4, 4);
  const Tensor grid = grid_of(linspace(-1.2, 1.2, 9), linspace(-1.2, 1.2, 9));
  const Options said{.mode = Mode::bilinear, .padding = Padding::zeros, .align_corners = false};
  EXPECT_TRUE(
      std::get<Tensor>(grid_sample({{}, input, grid})).same_values(sample(input, grid, said)));
  EXPECT_EQ(refused({{.mode = "linear"}, input, grid}), "options.mode");
  EXPECT_EQ(refused({{.padding_mode = "reflect"}, input, grid}), "options.padding-mode");
}

TEST(Documentation, BicubicIsForFourAxes) {
  Claim claim("[claim.bicubic-4d] true");
  EXPECT_EQ(refused({{.mode = "bicubic"}, image(4, 4), grid_of({0}, {0})}), "");
  EXPECT_EQ(refused({{.mode = "bicubic"}, counted({1, 1, 2, 2, 2}), {Dtype::f64, {1, 1, 1, 1, 3}}}),
            "options.bicubic-4d");
}

TEST(Documentation, BilinearIsTrilinearInFiveAxes) {
  Claim claim("[claim.trilinear] true");
  claim.says(value_at(0, 0, image(2, 2), unaligned));
  const Tensor middle(Dtype::f64, {1, 1, 1, 1, 3});
  claim.says(sample(counted({1, 1, 2, 2, 2}), middle, unaligned));
}

TEST(Documentation, TheExtremaOfBothSettings) {
  Claim claim("[claim.extrema] true");
  claim.says(positions({-1, 1}, 4, aligned));
  claim.says(positions({-1, 1}, 4, unaligned));
}

TEST(Documentation, FalseIsMoreResolutionAgnostic) {
  Claim claim("[claim.resolution] true");
  for (const Options& options : {unaligned, aligned}) {
    Numbers shares;
    for (const std::int64_t size : {4, 8, 16}) {
      shares.push_back((positions({0.5}, size, options)[0] + 0.5) / static_cast<double>(size));
    }
    claim.says(shares);
  }
}

TEST(Documentation, TheSameSettingForInterpolate) {
  Claim claim("[claim.same-for-interpolate] true");
  const Tensor small = row({0, 1, 2, 3});
  for (const Options& resized : {unaligned, aligned}) {
    // What interpolate does: 8 pixels, each where the identity of 8 outputs has it.
    const Tensor zero(Dtype::f64, {1, 1, 8, 2});
    const Tensor grid = displaced_grid(zero, {1, 4}, resized.align_corners);
    Options filled = resized;
    filled.padding = Padding::border;
    const Tensor large = sample(small, grid, filled);
    for (const Options& sampled : {unaligned, aligned}) {
      claim.says(Numbers{value_at(0.5, 0, small, sampled), value_at(0.5, 0, large, sampled)});
    }
  }
}

TEST(Documentation, TheDefaultBefore13) {
  Claim claim("[claim.default-changed] true");
  const Numbers four = identity(4, aligned);
  const Case without{{}, image(4, 4), grid_of(four, four)};
  claim.says(sample(without.input, without.grid, aligned).values()[0]);
  claim.says(std::get<Tensor>(grid_sample(without)).values()[0]);
}

// The weight of a tap at a distance of at most 1 and from 1 to 2.
double cubic_weight(double distance, double a) {
  const double d = distance;
  return d <= 1 ? ((a + 2) * d - (a + 3)) * d * d + 1 : ((d - 5) * d + 8) * d * a - 4 * a;
}

TEST(Documentation, TheConstantOfTheCubicKernel) {
  Claim claim("[claim.cubic-constant] true");
  Numbers weights;  // at the middle of 4 pixels, of which one is 1
  for (std::size_t k = 0; k < 4; ++k) {
    Numbers impulse(4);
    impulse[k] = 1;
    const Tensor rows(Dtype::f64, {1, 1, 4, 4}, [&] {
      Numbers all;
      for (int i = 0; i < 4; ++i) all.insert(all.end(), impulse.begin(), impulse.end());
      return all;
    }());
    weights.push_back(value_at(0, 0, rows, {.mode = Mode::bicubic}));
  }
  claim.says(weights);
  Numbers by_formula;
  for (const double distance : {1.5, 0.5, 0.5, 1.5}) {
    by_formula.push_back(cubic_weight(distance, -0.5));
    EXPECT_EQ(cubic_weight(distance, -0.75), weights[by_formula.size() - 1]);
  }
  claim.says(by_formula);
}

TEST(Documentation, BicubicOvershoots) {
  Claim claim("[claim.overshoot] true");
  const Options options{.mode = Mode::bicubic, .padding = Padding::border};
  const Tensor edge = row({0, 0, 255, 255});
  const Numbers got{value_at(-0.5, 0, edge, options), value_at(0.5, 0, edge, options)};
  claim.says(got);
  claim.says(Numbers{std::clamp(got[0], 0.0, 255.0), std::clamp(got[1], 0.0, 255.0)});
  const Tensor ramp = counted({1, 1, 4, 4}, 0);
  claim.says(Numbers{value_at(-0.95, -0.95, ramp, options), value_at(0.95, 0.95, ramp, options)});
}

}  // namespace
}  // namespace gridproof::claims
