#include "reports/render/sarif.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "reports/evidence/evidence.h"
#include "reports/testing/example_report.h"
#include "reports/testing/temporary_folder.h"

namespace gridproof::reports {
namespace {

using nlohmann::json;

json parsed(const Report& report) { return json::parse(render_sarif(with_evidence(report))); }

// What SARIF requires of the members that are used here (its schema is validate_reports.py's).
void expect_structure(const json& sarif) {
  EXPECT_EQ(sarif["version"], "2.1.0");
  ASSERT_EQ(sarif["runs"].size(), 1U);
  const json& run = sarif["runs"][0];
  const json& driver = run["tool"]["driver"];
  EXPECT_EQ(driver["name"], "gridproof");
  std::set<std::string> ids;
  for (const json& rule : driver["rules"]) {
    EXPECT_TRUE(ids.insert(rule.at("id")).second) << rule;
    EXPECT_NE(rule.at("shortDescription").at("text"), "");
    EXPECT_NE(rule.at("fullDescription").at("text"), "");
  }
  for (const json& result : run["results"]) {
    EXPECT_EQ(driver["rules"].at(result.at("ruleIndex").get<std::size_t>())["id"],
              result.at("ruleId"));
    EXPECT_TRUE(result.at("level") == "error" || result.at("level") == "note");
    EXPECT_NE(result.at("message").at("text"), "");
    ASSERT_EQ(result.at("locations").size(), 1U);
    const json& place = result["locations"][0].at("physicalLocation");
    EXPECT_EQ(place.at("artifactLocation").at("uri"), "cases.txt");
    EXPECT_GT(place.at("region").at("startLine"), 0);
    for (const json& print : result.at("partialFingerprints")) EXPECT_TRUE(print.is_string());
  }
}

TEST(RenderSarif, FindingsAreErrorsAndRemarksNotes) {
  const json sarif = parsed(example_report());
  expect_structure(sarif);
  const json& run = sarif["runs"][0];
  EXPECT_EQ(run["tool"]["driver"]["version"], "1.2.3");
  const json& results = run["results"];
  ASSERT_EQ(results.size(), 5U);
  EXPECT_EQ(results[0]["ruleId"], "coord.nan");
  EXPECT_EQ(results[0]["level"], "error");
  EXPECT_EQ(results[0]["message"]["text"],
            "fake deviates from [coord.nan]. It gives 2 where only 1 is right.");
  EXPECT_EQ(results[1]["ruleId"], "lost");
  EXPECT_EQ(results[3]["level"], "note");
  EXPECT_EQ(results[4]["ruleId"], "bicubic.kernel");
}

TEST(RenderSarif, ARuleHasTheTextOfItsClause) {
  const json sarif = parsed(example_report());
  const json& rules = sarif["runs"][0]["tool"]["driver"]["rules"];
  ASSERT_EQ(rules.size(), 5U);
  EXPECT_EQ(rules[0]["id"], "coord.nan");
  EXPECT_EQ(rules[0]["shortDescription"]["text"], "grid_sample, clause coord.nan (documented)");
  EXPECT_EQ(rules[0]["fullDescription"]["text"], find_clause("coord.nan")->text);
}

// GitHub takes 1024 characters of a description; the whole text is in the help.
TEST(RenderSarif, ALongClauseIsCutInItsDescriptionOnly) {
  Report report = example_report();
  report.result.remarks.clear();
  for (const Clause& clause : clauses()) {
    report.result.remarks.push_back(finding_of(
        {incident_of(Verdict::latitude, clause.name, nan_line, one_value(Dtype::f32, 1))}));
  }
  const json sarif = parsed(report);
  std::size_t cut = 0;
  for (const json& rule : sarif["runs"][0]["tool"]["driver"]["rules"]) {
    const Clause* clause = find_clause(rule["id"].get<std::string>());
    if (clause == nullptr) continue;
    const std::string text = rule["fullDescription"]["text"];
    EXPECT_LE(text.size(), 1024U) << clause->name;
    EXPECT_EQ(rule["help"]["text"], clause->text);
    if (text == clause->text) continue;
    EXPECT_TRUE(text.ends_with("\n…")) << text;
    EXPECT_TRUE(clause->text.starts_with(text.substr(0, text.size() - 3))) << text;
    ++cut;
  }
  EXPECT_GT(cut, 0U);
}

TEST(RenderSarif, ThePlaceIsTheLineOfTheCase) {
  const FullReport report = with_evidence(example_report());
  const json sarif = json::parse(render_sarif(report));
  std::vector<std::string> lines;
  std::istringstream text(report.cases);
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  for (const json& result : sarif["runs"][0]["results"]) {
    const std::size_t line =
        result["locations"][0]["physicalLocation"]["region"]["startLine"].get<std::size_t>();
    EXPECT_EQ(lines.at(line - 1), result["properties"]["case"].get<std::string>());
  }
}

TEST(RenderSarif, AFingerprintIsTheSameInEveryRun) {
  const auto prints_of = [](const Report& report) {
    std::vector<std::string> prints;
    const json sarif = parsed(report);
    for (const json& result : sarif["runs"][0]["results"]) {
      prints.push_back(result["partialFingerprints"]["subjectClauseCause/v1"]);
    }
    return prints;
  };
  Report report = example_report();
  const std::vector<std::string> prints = prints_of(report);
  EXPECT_EQ(std::set(prints.begin(), prints.end()).size(), prints.size());
  // Another case, another number of samples: the same finding, on another line.
  Finding& first = report.result.findings.front();
  first.samples = 1;
  first.incidents.pop_back();
  std::swap(report.result.findings[0], report.result.findings[1]);
  EXPECT_EQ(prints_of(report)[1], prints[0]);
  report.result.findings[1].cause = "another";
  EXPECT_NE(prints_of(report)[1], prints[0]);
}

TEST(RenderSarif, WhatSubjectsSayIsNeitherLinkNorPlaceholder) {
  Report report = example_report();
  report.result.findings = {finding_of({incident_of(Verdict::refused_wrongly, "coord.nan", nan_line,
                                                    Refusal{"", "[x](http://y) {0} \xff\x01"})})};
  const json sarif = parsed(report);
  expect_structure(sarif);
  const std::string text = sarif["runs"][0]["results"][0]["message"]["text"];
  EXPECT_NE(text.find("[x] (http://y) {{0}} \uFFFD"), std::string::npos) << text;
}

TEST(RenderSarif, WithoutFindingsThereAreNoResults) {
  Report report = example_report();
  report.result.findings.clear();
  report.result.remarks.clear();
  const json sarif = parsed(report);
  expect_structure(sarif);
  EXPECT_EQ(sarif["runs"][0]["results"], json::array());
  EXPECT_EQ(sarif["runs"][0]["tool"]["driver"]["rules"], json::array());
}

TEST(RenderSarif, TwoRunsDoNotDiffer) {
  Report later = example_report();
  const json first = parsed(later);
  later.day = "2027-01-01";
  later.result.elapsed = std::chrono::seconds(1000);
  EXPECT_EQ(parsed(later), first);
}

TEST(RenderSarif, WhatIsKnownIsUnchanged) {
  Report report = example_report();
  report.result.findings.front().known = true;
  const std::string text = render_sarif(with_evidence(report));
  EXPECT_NE(text.find("\"unchanged\""), std::string::npos);
  EXPECT_NE(text.find("\"new\""), std::string::npos);
}

// Findings are about the subject's file, where the repository has it.
TEST(RenderSarif, ThePlaceIsInTheRepository) {
  const FullReport report = with_evidence(example_report());
  const json sarif = json::parse(
      render_sarif(report, {.cases = "out/a b/cases.txt", .sources = {{"fake", "src/é.py"}}}));
  const json& result = sarif["runs"][0]["results"][0];
  const json& place = result["locations"][0]["physicalLocation"];
  EXPECT_EQ(place["artifactLocation"], (json{{"uri", "src/%C3%A9.py"}}));
  EXPECT_EQ(place["region"]["startLine"], 1);
  const json& related = result["relatedLocations"][0]["physicalLocation"];
  EXPECT_EQ(related["artifactLocation"], (json{{"uri", "out/a%20b/cases.txt"}}));
  EXPECT_EQ(related["region"]["startLine"], report.findings[0].line);
  const json elsewhere = parsed(report);
  EXPECT_EQ(
      elsewhere["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"],
      (json{{"uri", "cases.txt"}, {"uriBaseId", "REPORT"}}));
  EXPECT_FALSE(elsewhere["runs"][0]["results"][0].contains("relatedLocations"));
}

TEST(RenderSarif, FilesOfTheRepositoryAreThoseBelowTheCurrentFolder) {
  const TemporaryFolder folder;
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::create_directories(folder.path() / "repository/src");
  folder.write("repository/src/adapter.py", "");
  folder.write("outside.so", "");
  std::filesystem::current_path(folder.path() / "repository");
  const auto source = [](const std::string& spec) {
    const RepositoryFiles files = repository_files({{.name = "a", .spec = spec}}, "out");
    EXPECT_EQ(files.cases, "out/cases.txt");
    const auto found = files.sources.find("a");
    return found == files.sources.end() ? "" : found->second;
  };
  EXPECT_EQ(source("a=process:python3 src/adapter.py --fast"), "src/adapter.py");
  EXPECT_EQ(source("process:python3 './src/../src/adapter.py'"), "src/adapter.py");
  EXPECT_EQ(source((folder.path() / "repository/src/adapter.py").string()), "src/adapter.py");
  EXPECT_EQ(source("../outside.so"), "");
  // The interpreter of a virtual environment: a link, or a copy.
  std::filesystem::create_directories("venv");
  std::filesystem::create_symlink("/bin/sh", "venv/link");
  folder.write("repository/venv/copy", std::string("\x7f"
                                                   "ELF\0\0",
                                                   6));
  EXPECT_EQ(source("process:venv/link src/adapter.py"), "src/adapter.py");
  EXPECT_EQ(source("process:venv/copy src/adapter.py"), "src/adapter.py");
  EXPECT_EQ(source("process:venv/link"), "");
  EXPECT_EQ(source("process:venv/copy --fast"), "venv/copy");  // perhaps a program of their own
  EXPECT_EQ(source("process:./src"), "");                      // a folder
  EXPECT_EQ(source("torch-2.15.0"), "");
  EXPECT_EQ(repository_files({}, "..").cases, "");
  EXPECT_EQ(repository_files({}, folder.path()).cases, "");
  EXPECT_EQ(repository_files({}, "./a/../b").cases, "b/cases.txt");
  std::filesystem::current_path(before);
}

}  // namespace
}  // namespace gridproof::reports
