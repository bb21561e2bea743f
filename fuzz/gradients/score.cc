#include "fuzz/gradients/score.h"

#include <algorithm>
#include <memory>

#include "fuzz/gradients/plan.h"
#include "oracle/gradients/gradient_judge.h"
#include "reference/contract/parallel.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof {
namespace {

// A question, and what the reference answers.
struct Asked {
  BackwardCase test_case;
  BackwardAnswer expected;
};

// A mutant that is asked one question after another until it is caught.
class Trial {
 public:
  explicit Trial(const GradientMutant& mutant)
      : score_{.mutant = &mutant}, subject_(mutant.open()) {}

  // `ordinal` is that of the first.
  void ask(const std::vector<Asked>& questions, std::int64_t ordinal) {
    for (const Asked& asked : questions) {
      ++ordinal;
      const GradientJudgment judgment =
          judge_.judge(asked.test_case, subject_->backward(asked.test_case), &asked.expected);
      if (!is_finding(judgment.worst(), false)) continue;
      score_.cases = ordinal;
      const auto found = std::ranges::find_if(judgment.notable, [](const GradientVerdict& it) {
        return is_finding(it.verdict, false);
      });
      if (found != judgment.notable.end()) score_.clause = found->clause;
      return;
    }
  }

  [[nodiscard]] bool is_caught() const { return score_.cases.has_value(); }
  [[nodiscard]] const GradientScore& score() const { return score_; }

 private:
  GradientScore score_;
  std::unique_ptr<Subject> subject_;
  GradientJudge judge_;
};

}  // namespace

std::vector<GradientScore> gradient_scores(const std::vector<GradientMutant>& dictionary,
                                           std::uint64_t seed, std::int64_t max_cases, int threads,
                                           const Part& part) {
  // So many questions are made at a time, once for all mutants.
  constexpr std::int64_t block = 32;
  const GradientPlan plan(seed, part);
  std::vector<Trial> trials;
  for (const GradientMutant& mutant : dictionary) trials.emplace_back(mutant);
  std::vector<Trial*> open;
  for (Trial& trial : trials) open.push_back(&trial);
  const int workers = threads_or_cores(threads);
  for (std::int64_t first = 0; first < max_cases && !open.empty(); first += block) {
    std::vector<Asked> questions(static_cast<std::size_t>(std::min(block, max_cases - first)));
    for_each_part(std::ssize(questions), workers, [&](std::int64_t i) {
      Asked& asked = questions[static_cast<std::size_t>(i)];
      asked.test_case = plan.question(static_cast<std::uint64_t>(first + i)).test_case;
      asked.expected = grid_sample_backward(asked.test_case);
    });
    for_each_part(std::ssize(open), workers, [&](std::int64_t i) {
      open[static_cast<std::size_t>(i)]->ask(questions, first);
    });
    std::erase_if(open, [](const Trial* trial) { return trial->is_caught(); });
  }
  std::vector<GradientScore> scores;
  for (const Trial& trial : trials) scores.push_back(trial.score());
  return scores;
}

}  // namespace gridproof
