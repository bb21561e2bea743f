#include "fuzz/campaign/backward.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "fuzz/campaign/counters.h"
#include "fuzz/campaign/history.h"
#include "fuzz/campaign/participation.h"
#include "fuzz/campaign/plan.h"
#include "fuzz/domain/random.h"
#include "fuzz/gradients/campaign.h"
#include "fuzz/mutants/gradient_mutants.h"
#include "oracle/exact/gradients.h"

namespace gridproof {
namespace {

std::int64_t questions_of(const CampaignOptions& options, std::int64_t specified) {
  if (options.max_cases) return *options.max_cases;
  if (options.max_samples) {
    const double share =
        static_cast<double>(*options.max_samples) / static_cast<double>(default_samples);
    return specified + std::llround(share * static_cast<double>(default_gradient_questions));
  }
  return options.budget ? std::numeric_limits<std::int64_t>::max()
                        : specified + default_gradient_questions;
}

std::optional<std::chrono::milliseconds> budget_of(const CampaignOptions& options) {
  if (!options.budget || options.only) return options.budget;
  return *options.budget / 3;
}

// ---- What a waiver covers ----

// Of a number of the gradient of the grid its sample; else any of the question, for each may have a
// part in it.
bool covers_place(const Predicate& predicate, const BackwardCase& test_case,
                  const GradientVerdict* verdict) {
  const Case& forward = test_case.forward;
  const std::int64_t samples = sample_count(forward);
  if (verdict != nullptr && verdict->gradient == Gradient::grid && samples > 0) {
    const std::int64_t axes = forward.grid.shape().back();
    return predicate.covers_coordinate(forward, std::min(verdict->element / axes, samples - 1));
  }
  for (std::int64_t sample = 0; sample < std::max<std::int64_t>(samples, 1); ++sample) {
    if (predicate.covers_coordinate(forward, sample)) return true;
  }
  return false;
}

bool covers(const Waiver& waiver, const std::string& subject, const BackwardCase& test_case,
            const GradientVerdict* verdict) {
  const Predicate& predicate = waiver.predicate;
  return predicate.covered_direction() == Direction::backward &&
         predicate.covers_case(subject, test_case.forward) &&
         (verdict == nullptr || predicate.clauses.empty() ||
          std::ranges::find(predicate.clauses, verdict->clause) != predicate.clauses.end()) &&
         covers_place(predicate, test_case, verdict);
}

// ---- Counting ----

bool is_decided(Verdict verdict) {
  return verdict != Verdict::unsupported && verdict != Verdict::undecided;
}

std::int64_t decided_of(const GradientJudgment& judgment) {
  std::int64_t decided = 0;
  for (const auto& [verdict, word] : names<Verdict>) {
    if (is_decided(verdict)) decided += judgment.count(verdict);
  }
  return decided;
}

// Counts a judged question in the tables of the campaign.
class Counting {
 public:
  Counting(CampaignResult& result, const CampaignOptions& options,
           const std::vector<GradientSubject>& subjects)
      : result_(result), options_(options), subjects_(subjects), declined_(subjects.size()) {}

  // The clauses whose own question without an answer a subject declines: it takes no part in them.
  [[nodiscard]] const std::set<std::string_view>& declined(std::size_t subject) const {
    return declined_[subject];
  }

  void operator()(const JudgedGradients& judged) {
    const std::string& subject = subjects_[judged.subject].entry.name;
    const std::int64_t decided = decided_of(judged.judgment);
    count_clauses(subject, judged, decided);
    if (judged.judgment.worst() == Verdict::unsupported && !judged.drawn.clause.empty() &&
        exact::refusal_of(judged.test_case)) {
      declined_[judged.subject].insert(judged.drawn.clause);
    }
    if (decided == 0) return;
    count_waivers(subject, judged);
    if (!options_.counters.empty()) count_traits(subject, judged);
  }

 private:
  void count_clauses(const std::string& subject, const JudgedGradients& judged,
                     std::int64_t decided) {
    auto& by_clause = result_.participation[subject].decided_by_clause;
    if (decided > 0 && tells(judged)) by_clause[std::string(judged.drawn.clause)] += decided;
    auto& counts = result_.clauses[subject];
    if (!options_.counters.empty() && judged.judgment.notable.empty() && tells(judged)) {
      counts[std::string(judged.drawn.clause)][static_cast<std::size_t>(Verdict::admissible)] +=
          decided;
    }
    for (const GradientVerdict& verdict : judged.judgment.notable) {
      ++counts[verdict.clause][static_cast<std::size_t>(verdict.verdict)];
      if (is_decided(verdict.verdict)) ++by_clause[verdict.clause];
    }
  }

