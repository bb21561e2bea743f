#include "reports/render/read_report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "reports/cli/arguments.h"
#include "reports/evidence/evidence.h"
#include "reports/render/json.h"
#include "reports/testing/example_report.h"
#include "reports/text/input_error.h"

namespace gridproof::reports {
namespace {

std::string rendered(const Report& report) { return render_json(with_evidence(report)); }

std::string why_not(const std::string& text) {
  try {
    parse_report(text, "r.json");
    return "";
  } catch (const InputError& error) {
    return error.what();
  }
}

TEST(ReadReport, RenderedAgainItIsTheSameText) {
  const std::string text = rendered(example_report());
  EXPECT_EQ(rendered(parse_report(text, "r.json")), text);
  Report clean = clean_report();
  clean.result.participation["fake"].untested = {"infinity.zeros"};
  clean.result.participation["fake"].unsupported = {"shape.rank"};
  const std::string other = rendered(clean);
  EXPECT_EQ(rendered(parse_report(other, "r.json")), other);
  EXPECT_EQ(parse_report(other, "r.json").result.participation, clean.result.participation);
}

// What was asked before is part of the case.
TEST(ReadReport, ASequenceIsReadAgain) {
  Report report = example_report();
  Incident& incident = report.result.findings.front().incidents.front();
  incident.before = {parse_case(nan_line), incident.reduced};
  const std::string text = rendered(report);
  const Report again = parse_report(text, "report.json");
  EXPECT_EQ(lines_of(again.result.findings.front().incidents.front()), lines_of(incident));
  EXPECT_EQ(rendered(again), text);
}

TEST(ReadReport, GradientsAreReadAgain) {
  for (const BackwardAnswer& answer :
       {wrong_gradients(), BackwardAnswer(Lost{"it died"}), BackwardAnswer(Refusal{"", "no"}),
        BackwardAnswer(Unsupported{"gradients"})}) {
    Report report = gradient_report();
    report.result.findings = {finding_of({gradient_incident(answer)})};
    report.options.one_sided = true;
    const std::string text = rendered(report);
    const Report again = parse_report(text, "report.json");
    EXPECT_EQ(rendered(again), text);
    EXPECT_EQ(totals_line(again), "1000 samples and 400 gradients judged, 1 finding, 15 undecided");
  }
  auto json = nlohmann::ordered_json::parse(rendered(gradient_report()));
  json["findings"][0]["incidents"][0]["backward"]["element"] = 2;
  EXPECT_TRUE(why_not(json.dump()).find("is no whole number from 0 to 1") != std::string::npos);
}

// Of several shards the smallest question is shown, and all cases are counted.
TEST(ReadReport, ShardsOfGradientsAreMerged) {
  std::vector<Report> shards(2, gradient_report());
  for (int i = 0; i < 2; ++i) shards[i].options.shard = {.index = i, .count = 2};
  Incident& smaller = shards[1].result.findings.front().incidents.front();
  smaller.backward->elements = 6;
  smaller.ordinal = 50;
  const Report merged = merge(shards);
  ASSERT_EQ(merged.result.findings.size(), 1U);
  const Incident& incident = merged.result.findings.front().incidents.front();
  EXPECT_EQ(incident.ordinal, 50U);
  EXPECT_EQ(incident.cases, 10);
  EXPECT_EQ(gradients_of(merged), 800);
}

// Of a report that says nothing of what was tested the verdicts tell it.
TEST(ReadReport, AnOlderReportHasNoParticipation) {
  auto json = nlohmann::ordered_json::parse(rendered(clean_report()));
  json.erase("participation");
  const Report report = parse_report(json.dump(), "r.json");
  EXPECT_EQ(report.result.participation.size(), 0U);
  EXPECT_EQ(asked_of(report), 1000);
  EXPECT_TRUE(passes(report));
}

// What one shard tested is tested, and what none did is not.
TEST(ReadReport, MergedShardsTestTogether) {
  std::vector<Report> shards(2, clean_report());
  for (int i = 0; i < 2; ++i) {
    shards[i].options.shard = {.index = i, .count = 2};
    shards[i].result.participation["fake"].coverage[1].asked = 3500;
  }
  shards[0].result.participation["fake"].untested = {"infinity.zeros"};
  shards[1].result.participation["fake"].decided_by_clause["infinity.zeros"] = 1;
  EXPECT_TRUE(passes(merge(shards)));
  EXPECT_EQ(totals_line(merge(shards)), "2000 samples judged, 0 findings, 10 undecided");
  shards[0].result.participation["fake"].untested.emplace_back("infinity.border");
  EXPECT_TRUE(passes(shards[0]));
  EXPECT_EQ(outcome_of(merge(shards)), "does not pass: 1 clause not tested");
  const Participation sum = merge(shards).result.participation["fake"];
  EXPECT_EQ(sum.decided_by_clause.at("coord.nan"), 1200);
  EXPECT_EQ(sum.coverage[1], (Coverage{.strength = 3, .asked = 7000, .possible = 7001}));
}

TEST(ReadReport, EveryOptionIsReadAgain) {
  Report report = example_report();
  report.options = {.seed = 12345678901234567890U,
                    .max_cases = 5,
                    .max_samples = 7,
                    .budget = std::chrono::milliseconds(1500),
                    .shard = {.index = 1, .count = 3},
                    .profile = *gridproof::parse_profile("P4c(f16)"),
                    .dialect = Dialect::onnx_16,
                    .strict = true,
                    .shortcut = false};
  report.subjects.front().spec = "fake=process:./fake --fast";
  report.result.findings.front().known = true;
  report.result.findings.front().waiver = "w";
  report.result.findings.front().incidents.front().waiver = "w";
  report.result.ended = "too often lost";
  report.result.waivers = {
      {.waiver = {.name = "w",
                  .predicate = {.modes = {"bicubic"}, .ranks = {4, 5}, .up_to = 3},
                  .max_share = 0.25,
                  .reason = "because",
                  .expires = "2027-01-31"},
       .covered = 10,
       .waived = 2}};
  report.result.findings.front().incidents.front().dialect = Dialect::onnx;
  report.result.findings.front().incidents.front().answer = Unsupported{"f16"};
  const std::string text = rendered(report);
  EXPECT_EQ(rendered(parse_report(text, "r.json")), text);
}

TEST(ReadReport, SaysWhatIsWrong) {
  EXPECT_EQ(why_not(""), "r.json: this is not JSON: expected a report.json of gridproof check");
  EXPECT_TRUE(why_not("{}").starts_with("r.json: this is no report of gridproof check: "));
  EXPECT_TRUE(why_not("[1]").starts_with("r.json: this is no report of gridproof check: "));
  auto json = nlohmann::ordered_json::parse(rendered(example_report()));
  json["findings"][0]["verdict"] = "guilty";
  EXPECT_EQ(why_not(json.dump()),
            "r.json: this is no report of gridproof check: 'guilty' is no such name");
  json = nlohmann::ordered_json::parse(rendered(example_report()));
  json["findings"][0]["incidents"][0]["case"] = "grid_sample input=x";
  EXPECT_TRUE(why_not(json.dump()).starts_with("r.json: a case is malformed: "));
  json = nlohmann::ordered_json::parse(rendered(example_report()));
  json["findings"][0]["incidents"] = nlohmann::ordered_json::array();
  EXPECT_EQ(why_not(json.dump()),
            "r.json: this is no report of gridproof check: a finding has no incidents");
}

// Each number of a report out of its range, in the notations that JSON has for one.
TEST(ReadReport, NumbersAreInTheirRanges) {
  using Pointer = nlohmann::ordered_json::json_pointer;
  const auto whole = nlohmann::ordered_json::parse(rendered(example_report()));
  ASSERT_EQ(why_not(whole.dump()), "");
  const nlohmann::ordered_json wrong = {
      -1000000, -1, 1e300, -1e300, 1.5, 18446744073709551615U, "1", nullptr, true};
  const std::string incident = "/findings/0/incidents/0/";
  for (const std::string& path :
       {incident + "sample", incident + "channel", incident + "samples", incident + "cases",
        incident + "agreeing", incident + "probes", std::string("/findings/0/samples"),
        std::string("/campaign/shard/index"), std::string("/campaign/shard/count"),
        std::string("/totals/cases"), std::string("/totals/samples"),
        std::string("/strata/0/cases"), std::string("/strata/0/samples"),
        std::string("/strata/0/verdicts/deviates"), std::string("/summary/1/verdicts/deviates")}) {
    for (const auto& value : wrong) {
      auto json = whole;
      json[Pointer(path)] = value;
      EXPECT_NE(why_not(json.dump()), "") << path << ' ' << value;
    }
  }
  for (const char* path : {"/campaign/cases", "/campaign/samples", "/campaign/budget_seconds"}) {
    for (const auto& value : wrong) {
      if (value.is_null() || value == 1.5) continue;  // no limit, a time
      auto json = whole;
      json[Pointer(path)] = value;
      EXPECT_NE(why_not(json.dump()), "") << path << ' ' << value;
    }
  }
  for (const std::string& path : {std::string("/campaign/seed"), incident + "ordinal"}) {
    auto json = whole;
    json[Pointer(path)] = -1;
    EXPECT_NE(why_not(json.dump()), "") << path;
    json[Pointer(path)] = 18446744073709551615U;
    EXPECT_EQ(why_not(json.dump()), "") << path;
  }
}

// The last sample and channel of the case, and those after them.
TEST(ReadReport, ASampleIsOneOfItsCase) {
  auto json = nlohmann::ordered_json::parse(rendered(example_report()));
  auto& incident = json["findings"][0]["incidents"][0];
  incident["case"] = "grid_sample input=f32[1,3,1,1]{0*3} grid=f32[1,1,2,2]{0*4}";
  incident["sample"] = 1;
  incident["channel"] = 2;
  EXPECT_EQ(why_not(json.dump()), "");
  incident["sample"] = 2;
  EXPECT_EQ(why_not(json.dump()),
            "r.json: this is no report of gridproof check: 2 is no whole number from 0 to 1");
  incident["sample"] = 1;
  incident["channel"] = 3;
  EXPECT_EQ(why_not(json.dump()),
            "r.json: this is no report of gridproof check: 3 is no whole number from 0 to 2");
}

TEST(ReadReport, MuchOfNothingIsRefusedBeforeItIsBuilt) {
  EXPECT_EQ(why_not(std::string(20'000'000, '[')),
            "r.json: this is nested too deeply: expected a report.json of gridproof check");
  std::string wide = "[0";
  for (int i = 0; i < 10'000'000; ++i) wide += ",0";
  EXPECT_EQ(
      why_not(wide + ']'),
      "r.json: this has more than 10000000 values: expected a report.json of gridproof check");
  EXPECT_EQ(why_not(R"({"format": 1, "format": 1})"),
            "r.json: this names 'format' twice: expected a report.json of gridproof check");
}

// Whatever a text is, it is read or refused.
TEST(ReadReport, DamagedTextDoesNoHarm) {
  const std::string whole = rendered(example_report());
  std::mt19937 random(1);
  for (int i = 0; i < 2000; ++i) {
    std::string text = whole;
    const std::size_t at = random() % text.size();
    switch (i % 3) {
      case 0:
        text[at] = static_cast<char>(random());
        break;
      case 1:
        text.erase(at, random() % 40);
        break;
      default:
        text.insert(at, text.substr(random() % text.size(), random() % 40));
    }
    why_not(text);
  }
}

}  // namespace
}  // namespace gridproof::reports
