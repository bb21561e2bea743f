#include "fuzz/gradients/cause.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "fuzz/gradients/battery.h"
#include "fuzz/mutants/gradient_mutants.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof {
namespace {

// What explains the first objection to a subject's answer to the last of its questions.
std::optional<GradientCause> cause_of(Subject& subject, const std::vector<BackwardCase>& questions,
                                      Subject& fresh) {
  const GradientJudge judge;
  BackwardAnswer answer = Lost{};
  for (const BackwardCase& question : questions) answer = subject.backward(question);
  const BackwardCase& last = questions.back();
  const BackwardAnswer expected = grid_sample_backward(last);
  const GradientJudgment judgment = judge.judge(last, answer, &expected);
  for (const GradientVerdict& verdict : judgment.notable) {
    if (!is_finding(verdict.verdict, false)) continue;
    return explaining_gradient_mutant(
        fresh, judge, {verdict.gradient, verdict.verdict, verdict.clause, last, last});
  }
  ADD_FAILURE() << "nothing is wrong";
  return std::nullopt;
}

// Those that a rounding away or a single kind of question show are not; none gets a wrong name.
TEST(GradientCause, MutantsAreNamed) {
  std::vector<std::string> nameless;
  std::ptrdiff_t first = 0;
  for (const GradientMutant& mutant : gradient_mutants()) {
    const std::unique_ptr<Subject> subject = mutant.open();
    const std::unique_ptr<Subject> fresh = mutant.open();
    const auto cause = cause_of(*subject, separating_cases(mutant), *fresh);
    if (!cause) {
      nameless.push_back(mutant.name);
      continue;
    }
    const bool is_first = cause->mutant == mutant.name;
    first += is_first ? 1 : 0;
    EXPECT_TRUE(is_first || std::ranges::count(cause->ties, mutant.name) == 1)
        << mutant.name << " is said to be " << cause->mutant;
    EXPECT_GT(cause->numbers, 0U);
  }
  EXPECT_LE(nameless.size(), 22U) << testing::PrintToString(nameless);
  EXPECT_GE(first, std::ssize(gradient_mutants()) - 32);
}

// Wrong in a way that no mutant is: nearly one of them, two of them at once, or one of them only
// for a while.
TEST(GradientCause, WhatNoMutantDoesHasNoName) {
  const auto nameless = [](const std::string& line, const FunctionSubject::Backward& backward) {
    FunctionSubject subject(grid_sample, backward);
    return !cause_of(subject, {parse_backward_case(line)}, subject).has_value();
  };
  const std::string line =
      "grid_sample_backward output_mask=[False,True] input=f32[1,1,1,4]{1,2,4,8} "
      "grid=f32[1,1,2,2]{-0.125,0,0.25,0} grad_output=f32[1,1,1,2]{1,2}";
  const auto changed = [](const BackwardCase& test_case, const auto& change) {
    BackwardAnswer answer = grid_sample_backward(test_case);
    auto* const gradients = std::get_if<Gradients>(&answer);
    if (gradients == nullptr || !gradients->grid) return answer;
    std::vector<double> values = gradients->grid->values();
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = change(values[i], i);
    gradients->grid = Tensor(gradients->grid->dtype(), gradients->grid->shape(), values);
    return answer;
  };
  EXPECT_TRUE(nameless(line, [&](const BackwardCase& test_case) {
    return changed(test_case, [](double g, std::size_t) { return g * 1.5; });
  }));
  EXPECT_TRUE(nameless(line, [&](const BackwardCase& test_case) {
    return changed(test_case, [](double g, std::size_t i) { return i % 2 == 0 ? -g : 2 * g; });
  }));
  int calls = 0;
  EXPECT_TRUE(nameless(line, [&](const BackwardCase& test_case) {
    return changed(test_case, [&](double g, std::size_t) { return ++calls < 24 ? -g : g; });
  }));
}

TEST(GradientBattery, KeepsWhatAQuestionIsAbout) {
  const BackwardCase question = parse_backward_case(
      "grid_sample_backward mode=bicubic align_corners=True output_mask=[True,False] "
      "input=f64[1,2,1,3]strides[0,3,0,1]{1,2,nan,4,5,6} grid=f64[1,1,2,2]{0.3,0,7,nan} "
      "grad_output=f64[1,2,1,2]strides[0,0,0,1]{0x1p-40,0}");
  const std::vector<BackwardCase> around = gradient_questions_around(question);
  ASSERT_GT(around.size(), 12U);
  for (const BackwardCase& other : around) {
    EXPECT_EQ(other.forward.request.mode, question.forward.request.mode);
    EXPECT_EQ(other.forward.input.dtype(), Dtype::f64);
    EXPECT_TRUE(std::holds_alternative<Gradients>(grid_sample_backward(other)));
    for (const double g : other.grad_output.values()) EXPECT_LT(std::fabs(g), 0x1p-30);
  }
  const BackwardCase& first = around.front();
  EXPECT_EQ(first.forward.input.strides(), question.forward.input.strides());
  EXPECT_TRUE(std::isnan(first.forward.input.values()[2]));
  EXPECT_EQ(first.forward.grid.values()[0], 0.3);
  EXPECT_EQ(first.output_mask, question.output_mask);
  EXPECT_TRUE(gradient_questions_around(
                  parse_backward_case("grid_sample_backward input=f32[2]{1,2} grid=f32[]{3} "
                                      "grad_output=f32[1]{1}"))
                  .empty());
}

}  // namespace
}  // namespace gridproof
