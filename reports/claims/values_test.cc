// Claims about unexpected values: the first part of claims.md.
#include <algorithm>
#include <utility>

#include "reference/semantics/trace.h"
#include "reports/claims/claim.h"

namespace gridproof::claims {
namespace {

TEST(Values, CoordinatesAreNormalized) {
  Claim claim("[claim.normalized] true");
  claim.says(positions({0}, 5, unaligned));
  claim.says(positions({0}, 6, unaligned));
  claim.says(positions({4}, 5, aligned));
  claim.says(positions({4}, 5, unaligned));
}

TEST(Values, TheExtremaAreCornersOrCenters) {
  Claim claim("[claim.corner] imprecise");
  claim.says(positions({-1, 1}, 4, unaligned));
  claim.says(positions({-1, 1}, 4, aligned));
  const Tensor input = image(4, 4);
  claim.says(Numbers{value_at(-1, -1, input, aligned), value_at(1, 1, input, aligned)});
  claim.says(Numbers{value_at(-1, -1, input, unaligned), value_at(1, 1, input, unaligned)});
}

double sampled_position(const Tensor& input, double x, const Options& options) {
  return semantics::trace({request_for(options), input, grid_of({x}, {0})}, 0, 0).axes[0].position;
}

TEST(Values, TheModeDoesNotMoveThePosition) {
  Claim claim("[claim.mapping-by-mode] false");
  const Tensor input = row({0, 1, 2, 4, 8});
  const std::vector<Mode> modes{Mode::nearest, Mode::bilinear, Mode::bicubic};
  Numbers places;
  Numbers values;
  for (const Mode mode : modes) {
    places.push_back(sampled_position(input, 0.3, {.mode = mode}));
    values.push_back(value_at(0.3, 0, input, {.mode = mode}));
  }
  claim.says(places);
  claim.says(sampled_position(input, 0.3, aligned));
  claim.says(sampled_position(row({0, 1, 2, 4, 8, 16}), 0.3, unaligned));
  claim.says(values);
}

TEST(Values, OptionsChangeTheValue) {
  Claim claim("[claim.what-matters] true");
  const Tensor input = image(4, 4);
  const double plain = value_at(0.9, 0.9, input, {});
  claim.says(plain);
  for (const Options& changed :
       {Options{.mode = Mode::nearest}, Options{.padding = Padding::border}, aligned}) {
    const double value = value_at(0.9, 0.9, input, changed);
    EXPECT_NE(value, plain);
    claim.says(value);
  }
}

TEST(Values, TheLastAxisOfTheGridIsXThenY) {
  Claim claim("[claim.last-axis] true");
  claim.says(value_at(1, -1, image(2, 4), aligned));
  claim.says(value_at(-1, 1, image(2, 4), aligned));
  const Tensor xyz(Dtype::f64, {1, 1, 1, 1, 3}, Numbers{1, -1, 1});
  claim.says(sample(counted({1, 1, 2, 2, 4}), xyz, aligned));
}

// `nearest` with zeros and align_corners=True, without the reference.
double nearest_by_hand(const Tensor& input, double x, double y) {
  const double column = std::rint((x + 1) / 2 * static_cast<double>(input.size(3) - 1));
  const double line = std::rint((y + 1) / 2 * static_cast<double>(input.size(2) - 1));
  const Shape index{0, 0, static_cast<std::int64_t>(line), static_cast<std::int64_t>(column)};
  const bool inside = index[2] >= 0 && index[2] < input.size(2) &&  //
                      index[3] >= 0 && index[3] < input.size(3);
  return inside ? input.at(index) : 0;
}

TEST(Values, WhatThePageCallsIncorrectIsWhatTheFormulaGives) {
  Claim claim("[claim.usually-not-a-bug] true");
  const Numbers indices{0, 1, 2, 3, 4};
  const Numbers ends{-1, 1};
  const Numbers five = linspace(-1, 1, 5);
  double right = 0;
  for (const auto& [input, coordinates] :
       {std::pair(image(5, 5), indices), {image(4, 4), ends}, {image(5, 5), five}}) {
    std::size_t place = 0;
    const Numbers got = sample(input, grid_of(coordinates, coordinates), nearest_centers).values();
    for (const double y : coordinates) {
      for (const double x : coordinates) right += got[place++] == nearest_by_hand(input, x, y);
    }
    EXPECT_EQ(place, got.size());
  }
  claim.says(right);
}

TEST(Values, ExampleWithAGridOfPixelIndices) {
  Claim claim("[claim.example-pixel-grid] imprecise");
  const Numbers indices{0, 1, 2, 3, 4};
  const Tensor output = sample(image(5, 5), grid_of(indices, indices), nearest_centers);
  claim.says(output);
  claim.says(positions(indices, 5, aligned));
  const double inside = 25 - static_cast<double>(std::ranges::count(output.values(), 0));
  claim.says(inside);
  claim.says(25 - inside);
}

TEST(Values, FromMinusOneToOneIsTheIdentityWithTrueOnly) {
  Claim claim("[claim.identity-linspace] imprecise");
  const Tensor input = image(5, 5);
  const Numbers ends = linspace(-1, 1, 5);
  EXPECT_TRUE(sample(input, grid_of(ends, ends), aligned).same_values(input));
  claim.says(positions(ends, 5, unaligned));
  claim.says(sample(input, grid_of(ends, ends), unaligned).values().front());
  claim.says(identity(5, unaligned));
  for (const double p : positions(linspace(-0.8, 0.8, 5), 5, unaligned)) {
    EXPECT_NEAR(p, std::round(p), 1e-15);
  }
}

TEST(Values, HalfAUnitIsNotAWholeOne) {
  Claim claim("[claim.one-normalized-unit] false");
  for (const double unit : {0.5, 1.0}) {
    for (const Options& options : {aligned, unaligned}) {
      const Numbers moved = positions({0, unit}, 5, options);
      claim.says(moved[1] - moved[0]);
    }
  }
}

TEST(Values, AddingToXMovesThePictureToTheLeft) {
  Claim claim("[claim.shift-right] false");
  const Numbers five = linspace(-1, 1, 5);
  const Tensor grid = grid_of(plus(five, 0.5), plus(five, -0.5));
  const Tensor output = sample(image(5, 5), grid, nearest_centers);
  claim.says(output);
  EXPECT_TRUE(sample(image(5, 5), grid, nearest_corners).same_values(output));
}

TEST(Values, SubtractingFromYMovesThePictureDown) {
  Claim claim("[claim.shift-down] true");
  const Numbers five = linspace(-1, 1, 5);
  const Tensor down = grid_of(five, plus(five, -0.5));
  claim.says(sample(image(5, 5), down, nearest_centers));
}

TEST(Values, NeitherSettingIsBetterAtTheCorners) {
  Claim claim("[claim.align-corners-recommended] false");
  EXPECT_FALSE(resolve(Request{})->align_corners);
  const auto corners_of = [](const Tensor& output) {
    const Numbers values = output.values();
    return Numbers{values[0], values[4], values[20], values[24]};
  };
  for (const Options& options : {aligned, unaligned}) {
    const Numbers five = identity(5, options);
    claim.says(corners_of(sample(image(5, 5), grid_of(five, five), options)));
  }
  const Numbers other = identity(5, aligned);
  claim.says(corners_of(sample(image(5, 5), grid_of(other, other), unaligned)));
}

TEST(Values, ExampleWithTheWholeRange) {
  Claim claim("[claim.example-whole-range] false");
  const Tensor grid = grid_of({-1, 1}, {-1, 1});
  claim.says(sample(image(4, 4), grid, nearest_centers));
  claim.says(sample(image(4, 4), grid, unaligned));
  claim.says(sample(image(4, 4), grid, nearest_corners));
}

TEST(Values, ExampleWithHalfTheRange) {
  Claim claim("[claim.example-half-range] imprecise");
  const Tensor grid = grid_of({-0.5, 0.5}, {-0.5, 0.5});
  claim.says(positions({-0.5, 0.5}, 4, aligned));
  claim.says(sample(image(4, 4), grid, nearest_centers));
  claim.says(sample(image(4, 4), grid, aligned));
  EXPECT_EQ(identity(2, unaligned), (Numbers{-0.5, 0.5}));
  claim.says(sample(image(4, 4), grid, unaligned));
  claim.says(sample(image(4, 4), grid, nearest_corners));
}

TEST(Values, TheWholeRangeIsInside) {
  Claim claim("[claim.unscaled-is-outside] false");
  const auto outside = [](const Options& options) {
    return static_cast<double>(std::ranges::count_if(positions({-1, 1}, 4, options),
                                                     [](double p) { return p < -0.5 || p > 3.5; }));
  };
  claim.says(outside(aligned));
  claim.says(outside(unaligned));
  claim.says(positions({-1, 1}, 4, unaligned));
}

TEST(Values, HalfTheRangeShowsThingsTwiceAsLarge) {
  Claim claim("[claim.smaller-range-zooms-in] true");
  for (const Options& options : {aligned, unaligned}) {
    Numbers half = identity(8, options);
    for (double& x : half) x *= 0.5;
    const Numbers read = positions(half, 8, options);
    for (std::size_t j = 1; j < read.size(); ++j) EXPECT_NEAR(read[j] - read[j - 1], 0.5, 1e-15);
    claim.says(read[4] - read[3]);
  }
}

TEST(Values, TheGridGivesTheOutputItsShape) {
  Claim claim("[claim.grid-shape] true");
  const Tensor grid = grid_of(linspace(-1, 1, 3), linspace(-1, 1, 7));
  const Shape shape = sample(image(5, 5), grid, unaligned).shape();
  claim.says(Numbers(shape.begin(), shape.end()));
}

TEST(Values, ExampleWithTwoShapes) {
  Claim claim("[claim.example-output-shape] true");
  const Numbers three = linspace(-1, 1, 3);
  const Numbers five = linspace(-1, 1, 5);
  const Tensor small = sample(image(5, 5), grid_of(three, three), nearest_centers);
  claim.says(small);
  EXPECT_TRUE(sample(image(5, 5), grid_of(five, five), nearest_centers).same_values(image(5, 5)));
  EXPECT_TRUE(sample(image(5, 5), grid_of(three, three), nearest_corners).same_values(small));
}

TEST(Values, RangeScaleAndShapeAreNotEverything) {
  Claim claim("[claim.checklist] imprecise");
  const Numbers three = linspace(-1, 1, 3);
  const Tensor grid = grid_of(three, three);
  Numbers swapped = grid.values();
  for (std::size_t i = 0; i < swapped.size(); i += 2) std::swap(swapped[i], swapped[i + 1]);
  claim.says(sample(image(3, 3), grid, aligned));
  claim.says(sample(image(3, 3), grid, unaligned));
  claim.says(sample(image(3, 3), Tensor(Dtype::f64, grid.shape(), swapped), aligned));
}

}  // namespace
}  // namespace gridproof::claims
