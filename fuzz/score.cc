#include "fuzz/score.h"

#include <algorithm>
#include <mutex>
#include <thread>
#include <utility>

#include "fuzz/domain/domain.h"
#include "oracle/judge/judge.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof {
namespace {

class Scoring {
 public:
  Scoring(const std::vector<Mutant>& dictionary, const ScoreOptions& options) : options_(options) {
    for (const Mutant& mutant : dictionary) scores_.push_back({.mutant = &mutant, .kill = {}});
  }

  std::vector<MutantScore> run() {
    const int threads = options_.threads > 0
                            ? options_.threads
                            : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
    std::vector<std::jthread> workers;
    for (int i = 1; i < threads; ++i) workers.emplace_back([this] { ask_cases(); });
    ask_cases();
    workers.clear();
    return std::move(scores_);
  }

 private:
  struct Drawn {
    Recipe recipe;
    std::uint64_t ordinal;
    std::int64_t samples;            // of all cases up to this one
    std::vector<std::size_t> alive;  // whom no case before this one has caught so far
  };

  // RapidCheck draws in one thread at a time.
  std::optional<Drawn> next_case() {
    const std::scoped_lock lock(mutex_);
    if (samples_ >= options_.most_samples) return std::nullopt;
    Drawn drawn{.recipe = recipe_of(options_.seed, ordinal_),
                .ordinal = ordinal_,
                .samples = 0,
                .alive = {}};
    ++ordinal_;
    samples_ += sample_count(drawn.recipe);
    drawn.samples = samples_;
    for (std::size_t i = 0; i < scores_.size(); ++i) {
      if (!scores_[i].kill) drawn.alive.push_back(i);
    }
    if (drawn.alive.empty()) return std::nullopt;
    return drawn;
  }

  void ask_cases() {
    const Judge judge;
    while (const std::optional<Drawn> drawn = next_case()) {
      const Case question = make_case(drawn->recipe);
      const Answer expected = grid_sample(question);
      for (const std::size_t i : drawn->alive) {
        const Judgement judgement =
            judge.judge(question, scores_[i].mutant->answer(question), &expected);
        const bool strict = !scores_[i].mutant->equivalent.empty();
        if (is_finding(judgement.worst(), strict)) note(i, strict, *drawn, judgement);
      }
    }
  }

  // Of two cases that were asked side by side the earlier one counts.
  void note(std::size_t i, bool strict, const Drawn& drawn, const Judgement& judgement) {
    const auto why = std::ranges::find_if(
        judgement.notable,
        [strict](const SampleVerdict& verdict) { return is_finding(verdict.verdict, strict); });
    const std::scoped_lock lock(mutex_);
    std::optional<Kill>& kill = scores_[i].kill;
    if (kill && kill->ordinal < drawn.ordinal) return;
    if (!kill && options_.progress) options_.progress(++killed_);
    kill = Kill{.samples = drawn.samples,
                .ordinal = drawn.ordinal,
                .clause = why == judgement.notable.end() ? "" : why->clause};
  }

  const ScoreOptions& options_;
  std::vector<MutantScore> scores_;
  std::mutex mutex_;
  std::uint64_t ordinal_ = 0;
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