  // Whether the answer to a clause's own case tells about the clause: where one gradient is
  // missing, only about that of the other.
  static bool tells(const JudgedGradients& judged) {
    if (judged.drawn.clause.empty()) return false;
    const OutputMask& mask = judged.test_case.output_mask;
    return mask == judged.drawn.test_case.output_mask ||
           judged.drawn.clause == (mask.input ? "grad.input" : "grad.grid");
  }

  void count_waivers(const std::string& subject, const JudgedGradients& judged) {
    for (std::size_t i = 0; i < options_.waivers.size(); ++i) {
      const Waiver& waiver = options_.waivers[i];
      if (!covers(waiver, subject, judged.test_case, nullptr)) continue;
      ++result_.waivers[i].covered;
      if (std::ranges::any_of(judged.judgment.notable, [&](const GradientVerdict& verdict) {
            return waives(waiver, verdict.verdict, options_.strict) &&
                   covers(waiver, subject, judged.test_case, &verdict);
          })) {
        ++result_.waivers[i].waived;
      }
    }
  }

  // By the clauses that it breaks; what breaks none is right.
  void count_traits(const std::string& subject, const JudgedGradients& judged) {
    auto& traits = result_.gradient_traits[subject];
    std::vector<std::string> wrong;
    for (const GradientVerdict& verdict : judged.judgment.notable) {
      if (is_finding(verdict.verdict, options_.strict)) wrong.push_back(verdict.clause);
    }
    std::ranges::sort(wrong);
    const auto twins = std::ranges::unique(wrong);
    wrong.erase(twins.begin(), twins.end());
    const auto counts_of = [&](const std::string& clause) -> TraitCounts& {
      Traits of_question = traits_of(judged.test_case.forward, 0, clause);
      of_question.coordinate = "none";  // that of one sample says little
      return traits[of_question];
    };
    for (const std::string& clause : wrong) ++counts_of(clause).wrong;
    if (wrong.empty()) ++counts_of("").right;
  }

