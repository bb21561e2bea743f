#include "reference/semantics/trace_gradients.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <variant>
#include <vector>

#include "reference/semantics/grid_sample.h"

namespace gridproof::semantics {
namespace {

TEST(TraceGradients, ContributionsToACoordinate) {
  const BackwardCase test_case = parse_backward_case(
      "grid_sample_backward input=f32[1,2,1,4]{1,2,4,8,16,32,64,128} "
      "grid=f32[1,1,2,2]{9,9,-0.125,0} grad_output=f32[1,2,1,2]{7,1,7,-1}");
  const CoordinateTrace trace = trace_coordinate(test_case, 1, 0);
  ASSERT_EQ(trace.taps.size(), 2U);
  EXPECT_EQ(trace.taps[1].pixel, (std::array<std::int64_t, 3>{2, 0, 0}));
  EXPECT_EQ(trace.taps[0].channel_sum, 2 - 32);
  EXPECT_EQ(trace.taps[0].slope, -1);
  EXPECT_EQ(trace.taps[1].product, 4 - 64);
  EXPECT_EQ(trace.taps[1].so_far, -30);
  EXPECT_EQ(trace.slope, -30);
  EXPECT_EQ(trace.pixels_per_unit, 2);
  EXPECT_EQ(trace.padding_slope, 1);
  EXPECT_EQ(trace.factor, 2);
  EXPECT_EQ(trace.element, -60);
}

TEST(TraceGradients, ContributionsToATexel) {
  const BackwardCase test_case = parse_backward_case(
      "grid_sample_backward mode=bicubic padding_mode=border input=f32[2,1,1,1]{1,5} "
      "grid=f32[2,1,1,2]{0,0,0,0} grad_output=f32[2,1,1,1]{1,3}");
  const TexelTrace trace = trace_texel(test_case, 1);
  ASSERT_EQ(trace.hits.size(), 16U);  // all taps are the only pixel
  EXPECT_EQ(trace.hits[0].sample, 1);
  EXPECT_EQ(trace.hits[0].grad_output, 3);
  EXPECT_EQ(trace.hits.back().so_far, 3);
  EXPECT_EQ(trace.element, 3);
}

TEST(TraceGradients, WhatMovesNothing) {
  const std::string line =
      " input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{2,0} grad_output=f32[1,1,1,1]{1}";
  const CoordinateTrace border = trace_coordinate(
      parse_backward_case("grid_sample_backward padding_mode=border" + line), 0, 0);
  EXPECT_EQ(border.padding_slope, 0);
  EXPECT_EQ(border.factor, 0);
  EXPECT_EQ(border.element, 0);
  const CoordinateTrace nearest =
      trace_coordinate(parse_backward_case("grid_sample_backward mode=nearest" + line), 0, 0);
  EXPECT_TRUE(nearest.taps.empty());
  EXPECT_EQ(nearest.factor, 0);
}

// The steps end where the reference ends, whatever the options.
RC_GTEST_PROP(TraceGradients, EndWithTheReferencesBits, ()) {
  const auto mode = *rc::gen::element<std::string>("bilinear", "nearest", "bicubic");
  const bool is_volume = mode != "bicubic" && *rc::gen::arbitrary<bool>();
  const auto dtype = *rc::gen::element(Dtype::f16, Dtype::bf16, Dtype::f32, Dtype::f64);
  const auto numbers = [&](const Shape& shape) {
    const auto eighths = *rc::gen::container<std::vector<int>>(
        static_cast<std::size_t>(element_count(shape)), rc::gen::inRange(-17, 18));
    std::vector<double> values;
    for (const int eighth : eighths) values.push_back(eighth / 8.0 / 1.1);
    return Tensor(dtype, shape, values);
  };
  BackwardCase test_case;
  test_case.forward.request = {mode,
                               *rc::gen::element<std::string>("zeros", "border", "reflection"),
                               *rc::gen::arbitrary<bool>()};
  test_case.forward.input = numbers(is_volume ? Shape{2, 9, 2, 1, 3} : Shape{2, 9, 2, 3});
  test_case.forward.grid = numbers(is_volume ? Shape{2, 1, 1, 5, 3} : Shape{2, 1, 5, 2});
  test_case.grad_output = numbers(is_volume ? Shape{2, 9, 1, 1, 5} : Shape{2, 9, 1, 5});
  const auto gradients = std::get<Gradients>(grid_sample_backward(test_case));
  const std::vector<double> of_grid = gradients.grid->values();
  const int axes = is_volume ? 3 : 2;
  for (std::size_t i = 0; i < of_grid.size(); ++i) {
    const auto at = static_cast<int>(i);
    RC_ASSERT(trace_coordinate(test_case, at / axes, at % axes).element == of_grid[i]);
  }
  const std::vector<double> of_input = gradients.input->values();
  for (std::size_t i = 0; i < of_input.size(); ++i) {
    RC_ASSERT(trace_texel(test_case, static_cast<std::int64_t>(i)).element == of_input[i]);
  }
}

}  // namespace
}  // namespace gridproof::semantics
