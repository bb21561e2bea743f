#include "reference/semantics/options.h"

#include <gtest/gtest.h>

#include "reference/semantics/grid_sample.h"

namespace gridproof {
namespace {

Case asking(const Request& request, int rank = 4) {
  const auto axes = static_cast<std::size_t>(rank);
  Shape grid(axes, 1);
  grid.back() = rank - 2;
  return {request, Tensor(Dtype::f32, Shape(axes, 1)), Tensor(Dtype::f32, grid)};
}

std::string refused(const Case& test_case) {
  const Answer answer = grid_sample(test_case);
  const auto* refusal = std::get_if<Refusal>(&answer);
  return refusal == nullptr ? "" : refusal->clause + ": " + refusal->message;
}

// [options.mode]
TEST(Options, ModeIsOneOfThreeNames) {
  for (const auto& [value, text] : names<Mode>) {
    EXPECT_EQ(refused(asking({.mode = std::string(text)})), "") << text;
  }
  for (const char* text : {"", "Bilinear", "linear", "bilinear ", "trilinear", "0"}) {
    EXPECT_EQ(refused(asking({.mode = text})),
              "options.mode: mode is '" + std::string(text) +
                  "': expected 'bilinear', 'nearest' or 'bicubic'");
  }
}

// [options.padding-mode]
TEST(Options, PaddingIsOneOfThreeNames) {
  for (const auto& [value, text] : names<Padding>) {
    EXPECT_EQ(refused(asking({.padding_mode = std::string(text)})), "") << text;
  }
  for (const char* text : {"", "reflect", "constant", "Zeros"}) {
    EXPECT_EQ(refused(asking({.padding_mode = text})),
              "options.padding-mode: padding_mode is '" + std::string(text) +
                  "': expected 'zeros', 'border' or 'reflection'");
  }
}

// [options.defaults] [options.align-corners]
TEST(Options, DefaultsAreBilinearZerosFalse) {
  EXPECT_EQ(semantics::options_of({}), (Options{Mode::bilinear, Padding::zeros, false}));
  EXPECT_EQ(semantics::options_of({.align_corners = true}),
            (Options{Mode::bilinear, Padding::zeros, true}));
  EXPECT_EQ(semantics::options_of({.mode = "nearest", .padding_mode = "border"}),
            (Options{Mode::nearest, Padding::border, false}));
}

// [options.bicubic-4d]
TEST(Options, BicubicTakesTwoDimensions) {
  EXPECT_EQ(refused(asking({.mode = "bicubic"}, 4)), "");
  EXPECT_EQ(refused(asking({.mode = "bicubic"}, 5)),
            "options.bicubic-4d: mode is 'bicubic' and input is 5-D: expected a 4-D input");
  EXPECT_EQ(refused(asking({.mode = "nearest"}, 5)), "");
}

TEST(Options, AModeBecomesAConstant) {
  for (const auto& [value, text] : names<Mode>) {
    EXPECT_EQ(semantics::visit_mode(value, [](auto mode) { return mode.value; }), value);
  }
}

}  // namespace
}  // namespace gridproof
