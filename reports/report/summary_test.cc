#include "reports/report/summary.h"

#include <gtest/gtest.h>

#include <sstream>

#include "reports/evidence/evidence.h"
#include "reports/testing/example_report.h"
#include "reports/text/text.h"

namespace gridproof::reports {
namespace {

std::vector<std::string> summary_lines(const Report& report, bool colors, std::size_t columns) {
  std::istringstream text(render_summary(with_evidence(report), "out", Painter(colors), columns));
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

bool contains(const std::vector<std::string>& lines, const std::string& part) {
  return std::ranges::any_of(
      lines, [&](const std::string& line) { return line.find(part) != std::string::npos; });
}

TEST(RenderSummary, TheLastLineIsTheResult) {
  EXPECT_EQ(summary_lines(example_report(), false, 200).back(),
            "123456 samples judged, 3 findings, 55 undecided");
}

TEST(RenderSummary, SaysWhatMatters) {
  const auto lines = summary_lines(example_report(), false, 200);
  EXPECT_EQ(
      lines[0],
      "subject  same-bits  admissible  latitude  undecided  quality-warning  refused-wrongly  "
      "deviates  lost");
  EXPECT_TRUE(contains(lines,
                       "1  fake deviates from [coord.nan]. It gives 2 where only 1 is right. "
                       "(1,999 samples)"));
  EXPECT_TRUE(contains(lines, nan_line));
  EXPECT_TRUE(contains(lines, "fake uses latitude in 1,500 samples:"));
  EXPECT_TRUE(contains(lines, "       [options.bicubic-4d]"));
  EXPECT_TRUE(
      contains(lines, "fake is less exact than P1 asks in 1,500 samples, but inside P4a(bf16):"));
  EXPECT_TRUE(contains(lines, "fake  nan  55 of 123,456  0.04 %"));
  EXPECT_TRUE(contains(lines, "report: out/report.md"));
}

// What the campaign found is printed, whatever a judge says who knows the reference's answer.
TEST(RenderSummary, ARemarkNamesTheProfileOfTheCampaign) {
  Report report = example_report();
  Incident& incident = report.result.remarks[1].incidents.front();
  const Tensor same(Dtype::bf16, {1, 1, 1, 1}, std::vector{1.0});  // the reference's bits
  incident.answer = same;
  EXPECT_TRUE(contains(summary_lines(report, false, 200), "but inside P4a(bf16):"));
  incident.within.reset();  // a report of an earlier version
  EXPECT_TRUE(contains(summary_lines(report, false, 200),
                       "fake is less exact than P1 asks in 1,500 samples:"));
}

TEST(RenderSummary, CutsLongCasesAndSaysWhereTheyAreWhole) {
  const Report report = example_report();
  const auto lines = summary_lines(report, false, 80);
  EXPECT_FALSE(contains(lines, nan_line));
  EXPECT_TRUE(contains(
      lines, "… (cases.txt:" + std::to_string(with_evidence(report).findings[0].line) + ")"));
}

// Nine verdicts are more than a line of 80 columns holds.
TEST(RenderSummary, TheTableFitsTheTerminal) {
  Report report = example_report();
  report.subjects.push_back({.name = "other"});
  const auto lines = summary_lines(report, false, 80);
  EXPECT_EQ(lines[0], "subject             fake  other");
  EXPECT_EQ(lines[1], "same-bits        100,000      0");
  EXPECT_EQ(lines[8], "lost                   1      0");
  for (std::size_t i = 0; i < 9; ++i) EXPECT_LE(width(lines[i]), 80U);
}

TEST(RenderSummary, ColorsOnlyWhereTheyAreWanted) {
  EXPECT_FALSE(contains(summary_lines(example_report(), false, 80), "\x1b"));
  EXPECT_TRUE(contains(summary_lines(example_report(), true, 80), "\x1b[31m"));
}

TEST(RenderSummary, AConformingSubjectHasNoSections) {
  Report report = clean_report();
  report.result.participation.clear();
  report.result.strata["fake"]["nan"] = {.cases = 1, .samples = 5, .verdicts = {5}};
  EXPECT_EQ(render_summary(with_evidence(report), "out", Painter(), 80),
            "subject  same-bits  admissible\n"
            "fake             5           0\n"
            "\n"
            "report: out/report.md\n"
            "passes\n"
            "5 samples judged, 0 findings, 0 undecided\n");
}

TEST(RenderSummary, SaysWhatWasAskedAndWhatWasNot) {
  Report report = clean_report();
  Participation& part = report.result.participation["fake"];
  part.untested = {"infinity.zeros"};
  part.unsupported = {"shape.rank"};
  std::erase_if(part.parts, [](const std::string& one) { return one.starts_with("bicubic"); });
  EXPECT_EQ(render_summary(with_evidence(report), "", Painter(), 80),
            "subject  same-bits  admissible  unsupported  undecided  not tested\n"
            "fake           990           5           10          5    1 clause\n"
            "\n"
            "of fake 1 clause was not tested: [infinity.zeros]\n"
            "\n"
            "Undecided\n"
            "     fake  nan  5 of 1,000  0.50 %\n"
            "\n"
            "What was asked\n"
            "     fake takes part in bilinear, nearest\n"
            "     fake takes no part in [shape.rank]\n"
            "     fake: 2-way combinations: 900 of 900\n"
            "     fake: 3-way combinations: 7,000 of 7,001\n"
            "\n"
            "does not pass: 1 clause not tested\n"
            "1000 samples judged, 0 findings, 5 undecided, 1 clause not tested\n");
}

// With nothing, one and several of each.
TEST(RenderSummary, WaiversAreCounted) {
  const auto line = [](std::int64_t waived, std::int64_t covered) {
    Report report = clean_report();
    report.result.waivers = {
        {.waiver = {.name = "w", .reason = "because"}, .covered = covered, .waived = waived}};
    std::istringstream text(render_summary(with_evidence(report), "", Painter(), 80));
    for (std::string one; std::getline(text, one);) {
      if (one.starts_with("     w: ")) return one.substr(8);
    }
    return std::string("nothing");
  };
  EXPECT_EQ(line(0, 0), "0 of 0 samples that it covers fail; because");
  EXPECT_EQ(line(1, 1), "1 of 1 sample that it covers fails; because");
  EXPECT_EQ(line(1, 2000), "1 of 2,000 samples that it covers fails; because");
  EXPECT_EQ(line(2, 2000), "2 of 2,000 samples that it covers fail; because");
}

// Red is what fails, green only what passes whole.
TEST(RenderSummary, TheOutcomeIsPainted) {
  const auto painted = [](const Report& report) {
    return render_summary(with_evidence(report), "", Painter(true), 80);
  };
  Report report = clean_report();
  EXPECT_NE(painted(report).find("\x1b[32mpasses"), std::string::npos);
  report.result.participation["fake"].unsupported = {"shape.rank"};
  EXPECT_NE(painted(report).find("\x1b[33mpasses for all but 1 clause"), std::string::npos);
  report.result.participation["fake"].untested = {"coord.nan"};
  EXPECT_NE(painted(report).find("\x1b[31mdoes not pass: "), std::string::npos);
}

}  // namespace
}  // namespace gridproof::reports
