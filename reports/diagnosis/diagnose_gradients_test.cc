#include "reports/diagnosis/diagnose_gradients.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "reference/semantics/grid_sample.h"

namespace gridproof::reports::diagnosis {
namespace {

const std::string tensors =
    " input=f32[1,1,3,6]{1,2,4,8,3,5,7,1,9,2,4,4,6,3,1,8,2,5} "
    "grid=f32[1,2,2,2]{-0.3,0.1,0.45,-0.2,0.05,0.33,0.6,-0.41} "
    "grad_output=f32[1,1,2,2]{1,-2,0.5,3}";

Gradients right_of(const std::string& line) {
  return std::get<Gradients>(grid_sample_backward(parse_backward_case(line)));
}
// The gradient of the grid with its numbers changed, given their component.
Tensor changed(const Tensor& tensor, const std::function<double(double, std::size_t)>& change) {
  std::vector<double> values = tensor.values();
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = change(values[i], i % 2);
  return {tensor.dtype(), tensor.shape(), values};
}
std::string cause_of(const std::string& line, const Gradients& observed) {
  const GradientDiagnosis diagnosis = diagnose_gradients(parse_backward_case(line), observed);
  if (diagnosis.wrong == 0) return "right";
  return diagnosis.causes.empty() ? "unknown" : diagnosis.causes.front().name;
}

TEST(DiagnoseGradients, WhatIsRightIsSaidToBe) {
  const std::string line = "grid_sample_backward padding_mode=border" + tensors;
  const GradientDiagnosis diagnosis = diagnose_gradients(parse_backward_case(line), right_of(line));
  EXPECT_EQ(diagnosis.wrong, 0);
  EXPECT_EQ(diagnosis.numbers, 18 + 8);
  const std::string text = text_of(diagnosis);
  EXPECT_TRUE(
      text.starts_with("These gradients are right: of 26 numbers every one is what a "
                       "correct implementation can give.\n"))
      << text;
  EXPECT_NE(text.find("one unit of which is S / 2 pixels"), std::string::npos) << text;
}

TEST(DiagnoseGradients, WhatMovesNothingAndKinksAreRemarkedOn) {
  const std::string line =
      "grid_sample_backward padding_mode=border input=f32[1,1,1,4]{1,2,4,8} "
      "grid=f32[1,1,2,2]{-0.25,0,3,0} grad_output=f32[1,1,1,2]{1,1}";
  const std::string text = text_of(diagnose_gradients(parse_backward_case(line), right_of(line)));
  EXPECT_NE(text.find("3 of 4 coordinates move nothing"), std::string::npos) << text;
  EXPECT_NE(text.find("1 of 4 coordinates are at whole positions"), std::string::npos) << text;
}

TEST(DiagnoseGradients, MistakesInTheGradientOfTheGrid) {
  const std::string line = "grid_sample_backward" + tensors;
  const Tensor right = *right_of(line).grid;
  const auto cause = [&](const std::function<double(double, std::size_t)>& change) {
    return cause_of(line, {.input = {}, .grid = changed(right, change)});
  };
  EXPECT_EQ(cause([](double g, auto) { return g; }), "right");
  EXPECT_EQ(cause([](double g, std::size_t axis) { return axis == 0 ? g / 3 : g / 1.5; }),
            "gradient.in-pixels");
  EXPECT_EQ(cause([](double g, std::size_t axis) { return axis == 0 ? g * 3 : g * 1.5; }),
            "gradient.scaled-twice");
  EXPECT_EQ(cause([](double g, std::size_t axis) { return axis == 0 ? g * 5 / 6 : g * 2 / 3; }),
            "gradient.other-scale");
  EXPECT_EQ(cause([](double g, std::size_t axis) { return axis == 0 ? g / 2 : g * 2; }),
            "gradient.scale-of-other-axis");
  EXPECT_EQ(cause([](double g, auto) { return -g; }), "gradient.sign");
  EXPECT_EQ(cause([](double g, auto) { return g / 4; }), "gradient.mean");
  EXPECT_EQ(cause([](double g, auto) { return g * 4; }), "gradient.sum");
  EXPECT_EQ(cause([](double g, auto) { return g * 2; }), "gradient.added-twice");
  EXPECT_EQ(cause([](double g, auto) { return g * 65536; }), "gradient.factor");
  EXPECT_EQ(cause([](double, auto) { return 0; }), "gradient.none");
  EXPECT_EQ(cause([](double g, std::size_t axis) { return axis == 0 ? g + 1 : g; }), "unknown");
  std::vector<double> reversed = right.values();
  for (std::size_t i = 0; i < reversed.size(); i += 2) std::swap(reversed[i], reversed[i + 1]);
  EXPECT_EQ(cause_of(line, {.input = {}, .grid = Tensor(right.dtype(), right.shape(), reversed)}),
            "gradient.axes-reversed");
}

TEST(DiagnoseGradients, OtherOptionsAndPaddingLeftOut) {
  const std::string line = "grid_sample_backward align_corners=True" + tensors;
  const std::string text = text_of(
      diagnose_gradients(parse_backward_case(line), right_of("grid_sample_backward" + tensors)));
  EXPECT_NE(text.find("They are the gradients with align_corners=False."), std::string::npos)
      << text;
  // A clamp whose derivative was forgotten: what remains is the slope of the cell at the rim.
  const std::string outside =
      " input=f32[1,1,2,2]{1,2,4,16} grid=f32[1,1,2,2]{3,-0.3,0.2,0.1} "
      "grad_output=f32[1,1,1,2]{1,1}";
  Gradients free = right_of("grid_sample_backward padding_mode=border" + outside);
  std::vector<double> values = free.grid->values();
  EXPECT_EQ(values[0], 0);
  EXPECT_EQ(values[1], 14);
  values[0] = -(2 * 0.8 + 16 * 0.2);  // the right cell, whose far tap is outside
  free.grid = Tensor(Dtype::f32, free.grid->shape(), values);
  EXPECT_EQ(cause_of("grid_sample_backward padding_mode=border" + outside, free),
            "gradient.padding-left-out");
}

TEST(DiagnoseGradients, SumsInSixteenBitsStopGrowing) {
  const std::string line =
      "grid_sample_backward mode=nearest input=f16[1,1,1,1]{1} grid=f16[1,1,5000,2]{0*10000} "
      "grad_output=f16[1,1,1,5000]{1*5000}";
  const Gradients observed = {.input = Tensor(Dtype::f16, {1, 1, 1, 1}, std::vector<double>{2048}),
                              .grid = {}};
  const GradientDiagnosis diagnosis = diagnose_gradients(parse_backward_case(line), observed);
  ASSERT_EQ(diagnosis.causes.size(), 1U);
  EXPECT_EQ(diagnosis.causes.front().name, "gradient.sums-in-16-bits");
  EXPECT_NE(text_of(diagnosis).find(": few, so that it may be by chance"), std::string::npos);
}

}  // namespace
}  // namespace gridproof::reports::diagnosis
