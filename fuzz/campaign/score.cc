#include "fuzz/campaign/score.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "fuzz/campaign/plan.h"
#include "fuzz/campaign/repeats.h"
#include "fuzz/mutants/same_memory.h"
#include "oracle/judge/judge.h"
#include "reference/contract/parallel.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof {
namespace {

class Scoring {
 public:
  Scoring(const std::vector<Mutant>& dictionary, const ScoreOptions& options)
      : options_(options), plan_(options.seed, options.part, strength_of(options.max_samples)) {
    for (const Mutant& mutant : dictionary) scores_.push_back({.mutant = &mutant, .kill = {}});
  }

  std::vector<MutantScore> run() {
    const int threads = threads_or_cores(options_.threads);
    std::vector<std::jthread> workers;
    try {
      for (int i = 1; i < threads; ++i) workers.emplace_back([this] { ask_cases(); });
    } catch (const std::system_error&) {  // no more threads: fewer come to the same
    }
    ask_cases();
    workers.clear();
    return std::move(scores_);
  }

 private:
  struct Asked {
    Drawn drawn;
    std::int64_t samples = 0;        // of all cases up to this one
    std::vector<std::size_t> alive;  // whom no case before this one has caught so far
  };

  // RapidCheck draws in one thread at a time.
  std::optional<Asked> next_case() {
    const std::scoped_lock lock(mutex_);
    if (samples_ >= options_.max_samples) return std::nullopt;
    Asked asked{.drawn = plan_.next()};
    samples_ += counted_samples(asked.drawn);
    asked.samples = samples_;
    for (std::size_t i = 0; i < scores_.size(); ++i) {
      if (!scores_[i].kill) asked.alive.push_back(i);
    }
    if (asked.alive.empty()) return std::nullopt;
    return asked;
  }

  void ask_cases() {
    const Judge judge = Judge().leaving_after(1);  // the first finding is what counts
    while (const std::optional<Asked> asked = next_case()) {
      const std::vector<Step> steps = steps_of(asked->drawn, options_.part);
      std::vector<Answer> expected;  // once somebody is asked
      for (const std::size_t i : asked->alive) {
        if (is_known_right(*scores_[i].mutant, steps)) continue;
        if (expected.empty()) {
          for (const Step& step : steps) expected.push_back(grid_sample(step.test_case));
        }
        ask(judge, i, *asked, steps, expected);
      }
    }
  }

  static bool is_known_right(const Mutant& mutant, const std::vector<Step>& steps) {
    // One that remembers answers the first question right.
    return (mutant.remembers() && steps.size() == 1) ||
           std::ranges::all_of(
               steps, [&](const Step& step) { return mutant.is_right_about(step.test_case); });
  }

  // Puts the steps to a fresh instance of a mutant, until one answer is objected to.
  void ask(const Judge& judge, std::size_t i, const Asked& asked, const std::vector<Step>& steps,
           const std::vector<Answer>& expected) {
    const Mutant& mutant = *scores_[i].mutant;
    const bool strict = !mutant.equivalent.empty();
    const std::unique_ptr<Subject> subject = mutant.open();
    SameMemory memory;
    std::vector<Answer> answers;
    for (std::size_t k = 0; k < steps.size(); ++k) {
      const bool is_single = steps.size() == 1;
      const Case test_case = is_single ? steps[k].test_case : memory(steps[k].test_case);
      answers.push_back(subject->answer(test_case));
      Judgment judgment = judge.judge(test_case, answers.back(), &expected[k]);
      if (const auto same = steps[k].same_as) {
        object_to_change(judgment, answers.back(), answers[*same], expected[k]);
      }
      if (!is_finding(judgment.worst(), strict)) continue;
      note(i, strict, asked, judgment);
      return;
    }
  }

  // Of two cases that were asked side by side the earlier one counts.
  void note(std::size_t i, bool strict, const Asked& asked, const Judgment& judgment) {
    const auto why = std::ranges::find_if(judgment.notable, [strict](const SampleVerdict& verdict) {
      return is_finding(verdict.verdict, strict);
    });
    const std::scoped_lock lock(mutex_);
    std::optional<Kill>& kill = scores_[i].kill;
    if (kill && kill->ordinal < asked.drawn.ordinal) return;
    if (!kill && options_.progress) options_.progress(++killed_);
    kill = Kill{.samples = asked.samples,
                .ordinal = asked.drawn.ordinal,
                .stratum = asked.drawn.stratum,
                .clause = why == judgment.notable.end() ? "" : why->clause};
  }

  const ScoreOptions& options_;
  std::vector<MutantScore> scores_;
  std::mutex mutex_;
  Plan plan_;
  std::int64_t samples_ = 0;
  std::size_t killed_ = 0;
};

}  // namespace

std::vector<MutantScore> score(const std::vector<Mutant>& dictionary, const ScoreOptions& options) {
  return Scoring(dictionary, options).run();
}

std::int64_t median_samples(const std::vector<MutantScore>& scores) {
  std::vector<std::int64_t> samples;
  for (const MutantScore& score : scores) {
    if (score.kill) samples.push_back(score.kill->samples);
  }
  if (samples.empty()) return 0;
  const auto middle = samples.begin() + static_cast<std::ptrdiff_t>(samples.size() / 2);
  std::ranges::nth_element(samples, middle);
  return *middle;
}

}  // namespace gridproof
