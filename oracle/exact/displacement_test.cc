#include "oracle/exact/displacement.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "reference/semantics/affine_grid.h"
#include "reference/semantics/displacement.h"

namespace gridproof::exact {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr Format f64 = format_of(Dtype::f64);
constexpr Measure input_pixels{Unit::input, Origin::identity};
constexpr Measure output_pixels{Unit::output, Origin::identity};
constexpr Measure coordinates{Unit::normalized, Origin::identity};

// One number of an axis, rounded once.
double converted(double value, std::int64_t index, std::int64_t size, std::int64_t outputs,
                 bool align_corners, Measure from, Measure to, const Format& format = f64) {
  const DisplacementAxis axis(size, outputs, align_corners);
  return round_to(format, axis.converted(Dyadic(value), index, from, to));
}

// The distance of the numbers of a format where `value` lies.
double ulp(const Format& format, double value) {
  const int exponent = value == 0 ? format.min_exponent : std::ilogb(value);
  return std::ldexp(1.0, std::max(exponent, format.min_exponent) - format.precision + 1);
}

rc::Gen<std::int64_t> some_size() {
  return rc::gen::weightedOneOf<std::int64_t>({{1, rc::gen::just<std::int64_t>(1)},
                                               {3, rc::gen::inRange<std::int64_t>(1, 8)},
                                               {3, rc::gen::inRange<std::int64_t>(1, 5000)}});
}

// Coordinates: within the input, far outside, and close to 0, where the last places are short.
rc::Gen<double> some_coordinate() {
  return rc::gen::map(
      rc::gen::resize(rc::kNominalSize, rc::gen::arbitrary<std::int64_t>()), [](std::int64_t bits) {
        const int exponent = bits % 3 == 0 ? static_cast<int>((bits >> 2) & 63) - 56 : 0;
        return std::ldexp(static_cast<double>(bits >> 10), exponent - 53);
      });
}

// What one location of one axis is about.
struct Place {
  std::int64_t size = *some_size();
  std::int64_t outputs = *some_size();
  std::int64_t index = *rc::gen::inRange<std::int64_t>(0, outputs);
  bool align_corners = *rc::gen::arbitrary<bool>();

