#include "reference/semantics/trace.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <variant>
#include <vector>

#include "reference/semantics/grid_sample.h"

namespace gridproof::semantics {
namespace {

std::vector<double> values_of(const std::vector<Step>& steps) {
  std::vector<double> values;
  for (const Step& step : steps) values.push_back(step.value);
  return values;
}

TEST(Trace, StagesOfOneSample) {
  const Case test_case = parse_case(
      "grid_sample padding_mode=reflection input=f32[2,1,2,4]{1..16} "
      "grid=f32[2,1,2,2]{0,0,0,0,0,0,nan,0.25}");
  const Trace traced = trace(test_case, 3, 0);
  ASSERT_EQ(traced.axes.size(), 2U);
  const TracedAxis& x = traced.axes[0];
  const TracedAxis& y = traced.axes[1];
  EXPECT_TRUE(std::isnan(x.given));
  EXPECT_EQ(x.coordinate, -1);
  EXPECT_EQ(values_of(x.formula), (std::vector<double>{0, 0, -1, -0.5}));
  EXPECT_EQ(x.position, -0.5);
  EXPECT_EQ(x.other_position, 0);
  EXPECT_EQ(x.low_line, -0.5);
  EXPECT_EQ(x.high_line, 3.5);
  EXPECT_TRUE(x.reflection.empty());
  EXPECT_EQ(x.reflected, -0.5);
  EXPECT_EQ(x.padded, 0);
  ASSERT_EQ(x.taps.size(), 2U);
  EXPECT_EQ(x.taps[0].index, 0);
  EXPECT_EQ(x.taps[0].weight, 1);
  EXPECT_EQ(y.given, 0.25);
  EXPECT_EQ(y.position, 0.75);
  EXPECT_EQ(y.taps[1].index, 1);
  EXPECT_EQ(y.taps[1].weight, 0.75);
  ASSERT_EQ(traced.sums.size(), 1U);
  EXPECT_EQ(traced.sums[0].products, (std::vector<double>{0.25 * 9, 0, 0.75 * 13, 0}));
  EXPECT_EQ(traced.sums[0].so_far.back(), traced.value);
  EXPECT_EQ(traced.value, 12);
  EXPECT_EQ(traced.element, 12);
  EXPECT_EQ(traced.weight_outside, 0);
}

TEST(Trace, TheFormulaInItsOrder) {
  const std::string question = " input=f64[1,1,1,5]{1..5} grid=f64[1,1,1,2]{0.5,0}";
  const std::vector<Step> corners =
      trace(parse_case("grid_sample align_corners=False" + question), 0, 0).axes[0].formula;
  ASSERT_EQ(corners.size(), 4U);
  EXPECT_EQ(corners[0].kind, Step::Kind::add);
  EXPECT_EQ(corners[1].kind, Step::Kind::multiply);
  EXPECT_EQ(corners[1].operand, 5);
  EXPECT_EQ(corners[2].kind, Step::Kind::subtract);
  EXPECT_EQ(corners[3].kind, Step::Kind::divide);
  EXPECT_EQ(values_of(corners), (std::vector<double>{1.5, 7.5, 6.5, 3.25}));
  const std::vector<Step> centers =
      trace(parse_case("grid_sample align_corners=True" + question), 0, 0).axes[0].formula;
  EXPECT_EQ(values_of(centers), (std::vector<double>{1.5, 0.75, 3}));
  EXPECT_EQ(centers[2].operand, 4);
}

TEST(Trace, ReflectionStepByStep) {
  const auto steps = [](const std::string& x) {
    return trace(parse_case("grid_sample mode=nearest padding_mode=reflection "
                            "input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{" +
                            x + ",0}"),
                 0, 0)
        .axes[0]
        .reflection;
  };
  const std::vector<Step> far = steps("6");  // position 13.5
  ASSERT_EQ(far.size(), 2U);
  EXPECT_EQ(far[0].kind, Step::Kind::take_off_periods);
  EXPECT_EQ(far[0].operand, 8);
  EXPECT_EQ(far[0].value, 5.5);
  EXPECT_EQ(far[1].kind, Step::Kind::mirror);
  EXPECT_EQ(far[1].operand, 3.5);
  EXPECT_EQ(far[1].value, 1.5);
  const std::vector<Step> near = steps("-2");  // position -2.5
  ASSERT_EQ(near.size(), 1U);
  EXPECT_EQ(near[0].operand, -0.5);
  EXPECT_EQ(near[0].value, 1.5);
}

TEST(Trace, NothingIsComputedFromInfinity) {
  const Trace traced =
      trace(parse_case("grid_sample input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{inf,0}"), 0, 0);
  EXPECT_TRUE(traced.axes[0].formula.empty());
  EXPECT_EQ(traced.axes[0].position, INFINITY);
  EXPECT_TRUE(traced.sums[0].terms.empty());
  EXPECT_EQ(traced.weight_outside, 1);
}

TEST(Trace, BicubicHasFourRowsAndTheirSum) {
  const Trace traced = trace(
      parse_case("grid_sample mode=bicubic input=f16[1,2,2,2]{1..8} grid=f16[1,1,1,2]{0.125,0}"), 0,
      1);
  EXPECT_EQ(traced.arithmetic, Dtype::f32);
  ASSERT_EQ(traced.sums.size(), 5U);
  for (std::size_t row = 0; row < 4; ++row) {
    EXPECT_EQ(traced.sums[4].terms[row].texel, traced.sums[row].so_far.back());
    EXPECT_EQ(traced.sums[4].terms[row].weight, traced.axes[1].taps[row].weight);
  }
  EXPECT_EQ(traced.sums[4].so_far.back(), traced.value);
  EXPECT_EQ(traced.axes[0].taps[0].wanted, -1);
  EXPECT_EQ(traced.axes[0].taps[0].index, outside);
}

// Every element: the same bits as the whole answer has.
RC_GTEST_PROP(Trace, EndsWithTheReferencesBits, ()) {
  const auto rank = *rc::gen::element(4, 5);
  const auto mode = *rc::gen::element(Mode::nearest, Mode::bilinear, Mode::bicubic);
  RC_PRE(mode != Mode::bicubic || rank == 4);
  const auto dtype = *rc::gen::element(Dtype::f16, Dtype::bf16, Dtype::f32, Dtype::f64);
  Shape input = {2, 2};
  Shape grid = {2};
  for (int k = 0; k < rank - 2; ++k) {
    input.push_back(*rc::gen::inRange<std::int64_t>(1, 5));
    grid.push_back(2);
  }
  grid.push_back(rank - 2);
  const auto numbers = [](const Shape& shape) {
    std::vector<double> list(static_cast<std::size_t>(element_count(shape)));
    for (double& number : list) number = *rc::gen::inRange(-3000, 3000) / 1024.0;
    return list;
  };
  const Case test_case{{.mode = std::string(name(mode)),
                        .padding_mode = std::string(name(*rc::gen::element(
                            Padding::zeros, Padding::border, Padding::reflection))),
                        .align_corners = *rc::gen::arbitrary<bool>()},
                       Tensor(dtype, input, numbers(input)),
                       Tensor(dtype, grid, numbers(grid))};
  const std::vector<double> answer = std::get<Tensor>(grid_sample(test_case)).values();
  const auto channel = *rc::gen::inRange<std::int64_t>(0, 2);
  const auto locations = element_count(grid) / (rank - 2) / 2;
  const auto sample = *rc::gen::inRange<std::int64_t>(0, 2 * locations);
  const std::int64_t place = (sample / locations * 2 + channel) * locations + sample % locations;
  RC_ASSERT(trace(test_case, sample, channel).element == answer[static_cast<std::size_t>(place)]);
}

}  // namespace
}  // namespace gridproof::semantics
