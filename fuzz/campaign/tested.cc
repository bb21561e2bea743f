#include "fuzz/campaign/tested.h"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "fuzz/campaign/participation.h"
#include "reference/semantics/clauses.h"

namespace gridproof {
namespace {

// Whether a clause is one of what somebody takes part in, and whether it has cases at all.
struct Belonging {
  bool has_cases = false;
  bool is_of_part = false;
};
// `declined` are clauses of questions without an answer that are declined, sorted.
Belonging belonging_of(const Clause& clause, const Part& part,
                       const std::vector<std::string>& declined) {
  Belonging result;
  for (const ClauseCase& entry : clause.cases) {
    if (!entry.line.starts_with("grid_sample ")) continue;
    result.has_cases = true;
    const Case test_case = parse_case(entry.line);
    result.is_of_part = result.is_of_part || (kind_index(test_case) ? part.has(test_case)
                                                                    : !std::ranges::binary_search(
                                                                          declined, clause.name));
  }
  return result;
}

void count_coverage(Participation& participation, const Drawn& drawn) {
  participation.coverage.resize(drawn.adds.size());
  for (std::size_t i = 0; i < drawn.adds.size(); ++i) {
    participation.coverage[i].strength = static_cast<int>(i) + 2;
    participation.coverage[i].asked += drawn.adds[i];
  }
}

void add_coverage(std::vector<Coverage>& into, const std::vector<Coverage>& from) {
  for (const Coverage& coverage : from) {
    const auto same = std::ranges::find(into, coverage.strength, &Coverage::strength);
    if (same == into.end()) {
      into.push_back(coverage);
    } else {
      same->asked += coverage.asked;
      same->possible = std::max(same->possible, coverage.possible);
    }
  }
  std::ranges::sort(into, {}, &Coverage::strength);
}

}  // namespace

void count_participation(Participation& participation, const Drawn& drawn, const Case& test_case,
                         const Judgment& judgment) {
  const std::int64_t samples =
      std::accumulate(judgment.counts.begin(), judgment.counts.end(), std::int64_t{0}) -
      judgment[Verdict::unsupported];
  const auto* const own = std::get_if<Drawn::Specified>(&drawn.what);
  if (samples == 0) {
    // What has no answer belongs to no kind; who declines it takes no part in its clause.
    if (own != nullptr && !kind_index(test_case)) {
      add_participation(participation, {.unsupported = {std::string(own->clause)}});
    }
    return;
  }
  const std::int64_t decided = samples - judgment[Verdict::undecided];
  participation.asked += samples;
  participation.decided += decided;
  count_coverage(participation, drawn);
  if (decided == 0) return;
  if (own != nullptr) participation.decided_by_clause[std::string(own->clause)] += decided;
  for (const SampleVerdict& verdict : judgment.notable) {
    if (verdict.verdict == Verdict::unsupported || verdict.verdict == Verdict::undecided) continue;
    ++participation.decided_by_clause[verdict.clause];
  }
}

void complete(Participation& participation, const Part& part,
              const std::array<std::int64_t, 2>& possible) {
  participation.parts = kinds_in_words(part);
  participation.coverage.resize(possible.size());
  for (std::size_t i = 0; i < possible.size(); ++i) {
    participation.coverage[i].strength = static_cast<int>(i) + 2;
    participation.coverage[i].possible = possible[i];
  }
  std::erase_if(participation.coverage,
                [](const Coverage& coverage) { return coverage.possible == 0; });
  const std::vector<std::string> declined = std::exchange(participation.unsupported, {});
  for (const Clause& clause : clauses()) {
    const auto [has_cases, is_of_part] = belonging_of(clause, part, declined);
    if (!has_cases || participation.decided_by_clause.contains(clause.name)) continue;
    (is_of_part ? participation.untested : participation.unsupported).push_back(clause.name);
  }
  std::ranges::sort(participation.untested);
  std::ranges::sort(participation.unsupported);
}

void add_participation(Participation& into, const Participation& from) {
  into.asked += from.asked;
  into.decided += from.decided;
  for (const auto& [clause, decided] : from.decided_by_clause)
    into.decided_by_clause[clause] += decided;
  const auto unite = [](std::vector<std::string>& names, const std::vector<std::string>& more) {
    std::vector<std::string> all;
    std::ranges::set_union(names, more, std::back_inserter(all));
    names = std::move(all);
  };
  const auto is_decided = [&](const std::string& clause) {
    const auto found = into.decided_by_clause.find(clause);
    return found != into.decided_by_clause.end() && found->second > 0;
  };
  unite(into.unsupported, from.unsupported);
  std::erase_if(into.unsupported, is_decided);
  unite(into.untested, from.untested);
  std::erase_if(into.untested, [&](const std::string& clause) {
    return is_decided(clause) || std::ranges::binary_search(into.unsupported, clause);
  });
  unite(into.parts, from.parts);
  unite(into.gradients, from.gradients);
  add_coverage(into.coverage, from.coverage);
}

}  // namespace gridproof