  CampaignResult& result_;
  const CampaignOptions& options_;
  const std::vector<GradientSubject>& subjects_;
  std::vector<std::set<std::string_view>> declined_;
};

// What was not tested of the clauses of gradients, beside what was.
void complete(Participation& participation, const GradientSubject& subject,
              const std::set<std::string_view>& declined) {
  participation.gradients = kinds_in_words(subject.part);
  const std::vector<std::string_view> own = gradient_clauses(subject.part);
  const bool has_both = subject.mask == OutputMask{};
  for (const std::string_view clause : gradient_clauses()) {
    const std::string name(clause);
    if (participation.decided_by_clause.contains(name)) continue;
    const bool is_of_part = std::ranges::find(own, clause) != own.end() &&
                            !declined.contains(clause) &&
                            (has_both || name == (subject.mask.input ? "grad.input" : "grad.grid"));
    (is_of_part ? participation.untested : participation.unsupported).push_back(name);
  }
  std::ranges::sort(participation.untested);
  std::ranges::sort(participation.unsupported);
}

StratumCounts counts_of(const GradientCounts& counts) {
  StratumCounts sum{.cases = counts.cases};
  for (const auto& of_gradient : counts.numbers) {
    for (std::size_t i = 0; i < verdict_count; ++i) {
      sum.verdicts[i] += of_gradient[i];
      sum.samples += of_gradient[i];
    }
  }
  return sum;
}

// ---- Findings ----

std::string symptom_of(const GradientFinding& finding) {
  if (std::holds_alternative<Lost>(finding.answer)) return "gradients lost";
  if (!finding.recurs) return std::string(not_the_same);
  if (std::holds_alternative<Refusal>(finding.answer)) return "gradients refused";
  const auto* const gradients = std::get_if<Gradients>(&finding.answer);
  if (gradients == nullptr) return "gradients unsupported";
  const auto& tensor = finding.gradient == Gradient::input ? gradients->input : gradients->grid;
  const auto& of = finding.gradient == Gradient::input ? finding.smallest.forward.input
                                                       : finding.smallest.forward.grid;
  if (!tensor || tensor->shape() != of.shape() || tensor->dtype() != of.dtype())
    return "gradients of another shape";
  if (finding.element >= tensor->element_count()) return "gradients of another shape";
  const double value = tensor->values()[static_cast<std::size_t>(finding.element)];
  if (std::isnan(value)) return "answers nan";
  if (std::isinf(value)) return "answers infinity";
  return value == 0 ? "answers zero" : "answers another number";
}

// The wrong gradient that explains it.
void name_cause(const GradientCause& cause, Incident& incident) {
  const std::string prefix(gradient_mutant_prefix);
  incident.cause = prefix + cause.mutant;
  incident.agreeing = cause.same_bits;
  incident.probes = cause.numbers;
  for (const std::string& tie : cause.ties) incident.ties.push_back(prefix + tie);
}

Incident incident_of(const GradientFinding& finding, const std::string& subject) {
  const std::string mode = finding.mode.empty() ? "" : finding.mode + ' ';
  Incident incident{.subject = subject,
                    .verdict = finding.verdict,
                    .clause = finding.clause,
                    .features = mode + std::string(name(finding.gradient)) +
                                (finding.within ? " inside " + to_string(*finding.within) : ""),
                    .within = finding.within,
                    .samples = finding.cases,
                    .cases = finding.cases,
                    .ordinal = finding.ordinal,
                    .stratum = std::string(finding.stratum),
                    .dialect = finding.dialect,
                    .waiver = finding.label,
                    .cause = symptom_of(finding),
                    .backward = BackwardIncident{.gradient = finding.gradient,
                                                 .reduced = finding.smallest,
                                                 .element = finding.element,
                                                 .elements = finding.elements,
                                                 .answer = finding.answer}};
  if (finding.cause) name_cause(*finding.cause, incident);
  return incident;
}

void add_findings(CampaignResult& result, std::vector<Incident> incidents, bool strict) {
  Findings grouped = group_incidents(std::move(incidents), strict);
  std::ranges::move(grouped.findings, std::back_inserter(result.findings));
  std::ranges::move(grouped.remarks, std::back_inserter(result.remarks));
  put_in_order(result.findings);
  put_in_order(result.remarks);
}

std::vector<GradientSubject> with_gradients(const std::vector<SubjectEntry>& subjects) {
  std::vector<GradientSubject> result;
  for (const SubjectEntry& entry : subjects) {
    const auto [part, mask] = gradient_part_of(*entry.open());
    if (!part.is_empty()) result.push_back({entry, part, mask});
  }
  return result;
}

GradientCampaignOptions options_of(const CampaignOptions& options,
                                   const std::vector<GradientSubject>& subjects) {
  Part part = Part::nothing();
  for (const GradientSubject& subject : subjects) part |= subject.part;
  return {.seed = options.seed,
          .questions = questions_of(options, GradientPlan(options.seed, part).specified()),
          .budget = budget_of(options),
          .profile = options.profile,
          .dialect = options.dialect,
          .one_sided = options.one_sided,
          .strict = options.strict,
          .threads = options.threads,
          .max_lost = options.max_lost,
          .is_ours =
              [&options](std::uint64_t ordinal) {
                const auto count = static_cast<std::uint64_t>(options.shard.count);
                return std::cmp_equal(mix(options.seed, ordinal) % count, options.shard.index);
              },
          .log = options.log};
}

}  // namespace

void judge_gradients(CampaignResult& result, const CampaignOptions& options,
                     const std::vector<SubjectEntry>& entries) {
  const std::vector<GradientSubject> subjects = with_gradients(entries);
  if (subjects.empty()) return;
  Counting counting(result, options, subjects);
  GradientCampaignOptions own = options_of(options, subjects);
  own.judged = [&](const JudgedGradients& judged) { counting(judged); };
  own.label = [&](std::size_t subject, const BackwardCase& test_case,
                  const GradientVerdict& verdict) -> std::string {
    for (const Waiver& waiver : options.waivers) {
      if (!covers(waiver, subjects[subject].entry.name, test_case, &verdict)) continue;
      return waives(waiver, verdict.verdict, options.strict) ? waiver.name : "";
    }
    return "";
  };
  if (options.progress) {
    own.progress = [&](std::int64_t done) {
      options.progress(done, options.budget ? 0 : own.questions);
    };
  }
  const GradientResults results = run_gradients(own, subjects);
  std::vector<Incident> incidents;
  std::int64_t cases = 0;  // of the subject that was asked the most
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    const std::string& name = subjects[i].entry.name;
    auto& strata = result.gradients[name];
    std::int64_t asked = 0;
    for (const auto& [stratum, counts] : results.subjects[i].strata) {
      strata[stratum] = counts_of(counts);
      asked += counts.cases;
    }
    cases = std::max(cases, asked);
    complete(result.participation[name], subjects[i], counting.declined(i));
    for (const GradientFinding& finding : results.subjects[i].findings)
      incidents.push_back(incident_of(finding, name));
  }
  add_findings(result, std::move(incidents), options.strict);
  result.cases += cases;
  if (result.ended.empty()) result.ended = results.ended;
}

}  // namespace gridproof
