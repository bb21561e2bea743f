#include "reports/displacement/field.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>
#include <stdexcept>

namespace gridproof::reports::displacement {
namespace {

using exact::Measure;
using exact::Origin;
using exact::Unit;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr Measure input_pixels{Unit::input, Origin::identity};

Field affine(const std::vector<double>& theta, const Shape& outputs, const Shape& input,
             bool align_corners, Measure measure = input_pixels) {
  const auto rows = static_cast<std::int64_t>(input.size());
  return make_affine_field(Tensor(Dtype::f64, {1, rows, rows + 1}, theta), outputs, input,
                           align_corners, measure);
}
const std::vector<double> identity = {1, 0, 0, 0, 1, 0};

// A smooth field without folds: every location moved by at most `most` pixels.
Field waves(std::int64_t size, double most) {
  std::vector<double> flow;
  for (std::int64_t y = 0; y < size; ++y) {
    for (std::int64_t x = 0; x < size; ++x) {
      const double turn = 2 * std::numbers::pi / static_cast<double>(size);
      flow.push_back(most * std::sin(turn * static_cast<double>(y)));
      flow.push_back(most * std::sin(turn * static_cast<double>(x)));
    }
  }
  return make_field(Tensor(Dtype::f64, {1, size, size, 2}, flow), {size, size}, false,
                    exact::as_flow, exact::as_flow);
}

TEST(Field, SaysWhatItIs) {
  EXPECT_EQ(describe(affine(identity, {2, 2}, {2, 2}, false)),
            "input pixels, relative to the identity resize, align_corners=False");
  EXPECT_EQ(describe(waves(4, 1)),
            "input pixels, relative to the same pixel lattice, align_corners=False");
}

// The straight lines of origins are those of the exact oracle.
RC_GTEST_PROP(Field, OriginsAreExactOnes, ()) {
  const auto size = *rc::gen::inRange<std::int64_t>(1, 100);
  const auto outputs = *rc::gen::inRange<std::int64_t>(1, 100);
  const bool align_corners = *rc::gen::arbitrary<bool>();
  const auto index = *rc::gen::inRange<std::int64_t>(0, outputs);
  for (const Origin origin : {Origin::identity, Origin::lattice}) {
    const Field field =
        affine(identity, {1, outputs}, {1, size}, align_corners, {Unit::input, origin});
    const exact::DisplacementAxis axis(size, outputs, align_corners);
    const double expected =
        round_to(format_of(Dtype::f64),
                 axis.converted(exact::Dyadic(0), index, field.measure, exact::as_maps));
    RC_ASSERT(std::fabs(field.origin(0, static_cast<double>(index)) - expected) <= 1e-12);
  }
}

// Of f32 all but what is close to 0, where the identity is not; none in pixels that do not exist.
TEST(Return, CountsExactAndOneUlp) {
  const Tensor grid(Dtype::f32, {1, 1, 3, 2},
                    std::vector<double>{-0.7, 0.1, 0x1p-40, 0x1p-40, infinity, std::nan("")});
  const auto returned = [&](bool align_corners, const Shape& input) {
    return return_of(grid, make_field(grid, input, align_corners, exact::as_grid, input_pixels));
  };
  // 2^-40 at outputs 1 of 3 and 0 of 1, whose identity is at 0.
  EXPECT_EQ(returned(false, {5, 5}).coordinates, 4);
  EXPECT_EQ(returned(false, {5, 5}).same, 4);
  const Return lost = returned(true, {1, 5});
  EXPECT_EQ(lost.coordinates, 4);
  EXPECT_EQ(lost.same, 2);
  EXPECT_EQ(lost.within_one_ulp, 0);
  const Tensor small(Dtype::f64, {1, 1, 2, 2}, std::vector<double>{0x1.1p-60, 0, 0x1p-1, 0});
  const Return near =
      return_of(small, make_field(small, {5, 5}, false, exact::as_grid, input_pixels));
  EXPECT_EQ(near.same, 3);
  EXPECT_EQ(near.within_one_ulp, 0);
}

TEST(Summary, OfAShift) {
  // Half the width to the right: of four columns the last two read outside.
  const Summary summary = summary_of(affine({1, 0, 1, 0, 1, -0.25}, {2, 4}, {8, 4}, false));
  EXPECT_EQ(summary.locations, 8);
  EXPECT_EQ(summary.not_finite, 0);
  EXPECT_EQ(summary.outside, 4);
  ASSERT_EQ(summary.components.size(), 2U);
  EXPECT_EQ(summary.components[0].least, 2);
  EXPECT_EQ(summary.components[0].mean, 2);
  EXPECT_EQ(summary.components[0].greatest, 2);
  EXPECT_EQ(summary.components[1].mean, -1);
  EXPECT_EQ(summary.largest, std::hypot(2, 1));
  EXPECT_EQ(summary.largest_at, (Shape{0, 0, 0}));
}

TEST(Summary, WhereTheLargestIs) {
  std::vector<double> maps(2 * 2 * 3 * 2, 0.0);
  maps[(1 * 6 + 1 * 3 + 2) * 2 + 1] = 900;
  const Field field = make_field(Tensor(Dtype::f32, {2, 2, 3, 2}, maps), {2, 3}, false,
                                 exact::as_maps, exact::as_flow);
  EXPECT_EQ(summary_of(field).largest_at, (Shape{1, 1, 2}));
}

TEST(Summary, OfWhatIsNotFinite) {
  const Tensor grid(Dtype::f32, {1, 1, 2, 2}, std::vector<double>{infinity, 0, 0.5, 0});
  const Summary some = summary_of(make_field(grid, {2, 2}, false, exact::as_grid, input_pixels));
  EXPECT_EQ(some.not_finite, 1);
  EXPECT_EQ(some.components[0].mean, 0);
  EXPECT_EQ(some.outside, 0);
  const Tensor nowhere(Dtype::f32, {1, 1, 1, 2}, std::vector<double>{infinity, -infinity});
  const Summary none = summary_of(make_field(nowhere, {2, 2}, false, exact::as_grid, input_pixels));
  EXPECT_EQ(none.not_finite, 1);
  EXPECT_TRUE(std::isnan(none.components[0].mean));
  EXPECT_TRUE(none.largest_at.empty());
  const Summary empty = summary_of(
      make_field(Tensor(Dtype::f32, {1, 0, 3, 2}), {2, 2}, false, exact::as_grid, input_pixels));
  EXPECT_EQ(empty.locations, 0);
}

// Of an affine map the differences are its matrix, in pixels: det theta times the pixels of the
// input for each of the output.
TEST(Jacobian, OfAffineMaps) {
  const std::vector<double> theta = {0.5, -0.25, 0.1, 0.75, 1.5, 0.2};
  const double determinant = 0.5 * 1.5 + 0.25 * 0.75;
  for (const bool align_corners : {false, true}) {
    const Field field = affine(theta, {3, 5}, {7, 4}, align_corners);
    const double per_output = align_corners ? 6.0 / 2 * 3.0 / 4 : 7.0 / 3 * 4.0 / 5;
    const Jacobian jacobian = jacobian_of(field);
    EXPECT_EQ(jacobian.determinants.shape(), (Shape{1, 3, 5}));
    for (const double value : jacobian.determinants.values()) {
      EXPECT_NEAR(value, determinant * per_output, 1e-12);
    }
    EXPECT_EQ(jacobian.folds, 0);
  }
  // In three dimensions: x doubled, y kept, z halved.
  const Field volume =
      affine({2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0.5, 0.25}, {4, 4, 4}, {4, 4, 4}, false);
  const Jacobian jacobian = jacobian_of(volume);
  EXPECT_NEAR(jacobian.least, 1, 1e-12);
  EXPECT_NEAR(jacobian.greatest, 1, 1e-12);
}

TEST(Jacobian, FoldsAndMirrors) {
  const Jacobian mirror = jacobian_of(affine({-1, 0, 0, 0, 1, 0}, {3, 3}, {3, 3}, false));
  EXPECT_EQ(mirror.mirrored, 9);
  EXPECT_EQ(mirror.folds, 9);
  const Jacobian constant = jacobian_of(affine({0, 0, 0, 0, 1, 0}, {3, 3}, {3, 3}, false));
  EXPECT_EQ(constant.mirrored, 0);
  EXPECT_EQ(constant.folds, 9);
  // One row that turns back: positions 0, 2, 1, 3 have differences 2, 1/2, 1/2, 2; 0, 3, 1, 0 have
  // 3, 1/2, -3/2, -1.
  const auto row = [](const std::vector<double>& x) {
    std::vector<double> maps;
    for (const double position : x) maps.insert(maps.end(), {position, 0});
    return jacobian_of(make_field(Tensor(Dtype::f64, {1, 1, 4, 2}, maps), {1, 4}, false,
                                  exact::as_maps, exact::as_flow));
  };
  EXPECT_EQ(row({0, 2, 1, 3}).determinants.values(), (std::vector<double>{2, 0.5, 0.5, 2}));
  EXPECT_EQ(row({0, 3, 1, 0}).determinants.values(), (std::vector<double>{3, 0.5, -1.5, -1}));
  EXPECT_EQ(row({0, 3, 1, 0}).folds, 2);
  EXPECT_EQ(row({0, infinity, 1, 2}).not_finite, 3);
}

// What cannot change is no fold.
TEST(Jacobian, LeavesOutAxesOfOnePixel) {
  const Jacobian jacobian = jacobian_of(affine(identity, {3, 4}, {1, 4}, true));
  EXPECT_EQ(jacobian.axes, std::vector<int>{0});
  EXPECT_EQ(jacobian.folds, 0);
  const Jacobian point = jacobian_of(affine(identity, {1, 1}, {4, 4}, false));
  EXPECT_TRUE(point.axes.empty());
  EXPECT_EQ(point.determinants.values(), std::vector<double>{1});
}

// q = A p + b has the inverse A^-1 (q - b): a rotation by 90 degrees of a square.
TEST(Inverse, OfARotation) {
  const Inverse inverse = inverse_of(affine({0, -1, 0, 1, 0, 0}, {5, 5}, {5, 5}, false));
  EXPECT_EQ(inverse.found, 25);
  for (std::int64_t y = 0; y < 5; ++y) {
    for (std::int64_t x = 0; x < 5; ++x) {
      // Location (i, j) reads (4 - j, i); so pixel (x, y) is read at (y, 4 - x).
      EXPECT_NEAR(inverse.displacement.at(Shape{0, y, x, 0}), static_cast<double>(y - x), 1e-9);
      EXPECT_NEAR(inverse.displacement.at(Shape{0, y, x, 1}), static_cast<double>(4 - x - y), 1e-9);
    }
  }
}

TEST(Inverse, LeavesTheField) {
  // Two pixels to the right: the first two columns, less half a pixel, are read nowhere.
  const Inverse inverse = inverse_of(affine({1, 0, 1, 0, 1, 0}, {3, 4}, {3, 4}, false));
  EXPECT_EQ(inverse.pixels, 12);
  EXPECT_EQ(inverse.found, 6);
  EXPECT_EQ(inverse.outside, 6);
  EXPECT_TRUE(std::isnan(inverse.displacement.at(Shape{0, 0, 1, 0})));
  EXPECT_EQ(inverse.displacement.at(Shape{0, 0, 2, 0}), -2);
}

// Other sizes and units, and a zoom for which a fixed point would not be attracting.
RC_GTEST_PROP(Inverse, OfAZoom, ()) {
  const auto outputs = *rc::gen::inRange<std::int64_t>(2, 30);
  const auto size = *rc::gen::inRange<std::int64_t>(2, 30);
  const bool align_corners = *rc::gen::arbitrary<bool>();
  const double zoom = *rc::gen::element(-3.0, -1.0, 1.0, 1.5, 5.0);
  const Unit unit = *rc::gen::element(Unit::input, Unit::output, Unit::normalized);
  const Field field = affine({zoom, 0, 0, 0, zoom, 0}, {outputs, outputs}, {size, size},
                             align_corners, {unit, Origin::identity});
  const Inverse inverse = inverse_of(field);
  RC_ASSERT(inverse.found == inverse.pixels);
  const double middle = static_cast<double>(size - 1) / 2;
  for (std::int64_t x = 0; x < size; ++x) {
    // p - m = zoom (s - m), so s - q = (q - m) (1 / zoom - 1).
    const double expected = field.measured(0, (static_cast<double>(x) - middle) * (1 / zoom - 1));
    RC_ASSERT(std::fabs(inverse.displacement.at(Shape{0, 0, x, 0}) - expected) <= 1e-8);
  }
}

// f(q) = -d(q + f(q)), with the linear interpolation written out.
TEST(Inverse, SolvesItsEquation) {
  constexpr std::int64_t size = 24;
  const Field field = waves(size, 1.5);
  const Inverse inverse = inverse_of(field);
  EXPECT_EQ(jacobian_of(field).folds, 0);
  EXPECT_GT(inverse.found, size * size * 4 / 5);
  EXPECT_EQ(inverse.found + inverse.outside + inverse.lost, inverse.pixels);
  EXPECT_EQ(inverse.lost, 0);
  int checked = 0;
  for (std::int64_t y = 0; y < size; ++y) {
    for (std::int64_t x = 0; x < size; ++x) {
      const double fx = inverse.displacement.at(Shape{0, y, x, 0});
      const double fy = inverse.displacement.at(Shape{0, y, x, 1});
      const double u = static_cast<double>(x) + fx;
      const double v = static_cast<double>(y) + fy;
      if (!(u >= 0 && v >= 0 && u < size - 1 && v < size - 1)) continue;
      const auto i = static_cast<std::int64_t>(u);
      const auto j = static_cast<std::int64_t>(v);
      const double s = u - static_cast<double>(i);
      const double t = v - static_cast<double>(j);
      for (std::int64_t k = 0; k < 2; ++k) {
        const auto d = [&](std::int64_t row, std::int64_t column) {
          return field.displacement.at(Shape{0, row, column, k});
        };
        const double there = (1 - t) * ((1 - s) * d(j, i) + s * d(j, i + 1)) +
                             t * ((1 - s) * d(j + 1, i) + s * d(j + 1, i + 1));
        EXPECT_NEAR(k == 0 ? fx : fy, -there, 1e-8);
      }
      ++checked;
    }
  }
  EXPECT_GT(checked, 300);
}

TEST(Inverse, InThreeDimensions) {
  const Inverse inverse =
      inverse_of(affine({0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 0, 0}, {4, 4, 4}, {4, 4, 4}, true));
  EXPECT_EQ(inverse.found, 64);
  // Location (x, y, z) reads (z, x, y); pixel (x, y, z) is read at (y, z, x).
  EXPECT_NEAR(inverse.displacement.at(Shape{0, 3, 0, 1, 0}), 0 - 1, 1e-9);
  EXPECT_NEAR(inverse.displacement.at(Shape{0, 3, 0, 1, 1}), 3 - 0, 1e-9);
  EXPECT_NEAR(inverse.displacement.at(Shape{0, 3, 0, 1, 2}), 1 - 3, 1e-9);
}

// A signal in one row, with and without a pixel to spare.
TEST(Inverse, OfOneRow) {
  for (const bool align_corners : {false, true}) {
    const Inverse inverse = inverse_of(affine({-1, 0, 0, 0, 1, 0}, {1, 6}, {1, 6}, align_corners));
    EXPECT_EQ(inverse.found, 6);
    EXPECT_NEAR(inverse.displacement.at(Shape{0, 0, 1, 0}), 4 - 1, 1e-9);
    EXPECT_EQ(inverse.displacement.at(Shape{0, 0, 1, 1}), 0);
  }
}

// Whatever a grid holds, it ends, and every pixel is counted once.
RC_GTEST_PROP(Inverse, OfAnything, ()) {
  const auto number =
      rc::gen::element(0.0, 1.0, -1.0, 0.3, -0.7, 1e30, -1e300, infinity, std::nan(""));
  const Tensor grid(Dtype::f64, {1, 4, 5, 2}, *rc::gen::container<std::vector<double>>(40, number));
  const Field field =
      make_field(grid, {3, 6}, *rc::gen::arbitrary<bool>(), exact::as_grid, input_pixels);
  const Inverse inverse = inverse_of(field);
  RC_ASSERT(inverse.found + inverse.outside + inverse.lost == 18);
  const Jacobian jacobian = jacobian_of(field);
  RC_ASSERT(jacobian.folds + jacobian.not_finite <= 20);
}

TEST(Field, OfAtMostThreeAxes) {
  EXPECT_THROW(make_field(Tensor(Dtype::f32, {1, 1, 1, 1, 1, 4}), {1, 1, 1, 1}, false,
                          exact::as_grid, input_pixels),
               std::invalid_argument);
}

}  // namespace
}  // namespace gridproof::reports::displacement
