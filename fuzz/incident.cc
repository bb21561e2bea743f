#include "fuzz/incident.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>
#include <utility>

#include "fuzz/traits.h"

namespace gridproof {

std::string kind_of(const Case& question, const SampleVerdict& verdict) {
  if (verdict.within) return "inside " + to_string(*verdict.within);
  if (verdict.verdict == Verdict::latitude) return "as the clause leaves open";
  return features_of(question, verdict.sample);
}

std::string look_of(const Answer& answer, std::int64_t sample, std::int64_t channel) {
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

void add_incident(Incident& into, const Incident& from) {
  const std::int64_t samples = into.samples + from.samples;
  const std::int64_t cases = into.cases + from.cases;
  if (from.ordinal < into.ordinal) into = from;
  into.samples = samples;
  into.cases = cases;
}

Findings group_incidents(std::vector<Incident> incidents, bool strict) {
  std::map<std::tuple<std::string, std::string, Verdict, std::string, std::string>, Finding> groups;
  for (Incident& incident : incidents) {
    Finding& finding = groups[{incident.subject, incident.clause, incident.verdict, incident.cause,
                               incident.waiver}];
    finding.subject = incident.subject;
    finding.clause = incident.clause;
    finding.verdict = incident.verdict;
    finding.cause = incident.cause;
    finding.waiver = incident.waiver;
    finding.samples += incident.samples;
    finding.incidents.push_back(std::move(incident));
  }
  Findings result;
  for (auto& [key, finding] : groups) {
    std::ranges::stable_sort(finding.incidents, {}, [](const Incident& incident) {
      const std::string line = to_line(incident.reduced);
      return std::pair{line.size(), line};
    });
    (is_finding(finding.verdict, strict) ? result.findings : result.remarks)
        .push_back(std::move(finding));
  }
  return result;
}

}  // namespace gridproof
