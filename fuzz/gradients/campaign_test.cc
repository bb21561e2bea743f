#include "fuzz/gradients/campaign.h"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "fuzz/gradients/questions.h"
#include "oracle/exact/gradients.h"
#include "reference/semantics/backward.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof {
namespace {

std::vector<GradientSubject> subject_of(FunctionSubject::Backward backward) {
  return {{.entry = {.name = "test", .description = "", .open = [backward = std::move(backward)] {
                       return std::make_unique<FunctionSubject>(grid_sample, backward);
                     }}}};
}

// What only a strict judge objects to is left out.
std::vector<GradientFinding> findings_of(const GradientResults& results) {
  std::vector<GradientFinding> findings = results.subjects.at(0).findings;
  std::erase_if(findings,
                [](const GradientFinding& finding) { return !is_finding(finding.verdict, false); });
  return findings;
}

std::int64_t cases_of(const GradientResults& results) {
  std::int64_t cases = 0;
  for (const auto& [stratum, counts] : results.subjects.at(0).strata) cases += counts.cases;
  return cases;
}

TEST(GradientCampaign, FindsNothingInBothWitnesses) {
  for (const auto& backward : {FunctionSubject::Backward(grid_sample_backward),
                               FunctionSubject::Backward(exact::backward_answer)}) {
    const GradientResults results = run_gradients({.questions = 600}, subject_of(backward));
    EXPECT_EQ(cases_of(results), 600);
    for (const GradientFinding& finding : findings_of(results)) {
      ADD_FAILURE() << name(finding.gradient) << " " << name(finding.verdict) << " ["
                    << finding.clause << "], element " << finding.element << "\n"
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
  const std::vector<GradientFinding> findings =
      findings_of(run_gradients({.questions = 600}, subject_of(backward)));
  ASSERT_FALSE(findings.empty());
  for (const GradientFinding& finding : findings) {
    EXPECT_EQ(finding.gradient, Gradient::grid);
    EXPECT_EQ(finding.smallest.grad_output.element_count(), 1) << to_line(finding.smallest);
    const auto set =
        GradientJudge().admissible(finding.smallest, finding.gradient, finding.element);
    EXPECT_TRUE(set.has_value()) << to_line(finding.smallest);
    EXPECT_TRUE(finding.recurs);
  }
}

TEST(GradientCampaign, DoesNotDependOnThreads) {
  const auto backward = [](const BackwardCase& test_case) {
    return semantics::grid_sample_backward_with(test_case, LeftCell{});
  };
  const auto text_of = [&](int threads) {
    std::string text;
    const GradientResults results =
        run_gradients({.questions = 400, .threads = threads}, subject_of(backward));
    for (const GradientFinding& finding : results.subjects.at(0).findings) {
      text += finding.clause + " " + std::to_string(finding.cases) + " " +
              to_line(finding.smallest) + "\n";
    }
    return text;
  };
  EXPECT_EQ(text_of(1), text_of(3));
}

// A campaign cut in pieces shows the same: each kind of finding as often, and the smallest
// question.
TEST(GradientCampaign, DoesNotDependOnShards) {
  const auto backward = [](const BackwardCase& test_case) {
    return semantics::grid_sample_backward_with(test_case, LeftCell{});
  };
  const auto found = [&](const std::function<bool(std::uint64_t)>& is_ours) {
    return run_gradients({.questions = 300, .is_ours = is_ours}, subject_of(backward))
        .subjects.at(0)
        .findings;
  };
  using Seen = std::map<std::string, std::tuple<std::int64_t, std::int64_t, std::string>>;
  const auto add = [](Seen& seen, const std::vector<GradientFinding>& findings) {
    for (const GradientFinding& finding : findings) {
      const auto key = std::string(name(finding.verdict)) + finding.clause + finding.mode +
                       std::string(name(finding.gradient));
      auto& [cases, elements, line] = seen[key];
      const bool is_smaller = cases == 0 || finding.elements < elements;
      if (is_smaller) elements = finding.elements, line = to_line(finding.smallest);
      cases += finding.cases;
    }
  };
  Seen whole;
  add(whole, found(nullptr));
  Seen pieces;
  for (const std::uint64_t shard : {0, 1, 2})
    add(pieces, found([shard](std::uint64_t ordinal) { return ordinal % 3 == shard; }));
  EXPECT_EQ(whole, pieces);
  EXPECT_FALSE(whole.empty());
}

// What a subject does not have it is not asked, and what it has is asked until the end.
TEST(GradientCampaign, KeepsToThePartOfASubject) {
  Part part = Part::nothing();
  part.set(*kind_index({}, 4, Dtype::f32), true);
  std::atomic<int> foreign = 0;
  std::vector<GradientSubject> subjects =
      subject_of([&foreign, part](const BackwardCase& test_case) -> BackwardAnswer {
        const bool is_wrong = test_case.output_mask.grid ||
                              (kind_index(test_case.forward) && !part.has(test_case.forward));
        if (is_wrong) ++foreign;
        return grid_sample_backward(test_case);
      });
  subjects.front().part = part;
  subjects.front().mask = {.input = true, .grid = false};
  const GradientResults results = run_gradients({.questions = 400}, subjects);
  EXPECT_EQ(foreign, 0);
  EXPECT_GT(cases_of(results), 300);
}

// The second run takes from the log what the first one judged.
TEST(GradientCampaign, GoesOnWhereItWasCutOff) {
  struct Log final : GradientLog {
    std::map<std::uint64_t, std::vector<GradientJudgment>> judged;
    [[nodiscard]] const std::vector<GradientJudgment>* find_gradients(
        std::uint64_t ordinal) const override {
      const auto found = judged.find(ordinal);
      return found == judged.end() ? nullptr : &found->second;
    }
    void add_gradients(std::uint64_t ordinal,
                       const std::vector<GradientJudgment>& judgments) override {
      judged[ordinal] = judgments;
    }
  } log;
  std::atomic<int> asked = 0;
  const auto subjects = subject_of([&asked](const BackwardCase& test_case) {
    ++asked;
    return grid_sample_backward(test_case);
  });
  run_gradients({.questions = 50, .threads = 1, .log = &log}, subjects);
  EXPECT_EQ(log.judged.size(), 50U);
  const int before = asked;
  const GradientResults results =
      run_gradients({.questions = 80, .threads = 1, .log = &log}, subjects);
  EXPECT_EQ(cases_of(results), 80);
  EXPECT_LT(asked - before, 60);  // 30 new ones, and what findings and remarks take
}

TEST(GradientPlan, AsksTheClausesOwnCasesFirst) {
  const GradientPlan plan(7);
  EXPECT_GT(plan.specified(), 40);
  EXPECT_EQ(plan.question(0).clause, "grad.input");
  const auto first = static_cast<std::uint64_t>(plan.specified());
  EXPECT_EQ(plan.question(first).clause, "");
  EXPECT_EQ(to_line(plan.question(first).test_case), to_line(gradient_question(7, 0)));
}

TEST(GradientQuestions, AreDecidedByTheirNumber) {
  for (std::uint64_t ordinal = 0; ordinal < 60; ++ordinal) {
    EXPECT_EQ(to_line(gradient_question(5, ordinal)), to_line(gradient_question(5, ordinal)));
    EXPECT_NE(to_line(gradient_question(5, ordinal)), to_line(gradient_question(6, ordinal)));
  }
}

}  // namespace
}  // namespace gridproof
