#include "reports/render/read_report.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>
#include <utility>

#include "fuzz/mutants/gradient_mutants.h"
#include "fuzz/mutants/mutants.h"
#include "reference/contract/foreign_text.h"
#include "reports/report/waivers.h"
#include "reports/text/input_error.h"
#include "reports/text/json_limits.h"
#include "reports/text/text_file.h"

namespace gridproof::reports {
namespace {

using Json = nlohmann::json;
using Counts = std::array<std::int64_t, verdict_count>;

constexpr std::int64_t max_shards = 1'000'000;

[[noreturn]] void reject(const std::string& where, const std::string& what) {
  throw InputError(fmt::format("{}: {}", printable(where, 200), printable(what, 300)));
}

template <class Enum>
Enum enum_of(const Json& json) {
  const auto value = parse<Enum>(json.get<std::string>());
  if (!value) throw std::invalid_argument("'" + json.get<std::string>() + "' is no such name");
  return *value;
}

// A whole number in a range.
std::int64_t whole(const Json& json, std::int64_t least, std::int64_t most) {
  // What is unsigned and too large for the type is another kind of number.
  if (json.is_number_integer() &&
      (!json.is_number_unsigned() || json.get<std::uint64_t>() >> 63U == 0)) {
    const auto number = json.get<std::int64_t>();
    if (least <= number && number <= most) return number;
  }
  throw std::invalid_argument(fmt::format("{} is no whole number from {} to {}",
                                          json.dump(-1, ' ', false, Json::error_handler_t::replace),
                                          least, most));
}

// A number of samples or cases: more than any campaign has, and few enough that all of a report can
// be added.
std::int64_t count_of(const Json& json) { return whole(json, 0, 1'000'000'000'000); }

std::uint64_t unsigned_of(const Json& json) {
  if (!json.is_number_unsigned()) throw std::invalid_argument("a number is negative or not whole");
  return json.get<std::uint64_t>();
}

Counts counts_of(const Json& json) {
  Counts counts{};
  for (const auto& [verdict, count] : json.items()) {
    counts[static_cast<std::size_t>(enum_of<Verdict>(Json(verdict)))] = count_of(count);
  }
  return counts;
}

template <class T>
std::optional<T> optional_of(const Json& json) {
  if (json.is_null()) return std::nullopt;
  return json.get<T>();
}

Answer answer_of(const Json& json) {
  if (json.contains("output")) return parse_tensor(json.at("output").get<std::string>());
  if (json.contains("lost")) return Lost{json.at("lost").get<std::string>()};
  if (json.contains("unsupported")) return Unsupported{json.at("unsupported").get<std::string>()};
  return Refusal{.clause = json.at("clause").get<std::string>(),
                 .message = json.at("refused").get<std::string>()};
}

BackwardAnswer backward_answer_of(const Json& json) {
  if (json.contains("gradients")) return parse_gradients(json.at("gradients").get<std::string>());
  const Answer other = answer_of(json);
  if (const auto* const lost = std::get_if<Lost>(&other)) return *lost;
  if (const auto* const unsupported = std::get_if<Unsupported>(&other)) return *unsupported;
  if (const auto* const refusal = std::get_if<Refusal>(&other)) return *refusal;
  throw std::invalid_argument("an answer has no gradients");
}

BackwardIncident backward_of(const Json& json) {
  const Json& place = json.at("backward");
  BackwardIncident incident{.gradient = enum_of<Gradient>(place.at("gradient")),
                            .reduced = parse_backward_case(json.at("case").get<std::string>()),
                            .elements = count_of(place.at("elements")),
                            .answer = backward_answer_of(json.at("answer"))};
  const Case& forward = incident.reduced.forward;
  const Tensor& of = incident.gradient == Gradient::input ? forward.input : forward.grid;
  incident.element =
      whole(place.at("element"), 0, std::max<std::int64_t>(of.element_count(), 1) - 1);
  return incident;
}

// The case of values, and the place in it that is wrong.
void read_forward(const Json& json, Incident& incident) {
  incident.reduced = parse_case(json.at("case").get<std::string>());
  incident.answer = answer_of(json.at("answer"));
  // Where there is no sample, or no channel, the first one stands for the question.
  const Case& test_case = incident.reduced;
  const std::int64_t channels = test_case.input.rank() < 2 ? 1 : test_case.input.size(1);
  const auto place = [](const Json& number, std::int64_t count) {
    return whole(number, 0, std::max<std::int64_t>(count, 1) - 1);
  };
  incident.sample = place(json.at("sample"), sample_count(test_case));
  incident.channel = place(json.at("channel"), channels);
}

Incident incident_of(const Json& json, const Finding& finding) {
  Incident incident{.subject = finding.subject,
                    .verdict = finding.verdict,
                    .clause = json.value("clause", finding.clause),
                    .features = json.at("features").get<std::string>(),
                    .samples = count_of(json.at("samples")),
                    .cases = count_of(json.at("cases")),
                    .ordinal = unsigned_of(json.at("ordinal")),
                    .stratum = json.at("stratum").get<std::string>(),
                    .dialect = enum_of<Dialect>(json.at("dialect")),
                    .waiver = finding.waiver,
                    .cause = finding.cause,
                    .agreeing = static_cast<std::size_t>(count_of(json.at("agreeing"))),
                    .probes = static_cast<std::size_t>(count_of(json.at("probes"))),
                    .ties = json.at("ties").get<std::vector<std::string>>()};
  if (json.contains("backward")) {
    incident.backward = backward_of(json);
  } else {
    read_forward(json, incident);
  }
  if (json.contains("before")) {  // reports of earlier versions lack it
    for (const Json& line : json.at("before")) {
      incident.before.push_back(parse_case(line.get<std::string>()));
    }
  }
  if (const auto within = optional_of<std::string>(json.value("within", Json()))) {
    incident.within = gridproof::parse_profile(*within);
    if (!incident.within) throw std::invalid_argument("there is no such profile");
  }
  if (json.contains("common")) {
    incident.common = optional_of<std::string>(json.at("common")).value_or("");
  }
  if (json.contains("beside")) {
    incident.beside = optional_of<std::string>(json.at("beside")).value_or("");
  }
  if (const auto line = optional_of<std::string>(json.at("original"))) {
    incident.original = parse_case(*line);
  }
  return incident;
}

std::vector<Finding> findings_of(const Json& json) {
  std::vector<Finding> findings;
  for (const Json& entry : json) {
    const Json& clause = entry.at("clause");
    Finding finding{.subject = entry.at("subject").get<std::string>(),
                    .verdict = enum_of<Verdict>(entry.at("verdict")),
                    .clause = clause.is_null() ? "" : clause.at("name").get<std::string>(),
                    .cause = entry.at("cause").get<std::string>(),
                    .samples = count_of(entry.at("samples")),
                    .known = entry.at("known").get<bool>(),
                    .waiver = optional_of<std::string>(entry.at("waiver")).value_or("")};
    for (const Json& incident : entry.at("incidents")) {
      finding.incidents.push_back(incident_of(incident, finding));
    }
    if (finding.incidents.empty()) throw std::invalid_argument("a finding has no incidents");
    findings.push_back(std::move(finding));
  }
  return findings;
}

std::vector<std::string> sorted_names(const Json& json) {
  auto names = json.get<std::vector<std::string>>();
  std::ranges::sort(names);
  return names;
}

Participation participation_of(const Json& json) {
  Participation part{.asked = count_of(json.at("asked")),
                     .decided = count_of(json.at("decided")),
                     .untested = sorted_names(json.at("untested")),
                     .unsupported = sorted_names(json.at("unsupported")),
                     .parts = sorted_names(json.at("parts"))};
  for (const auto& [clause, count] : json.at("clauses").items()) {
    part.decided_by_clause[clause] = count_of(count);
  }
  if (json.contains("gradients")) part.gradients = sorted_names(json.at("gradients"));
  for (const Json& entry : json.at("coverage")) {
    part.coverage.push_back({.strength = static_cast<int>(whole(entry.at("strength"), 1, 100)),
                             .asked = count_of(entry.at("asked")),
                             .possible = count_of(entry.at("possible"))});
  }
  return part;
}

SampleKind kind_of(const Json& row) {
  return {.mode = enum_of<Mode>(row.at("mode")),
          .rank = static_cast<int>(whole(row.at("rank"), 4, 5)),
          .dtype = enum_of<Dtype>(row.at("dtype")),
          .padding = enum_of<Padding>(row.at("padding_mode"))};
}

KindCounts kind_counts_of(const Json& row) {
  constexpr std::int64_t most = std::int64_t{1} << 56;  // so that shards can be added
  const auto two = [](const Json& pair, std::int64_t least) {
    if (pair.size() != 2) throw std::invalid_argument("expected two numbers of a kind");
    return std::array{whole(pair.at(0), least, most), whole(pair.at(1), least, most)};
  };
  const KindCounts counts{.decided = whole(row.at("decided"), 0, most),
                          .cases = whole(row.at("cases"), 0, most),
                          .elements = whole(row.at("elements"), 0, most),
                          .sum = two(row.at("sums"), -most),
                          .squares = two(row.at("squares"), 0)};
  if (counts.elements < counts.cases) throw std::invalid_argument("impossible counts of a kind");
  return counts;
}

// `unit`: what they count.
std::map<std::string, std::map<std::string, StratumCounts>> strata_of(const Json& rows,
                                                                      const std::string& unit) {
  std::map<std::string, std::map<std::string, StratumCounts>> strata;
  for (const Json& row : rows) {
    strata[row.at("subject").get<std::string>()][row.at("stratum").get<std::string>()] = {
        .cases = count_of(row.at("cases")),
        .samples = count_of(row.at(unit)),
        .verdicts = counts_of(row.at("verdicts"))};
  }
  return strata;
}

Report report_of(const Json& json) {
  if (json.at("format") != 1) throw std::invalid_argument("the format is not 1");
  Report report{.version = json.at("gridproof").get<std::string>()};
  const Json& campaign = json.at("campaign");
  report.command = campaign.at("command").get<std::string>();
  CampaignOptions& options = report.options;
  options.seed = unsigned_of(campaign.at("seed"));
  const auto profile = gridproof::parse_profile(campaign.at("profile").get<std::string>());
  if (!profile) throw std::invalid_argument("there is no such profile");
  options.profile = *profile;
  if (!campaign.at("dialect").is_null()) options.dialect = enum_of<Dialect>(campaign.at("dialect"));
  if (campaign.contains("direction")) {  // reports of before are about values
    const Json& direction = campaign.at("direction");
    options.only =
        direction.is_null() ? std::nullopt : std::optional(enum_of<Direction>(direction));
    options.one_sided = campaign.at("one_sided").get<bool>();
  }
  options.strict = campaign.at("strict").get<bool>();
  options.shortcut = campaign.value("shortcut", true);  // which earlier reports do not say
  const std::int64_t shards = whole(campaign.at("shard").at("count"), 1, max_shards);
  options.shard = {
      .index = static_cast<int>(whole(campaign.at("shard").at("index"), 1, shards) - 1),
      .count = static_cast<int>(shards)};
  const auto limit = [](const Json& number) {
    return number.is_null() ? std::nullopt : std::optional(whole(number, 1, INT64_MAX));
  };
  options.max_cases = limit(campaign.at("cases"));
  options.max_samples = limit(campaign.at("samples"));
  if (const auto seconds = optional_of<double>(campaign.at("budget_seconds"))) {
    const bool is_a_time =
        campaign.at("budget_seconds").is_number() && *seconds >= 0 && *seconds <= 1e9;
    if (!is_a_time) throw std::invalid_argument("the budget is no time");
    options.budget = std::chrono::milliseconds(std::llround(*seconds * 1000));
  }
  for (const Json& subject : json.at("subjects")) {
    report.subjects.push_back({.name = subject.at("name").get<std::string>(),
                               .description = subject.at("description").get<std::string>(),
                               .spec = optional_of<std::string>(subject.at("spec")).value_or("")});
  }
  std::set<std::string> names;
  for (const SubjectEntry& subject : report.subjects) {
    if (!names.insert(subject.name).second) throw std::invalid_argument("a subject stands twice");
  }
  if (names.empty()) throw std::invalid_argument("it is about no subject");
  CampaignResult& result = report.result;
  result.cases = count_of(json.at("totals").at("cases"));
  count_of(json.at("totals").at("samples"));  // of what was not declined; the strata have all
  result.ended = optional_of<std::string>(json.at("ended")).value_or("");
  for (const Json& row : json.at("summary")) {
    if (row.at("clause").is_null()) continue;  // the sum of the strata
    result.clauses[row.at("subject").get<std::string>()][row.at("clause").get<std::string>()] =
        counts_of(row.at("verdicts"));
  }
  result.strata = strata_of(json.at("strata"), "samples");
  if (json.contains("gradients")) result.gradients = strata_of(json.at("gradients"), "gradients");
  for (const auto& [subject, strata] : result.strata) {
    for (const auto& [stratum, counts] : strata) result.samples += counts.samples;
  }
  if (json.contains("participation")) {  // reports of version 0.1.0 may lack it
    for (const Json& entry : json.at("participation")) {
      result.participation[entry.at("subject").get<std::string>()] = participation_of(entry);
    }
  }
  if (json.contains("kinds")) {  // likewise
    for (const Json& row : json.at("kinds")) {
      result.kinds[row.at("subject").get<std::string>()][kind_of(row)] = kind_counts_of(row);
    }
  }
  result.findings = findings_of(json.at("findings"));
  result.remarks = findings_of(json.at("remarks"));
  for (const Json& entry : json.at("waivers")) {
    const auto waivers = parse_waivers(entry.at("toml").get<std::string>(), "a waiver of it");
    if (waivers.size() != 1) throw std::invalid_argument("a waiver is none");
    result.waivers.push_back({.waiver = waivers.front(),
                              .covered = count_of(entry.at("covered")),
                              .waived = count_of(entry.at("waived"))});
    options.waivers.push_back(waivers.front());
  }
  return report;
}

// What the shards of one campaign have in common.
auto campaign_of(const Report& report) {
  const CampaignOptions& options = report.options;
  std::vector<std::string> subjects;
  for (const SubjectEntry& subject : report.subjects) subjects.push_back(subject.name);
  std::string waivers;
  for (const Waiver& waiver : options.waivers) waivers += to_toml(waiver);
  return std::tuple(report.version, subjects, options.seed, to_string(options.profile),
                    options.dialect, options.only, options.one_sided, options.strict,
                    options.max_cases, options.max_samples, options.budget, options.shard.count,
                    waivers);
}

void require_all_shards(const std::vector<Report>& shards) {
  if (shards.empty()) throw InputError("no report was given: expected those of all shards");
  const int count = shards.front().options.shard.count;
  std::set<int> seen;
  for (const Report& shard : shards) {
    const Shard& which = shard.options.shard;
    if (campaign_of(shard) != campaign_of(shards.front())) {
      throw InputError(fmt::format("these are not shards of one campaign: '{}' and '{}'",
                                   printable(shards.front().command, 200),
                                   printable(shard.command, 200)));
    }
    if (!seen.insert(which.index).second) {
      throw InputError(fmt::format("shard {}/{} was given twice", which.index + 1, count));
    }
  }
  for (int i = 0; i < count; ++i) {
    if (!seen.contains(i)) throw InputError(fmt::format("shard {}/{} is missing", i + 1, count));
  }
}

}  // namespace

Report parse_report(std::string_view text, const std::string& where) {
  try {
    check_json(text);
  } catch (const std::invalid_argument& error) {
    reject(where, fmt::format("this {}: expected a report.json of gridproof check", error.what()));
  }
  try {
    return report_of(Json::parse(text));
  } catch (const ParseError& error) {
    reject(where, fmt::format("a case is malformed: {}", error.what()));
  } catch (const Json::exception& error) {
    reject(where, fmt::format("this is no report of gridproof check: {}", error.what()));
  } catch (const std::invalid_argument& error) {
    reject(where, fmt::format("this is no report of gridproof check: {}", error.what()));
  }
}

Report read_report(const std::string& file) { return parse_report(text_of_file(file), file); }

Report merge(const std::vector<Report>& shards) {
  require_all_shards(shards);
  Report merged = shards.front();
  merged.options.shard = {};
  if (const std::size_t at = merged.command.find(" --shard "); at != std::string::npos) {
    merged.command.erase(at);  // it stands last
  }
  merged.result = {};
  std::map<std::tuple<std::string, Verdict, std::string, std::string, std::string>, Incident>
      incidents;
  for (const Report& shard : shards) {
    add_counts(merged.result, shard.result);
    for (const auto* findings : {&shard.result.findings, &shard.result.remarks}) {
      for (const Finding& finding : *findings) {
        for (const Incident& incident : finding.incidents) {
          const auto [place, is_new] =
              incidents.try_emplace({incident.subject, incident.verdict, incident.clause,
                                     incident.features, incident.waiver},
                                    incident);
          if (!is_new) add_incident(place->second, incident);
        }
      }
    }
  }
  std::vector<Incident> all;
  for (auto& [key, incident] : incidents) all.push_back(std::move(incident));
  Findings grouped = group_incidents(std::move(all), merged.options.strict);
  merged.result.findings = std::move(grouped.findings);
  merged.result.remarks = std::move(grouped.remarks);
  return merged;
}

void mark_known(Report& report, const Report& baseline) {
  // One cause is one finding, under whatever clauses it was met.
  const auto key = [](const Finding& finding) {
    const bool is_named =
        find_mutant(finding.cause.substr(0, finding.cause.find(" + "))) != nullptr ||
        find_gradient_cause(finding.cause) != nullptr;
    return std::tuple(finding.subject, is_named ? "" : finding.clause, finding.verdict,
                      finding.cause);
  };
  std::set<std::tuple<std::string, std::string, Verdict, std::string>> known;
  for (const Finding& finding : baseline.result.findings) known.insert(key(finding));
  for (Finding& finding : report.result.findings) finding.known = known.contains(key(finding));
}

}  // namespace gridproof::reports
