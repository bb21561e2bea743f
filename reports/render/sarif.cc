#include "reports/render/sarif.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

#include "reference/contract/foreign_text.h"

namespace gridproof::reports {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

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

// A path as a URI: whatever is not plain is written as %XX.
std::string uri_of(const std::string& path) {
  std::string uri;
  for (const char c : path) {
    const bool is_plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                          (c >= 'a' && c <= 'z') ||
                          std::string_view("-._~/").find(c) != std::string_view::npos;
    if (is_plain) {
      uri += c;
    } else {
      uri += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return uri;
}

constexpr std::string_view report_base = "REPORT";

// A line of a file of the repository, or of the file of cases where that lies elsewhere.
Json location_json(const std::string& path, std::size_t line) {
  Json artifact = {{"uri", path.empty() ? std::string(case_file_name) : uri_of(path)}};
  if (path.empty()) artifact["uriBaseId"] = report_base;
  return {{"physicalLocation",
           {{"artifactLocation", std::move(artifact)}, {"region", {{"startLine", line}}}}}};
}

// `path` as seen from `root`, if it lies in there; else empty.
std::string path_within(const fs::path& root, const fs::path& path) {
  const std::string relative = (root / path).lexically_normal().lexically_relative(root);
  return relative.starts_with("..") || relative == "." ? "" : relative;
}

// As far as its first bytes tell.
bool is_text(const fs::path& path) {
  std::array<char, 512> start{};
  std::ifstream file(path, std::ios::binary);
  file.read(start.data(), start.size());
  return std::string_view(start.data(), static_cast<std::size_t>(file.gcount())).find('\0') ==
         std::string_view::npos;
}

class Results {
 public:
  explicit Results(const RepositoryFiles& files) : files_(files) {}

  void add(const Finding& finding, const FindingText& text, std::string_view level) {
    const std::string id = rule_of(finding);
    const auto known =
        std::ranges::find_if(rules_, [&](const Json& rule) { return rule["id"] == id; });
    const auto index = known - rules_.begin();
    if (known == rules_.end()) rules_.push_back(rule_json(id));
    const std::string hash = fingerprint(finding);
    const Json of_case = location_json(files_.cases, text.line);
    const auto source = files_.sources.find(finding.subject);
    const bool has_source = source != files_.sources.end();
    Json result = {
        {"ruleId", id},
        {"ruleIndex", index},
        {"level", level},
        {"baselineState", finding.known ? "unchanged" : "new"},
        {"message", {{"text", message_text(statement_of(text))}}},
        {"locations", Json::array({has_source ? location_json(source->second, 1) : of_case})},
        // The first is the one that GitHub knows findings by.
        {"partialFingerprints",
         {{"primaryLocationLineHash", hash + ":1"}, {"subjectClauseCause/v1", hash}}},
        {"properties",
         {{"subject", finding.subject},
          {"verdict", name(finding.verdict)},
          {"cause", finding.cause},
          {"samples", finding.samples},
          {"cases", cases_of(finding)},
          {"case", text.lines.back()},
          {"replay", text.replay}}}};
    if (has_source) result["relatedLocations"] = Json::array({of_case});
    if (!finding.waiver.empty()) {
      result["suppressions"] = Json::array(
          {{{"kind", "external"}, {"status", "accepted"}, {"justification", finding.waiver}}});
    }
    results_.push_back(std::move(result));
  }

  [[nodiscard]] const std::vector<Json>& rules() const { return rules_; }
  [[nodiscard]] const std::vector<Json>& results() const { return results_; }

 private:
  const RepositoryFiles& files_;
  std::vector<Json> rules_;
  std::vector<Json> results_;
};

}  // namespace

RepositoryFiles repository_files(const std::vector<SubjectEntry>& subjects,
                                 const std::string& folder) {
  const fs::path root = fs::current_path();
  RepositoryFiles files{.cases = path_within(root, fs::path(folder) / case_file_name)};
  for (const SubjectEntry& subject : subjects) {
    std::string spec = subject.spec.empty() ? subject.name : subject.spec;
    // What stands between quotes, blanks and the signs of a label and a prefix may be a file.
    std::ranges::replace_if(
        spec, [](char c) { return std::string_view("'\"=:").find(c) != std::string_view::npos; },
        ' ');
    std::istringstream words(spec);
    // The first that is text; an interpreter is not, nor is a link to one elsewhere a file of ours.
    for (std::string word; words >> word;) {
      std::error_code ignored;
      const std::string path = path_within(root, word);
      if (path.empty() || !fs::is_regular_file(root / path, ignored)) continue;
      if (path_within(fs::canonical(root, ignored), fs::canonical(root / path, ignored)).empty())
        continue;
      files.sources.try_emplace(subject.name, path);
      if (!is_text(root / path)) continue;
      files.sources[subject.name] = path;
      break;
    }
  }
  return files;
}

std::string render_sarif(const FullReport& report, const RepositoryFiles& files) {
  Results results(files);
  for (std::size_t i = 0; i < report.findings.size(); ++i) {
    const FindingText& text = report.findings[i];
    results.add(report.result.findings[i], text, text.excuse.empty() ? "error" : "note");
  }
  for (std::size_t i = 0; i < report.remarks.size(); ++i) {
    results.add(report.result.remarks[i], report.remarks[i], "note");
  }
  const Json driver = {{"name", "gridproof"},
                       {"version", printable(report.version, 100)},
                       {"semanticVersion", printable(report.version, 100)},
                       {"rules", results.rules()}};
  const Json invocation = {{"commandLine", report.command}, {"executionSuccessful", true}};
  const Json run = {{"tool", {{"driver", driver}}},
                    {"invocations", Json::array({invocation})},
                    {"originalUriBaseIds",
                     {{report_base, {{"description", {{"text", "The folder of the report"}}}}}}},
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
