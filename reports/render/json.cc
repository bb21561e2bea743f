#include "reports/render/json.h"

#include <nlohmann/json.hpp>

#include "reports/page/links.h"
#include "reports/report/statistics.h"
#include "reports/report/waivers.h"

namespace gridproof::reports {
namespace {

using Json = nlohmann::ordered_json;

// Elements of storage above which a generated case is not written out.
constexpr std::int64_t largest_original = 1024;

Json verdict_counts(const std::array<std::int64_t, verdict_count>& counts) {
  Json json = Json::object();
  for (const auto& [verdict, name] : names<Verdict>) {
    const std::int64_t count = counts[static_cast<std::size_t>(verdict)];
    if (count != 0) json[std::string(name)] = count;
  }
  return json;
}

Json element_json(const AnswerElement& element, Dtype dtype) {
  if (element.value) return {{"value", to_text(*element.value, dtype)}};
  return {{"instead", element.instead}};
}

// The whole answer, from which everything else can be worked out again.
Json answer_json(const Answer& answer) {
  if (const auto* output = std::get_if<Tensor>(&answer)) {
    return {{"output", gridproof::to_text(*output)}};
  }
  if (const auto* lost = std::get_if<Lost>(&answer)) return {{"lost", lost->why}};
  if (const auto* unsupported = std::get_if<Unsupported>(&answer)) {
    return {{"unsupported", unsupported->what}};
  }
  const auto& refusal = std::get<Refusal>(answer);
  return {{"refused", refusal.message}, {"clause", refusal.clause}};
}

Json lines_before(const Incident& incident) {
  Json lines = Json::array();
  for (const Case& test_case : incident.before) lines.push_back(to_line(test_case));
  return lines;
}

Json answer_json(const BackwardAnswer& answer) {
  if (const auto* gradients = std::get_if<Gradients>(&answer)) {
    return {{"gradients", gridproof::to_text(*gradients)}};
  }
  if (const auto* lost = std::get_if<Lost>(&answer)) return {{"lost", lost->why}};
  if (const auto* unsupported = std::get_if<Unsupported>(&answer)) {
    return {{"unsupported", unsupported->what}};
  }
  const auto& refusal = std::get<Refusal>(answer);
  return {{"refused", refusal.message}, {"clause", refusal.clause}};
}

// What an incident about gradients has instead of a sample, and how large its question was.
Json backward_json(const Incident& incident) {
  if (!incident.backward) return nullptr;
  return {{"gradient", name(incident.backward->gradient)},
          {"element", incident.backward->element},
          {"elements", incident.backward->elements}};
}

Json incident_json(const Incident& incident, const FindingEvidence& evidence) {
  const bool is_short =
      incident.original.input.rank() != 0 &&
      incident.original.input.storage_size() + incident.original.grid.storage_size() <=
          largest_original;
  Json json = {{"clause", incident.clause},
               {"features", incident.features},
               {"samples", incident.samples},
               {"cases", incident.cases},
               {"stratum", incident.stratum},
               {"ordinal", incident.ordinal},
               {"before", lines_before(incident)},
               {"case", line_of(incident)},
               {"original", is_short ? Json(to_line(incident.original)) : Json()},
               {"sample", incident.sample},
               {"channel", incident.channel},
               {"dialect", name(incident.dialect)},
               {"answer", incident.backward ? answer_json(incident.backward->answer)
                                            : answer_json(incident.answer)},
               {"agreeing", incident.agreeing},
               {"probes", incident.probes},
               {"ties", incident.ties},
               {"common", incident.common.empty() ? Json() : Json(incident.common)},
               {"beside", incident.beside.empty() ? Json() : Json(incident.beside)},
               {"got", element_json(evidence.got, evidence.dtype)},
               {"admissible", evidence.admissible},
               {"reference", element_json(evidence.reference, evidence.dtype)},
               {"exact", evidence.exact.empty() ? Json() : Json(evidence.exact)},
               {"within", evidence.within ? Json(to_string(*evidence.within)) : Json()}};
  const std::string address = incident.before.empty() ? question_address(line_of(incident)) : "";
  if (!address.empty()) json["question"] = address;
  if (incident.backward) json["backward"] = backward_json(incident);
  return json;
}

Json clause_json(const std::string& name) {
  if (name.empty()) return nullptr;
  const Clause* clause = find_clause(name);
  return {{"name", name},
          {"status", clause != nullptr ? Json(clause->status) : Json()},
          {"text", clause != nullptr ? Json(clause->text) : Json()}};
}

Json findings_json(const std::vector<Finding>& findings, const std::vector<FindingText>& texts) {
  Json json = Json::array();
  for (std::size_t i = 0; i < findings.size(); ++i) {
    const Finding& finding = findings[i];
    Json incidents = Json::array();
    for (std::size_t k = 0; k < finding.incidents.size(); ++k) {
      incidents.push_back(incident_json(finding.incidents[k], texts[i].evidence[k]));
    }
    Json clauses = Json::array();
    for (const ClauseCounts& of_clause : clauses_of(finding)) {
      clauses.push_back(
          {{"name", of_clause.clause}, {"samples", of_clause.samples}, {"cases", of_clause.cases}});
    }
    json.push_back({{"subject", finding.subject},
                    {"verdict", name(finding.verdict)},
                    {"clause", clause_json(finding.clause)},
                    {"clauses", std::move(clauses)},
                    {"cause", finding.cause},
                    {"title", texts[i].title},
                    {"sentence", texts[i].sentence},
                    {"samples", finding.samples},
                    {"known", finding.known},
                    {"waiver", finding.waiver.empty() ? Json() : Json(finding.waiver)},
                    {"cases", cases_of(finding)},
                    {"incidents", std::move(incidents)}});
  }
  return json;
}

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}

Json waivers_json(const std::vector<WaiverOutcome>& outcomes) {
  Json json = Json::array();
  for (const WaiverOutcome& outcome : outcomes) {
    const Waiver& waiver = outcome.waiver;
    json.push_back({{"toml", to_toml(waiver)},
                    {"name", waiver.name},
                    {"reason", waiver.reason},
                    {"covered", outcome.covered},
                    {"waived", outcome.waived}});
  }
  return json;
}

Json participation_json(const std::string& subject, const Participation& part) {
  Json decided = Json::object();
  for (const auto& [clause, count] : part.decided_by_clause) decided[clause] = count;
  Json coverage = Json::array();
  for (const Coverage& entry : part.coverage) {
    coverage.push_back(
        {{"strength", entry.strength}, {"asked", entry.asked}, {"possible", entry.possible}});
  }
  return {{"subject", subject},         {"asked", part.asked},
          {"decided", part.decided},    {"clauses", std::move(decided)},
          {"untested", part.untested},  {"unsupported", part.unsupported},
          {"parts", part.parts},        {"coverage", std::move(coverage)},
          {"gradients", part.gradients}};
}

Json campaign_json(const Report& report) {
  const CampaignOptions& options = report.options;
  Json budget;
  if (options.budget) budget = static_cast<double>(options.budget->count()) / 1000;
  return {{"command", report.command},
          {"seed", options.seed},
          {"profile", to_string(options.profile)},
          {"dialect", options.dialect ? Json(name(*options.dialect)) : Json()},
          {"direction", options.only ? Json(name(*options.only)) : Json()},
          {"one_sided", options.one_sided},
          {"strict", options.strict},
          {"shortcut", options.shortcut},
          {"shard", {{"index", options.shard.index + 1}, {"count", options.shard.count}}},
          {"cases", or_null(options.max_cases)},
          {"samples", or_null(options.max_samples)},
          {"budget_seconds", budget}};
}

// The samples of each kind, with what is left of their signed errors: enough to add shards up.
Json kinds_json(const Report& report) {
  Json json = Json::array();
  for (const auto& [subject, kinds] : report.result.kinds) {
    for (const auto& [kind, counts] : kinds) {
      json.push_back({{"subject", subject},
                      {"mode", name(kind.mode)},
                      {"rank", kind.rank},
                      {"dtype", name(kind.dtype)},
                      {"padding_mode", name(kind.padding)},
                      {"decided", counts.decided},
                      {"cases", counts.cases},
                      {"elements", counts.elements},
                      {"sums", counts.sum},
                      {"squares", counts.squares}});
    }
  }
  return json;
}

Json exclusions_json(const Report& report) {
  Json json = Json::array();
  for (const auto& [subject, kinds] : report.result.kinds) {
    const auto add = [&, &subject = subject](const Json& mode, std::int64_t decided) {
      json.push_back({{"subject", subject},
                      {"mode", mode},
                      {"decided", decided},
                      {"sentence", exclusion_of(decided)}});
    };
    add(nullptr, decided_of(kinds));
    for (const auto& [mode, mode_name] : names<Mode>) add(mode_name, decided_of(kinds, mode));
  }
  return json;
}

Json biases_json(const Report& report) {
  Json json = Json::array();
  for (const auto& [subject, bias] : biases_of(report)) {
    json.push_back({{"subject", subject},
                    {"mode", name(bias.mode)},
                    {"rank", bias.rank},
                    {"dtype", name(bias.dtype)},
                    {"padding_mode", bias.padding ? Json(name(*bias.padding)) : Json()},
                    {"side", bias.side == Side::up ? "up" : "away"},
                    {"mean", bias.mean},
                    {"cases", bias.cases},
                    {"elements", bias.elements},
                    {"chance", bias.chance},
                    {"sentence", sentence_of(bias)}});
  }
  return json;
}

// `unit`: what they count.
void add_strata(Json& rows, const std::string& subject,
                const std::map<std::string, std::map<std::string, StratumCounts>>& of_subjects,
                const std::string& unit) {
  const auto found = of_subjects.find(subject);
  if (found == of_subjects.end()) return;
  for (const auto& [stratum, counts] : found->second) {
    rows.push_back({{"subject", subject},
                    {"stratum", stratum},
                    {"cases", counts.cases},
                    {unit, counts.samples},
                    {"verdicts", verdict_counts(counts.verdicts)}});
  }
}

}  // namespace

