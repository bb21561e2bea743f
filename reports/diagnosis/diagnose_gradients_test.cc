#include "reports/diagnosis/diagnose_gradients.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "fuzz/domain/random.h"
#include "reference/semantics/affine_grid.h"
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

TEST(DiagnoseGradients, DifferencesAcrossKinksAndOfTooSmallSteps) {
  const std::string line =
      "grid_sample_backward input=f32[1,1,1,4]{1,2,4,8} "
      "grid=f32[1,1,3,2]{-0.25,0,0.25,0,0,0} grad_output=f32[1,1,1,3]{1,1,1}";
  // At the pixels 1 and 2 the mean of both sides.
  const Tensor means(Dtype::f32, {1, 1, 3, 2}, std::vector<double>{3, 0, 6, 0, 4, 0});
  const GradientDiagnosis diagnosis = diagnose_gradients(
      parse_backward_case(line), {.input = {}, .grid = means}, {.theta = {}, .is_expected = true});
  ASSERT_EQ(diagnosis.causes.size(), 1U);
  EXPECT_EQ(diagnosis.causes.front().name, "difference.across-kink");
  EXPECT_NE(text_of(diagnosis).find("This gives all 6 numbers that were expected"),
            std::string::npos);
  // A step that no coordinate sees gives 0, and who expects it has no graph.
  const Tensor zeros(Dtype::f32, {1, 1, 3, 2}, std::vector<double>(6));
  const BackwardCase large = parse_backward_case(
      "grid_sample_backward input=f32[1,1,1,4]{1,2,4,8} "
      "grid=f32[1,1,3,2]{-0.55,0.5,0.4,0.5,0.6,0.5} grad_output=f32[1,1,1,3]{1,1,1}");
  EXPECT_EQ(
      diagnose_gradients(large, {.input = {}, .grid = zeros}, {.theta = {}, .is_expected = true})
          .causes.back()
          .name,
      "difference.step-too-small");
  EXPECT_EQ(diagnose_gradients(large, {.input = {}, .grid = zeros}).causes.front().name,
            "gradient.none");
}

TEST(DiagnoseGradients, OfThetaASumOverLocations) {
  const BackwardCase question =
      parse_backward_case("grid_sample_backward padding_mode=border" + tensors);
  const Gradients right = std::get<Gradients>(grid_sample_backward(question));
  const auto diagnosed = [&](bool flag, double factor) {
    const auto theta = std::get<Tensor>(affine_grid_backward(*right.grid, {1, 1, 2, 2}, flag));
    std::vector<double> values = theta.values();
    for (double& value : values) value *= factor;
    return diagnose_gradients(
        question, {},
        {.theta = Tensor(theta.dtype(), theta.shape(), values), .is_expected = false});
  };
  EXPECT_EQ(diagnosed(false, 1).wrong, 0);
  EXPECT_EQ(diagnosed(false, 0.25).causes.front().name, "theta.mean-over-locations");
  EXPECT_EQ(diagnosed(false, 4).causes.front().name, "theta.sum-twice");
  EXPECT_EQ(diagnosed(true, 1).causes.front().name, "theta.base-of-other-flag");
}

// ---- the family: any options, sizes, ranks and dtypes ----

BackwardCase drawn(Random& random) {
  const int axes = random.one_in(3) ? 3 : 2;
  const auto mode = static_cast<Mode>(random.below(axes == 3 ? 2 : 3));
  const auto padding = static_cast<Padding>(random.below(3));
  const auto dtype = static_cast<Dtype>(random.below(4));
  const std::int64_t batch = random.from(1, 2);
  Shape input{batch, random.from(1, 3)};
  Shape output = input;
  Shape grid{batch};
  for (int axis = 0; axis < axes; ++axis) {
    input.push_back(random.from(3, 9));
    output.push_back(random.from(2, 4));
    grid.push_back(output.back());
  }
  grid.push_back(axes);
  const auto filled = [&](const Shape& shape, double most) {
    std::vector<double> values(static_cast<std::size_t>(element_count(shape)));
    for (double& value : values) value = random.between(-most, most);
    return Tensor(dtype, shape, values);
  };
  return {{{std::string(name(mode)), std::string(name(padding)), random.one_in(2)},
           filled(input, 1),
           filled(grid, 1.2)},
          filled(output, 1),
          {}};
}

struct Mistake {
  const char* name;
  std::function<double(double, double, bool)> of_grid;  // number, size of its axis, align_corners
  std::function<double(double)> of_input;
};

TEST(DiagnoseGradients, SiblingsAreAnsweredRightFirstOrTied) {
  const auto same = [](double g) { return g; };
  const std::vector<Mistake> mistakes = {
      {"right", [](double g, double, bool) { return g; }, same},
      {"gradient.in-pixels",
       [](double g, double size, bool flag) { return g / ((flag ? size - 1 : size) / 2); }, same},
      {"gradient.scaled-twice",
       [](double g, double size, bool flag) { return g * ((flag ? size - 1 : size) / 2); }, same},
      {"gradient.other-scale",
       [](double g, double size, bool flag) {
         return g * (flag ? size / (size - 1) : (size - 1) / size);
       },
       same},
      {"gradient.sign", [](double g, double, bool) { return -g; }, [](double g) { return -g; }},
      {"gradient.factor", [](double g, double, bool) { return 1024 * g; },
       [](double g) { return 1024 * g; }},
      {"gradient.none", [](double, double, bool) { return 0; }, [](double) { return 0; }},
      {"unknown", [](double g, double size, bool) { return g + size / 16; }, same}};
  Random random(21);
  int told = 0;
  for (int i = 0; i < 400; ++i) {
    const BackwardCase question = drawn(random);
    const Mistake& mistake = mistakes[static_cast<std::size_t>(i) % mistakes.size()];
    Gradients observed = std::get<Gradients>(grid_sample_backward(question));
    std::vector<double> grid = observed.grid->values();
    std::vector<double> input = observed.input->values();
    const Shape& sizes = question.forward.input.shape();
    const std::size_t axes = sizes.size() - 2;
    for (std::size_t k = 0; k < grid.size(); ++k) {
      const auto size = static_cast<double>(sizes[sizes.size() - 1 - k % axes]);
      grid[k] = mistake.of_grid(grid[k], size, *question.forward.request.align_corners);
    }
    for (double& g : input) g = mistake.of_input(g);
    observed.grid = Tensor(observed.grid->dtype(), observed.grid->shape(), grid);
    observed.input = Tensor(observed.input->dtype(), observed.input->shape(), input);
    const GradientDiagnosis diagnosis = diagnose_gradients(question, observed);
    SCOPED_TRACE(std::string(mistake.name) + "\n" + to_line(question) + "\n" + text_of(diagnosis));
    EXPECT_TRUE(mistake.name != std::string("right") || diagnosis.wrong == 0);
    if (diagnosis.wrong == 0) continue;  // such as a factor of what is 0
    ++told;
    const bool is_named = std::ranges::any_of(
        diagnosis.causes, [&](const GradientCause& it) { return it.name == mistake.name; });
    if (mistake.name == std::string("unknown")) {
      EXPECT_EQ(confidence_of(diagnosis), "low");
    } else {
      EXPECT_TRUE(is_named);
    }
  }
  EXPECT_GT(told, 250);
}

}  // namespace
}  // namespace gridproof::reports::diagnosis
