#include "reports/report/report.h"

#include <gtest/gtest.h>

#include "reports/testing/example_report.h"

namespace gridproof::reports {
namespace {

TEST(Report, TheElementOfALargerOutput) {
  const Case test_case = parse_case(
      "grid_sample mode=nearest input=f32[2,3,1,2]{1..12} "
      "grid=f32[2,1,2,2]{-0.5,0,0.5,0,-0.5,0,0.5,0}");
  Tensor output(Dtype::f32, {2, 3, 1, 2});
  for (std::size_t i = 0; i < 12; ++i) {
    output.elements<float>()[i] = static_cast<float>(i);
  }
  // Sample 3 is the second location of the second batch.
  EXPECT_EQ(element_of(test_case, output, 3, 2).value, 11);
  EXPECT_EQ(element_of(test_case, output, 1, 0).value, 1);
  EXPECT_EQ(element_of(test_case, Tensor(Dtype::f32, {2, 3, 1, 1}), 3, 0).instead,
            "an output of shape [2,3,1,1]");
  EXPECT_EQ(element_of(test_case, Tensor(Dtype::f64, {2, 3, 1, 2}), 0, 0).instead, "0 as f64");
}

TEST(Report, Totals) {
  const Report report = example_report();
  EXPECT_EQ(totals_of(report.result, "fake")[0], 100'000);
  EXPECT_EQ(totals_of(report.result, "nobody")[0], 0);
  EXPECT_EQ(undecided_of(report), 55);
  EXPECT_EQ(asked_of(report), 123'456);
  EXPECT_EQ(cases_of(report.result.findings[0]), 24);
  EXPECT_EQ(occurring({{0, 0, 0, 1}}, {Verdict::same_bits}),
            (std::vector{Verdict::same_bits, Verdict::latitude}));
}

// ---- What was tested, and of what ----

TEST(Report, WithoutAParticipationTheVerdictsTellIt) {
  Report report = clean_report();
  report.result.participation.clear();
  const Participation part = participation_of(report.result, "fake");
  EXPECT_EQ(part.asked, 1000);
  EXPECT_EQ(part.decided, 995);
  EXPECT_EQ(part.untested, std::vector<std::string>());
  EXPECT_EQ(part_of(part), "");
  EXPECT_TRUE(passes(report));
}

TEST(Report, WhatASubjectTakesPartIn) {
  Participation part;
  part.parts = all_parts();
  EXPECT_EQ(part_of(part), "");
  const auto only = [](const auto& keep) {
    Participation some;
    some.parts = all_parts();
    std::erase_if(some.parts, [&](const std::string& one) { return !keep(one); });
    return part_of(some);
  };
  const auto has = [](const std::string& word) {
    return [word](const std::string& one) { return one.find(word) != std::string::npos; };
  };
  EXPECT_EQ(only(has("4-D")), "4-D");
  EXPECT_EQ(only([&](const std::string& one) {
              return !has("bicubic")(one) && !has("reflection")(one) && has("4-D")(one) &&
                     has("f32")(one);
            }),
            "bilinear, nearest; zeros, border; 4-D; f32");
  // bf16 is not f16, and more words than parts are said to be so.
  EXPECT_EQ(only([&](const std::string& one) { return has(" f16")(one) || has("f64")(one); }),
            "f16, f64");
  EXPECT_EQ(only([&](const std::string& one) {
              return has("bilinear zeros 4-D f32")(one) || has("nearest border 4-D f64")(one);
            }),
            "some of bilinear, nearest; zeros, border; 4-D; f32, f64");
  // Every word occurs, and not every combination.
  EXPECT_EQ(
      only([&](const std::string& one) { return !(has("bicubic")(one) && has(" f16")(one)); }),
      "all but bicubic; 4-D; f16");
  EXPECT_EQ(only([&](const std::string& one) { return !has("nearest zeros 5-D bf16")(one); }),
            "all but nearest; zeros; 5-D; bf16");
  part.unsupported = {"shape.rank"};
  EXPECT_EQ(part_of(part), "all but 1 clause");
  part.unsupported = {"options.mode", "shape.rank"};
  EXPECT_EQ(part_of(part), "all but 2 clauses");
  EXPECT_EQ(part_of({}), "");
}

// Nothing that was left untested passes, and the gate says why it is closed.
TEST(Report, WhatIsNotTestedIsNotPassed) {
  Report report = clean_report();
  Participation& part = report.result.participation["fake"];
  EXPECT_EQ(gaps(report), std::vector<std::string>());
  EXPECT_EQ(outcome_of(report), "passes");
  EXPECT_EQ(totals_line(report), "1000 samples judged, 0 findings, 5 undecided");
  part.untested = {"infinity.zeros"};
  EXPECT_FALSE(passes(report));
  EXPECT_EQ(gaps(report), std::vector<std::string>{"of fake 1 clause was not tested: "
                                                   "[infinity.zeros]"});
  EXPECT_EQ(outcome_of(report), "does not pass: 1 clause not tested");
  EXPECT_EQ(totals_line(report),
            "1000 samples judged, 0 findings, 5 undecided, 1 clause not tested");
  part.untested = {"coord.nan", "infinity.zeros"};
  EXPECT_EQ(gaps(report), std::vector<std::string>{"of fake 2 clauses were not tested: "
                                                   "[coord.nan], [infinity.zeros]"});
  EXPECT_EQ(outcome_of(report), "does not pass: 2 clauses not tested");
  part.untested.clear();
  for (int i = 0; i < 14; ++i) part.untested.push_back("c" + std::to_string(i));
  EXPECT_TRUE(gaps(report).front().ends_with("[c11] and 2 more")) << gaps(report).front();
  // What a shard did not test another may have.
  report.options.shard = {.index = 1, .count = 4};
  EXPECT_TRUE(passes(report));
  EXPECT_EQ(outcome_of(report), "passes, as shard 2 of 4");
}

TEST(Report, WhatDecidesNothingIsNotPassed) {
  Report report = clean_report();
  Participation& part = report.result.participation["fake"];
  part = {.asked = 1, .decided = 0};
  EXPECT_EQ(gaps(report),
            std::vector<std::string>{"fake was not judged: its only sample is undecided"});
  EXPECT_EQ(totals_line(report), "1 sample judged, 0 findings, 1 undecided");
  EXPECT_EQ(outcome_of(report), "does not pass: fake was not judged");
  part.asked = 2000;
  EXPECT_EQ(gaps(report), std::vector<std::string>{
                              "fake was not judged: all of its 2,000 samples are undecided"});
  part.asked = 0;
  EXPECT_EQ(gaps(report),
            std::vector<std::string>{"fake was not judged: it took part in no question"});
  EXPECT_EQ(totals_line(report), "0 samples judged, 0 findings, 0 undecided");
  EXPECT_FALSE(passes(report));
  report.subjects.push_back({.name = "other"});
  EXPECT_EQ(outcome_of(report), "does not pass: 2 subjects were not judged");
}

TEST(Report, TheOutcomeNamesEveryReason) {
  Report report = example_report();
  EXPECT_EQ(outcome_of(report), "does not pass: 3 findings");
  report.result.findings.resize(1, report.result.findings.front());
  EXPECT_EQ(outcome_of(report), "does not pass: 1 finding");
  EXPECT_EQ(totals_line(report), "123456 samples judged, 1 finding, 55 undecided");
  report.result.findings.front().known = true;
  EXPECT_EQ(outcome_of(report), "passes, with 1 finding known or waived");
  EXPECT_EQ(totals_line(report),
            "123456 samples judged, 1 finding (1 known or waived), 55 undecided");
  report.result.waivers = {{.waiver = {.name = "w", .expires = "2026-01-30"}}};
  EXPECT_EQ(outcome_of(report), "does not pass: 1 broken waiver");
  report.result.ended = "fake was lost in 25 cases";
  EXPECT_EQ(outcome_of(report), "does not pass: 1 broken waiver, it ended early");
  report.result.waivers.push_back(report.result.waivers.front());
  report.result.findings.front().known = false;
  EXPECT_EQ(outcome_of(report), "does not pass: 1 finding, 2 broken waivers, it ended early");
}

TEST(Report, ThePartIsSaidWhereItPasses) {
  Report report = clean_report();
  Participation& part = report.result.participation["fake"];
  std::erase_if(part.parts, [](const std::string& one) { return !one.starts_with("nearest"); });
  EXPECT_EQ(outcome_of(report), "passes for nearest");
  report.subjects.push_back({.name = "other"});
  report.result.participation["other"] = {.asked = 5, .decided = 5, .parts = all_parts()};
  EXPECT_EQ(outcome_of(report), "passes, fake for nearest");
}

}  // namespace
}  // namespace gridproof::reports
