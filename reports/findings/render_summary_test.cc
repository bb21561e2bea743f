#include "reports/findings/render_summary.h"

#include <gtest/gtest.h>

#include <sstream>

#include "reports/findings/example_report.h"

namespace gridproof::reports {
namespace {

std::vector<std::string> summary_lines(const Report& report, bool colours, std::size_t columns) {
  std::istringstream text(
      render_summary(report, case_file(report), "out", Painter(colours), columns));
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

TEST(RenderSummary, CutsLongCasesAndSaysWhereTheyAreWhole) {
  const Report report = example_report();
  const auto lines = summary_lines(report, false, 80);
  EXPECT_FALSE(contains(lines, nan_line));
  EXPECT_TRUE(
      contains(lines, "… (cases.txt:" + std::to_string(case_file(report).findings[0]) + ")"));
}

TEST(RenderSummary, ColoursOnlyWhereTheyAreWanted) {
  EXPECT_FALSE(contains(summary_lines(example_report(), false, 80), "\x1b"));
  EXPECT_TRUE(contains(summary_lines(example_report(), true, 80), "\x1b[31m"));
}

TEST(RenderSummary, AConformingSubjectHasNoSections) {
  Report report = example_report();
  report.result.findings.clear();
  report.result.remarks.clear();
  report.result.strata["fake"]["nan"].verdicts = {5};
  EXPECT_EQ(render_summary(report, case_file(report), "out", Painter(), 80),
            "subject  same-bits  admissible\n"
            "fake             5           0\n"
            "\n"
            "report: out/report.md\n"
            "123456 samples judged, 0 findings, 0 undecided\n");
}

}  // namespace
}  // namespace gridproof::reports
