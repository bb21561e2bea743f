#include "reports/diagnosis/explain_gradients.h"

#include <gtest/gtest.h>

#include <string>

namespace gridproof::reports {
namespace {

std::string explained(const std::string& line, Gradient gradient, std::int64_t element) {
  return explain_gradient(parse_backward_case(line), gradient, element, {}, Painter());
}
std::string of_coordinate(const std::string& line, std::int64_t element = 0) {
  return explained(line, Gradient::grid, element);
}
bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(ExplainGradients, OneCoordinateContributionByContribution) {
  const std::string text = of_coordinate(
      "grid_sample_backward input=f32[1,2,1,4]{1,2,4,8,16,32,64,128} "
      "grid=f32[1,1,1,2]{-0.125,0} grad_output=f32[1,2,1,1]{1,-1}");
  EXPECT_TRUE(text.starts_with(
      "  question     bilinear, zeros, align_corners=False; input f32[1,2,1,4], grid "
      "f32[1,1,1,2], grad_output f32[1,2,1,1]; both gradients are wanted\n"
      "  coordinate   n=0, h=0, w=0, x (number 0 of 2)\n"
      "\n"
      "x: 4 pixels\n"
      "  coordinate   -0.125\n"))
      << text;
  EXPECT_TRUE(text.ends_with(
      R"(
how the value changes with the position along x
  grad_output  g = 1, -1
  at (x, y)  sum of g * texel  slope of the weight  product  sum so far
  (1, 0)     -30               -1                   30       30
  (2, 0)     -60               1                    -60      -30
  taps outside count as texels that are 0  [grad.zeros-rim]
  slopes       -1 for the pixel of the cell and 1 for the next, times the weights of the other axes  [grad.grid]

how the position moves with the coordinate x
  scale        4 / 2 = 2 pixels with each unit of the coordinate  [grad.scale]
  padding      zeros leaves the position as it is: 1  [padding.zeros]
  factor m     2

gradient
  product      2 * -30 = -60  [grad.grid]
  reference    -60
  exact        -60
  admissible   -60 under P1  [grad.grid]
)")) << text;
}

TEST(ExplainGradients, WhyACoordinateHasNoneOrAnother) {
  const std::string line =
      " input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{1.375,0} grad_output=f32[1,1,1,1]{1}";
  EXPECT_TRUE(says(of_coordinate("grid_sample_backward padding_mode=border" + line),
                   "  padding      the position is not between 0 and 3: clipping takes the "
                   "movement away: 0  [grad.border]\n"
                   "  factor m     0\n\ngradient\n"
                   "  product      0, because nothing moves\n"
                   "  reference    0\n"));
  const std::string reflected =
      of_coordinate("grid_sample_backward padding_mode=reflection" + line);
  EXPECT_TRUE(says(reflected, "an odd number of reflections turns the direction round: -1"))
      << reflected;
  EXPECT_TRUE(says(reflected, "  product      -2 * 4 = -8  [grad.grid]\n")) << reflected;
  EXPECT_TRUE(says(of_coordinate("grid_sample_backward mode=nearest" + line),
                   "  derivative   0: the value is constant between ties  [grad.nearest]\n"));
  EXPECT_TRUE(says(of_coordinate("grid_sample_backward padding_mode=border input=f32[1,1,1,1]{5} "
                                 "grid=f32[1,1,1,2]{0.5,0} grad_output=f32[1,1,1,1]{1}"),
                   "[grad.unit-size]"));
}

TEST(ExplainGradients, NanInfinityAndKinksNameTheirClauses) {
  const auto at = [](const std::string& x) {
    return of_coordinate("grid_sample_backward input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{" + x +
                         ",0} grad_output=f32[1,1,1,1]{1}");
  };
  EXPECT_TRUE(says(at("nan"),
                   "  NaN          is replaced by a constant, which does not move: 0  [grad.nan]"));
  EXPECT_TRUE(says(at("nan"), " under P1  [grad.nan]"));
  EXPECT_TRUE(says(at("inf"), "  taps         none is inside: 0  [grad.zeros-rim]"));
  EXPECT_TRUE(says(at("inf"), "[grad.infinity]"));
  EXPECT_TRUE(says(at("-0.25"),
                   "the position is whole: this is the derivative to the right along x  "
                   "[grad.kink-right]"));
}

TEST(ExplainGradients, BicubicHasSixteenTapsAndNoPaddingOfThePosition) {
  const std::string text = of_coordinate(
      "grid_sample_backward mode=bicubic padding_mode=border input=f32[1,1,1,4]{1,2,4,8} "
      "grid=f32[1,1,1,2]{-0.875,0} grad_output=f32[1,1,1,1]{1}");
  EXPECT_TRUE(says(text,
                   "  padding      of the taps, not of the position: it takes no movement "
                   "away  [grad.bicubic]\n"))
      << text;
  EXPECT_TRUE(says(text, "  reference    0.28125\n")) << text;
}

TEST(ExplainGradients, OneTexelSampleBySample) {
  const std::string text = explained(
      "grid_sample_backward input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,3,2]{-0.125,0,9,9,0.125,0} "
      "grad_output=f32[1,1,1,3]{1,5,-2}",
      Gradient::input, 1);
  EXPECT_EQ(
      text,
      R"(  question     bilinear, zeros, align_corners=False; input f32[1,1,1,4], grid f32[1,1,3,2], grad_output f32[1,1,1,3]; both gradients are wanted
  texel        n=0, c=0, h=0, w=1 (number 1 of 4)

samples that read this texel
  samples      2 samples, in the reference's order  [grad.order]
  sample         coordinate   weight  g   product  sum so far
  n=0, h=0, w=0  (-0.125, 0)  0.75    1   0.75     0.75
  n=0, h=0, w=2  (0.125, 0)   0.25    -2  -0.5     0.25
  weights      those of the value, products of one for each axis  [grad.input]

gradient
  reference    0.25
  exact        0.25
  admissible   0.25 under P1  [grad.input]
)");
}

TEST(ExplainGradients, OfManySamplesTheFirstAreShown) {
  const std::string text = explained(
      "grid_sample_backward mode=nearest input=bf16[1,1,1,1]{1} grid=bf16[1,1,512,2]{0*1024} "
      "grad_output=bf16[1,1,1,512]{1*512}",
      Gradient::input, 0);
  EXPECT_TRUE(says(text,
                   "  arithmetic   in f32, one rounding of the sum to bf16 at the end  "
                   "[grad.16-bit]\n"))
      << text;
  EXPECT_TRUE(says(text, "  … and 492 more, after which the sum is 512\n")) << text;
  EXPECT_TRUE(says(text, "  reference    512, rounded from 512\n")) << text;
  EXPECT_TRUE(says(explained("grid_sample_backward input=f32[1,1,1,4]{1,2,4,8} "
                             "grid=f32[1,1,1,2]{1,0} grad_output=f32[1,1,1,1]{1}",
                             Gradient::input, 0),
                   "  samples      none: the gradient is 0  [grad.input]\n"));
}

}  // namespace
}  // namespace gridproof::reports
