#include "reports/render/github.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "reports/evidence/evidence.h"
#include "reports/testing/example_report.h"

namespace gridproof::reports {
namespace {

std::string annotations(const Report& report) { return render_annotations(with_evidence(report)); }
std::string summary(const Report& report) { return render_step_summary(with_evidence(report)); }

Report with_findings(std::size_t count) {
  Report report = example_report();
  report.result.findings.resize(1);
  report.result.findings.resize(count, report.result.findings.front());
  return report;
}

TEST(RenderGithub, AnAnnotationForEachFinding) {
  const std::string text = annotations(example_report());
  EXPECT_EQ(std::ranges::count(text, '\n'), 3);
  EXPECT_TRUE(text.starts_with(
      "::error title=fake deviates from [coord.nan]::fake deviates from [coord.nan]. It gives 2 "
      "where only 1 is right.%0Agridproof replay '" +
      std::string(nan_line) + "' --subject fake\n"))
      << text;
}

TEST(RenderGithub, AtMostTenAnnotationsAndHowManyMore) {
  const std::string ten = annotations(with_findings(10));
  EXPECT_EQ(std::ranges::count(ten, '\n'), 10);
  EXPECT_EQ(annotations(with_findings(13)),
            ten + "::notice title=gridproof::3 findings more in report.md\n");
  Report none = example_report();
  none.result.findings.clear();
  EXPECT_EQ(annotations(none), "");
}

// A subject can write no command of its own, nor end a property.
TEST(RenderGithub, AnnotationsAreEscaped) {
  Report report = with_findings(1);
  report.result.findings.front().subject = "a:b,c%\r\n::warning::d\xff";
  const std::string text = annotations(report);
  EXPECT_EQ(std::ranges::count(text, '\n'), 1);
  EXPECT_TRUE(
      text.starts_with("::error title=a%3Ab%2Cc%25  \\%3A%3Awarning%3A%3Ad\uFFFD "
                       "deviates from [coord.nan]::a:b,c%25  \\::warning::d\uFFFD "))
      << text;
}

TEST(RenderGithub, TheSummaryHasTheTableAndALineForEachFinding) {
  const std::string text = summary(example_report());
  EXPECT_TRUE(
      text.starts_with("## grid\\_sample: 3 findings\n\n123,456 samples judged by gridproof 1.2.3, "
                       "55 undecided. The "
                       "gate: does not pass: 3 findings.\n\n"
                       "| subject | same-bits |"))
      << text;
  EXPECT_NE(text.find("\n| fake | 100,000 | 20,000 |"), std::string::npos) << text;
  EXPECT_NE(text.find("\n1. fake deviates from \\[coord.nan\\]. It gives 2 where only 1 is right. "
                      "(1,999 samples, `cases.txt:4`)\n2. "),
            std::string::npos)
      << text;
}

TEST(RenderGithub, TheSummaryIsEscaped) {
  Report report = with_findings(1);
  const std::string hostile = "<img src=x> | `rm` *b*\n# [l](http://y) @all &amp; \x1b";
  report.subjects.front().name = hostile;
  report.result.findings.front().subject = hostile;
  const std::string text = summary(report);
  EXPECT_EQ(std::ranges::count(text, '\n'), 11) << text;
  const std::string shown =
      "&lt;img src=x&gt; &#124; \\`rm\\` \\*b\\* \\# \\[l\\](http\\://y) \\@all &amp;amp; ";
  EXPECT_NE(text.find("\n1. " + shown), std::string::npos) << text;
  EXPECT_NE(text.find("\n| &lt;img src=x&gt; &#124; \\`rm\\`"), std::string::npos) << text;
}

TEST(RenderGithub, TheSummaryIsNeverTooLong) {
  const std::string text = summary(with_findings(2000));
  EXPECT_LE(text.size(), 60'000U);
  EXPECT_GT(text.size(), 50'000U);
  EXPECT_TRUE(text.ends_with(" more in report.md.\n"));
  Report crowded = with_findings(2000);
  for (int i = 0; i < 500; ++i) {
    crowded.subjects.push_back({.name = std::string(300, '*') + std::to_string(i)});
  }
  EXPECT_LE(summary(crowded).size(), 60'000U);
  EXPECT_NE(summary(crowded).find("\n… and 401 subjects more.\n"), std::string::npos);
}

TEST(RenderGithub, WhatIsKnownIsNotAnnotated) {
  Report report = example_report();
  report.result.findings.front().known = true;
  EXPECT_EQ(annotations(report).find("coord.nan"), std::string::npos);
  EXPECT_NE(summary(report).find("(known)"), std::string::npos);
  for (Finding& finding : report.result.findings) finding.known = true;
  EXPECT_EQ(annotations(report), "");
}

TEST(RenderGithub, WhatWasNotTestedIsTold) {
  Report report = clean_report();
  EXPECT_EQ(annotations(report), "");
  report.result.participation["fake"].untested = {"coord.nan"};
  EXPECT_EQ(annotations(report),
            "::error title=gridproof::of fake 1 clause was not tested: [coord.nan]\n");
  EXPECT_NE(summary(report).find("The gate: does not pass: 1 clause not tested.\n"),
            std::string::npos);
  EXPECT_NE(summary(report).find("**of fake 1 clause was not tested: \\[coord.nan\\]**"),
            std::string::npos)
      << summary(report);
  for (int i = 0; i < 10; ++i) report.subjects.push_back({.name = "s" + std::to_string(i)});
  const std::string text = annotations(report);
  EXPECT_EQ(std::ranges::count(text, '\n'), 10);
  EXPECT_TRUE(text.ends_with("::and 2 more reasons, in report.md\n")) << text;
}

}  // namespace
}  // namespace gridproof::reports
