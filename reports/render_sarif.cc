#include "reports/render_sarif.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "reports/findings/text.h"

namespace gridproof::reports {
namespace {

using Json = nlohmann::ordered_json;

// GitHub takes so many characters of a description (here of bytes, which are no fewer).
constexpr std::size_t longest_description = 1024;

// Findings without a clause need a rule as well.
std::string rule_of(const Finding& finding) {
  if (!finding.clause.empty()) return finding.clause;
  return finding.verdict == Verdict::lost ? "lost" : "documentation";
}

// The text, or its first lines where it is too long for a description.
std::string description(const std::string& text) {
  if (text.size() <= longest_description) return text;
  return text.substr(0, text.rfind('\n', longest_description - 4)) + "\n…";
}

Json rule_json(const std::string& id) {
  if (id == "lost") {
    return {{"id", id},
            {"shortDescription", {{"text", "Every question gets an answer"}}},
            {"fullDescription",
             {{"text", "The subject crashed, hung or broke the protocol: there is no answer."}}}};
  }
  const Clause* clause = find_clause(id);
  if (clause == nullptr) {
    const std::string text = "The documentation of grid_sample";
    return {
        {"id", id}, {"shortDescription", {{"text", text}}}, {"fullDescription", {{"text", text}}}};
  }
  return {{"id", id},
          {"shortDescription",
           {{"text", fmt::format("grid_sample, clause {} ({})", clause->name, clause->status)}}},
          {"fullDescription", {{"text", description(clause->text)}}},
          {"help", {{"text", clause->text}, {"markdown", clause->text}}}};
}

// The text of a message in which nothing is a placeholder or a link.
std::string message_text(const std::string& text) {
  std::string message;
  for (const char c : valid_text(text)) {
    if (c == '(' && message.ends_with(']')) message += ' ';
    message += c;
    if (c == '{' || c == '}') message += c;
  }
  return message;
}

// 64 bits of FNV-1a over subject, clause and cause: the same finding in every run.
std::string fingerprint(const Finding& finding) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const std::string& part : {finding.subject, finding.clause, finding.cause}) {
    for (const char c : part) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
    hash = (hash ^ 0xffU) * 0x100000001b3U;  // an end that is in no UTF-8
  }
  return fmt::format("{:016x}", hash);
}

class Results {
 public:
  explicit Results(const Report& report) : report_(report) {}

  void add(const Finding& finding, std::string_view level, std::size_t line) {
    const std::string id = rule_of(finding);
    const auto known =
        std::ranges::find_if(rules_, [&](const Json& rule) { return rule["id"] == id; });
    const auto index = known - rules_.begin();
    if (known == rules_.end()) rules_.push_back(rule_json(id));
    const std::string hash = fingerprint(finding);
    const Json place = {
        {"physicalLocation",
         {{"artifactLocation", {{"uri", case_file_name}}}, {"region", {{"startLine", line}}}}}};
    Json result = {
        {"ruleId", id},
        {"ruleIndex", index},
        {"level", level},
        {"baselineState", finding.known ? "unchanged" : "new"},
        {"message", {{"text", message_text(statement_of(finding, report_.options.profile))}}},
        {"locations", Json::array({place})},
        // The first is the one that GitHub knows findings by.
        {"partialFingerprints",
         {{"primaryLocationLineHash", hash + ":1"}, {"subjectClauseCause/v1", hash}}},
        {"properties",
         {{"subject", finding.subject},
          {"verdict", name(finding.verdict)},
          {"cause", finding.cause},
          {"samples", finding.samples},
          {"cases", cases_of(finding)},
          {"case", to_line(finding.incidents.front().reduced)},
          {"replay", replay_command(report_, finding, line)}}}};
    if (!finding.waiver.empty()) {
      result["suppressions"] = Json::array(
          {{{"kind", "external"}, {"status", "accepted"}, {"justification", finding.waiver}}});
    }
    results_.push_back(std::move(result));
  }

  [[nodiscard]] const std::vector<Json>& rules() const { return rules_; }
  [[nodiscard]] const std::vector<Json>& results() const { return results_; }

 private:
  const Report& report_;
  std::vector<Json> rules_;
  std::vector<Json> results_;
};

}  // namespace

std::string render_sarif(const Report& report, const CaseFile& cases) {
  Results results(report);
  for (std::size_t i = 0; i < cases.findings.size(); ++i) {
    const Finding& finding = report.result.findings[i];
    results.add(finding, excuse_of(finding).empty() ? "error" : "note", cases.findings[i]);
  }
  for (std::size_t i = 0; i < cases.remarks.size(); ++i) {
    results.add(report.result.remarks[i], "note", cases.remarks[i]);
  }
  const Json driver = {{"name", "gridproof"},
                       {"version", printable(report.version, 100)},
                       {"semanticVersion", printable(report.version, 100)},
                       {"rules", results.rules()}};
  const Json invocation = {{"commandLine", report.command}, {"executionSuccessful", true}};
  const Json run = {{"tool", {{"driver", driver}}},
                    {"invocations", Json::array({invocation})},
                    {"columnKind", "unicodeCodePoints"},
                    {"results", results.results()}};
  const Json sarif = {{"$schema",
                       "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"
                       "sarif-schema-2.1.0.json"},
                      {"version", "2.1.0"},
                      {"runs", Json::array({run})}};
  // What subjects said may be anything but valid text.
  return sarif.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace gridproof::reports
