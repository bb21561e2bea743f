#include "reference/semantics/hooked_gradients.h"

#include <gtest/gtest.h>

#include <string>

#include "reference/semantics/clauses.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof::semantics {
namespace {

std::string asked(const HookedGradients& rules, const std::string& line) {
  return to_text(grid_sample_backward_with(parse_backward_case(line), rules));
}

constexpr const char* base =
    "grid_sample_backward input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{-0.125,0} "
    "grad_output=f32[1,1,1,1]{1}";

TEST(HookedGradients, UnchangedTheyAreTheReference) {
  const HookedGradients rules;
  int cases = 0;
  for (const Clause& clause : clauses()) {
    for (const ClauseCase& test_case : clause.cases) {
      if (!test_case.line.starts_with("grid_sample_backward ")) continue;
      EXPECT_EQ(asked(rules, test_case.line),
                to_text(grid_sample_backward(parse_backward_case(test_case.line))))
          << test_case.line;
      ++cases;
    }
  }
  EXPECT_GT(cases, 30);
}

TEST(HookedGradients, StagesOfBothPassesAreReplaced) {
  HookedGradients in_pixels;
  in_pixels.factor = [](const auto& sample, const Axis&) { return decltype(sample.given){1}; };
  EXPECT_EQ(asked(in_pixels, base),
            "grad_input=f32[1,1,1,4]{0,0.75,0.25,0} grad_grid=f32[1,1,1,2]{2,-2.5}");
  HookedGradients exchanged;
  exchanged.linear_weights = [](auto t, const Axis&) { return std::array{t, 1 - t}; };
  EXPECT_EQ(asked(exchanged, base), "grad_input=f32[1,1,1,4]{0*4} grad_grid=f32[1,1,1,2]{0,-1.75}");
}

TEST(HookedGradients, WholeQuestionsAndAnswersAreReplaced) {
  HookedGradients rules;
  rules.before_gradients = [](BackwardCase test_case) {
    test_case.output_mask.input = false;
    return test_case;
  };
  rules.after_gradients = [](const BackwardCase& test_case, Gradients gradients) {
    gradients.input = test_case.forward.input;
    return gradients;
  };
  EXPECT_EQ(asked(rules, base), "grad_input=f32[1,1,1,4]{1,2,4,8} grad_grid=f32[1,1,1,2]{4,-1.25}");
  EXPECT_EQ(asked(rules,
                  "grid_sample_backward input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,0} "
                  "grad_output=f32[1,1,1,2]{1,1}"),
            "refused grad.shape");
}

}  // namespace
}  // namespace gridproof::semantics