std::string render_json(const FullReport& report) {
  const CampaignResult& result = report.result;
  Json subjects = Json::array();
  Json summary = Json::array();
  Json strata = Json::array();
  Json gradients = Json::array();
  Json participation = Json::array();
  for (const SubjectEntry& subject : report.subjects) {
    subjects.push_back({{"name", subject.name},
                        {"description", subject.description},
                        {"spec", subject.spec.empty() ? Json() : Json(subject.spec)}});
    summary.push_back({{"subject", subject.name},
                       {"clause", nullptr},
                       {"verdicts", verdict_counts(totals_of(result, subject.name))}});
    if (const auto found = result.clauses.find(subject.name); found != result.clauses.end()) {
      for (const auto& [clause, counts] : found->second) {
        summary.push_back(
            {{"subject", subject.name}, {"clause", clause}, {"verdicts", verdict_counts(counts)}});
      }
    }
    if (const auto found = result.participation.find(subject.name);
        found != result.participation.end()) {
      participation.push_back(participation_json(subject.name, found->second));
    }
    add_strata(strata, subject.name, result.strata, "samples");
    add_strata(gradients, subject.name, result.gradients, "gradients");
  }
  const Json json = {{"$schema", schema_file_name},
                     {"format", 1},
                     {"gridproof", report.version},
                     {"campaign", campaign_json(report)},
                     {"subjects", subjects},
                     {"totals",
                      {{"cases", result.cases},
                       {"samples", asked_of(report)},
                       {"gradients", gradients_of(report)},
                       {"findings", result.findings.size()},
                       {"undecided", undecided_of(report)},
                       {"untested", untested_of(report)}}},
                     {"ended", result.ended.empty() ? Json() : Json(result.ended)},
                     {"passes", passes(report)},
                     {"participation", participation},
                     {"summary", summary},
                     {"strata", strata},
                     {"gradients", gradients},
                     {"kinds", kinds_json(report)},
                     {"exclusions", exclusions_json(report)},
                     {"biases", biases_json(report)},
                     {"findings", findings_json(result.findings, report.findings)},
                     {"remarks", findings_json(result.remarks, report.remarks)},
                     {"waivers", waivers_json(result.waivers)}};
  // What subjects said may be anything but valid text.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace gridproof::reports
