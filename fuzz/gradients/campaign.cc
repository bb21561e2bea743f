#include "fuzz/gradients/campaign.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <ranges>
#include <set>
#include <tuple>
#include <utility>

#include "fuzz/gradients/reduce.h"
#include "reference/contract/parallel.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof {
namespace {

using Key = std::tuple<Gradient, Verdict, std::string, std::string>;

Key key_of(const GradientVerdict& verdict, const BackwardCase& test_case) {
  return {verdict.gradient, verdict.verdict, verdict.clause,
          test_case.forward.request.mode.value_or("")};
}

// What one thread has seen.
struct Tally {
  GradientResult sum;
  // Of each kind of finding, the numbers of the questions that show it.
  std::map<Key, std::vector<std::uint64_t>> found;
};

class Asker {
 public:
  Asker(const GradientCampaignOptions& options, const SubjectEntry& entry)
      : options_(options),
        judge_(options.profile, options.kinks),
        open_(entry.open),
        subject_(open_()) {}

  GradientJudgment ask(const BackwardCase& test_case, BackwardAnswer* answer = nullptr) {
    const BackwardAnswer reference = grid_sample_backward(test_case);
    BackwardAnswer got = subject_->backward(test_case);
    GradientJudgment judgment = judge_.judge(test_case, got, &reference);
    if (answer != nullptr) *answer = std::move(got);
    return judgment;
  }

  void add(std::uint64_t ordinal, Tally& tally) {
    const BackwardCase test_case = gradient_question(options_.seed, ordinal);
    const GradientJudgment judgment = ask(test_case);
    const auto stratum = static_cast<std::size_t>(gradient_stratum_of(ordinal));
    ++tally.sum.cases;
    if (judgment.worst() == Verdict::unsupported) ++tally.sum.unsupported;
    std::set<Key> here;
    for (std::size_t g = 0; g < 2; ++g) {
      for (std::size_t v = 0; v < verdict_count; ++v) {
        tally.sum.counts[g][v] += judgment.counts[g][v];
        tally.sum.numbers[stratum] += judgment.counts[g][v];
      }
    }
    tally.sum.undecided[stratum] += judgment.count(Verdict::undecided);
    for (const GradientVerdict& verdict : judgment.notable) {
      if (is_finding(verdict.verdict, options_.strict)) here.insert(key_of(verdict, test_case));
    }
    for (const Key& key : here) tally.found[key].push_back(ordinal);
    if (judgment.worst() == Verdict::lost) ++lost_;
  }
  [[nodiscard]] bool is_over() const { return lost_ >= options_.max_lost; }

  // The finding of this kind, from the questions that show it.
  GradientFinding finding(const Key& key, const std::vector<std::uint64_t>& ordinals) {
    GradientFinding finding{.gradient = std::get<0>(key),
                            .verdict = std::get<1>(key),
                            .clause = std::get<2>(key),
                            .mode = std::get<3>(key),
                            .cases = static_cast<std::int64_t>(ordinals.size())};
    const auto first_of = [&](const BackwardCase& test_case, BackwardAnswer* answer) {
      const GradientJudgment judgment = ask(test_case, answer);
      const auto found = std::ranges::find_if(judgment.notable, [&](const GradientVerdict& it) {
        return key_of(it, test_case) == key;
      });
      return found == judgment.notable.end() ? std::nullopt : std::optional(*found);
    };
    const BackwardCase original = smallest_of(ordinals);
    finding.smallest = reduced(original, finding.gradient, [&](const BackwardCase& test_case) {
      return first_of(test_case, nullptr).has_value();
    });
    BackwardAnswer answer = Lost{};
    const auto verdict = first_of(finding.smallest, &answer);
    if (verdict) describe(finding, *verdict, answer);
    // A gradient that is lost again and again has no numbers.
    if (finding.verdict != Verdict::lost) {
      finding.cause = explaining_gradient_mutant(
          *open_(), judge_,
          {finding.gradient, finding.verdict, finding.clause, original, finding.smallest});
    }
    return finding;
  }

