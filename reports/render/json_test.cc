#include "reports/render/json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "reports/evidence/evidence.h"
#include "reports/testing/example_report.h"
#include "reports/testing/schema_errors.h"

namespace gridproof::reports {
namespace {

using nlohmann::json;

std::string schema_errors(const json& document) {
  return reports::schema_errors(report_schema(), document);
}

json parsed(const Report& report) { return json::parse(render_json(with_evidence(report))); }

TEST(RenderJson, ObeysThePublishedSchema) {
  EXPECT_EQ(schema_errors(parsed(example_report())), "");
}

TEST(RenderJson, LinksToTheQuestionWhereThePagesAreKnown) {
  EXPECT_FALSE(parsed(example_report())["findings"][0]["incidents"][0].contains("question"));
  setenv("GRIDPROOF_SITE", "https://example.org", 1);
  const json document = parsed(example_report());
  unsetenv("GRIDPROOF_SITE");
  EXPECT_EQ(schema_errors(document), "");
  const std::string link = document["findings"][0]["incidents"][0]["question"];
  EXPECT_TRUE(link.starts_with("https://example.org/question.html#q=")) << link;
}

TEST(RenderJson, ObeysItWithEveryOptionSet) {
  Report report = example_report();
  report.options = {.seed = std::numeric_limits<std::int64_t>::max(),
                    .max_cases = 5,
                    .max_samples = 100'000'000,
                    .budget = std::chrono::milliseconds(1500),
                    .shard = {1, 3},
                    .profile = {.kind = Profile::Kind::narrow_arithmetic, .type = Dtype::bf16},
                    .strict = true};
  const json document = parsed(report);
  EXPECT_EQ(schema_errors(document), "");
  EXPECT_EQ(document["campaign"]["shard"], (json{{"index", 2}, {"count", 3}}));
  EXPECT_EQ(document["campaign"]["budget_seconds"], 1.5);
  EXPECT_EQ(document["campaign"]["profile"], "P4a(bf16)");
}

// A schema that accepts anything proves nothing.
TEST(RenderJson, TheSchemaRejectsOtherDocuments) {
  const json good = parsed(example_report());
  const auto rejects = [&](const std::string& pointer, const json& value) {
    json bad = good;
    bad[json::json_pointer(pointer)] = value;
    EXPECT_NE(schema_errors(bad), "") << pointer;
  };
  rejects("/format", 2);
  rejects("/surprise", 1);
  rejects("/totals/samples", -1);
  rejects("/campaign/profile", "P9");
  rejects("/findings/0/verdict", "fine");
  rejects("/findings/0/incidents", json::array());
  rejects("/findings/0/incidents/0/case", "grid sample");
  rejects("/findings/0/incidents/0/got", {{"value", 1}});
  rejects("/findings/0/incidents/0/got/value", "1,5");
  rejects("/summary/0/verdicts/perfect", 1);
}

TEST(RenderJson, TwoRunsDoNotDiffer) {
  Report later = example_report();
  const std::string first = render_json(with_evidence(later));
  later.day = "2027-01-01";
  later.result.elapsed = std::chrono::seconds(1000);
  EXPECT_EQ(render_json(with_evidence(later)), first);
}

TEST(RenderJson, NumbersAreInTheNotationOfTheCaseLine) {
  Report report = example_report();
  report.result.findings = {finding_of(
      {incident_of(Verdict::deviates, "coord.nan", nan_line, one_value(Dtype::f32, NAN))})};
  json document = parsed(report);
  EXPECT_EQ(document["findings"][0]["incidents"][0]["got"], (json{{"value", "nan"}}));
  EXPECT_EQ(document["findings"][0]["incidents"][0]["exact"], "1");
  EXPECT_EQ(document["findings"][0]["clause"]["status"], "documented");
  report.result.findings = {finding_of(
      {incident_of(Verdict::deviates, "coord.nan", nan_line, one_value(Dtype::f32, -0.1))})};
  document = parsed(report);
  EXPECT_EQ(document["findings"][0]["incidents"][0]["got"], (json{{"value", "-0x1.99999ap-4"}}));
  EXPECT_EQ(schema_errors(document), "");
}

TEST(RenderJson, TextThatIsNoUtf8IsReplaced) {
  Report report = example_report();
  report.result.findings = {
      finding_of({incident_of(Verdict::lost, "", nan_line, Lost{"\xff\xfe bytes"})})};
  EXPECT_EQ(schema_errors(parsed(report)), "");
}

TEST(RenderJson, ItSaysWhatWasTested) {
  Report report = clean_report();
  report.result.participation["fake"].untested = {"infinity.zeros"};
  report.result.participation["fake"].unsupported = {"shape.rank"};
  const json document = parsed(report);
  EXPECT_EQ(schema_errors(document), "");
  EXPECT_EQ(document["passes"], false);
  EXPECT_EQ(document["totals"], (json{{"cases", 100},
                                      {"samples", 1000},
                                      {"gradients", 0},
                                      {"findings", 0},
                                      {"undecided", 5},
                                      {"untested", 1}}));
  const json& part = document["participation"][0];
  EXPECT_EQ(part["clauses"], (json{{"coord.nan", 600}, {"padding.zeros", 395}}));
  EXPECT_EQ(part["untested"], json{"infinity.zeros"});
  EXPECT_EQ(part["parts"].size(), 60U);
  EXPECT_EQ(part["coverage"][1], (json{{"strength", 3}, {"asked", 7000}, {"possible", 7001}}));
  EXPECT_EQ(parsed(clean_report())["passes"], true);
  json bad = document;
  bad["participation"][0]["untested"] = {"a", "a"};
  EXPECT_NE(schema_errors(bad), "");
}

}  // namespace
}  // namespace gridproof::reports
