#include "fuzz/gradients/campaign.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "oracle/exact/gradients.h"
#include "reference/semantics/backward.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof {
namespace {

SubjectEntry subject_of(FunctionSubject::Backward backward) {
  return {.name = "test", .description = "", .open = [backward = std::move(backward)] {
            return std::make_unique<FunctionSubject>(grid_sample, backward);
          }};
}

TEST(GradientCampaign, FindsNothingInBothWitnesses) {
  for (const auto& backward : {FunctionSubject::Backward(grid_sample_backward),
                               FunctionSubject::Backward(exact::backward_answer)}) {
    const GradientResult result = run_gradients({.cases = 600}, subject_of(backward));
    EXPECT_EQ(result.cases, 600);
    for (const GradientFinding& finding : result.findings) {
      ADD_FAILURE() << name(finding.gradient) << " " << name(finding.verdict) << " ["
                    << finding.clause << "] " << finding.got << ", not " << finding.admissible
                    << "\n"
                    << to_line(finding.smallest);
    }
  }
}

struct LeftCell : semantics::DocumentedGradients {
  template <class T>
  static semantics::Cell<T> cell(const semantics::AxisSample<T>& sample,
                                 const semantics::Axis& axis) {
    semantics::Cell<T> cell = DocumentedGradients::cell(sample, axis);
    if (cell.fraction == 0 && axis.options.mode == Mode::bilinear) {
      --cell.index;
      cell.fraction = 1;
    }
    return cell;
  }
};

TEST(GradientCampaign, ReducesWhatItFinds) {
  const auto backward = [](const BackwardCase& test_case) {
    return semantics::grid_sample_backward_with(test_case, LeftCell{});
  };
  const GradientResult result = run_gradients({.cases = 600}, subject_of(backward));
  ASSERT_FALSE(result.findings.empty());
  for (const GradientFinding& finding : result.findings) {
    EXPECT_EQ(finding.gradient, Gradient::grid);
    EXPECT_EQ(finding.smallest.grad_output.element_count(), 1) << to_line(finding.smallest);
    EXPECT_FALSE(finding.admissible.empty());
  }
}

TEST(GradientCampaign, DoesNotDependOnThreads) {
  const auto backward = [](const BackwardCase& test_case) {
    return semantics::grid_sample_backward_with(test_case, LeftCell{});
  };
  const auto text_of = [&](int threads) {
    std::string text;
    const GradientResult result =
        run_gradients({.cases = 200, .threads = threads}, subject_of(backward));
    for (const GradientFinding& finding : result.findings) {
      text += finding.clause + " " + std::to_string(finding.cases) + " " +
              to_line(finding.smallest) + "\n";
    }
    return text;
  };
  EXPECT_EQ(text_of(1), text_of(3));
}

TEST(GradientQuestions, AreDecidedByTheirNumber) {
  for (std::uint64_t ordinal = 0; ordinal < 60; ++ordinal) {
    EXPECT_EQ(to_line(gradient_question(5, ordinal)), to_line(gradient_question(5, ordinal)));
    EXPECT_NE(to_line(gradient_question(5, ordinal)), to_line(gradient_question(6, ordinal)));
  }
}

}  // namespace
}  // namespace gridproof