 private:
  // The one of the fewest numbers among the first.
  [[nodiscard]] BackwardCase smallest_of(const std::vector<std::uint64_t>& ordinals) const {
    constexpr std::size_t some = 40;
    const auto size_of = [&](std::uint64_t ordinal) {
      const BackwardCase test_case = gradient_question(options_.seed, ordinal);
      return test_case.forward.input.element_count() + test_case.forward.grid.element_count() +
             test_case.grad_output.element_count();
    };
    const auto first = std::ranges::min_element(ordinals | std::views::take(some), {}, size_of);
    return gradient_question(options_.seed, *first);
  }

  void describe(GradientFinding& finding, const GradientVerdict& verdict,
                const BackwardAnswer& answer) {
    finding.element = verdict.element;
    if (const auto* lost = std::get_if<Lost>(&answer)) finding.got = lost->why;
    if (const auto* refusal = std::get_if<Refusal>(&answer)) finding.got = refusal->message;
    const auto* gradients = std::get_if<Gradients>(&answer);
    if (gradients == nullptr) return;
    const auto& tensor = finding.gradient == Gradient::input ? gradients->input : gradients->grid;
    if (!tensor || verdict.element >= tensor->element_count()) return;
    const Dtype dtype = tensor->dtype();
    finding.got = to_text(tensor->values()[static_cast<std::size_t>(verdict.element)], dtype);
    if (const auto set = judge_.admissible(finding.smallest, finding.gradient, verdict.element)) {
      finding.admissible = set->first == set->second ? to_text(set->first, dtype)
                                                     : "[" + to_text(set->first, dtype) + ", " +
                                                           to_text(set->second, dtype) + "]";
    }
  }

  const GradientCampaignOptions& options_;
  GradientJudge judge_;
  std::function<std::unique_ptr<Subject>()> open_;
  std::unique_ptr<Subject> subject_;
  std::int64_t lost_ = 0;
};

void add(Tally& into, const Tally& from) {
  GradientResult& sum = into.sum;
  sum.cases += from.sum.cases;
  sum.unsupported += from.sum.unsupported;
  for (std::size_t g = 0; g < 2; ++g) {
    for (std::size_t v = 0; v < verdict_count; ++v) sum.counts[g][v] += from.sum.counts[g][v];
  }
  for (std::size_t s = 0; s < sum.numbers.size(); ++s) {
    sum.numbers[s] += from.sum.numbers[s];
    sum.undecided[s] += from.sum.undecided[s];
  }
  for (const auto& [key, ordinals] : from.found) {
    auto& all = into.found[key];
    all.insert(all.end(), ordinals.begin(), ordinals.end());
  }
}

}  // namespace

GradientResult run_gradients(const GradientCampaignOptions& options, const SubjectEntry& entry) {
  const int threads = threads_or_cores(options.threads);
  std::vector<Tally> tallies(static_cast<std::size_t>(threads));
  std::vector<std::unique_ptr<Asker>> askers;
  for (int i = 0; i < threads; ++i) askers.push_back(std::make_unique<Asker>(options, entry));
  std::atomic<std::int64_t> done = 0;
  for_each_part(threads, threads, [&](std::int64_t part) {
    const auto at = static_cast<std::size_t>(part);
    for (std::int64_t i = part; i < options.cases && !askers[at]->is_over(); i += threads) {
      askers[at]->add(static_cast<std::uint64_t>(i), tallies[at]);
      const std::int64_t count = ++done;
      if (options.progress && count % 64 == 0 && part == 0) options.progress(count);
    }
  });
  Tally all;
  for (const Tally& tally : tallies) add(all, tally);
  for (auto& [key, ordinals] : all.found) {
    std::ranges::sort(ordinals);
    all.sum.findings.push_back(askers.front()->finding(key, ordinals));
  }
  return std::move(all.sum);
}

}  // namespace gridproof