  [[nodiscard]] double convert(double value, Measure from, Measure to,
                               const Format& format = f64) const {
    return converted(value, index, size, outputs, align_corners, from, to, format);
  }
  // Whether a displacement of this measure tells coordinates apart.
  [[nodiscard]] bool keeps(Measure measure) const {
    if (measure.unit == Unit::normalized || !align_corners) return true;
    return size > 1 && (measure.unit == Unit::input || outputs > 1);
  }
};

// ---- Closed forms ----

// [displacement.identity] [displacement.relative] The identity resize is displaced by nothing.
TEST(ExactDisplacement, OfTheIdentityIsZero) {
  for (const bool align_corners : {false, true}) {
    const std::vector<double> theta{1, 0, 0, 0, 1, 0};
    for (const Measure& measure : {input_pixels, output_pixels, coordinates}) {
      const Tensor field = affine_field(Tensor(Dtype::f32, {1, 2, 3}, theta), {7, 3}, {5, 4},
                                        align_corners, measure);
      EXPECT_EQ(field.shape(), (Shape{1, 7, 3, 2}));
      EXPECT_EQ(field.values(), std::vector<double>(42, 0.0));
    }
  }
}

// A shift by t in coordinates is t I / 2 pixels, or t (I - 1) / 2: at every location, exactly.
TEST(ExactDisplacement, OfAShiftIsConstant) {
  const Tensor theta(Dtype::f64, {1, 2, 3}, std::vector<double>{1, 0, 0.25, 0, 1, -0.5});
  const Tensor corners = affine_field(theta, {3, 3}, {8, 6}, false, input_pixels);
  const Tensor centers = affine_field(theta, {3, 3}, {8, 6}, true, input_pixels);
  for (std::size_t i = 0; i < 18; i += 2) {
    EXPECT_EQ(corners.values()[i], 0.25 * 6 / 2);
    EXPECT_EQ(corners.values()[i + 1], -0.5 * 8 / 2);
    EXPECT_EQ(centers.values()[i], 0.25 * 5 / 2);
    EXPECT_EQ(centers.values()[i + 1], -0.5 * 7 / 2);
  }
}

// A zoom by s about the middle m of the input displaces position p by (s - 1) (p - m): a third of a
// pixel, rounded once, where the rounded grid would give another double.
TEST(ExactDisplacement, OfAZoomGrowsFromTheMiddle) {
  const Tensor theta(Dtype::f64, {1, 2, 3}, std::vector<double>{2, 0, 0, 0, 0.5, 0});
  const std::vector<double> field =
      affine_field(theta, {1, 3}, {4, 5}, false, input_pixels).values();
  EXPECT_EQ(field, (std::vector<double>{-5.0 / 3, 0, 0, 0, 5.0 / 3, 0}));
  const std::vector<double> in_outputs =
      affine_field(theta, {1, 3}, {4, 5}, false, output_pixels).values();
  EXPECT_EQ(in_outputs, (std::vector<double>{-1, 0, 0, 0, 1, 0}));
  const std::vector<double> lattice = affine_field(theta, {1, 3}, {4, 5}, false, as_flow).values();
  EXPECT_EQ(lattice, (std::vector<double>{-4.0 / 3, 1.5, 1, 1.5, 10.0 / 3, 1.5}));
}

// x goes with the last size, z with the first; theta's rows likewise.
TEST(ExactDisplacement, InThreeDimensions) {
  const Tensor theta(Dtype::f32, {1, 3, 4},
                     std::vector<double>{1, 0, 0, 0.5, 0, 1, 0, 0.25, 0, 0, 1, -1});
  const Tensor field = affine_field(theta, {1, 2, 3}, {8, 4, 2}, false, input_pixels);
  for (std::size_t i = 0; i < 18; i += 3) {
    EXPECT_EQ(field.values()[i], 0.5);
    EXPECT_EQ(field.values()[i + 1], 0.5);
    EXPECT_EQ(field.values()[i + 2], -4);
  }
}

// [displacement.unit-size] [displacement.unit-output] [displacement.output-pixels]
TEST(ExactDisplacement, OnePixel) {
  EXPECT_EQ(converted(0.75, 0, 1, 2, true, as_grid, input_pixels), 0);
  EXPECT_EQ(converted(0.75, 1, 1, 2, true, as_grid, output_pixels), 0);
  EXPECT_EQ(converted(0.75, 1, 1, 2, true, as_grid, coordinates), -0.25);
  EXPECT_EQ(converted(3, 1, 1, 2, true, input_pixels, as_grid), 0);
  EXPECT_EQ(converted(0.75, 0, 1, 1, false, as_grid, input_pixels), 0.375);
  EXPECT_EQ(converted(0.5, 0, 5, 1, true, as_grid, input_pixels), 1);
  EXPECT_EQ(converted(0.5, 0, 5, 1, true, as_grid, output_pixels), 0);
  EXPECT_EQ(converted(3, 0, 5, 1, true, output_pixels, as_grid), 0);
  EXPECT_EQ(converted(0, 0, 5, 1, true, as_grid, as_flow), 2);
}

// With O = I the identity resize is the lattice.
RC_GTEST_PROP(ExactDisplacement, OfEqualSizesHasOneOrigin, ()) {
  const Place place;
  if (place.align_corners && place.size == 1) return;
  const DisplacementAxis axis(place.size, place.size, place.align_corners);
  const std::int64_t index = place.index % place.size;
  const Ratio value = Dyadic(*some_coordinate());
  const Ratio identity = axis.converted(value, index, as_grid, input_pixels);
  RC_ASSERT(identity == axis.converted(value, index, as_grid, as_flow));
  RC_ASSERT(identity == axis.converted(value, index, as_grid, output_pixels));
}

// OpenCV's maps hold the position itself, a flow what is to be added to the index.
TEST(ExactDisplacement, MapsAndFlows) {
  EXPECT_EQ(converted(0.25, 2, 8, 4, false, as_grid, as_maps), 4.5);
  EXPECT_EQ(converted(4.5, 2, 8, 4, false, as_maps, as_flow), 2.5);
  EXPECT_EQ(converted(2.5, 2, 8, 4, false, as_flow, input_pixels), 0);
  EXPECT_EQ(converted(2.5, 2, 8, 4, false, as_flow, as_grid), 0.25);
  EXPECT_EQ(converted(2.5, 2, 8, 4, false, as_flow, {Unit::normalized, Origin::lattice}), 0.625);
}

// ---- Numbers that are none ----

TEST(ExactDisplacement, InfinityStaysAndNanCountsAsMinusOne) {
  const double nan = std::nan("");
  const Tensor grid(Dtype::f32, {1, 1, 2, 2}, std::vector<double>{infinity, -infinity, nan, 0});
  const std::vector<double> field =
      convert_field(grid, {4, 4}, false, as_grid, input_pixels).values();
  EXPECT_EQ(field[0], infinity);
  EXPECT_EQ(field[1], -infinity);
  EXPECT_EQ(field[2], -0.5 - 2.5);  // [coord.nan]
  EXPECT_EQ(field[3], 0);
  EXPECT_TRUE(std::isnan(convert_field(grid, {4, 4}, false, as_maps, input_pixels).values()[2]));
}

TEST(ExactDisplacement, RejectsMismatchedShapes) {
  const Tensor grid(Dtype::f32, {1, 2, 2, 2});
  const Tensor theta(Dtype::f32, {1, 2, 3});
  EXPECT_THROW(convert_field(grid, {4, 4, 4}, false, as_grid, as_maps), std::invalid_argument);
  EXPECT_THROW(convert_field(grid, {4, 0}, false, as_grid, as_maps), std::invalid_argument);
  EXPECT_THROW(convert_field(Tensor(Dtype::f32, {2, 2}), {}, false, as_grid, as_maps),
               std::invalid_argument);
  EXPECT_THROW(affine_field(theta, {2, 2, 2}, {2, 2, 2}, false, as_grid), std::invalid_argument);
  EXPECT_THROW(affine_field(theta, {0, 2}, {2, 2}, false, as_grid), std::invalid_argument);
  EXPECT_THROW(affine_field(Tensor(Dtype::f32, {1, 2, 3}, std::vector<double>(6, infinity)), {2, 2},
                            {2, 2}, false, as_grid),
               std::invalid_argument);
}

// ---- Beside the reference ----

// The reference rounds each operation of its dtype: three for the position, one for the identity,
// one for their difference, on numbers of at most (|x| + 1) S pixels.
RC_GTEST_PROP(ExactDisplacement, IsTheReferencesWithinItsRounding, ()) {
  const Place place;
  const Dtype dtype = *rc::gen::element(Dtype::f32, Dtype::f64);
  const Tensor grid(
      dtype, {1, 1, place.outputs, 2},
      std::vector<double>(static_cast<std::size_t>(2 * place.outputs), *some_coordinate()));
  const Shape input{1, place.size};
  const std::vector<double> rounded = displacement_of(grid, input, place.align_corners).values();
  const std::vector<double> exact =
      convert_field(grid, input, place.align_corners, as_grid, input_pixels).values();
  const double u = std::ldexp(1.0, -format_of(dtype).precision);
  const double reach = (std::fabs(grid.values()[0]) + 2) * static_cast<double>(place.size);
  for (std::size_t i = 0; i < exact.size(); i += 2) {
    RC_ASSERT(std::fabs(exact[i] - rounded[i]) <= 4 * u * reach);
  }
}

// affine_grid in f64 and then the displacement, against both in one step.
RC_GTEST_PROP(ExactDisplacement, OfThetaIsThatOfItsGrid, ()) {
  const auto align_corners = *rc::gen::arbitrary<bool>();
  const auto entry = rc::gen::map(rc::gen::inRange(-4000, 4000), [](int n) { return n / 997.0; });
  const Tensor theta(Dtype::f64, {2, 2, 3}, *rc::gen::container<std::vector<double>>(12, entry));
  const Shape outputs{*rc::gen::inRange<std::int64_t>(1, 9), *rc::gen::inRange<std::int64_t>(1, 9)};
  const Shape input{*rc::gen::inRange<std::int64_t>(1, 99), *rc::gen::inRange<std::int64_t>(1, 99)};
  const Answer grid = affine_grid(theta, {2, 1, outputs[0], outputs[1]}, align_corners);
  const std::vector<double> by_grid =
      convert_field(std::get<Tensor>(grid), input, align_corners, as_grid, input_pixels).values();
  const std::vector<double> at_once =
      affine_field(theta, outputs, input, align_corners, input_pixels).values();
  for (std::size_t i = 0; i < at_once.size(); ++i) {
    RC_ASSERT(std::fabs(at_once[i] - by_grid[i]) <= 8 * 0x1p-53 * 13 * 50);
  }
}

// ---- Grid, displacement, grid: exact.md, "Forth and back" ----

// A coordinate of the dtype and what it becomes on the way through a displacement in `held`.
struct Return {
  double coordinate;
  double back;
  double displacement;  // in coordinates
};
Return there_and_back(const Place& place, Measure measure, const Format& format,
                      const Format& held) {
  const DisplacementAxis axis(place.size, place.outputs, place.align_corners);
  const double near = *rc::gen::element(0.0, round_to(f64, axis.identity_coordinate(place.index)));
  const double coordinate = round_to(format, Dyadic(near) + *some_coordinate());
  RC_PRE(std::isfinite(coordinate));
  const double kept = place.convert(coordinate, as_grid, measure, held);
  RC_PRE(std::isfinite(kept));  // f16 ends at 65504 pixels
  return {.coordinate = coordinate,
          .back = place.convert(kept, measure, as_grid, format),
          .displacement = place.convert(coordinate, as_grid, {Unit::normalized, measure.origin})};
}

rc::Gen<Measure> some_measure() {
  return rc::gen::element(input_pixels, output_pixels, coordinates, as_flow,
                          Measure{Unit::normalized, Origin::lattice});
}

// Within one last place of the coordinate where its displacement, in coordinates, is at most
// 2^(q - p) times as large: p the coordinate's precision, q the displacement's.
RC_GTEST_PROP(ExactDisplacement, ComesBackWithinOneUlp, ()) {
  const Place place;
  const Measure measure = *some_measure();
  RC_PRE(place.keeps(measure));
  const Format format =
      format_of(*rc::gen::element(Dtype::f16, Dtype::bf16, Dtype::f32, Dtype::f64));
  const Format held = *rc::gen::element(format, f64);
  const Return trip = there_and_back(place, measure, format, held);
  const double reach = std::ldexp(std::fabs(trip.coordinate), held.precision - format.precision);
  RC_PRE(std::fabs(trip.displacement) <= reach);
  // Below the normal numbers of `held` its last places are no longer shares of the displacement.
  RC_PRE(held.precision == f64.precision || std::fabs(trip.displacement) >= 0x1p-10);
  RC_ASSERT(std::fabs(trip.back - trip.coordinate) <= ulp(format, trip.coordinate));
}

// With its bits where that is a quarter of it, so for every coordinate of f16, and for those of f32
// from 2^-26 on, which are displaced from the identity by less than 1 + |x|.
RC_GTEST_PROP(ExactDisplacement, ComesBackWithItsBits, ()) {
  const Place place;
  const Measure measure = *rc::gen::element(input_pixels, output_pixels, coordinates);
  RC_PRE(place.keeps(measure));
  const Dtype dtype = *rc::gen::element(Dtype::f16, Dtype::bf16, Dtype::f32);
  const Return trip = there_and_back(place, measure, format_of(dtype), f64);
  if (dtype != Dtype::f16 && trip.coordinate != 0) {
    RC_PRE(std::fabs(trip.coordinate) >= 0x1p-26);
  }
  if (trip.coordinate == 0) {
    RC_ASSERT(std::fabs(trip.back) <= 0x1p-53);
  } else {
    RC_ASSERT(trip.back == trip.coordinate);
  }
}

// Everywhere: half a last place of the displacement and half of the coordinate.
RC_GTEST_PROP(ExactDisplacement, ComesBackWithinTheDisplacementsUlp, ()) {
  const Place place;
  const Measure measure = *some_measure();
  RC_PRE(place.keeps(measure));
  const Format format = format_of(*rc::gen::element(Dtype::f32, Dtype::f64));
  const Return trip = there_and_back(place, measure, format, f64);
  const double lost = 0x1p-53 * std::fabs(trip.displacement);
  RC_ASSERT(std::fabs(trip.back - trip.coordinate) <=
            lost * (1 + 0x1p-50) + ulp(format, std::fabs(trip.coordinate) + lost) / 2);
}

// Closer to 0 nothing can do better: two coordinates have the same displacement.
TEST(ExactDisplacement, SmallCoordinatesShareADisplacement) {
  const double a = 0x1p-60;
  const double b = 0x1.8p-60;
  for (const Measure& measure : {input_pixels, output_pixels, coordinates}) {
    EXPECT_EQ(converted(a, 0, 5, 3, false, as_grid, measure),
              converted(b, 0, 5, 3, false, as_grid, measure));
  }
  // Where the identity itself is at 0, all come back.
  EXPECT_NE(converted(a, 1, 5, 3, false, as_grid, input_pixels),
            converted(b, 1, 5, 3, false, as_grid, input_pixels));
}

// Every f16 coordinate that there is, at a location whose identity is not dyadic.
TEST(ExactDisplacement, EveryHalfComesBack) {
  for (std::uint32_t bits = 1; bits < 0x7c00; bits += 7) {
    const auto coordinate =
        static_cast<double>(std::bit_cast<Half>(static_cast<std::uint16_t>(bits)));
    for (const bool align_corners : {false, true}) {
      const double kept = converted(coordinate, 1, 7, 6, align_corners, as_grid, input_pixels);
      ASSERT_EQ(
          converted(kept, 1, 7, 6, align_corners, input_pixels, as_grid, format_of(Dtype::f16)),
          coordinate);
    }
  }
}

// Whole fields, in the dtype of the grid.
TEST(ExactDisplacement, WholeFieldsComeBack) {
  std::vector<double> values(2 * 3 * 4 * 5 * 3);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = std::sin(static_cast<double>(i));
  const Tensor grid(Dtype::f32, {2, 3, 4, 5, 3}, values);
  for (const bool align_corners : {false, true}) {
    const Tensor field = convert_field(grid, {7, 6, 5}, align_corners, as_grid, input_pixels);
    const Tensor back =
        convert_field(field, {7, 6, 5}, align_corners, input_pixels, as_grid, Dtype::f32);
    EXPECT_TRUE(back.same_values(grid));
  }
}

}  // namespace
}  // namespace gridproof::exact
