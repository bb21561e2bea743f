#include "fuzz/campaign/counters.h"

#include <map>
#include <string_view>
#include <utility>

namespace gridproof {
namespace {

// Calls `visitor(sample, clause, verdict)` for each sample of which the judge decided something;
// `clauses` are those that the samples are mainly questions about. For none of a case with more
// wrong samples than a judgment lists.
template <class Visitor>
void for_each_decided(const std::vector<std::string>& clauses, const Judgment& judgment,
                      const Visitor& visitor) {
  const auto is_decided = [](Verdict verdict) {
    return verdict != Verdict::unsupported && verdict != Verdict::undecided;
  };
  if (judgment.whole) {
    if (!is_decided(judgment.worst())) return;
    const std::string& clause =
        judgment.notable.empty() ? clauses.front() : judgment.notable.front().clause;
    const std::int64_t samples = judgment[judgment.worst()];
    for (std::int64_t i = 0; i < samples; ++i) visitor(i, clause, judgment.worst());
    return;
  }
  if (!judgment.lists_all()) return;
  auto next = judgment.notable.begin();
  for (std::size_t i = 0; i < clauses.size(); ++i) {
    if (next != judgment.notable.end() && std::cmp_equal(next->sample, i)) {
      if (is_decided(next->verdict)) visitor(next->sample, next->clause, next->verdict);
      ++next;
    } else {
      visitor(static_cast<std::int64_t>(i), clauses[i], Verdict::admissible);
    }
  }
}

}  // namespace

void count_admissible(CampaignResult& result, const JudgedAnswer& judged) {
  auto& counts = result.clauses[judged.subject];
  std::map<std::string_view, std::int64_t> sums;
  for_each_decided(judged.clauses, judged.judgment,
                   [&](std::int64_t /*sample*/, const std::string& clause, Verdict verdict) {
                     if (verdict <= Verdict::admissible) ++sums[clause];
                   });
  for (const auto& [clause, sum] : sums)
    counts[std::string(clause)][static_cast<std::size_t>(Verdict::admissible)] += sum;
}

void count_traits(CampaignResult& result, const JudgedAnswer& judged) {
  auto& counts = result.traits[judged.subject];
  std::map<Traits, TraitCounts> own;
  for_each_decided(judged.clauses, judged.judgment,
                   [&](std::int64_t sample, const std::string& clause, Verdict verdict) {
                     TraitCounts& count = own[traits_of(judged.test_case, sample, clause)];
                     ++(is_finding(verdict, judged.strict) ? count.wrong : count.right);
                   });
  for (auto& [traits, count] : own) {
    count.right_of_one_case = count.right;
    counts[traits] += count;
  }
}

std::optional<std::size_t> waiver_of(const std::vector<Waiver>& waivers, const std::string& subject,
                                     const Case& test_case, std::int64_t sample,
                                     const std::string& clause) {
  for (std::size_t i = 0; i < waivers.size(); ++i) {
    const Predicate& predicate = waivers[i].predicate;
    if (predicate.covered_direction() == Direction::forward &&
        predicate.covers_case(subject, test_case) &&
        predicate.covers_sample(test_case, sample, clause)) {
      return i;
    }
  }
  return std::nullopt;
}

bool waives(const Waiver& waiver, Verdict verdict, bool strict) {
  return is_finding(verdict, strict) && verdict <= waiver.worst;
}

void count_waivers(CampaignResult& result, const std::vector<Waiver>& waivers,
                   const JudgedAnswer& judged) {
  if (waivers.empty() || judged.clauses.empty()) return;
  result.waivers.resize(waivers.size());
  for_each_decided(judged.clauses, judged.judgment,
                   [&](std::int64_t sample, const std::string& clause, Verdict verdict) {
                     const auto which =
                         waiver_of(waivers, judged.subject, judged.test_case, sample, clause);
                     if (!which) return;
                     WaiverOutcome& outcome = result.waivers[*which];
                     ++outcome.covered;
                     if (waives(waivers[*which], verdict, judged.strict)) ++outcome.waived;
                   });
}

}  // namespace gridproof
