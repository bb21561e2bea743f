#include "fuzz/gradients/score.h"

#include <algorithm>
#include <memory>

#include "fuzz/gradients/plan.h"
#include "oracle/gradients/gradient_judge.h"
#include "reference/contract/parallel.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof {
namespace {

GradientScore score_of(const GradientMutant& mutant, const GradientPlan& plan,
                       std::int64_t max_cases) {
  GradientScore score{.mutant = &mutant};
  const std::unique_ptr<Subject> subject = mutant.open();
  const GradientJudge judge;
  for (std::int64_t i = 0; i < max_cases; ++i) {
    const BackwardCase test_case = plan.question(static_cast<std::uint64_t>(i)).test_case;
    const BackwardAnswer reference = grid_sample_backward(test_case);
    const GradientJudgment judgment =
        judge.judge(test_case, subject->backward(test_case), &reference);
    if (!is_finding(judgment.worst(), false)) continue;
    score.cases = i + 1;
    const auto found = std::ranges::find_if(
        judgment.notable, [](const GradientVerdict& it) { return is_finding(it.verdict, false); });
    if (found != judgment.notable.end()) score.clause = found->clause;
    break;
  }
  return score;
}

}  // namespace

std::vector<GradientScore> gradient_scores(const std::vector<GradientMutant>& dictionary,
                                           std::uint64_t seed, std::int64_t max_cases, int threads,
                                           const Part& part) {
  const GradientPlan plan(seed, part);
  std::vector<GradientScore> scores(dictionary.size());
  for_each_part(std::ssize(dictionary), threads_or_cores(threads), [&](std::int64_t i) {
    const auto at = static_cast<std::size_t>(i);
    scores[at] = score_of(dictionary[at], plan, max_cases);
  });
  return scores;
}

}  // namespace gridproof
