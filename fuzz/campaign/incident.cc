#include "fuzz/campaign/incident.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "fuzz/causes/traits.h"
#include "fuzz/mutants/gradient_mutants.h"
#include "fuzz/mutants/mutants.h"

namespace gridproof {

std::string kind_of(const Case& test_case, const SampleVerdict& verdict) {
  if (verdict.within) return "inside " + to_string(*verdict.within);
  if (verdict.verdict == Verdict::latitude) return "as the clause leaves open";
  return features_of(test_case, verdict.sample);
}

std::string symptom_of(const Answer& answer, std::int64_t sample, std::int64_t channel) {
  if (std::holds_alternative<Lost>(answer)) return "lost";
  if (std::holds_alternative<Refusal>(answer)) return "refused";
  if (std::holds_alternative<Unsupported>(answer)) return "unsupported";
  const auto& output = std::get<Tensor>(answer);
  if (output.rank() < 3 || output.element_count() == 0) return "another shape";
  const std::int64_t place = element_place(output.shape(), sample, channel);
  if (place >= output.element_count()) return "another shape";
  const Tensor dense = output.contiguous();
  const double value = dense.storage_value(dense.offset() + place);
  if (std::isnan(value)) return "answers nan";
  if (std::isinf(value)) return "answers infinity";
  return value == 0 ? "answers zero" : "answers another number";
}

namespace {

// The first case stands for an incident, of gradients the smallest.
std::pair<std::int64_t, std::uint64_t> rank_of(const Incident& incident) {
  return {incident.backward ? incident.backward->elements : 0, incident.ordinal};
}

}  // namespace

void add_incident(Incident& into, const Incident& from) {
  const std::int64_t samples = into.samples + from.samples;
  const std::int64_t cases = into.cases + from.cases;
  if (rank_of(from) < rank_of(into)) into = from;
  into.samples = samples;
  into.cases = cases;
}

std::string line_of(const Incident& incident) {
  return incident.backward ? to_line(incident.backward->reduced) : to_line(incident.reduced);
}

bool is_named(const Incident& incident) { return incident.probes > 0; }

namespace {

std::set<std::string> names_of(const Incident& incident) {
  std::set<std::string> names(incident.ties.begin(), incident.ties.end());
  names.insert(incident.cause);
  return names;
}

// Of the mutants that explain some of these incidents, the one that explains the most; of several,
// the one that came first most often, and then in the alphabet.
std::string widest(const std::vector<Incident*>& incidents) {
  std::map<std::string, std::pair<std::size_t, std::size_t>> counts;
  for (const Incident* const incident : incidents) {
    for (const std::string& name : names_of(*incident)) ++counts[name].first;
    ++counts[incident->cause].second;
  }
  return std::ranges::max_element(counts, {}, [](const auto& entry) { return entry.second; })
      ->first;
}

// The clause that a mutant breaks; of a pair, the first one.
std::optional<std::string> clause_of(const std::string& cause) {
  const Mutant* const mutant = find_mutant(cause.substr(0, cause.find(" + ")));
  if (mutant != nullptr) return mutant->clause;
  const GradientMutant* const of_gradients = find_gradient_cause(cause);
  return of_gradients == nullptr ? std::nullopt : std::optional(of_gradients->clause);
}

// Settles which of the mutants that explain an incident is its cause.
void share_causes(std::vector<Incident>& incidents) {
  std::map<std::string, std::vector<Incident*>> by_subject;
  for (Incident& incident : incidents) {
    if (is_named(incident)) by_subject[incident.subject].push_back(&incident);
  }
  for (auto& [subject, open] : by_subject) {
    while (!open.empty()) {
      const std::string cause = widest(open);
      std::erase_if(open, [&](Incident* incident) {
        std::set<std::string> names = names_of(*incident);
        if (names.erase(cause) == 0) return false;
        incident->cause = cause;
        incident->ties.assign(names.begin(), names.end());
        return true;
      });
    }
  }
}

// By subject, verdict, cause and waiver; the clause unless a mutant is the cause; whether it is
// about gradients.
using Groups =
    std::map<std::tuple<std::string, Verdict, std::string, std::string, std::string, bool>,
             std::vector<Incident>>;

// Those without a name that are about the clauses of other groups, to these. Of a group all that
// were looked into must be; the rest is taken to be like the first.
void join_what_is_of_another_clause(Groups& groups) {
  const auto target_of = [&](const Incident& incident) {
    return std::ranges::find_if(groups, [&](const auto& group) {
      const auto& [subject, verdict, cause, waiver, clause, is_backward] = group.first;
      return !incident.beside.empty() && subject == incident.subject &&
             verdict == incident.verdict && waiver == incident.waiver && clause == incident.beside;
    });
  };
  for (auto group = groups.begin(); group != groups.end();) {
    std::vector<Incident>& own = group->second;
    const auto is_looked_into = [](const Incident& one) { return !one.common.empty(); };
    const auto first = std::ranges::find_if(own, is_looked_into);
    const bool joins = first != own.end() && std::ranges::all_of(own, [&](const Incident& one) {
                         const auto target = target_of(one);
                         return !is_looked_into(one) || (target != groups.end() && target != group);
                       });
    if (!joins) {
      ++group;
      continue;
    }
    const auto of_the_rest = target_of(*first);
    for (Incident& one : own) {
      const auto target = is_looked_into(one) ? target_of(one) : of_the_rest;
      target->second.push_back(std::move(one));
    }
    group = groups.erase(group);
  }
}

}  // namespace

std::vector<ClauseCounts> clauses_of(const Finding& finding) {
  std::map<std::string, ClauseCounts> counts;
  for (const Incident& incident : finding.incidents) {
    ClauseCounts& of_clause = counts[incident.clause];
    of_clause.clause = incident.clause;
    of_clause.samples += incident.samples;
    of_clause.cases += incident.cases;
  }
  std::vector<ClauseCounts> result;
  for (const auto& [clause, of_clause] : counts) result.push_back(of_clause);
  std::ranges::stable_partition(
      result, [&](const ClauseCounts& counted) { return counted.clause == finding.clause; });
  return result;
}

std::vector<std::string> ties_of(const Finding& finding) {
  std::vector<std::string> ties = finding.incidents.front().ties;
  for (const Incident& incident : finding.incidents) {
    std::erase_if(ties, [&](const std::string& tie) {
      return std::ranges::find(incident.ties, tie) == incident.ties.end();
    });
  }
  return ties;
}

Findings group_incidents(std::vector<Incident> incidents, bool strict) {
  share_causes(incidents);
  Groups groups;
  for (Incident& incident : incidents) {
    const std::string clause = is_named(incident) ? "" : incident.clause;
    groups[{incident.subject, incident.verdict, incident.cause, incident.waiver, clause,
            incident.backward.has_value()}]
        .push_back(std::move(incident));
  }
  join_what_is_of_another_clause(groups);
  Findings result;
  for (auto& [key, group] : groups) {
    const Incident& any = group.front();
    Finding finding{.subject = any.subject,
                    .verdict = any.verdict,
                    .clause = any.clause,
                    .cause = any.cause,
                    .waiver = any.waiver};
    for (const Incident& incident : group) finding.samples += incident.samples;
    const std::string own = clause_of(any.cause).value_or(any.clause);
    std::ranges::sort(group, {}, [&](const Incident& incident) {
      const std::string line = line_of(incident);
      const bool is_looked_into = is_named(incident) || !incident.common.empty();
      return std::tuple(incident.clause != own, !is_looked_into, line.size(), line,
                        incident.features);
    });
    finding.clause = group.front().clause;
    finding.incidents = std::move(group);
    (is_finding(finding.verdict, strict) ? result.findings : result.remarks)
        .push_back(std::move(finding));
  }
  for (auto* const list : {&result.findings, &result.remarks}) put_in_order(*list);
  return result;
}

void put_in_order(std::vector<Finding>& findings) {
  std::ranges::sort(findings, {}, [](const Finding& finding) {
    return std::tie(finding.subject, finding.clause, finding.verdict, finding.cause,
                    finding.waiver);
  });
}

}  // namespace gridproof
