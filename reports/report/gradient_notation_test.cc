#include "reports/report/gradient_notation.h"

#include <gtest/gtest.h>

#include <string>
#include <variant>

#include "reference/semantics/grid_sample.h"

namespace gridproof::reports {
namespace {

GradientSet set_of(const std::string& line, Gradient gradient, std::int64_t element,
                   const std::string& profile = "P1") {
  const BackwardCase test_case = parse_backward_case(line);
  const auto reference = std::get<Gradients>(grid_sample_backward(test_case));
  return admissible_gradient(GradientJudge(*parse_profile(profile)), test_case, reference, gradient,
                             element);
}

TEST(GradientNotation, QuestionsAndPlaces) {
  const BackwardCase test_case = parse_backward_case(
      "grid_sample_backward mode=nearest output_mask=[False,True] input=f32[1,2,1,2,3]{1..12} "
      "grid=f32[1,1,1,2,3]{0*6} grad_output=f32[1,2,1,1,2]strides[0,0,0,0,0]{1}");
  EXPECT_EQ(describe(test_case),
            "nearest, zeros, align_corners=False; input f32[1,2,1,2,3], grid f32[1,1,1,2,3], "
            "grad_output f32[1,2,1,1,2] strides [0,0,0,0,0]; grad_grid is wanted");
  EXPECT_EQ(location(test_case, Gradient::grid, 5), "n=0, d=0, h=0, w=1, z");
  EXPECT_EQ(location(test_case, Gradient::input, 7), "n=0, c=1, d=0, h=0, w=1");
}

TEST(GradientNotation, SetsAreWhatTheJudgeAdmits) {
  const std::string inputs = "input=f32[1,1,2,4]{1,2,4,8,1,2,4,8} ";
  const std::string ones = " grad_output=f32[1,1,1,1]{1}";
  const auto at = [&](const std::string& coordinates, const std::string& options = "") {
    return set_of("grid_sample_backward " + options + inputs + "grid=f32[1,1,1,2]{" + coordinates +
                      "}" + ones,
                  Gradient::grid, 0);
  };
  EXPECT_EQ(at("-0.125,0").text, "4");
  EXPECT_EQ(at("-0.125,0").clause, "grad.grid");
  EXPECT_EQ(at("-0.125,0.1").text.front(), '[');
  EXPECT_EQ(at("0.1,0", "padding_mode=border ").clause, "grad.grid");
  EXPECT_EQ(at("3,0", "padding_mode=border ").text, "0");
  EXPECT_EQ(at("3,0", "padding_mode=border ").clause, "grad.border");
  EXPECT_EQ(at("nan,0").clause, "grad.nan");
  EXPECT_NE(at("nan,0").text.find("nan under [grad.nan]"), std::string::npos) << at("nan,0").text;
}

TEST(GradientNotation, TheExactGradientOfEither) {
  const BackwardCase test_case = parse_backward_case(
      "grid_sample_backward input=f32[1,2,1,2]{1,2,3,4} grid=f32[1,1,1,2]{0.25,0} "
      "grad_output=f32[1,2,1,1]{1,2}");
  const exact::BackwardEvaluator evaluator(test_case);
  EXPECT_EQ(exact::to_long_double(exact_gradient(evaluator, test_case, Gradient::input, 3).number),
            1.5);
  EXPECT_EQ(exact::to_long_double(exact_gradient(evaluator, test_case, Gradient::grid, 0).number),
            3);
}

}  // namespace
}  // namespace gridproof::reports
