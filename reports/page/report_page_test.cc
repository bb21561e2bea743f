#include "reports/page/report_page.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "reports/evidence/evidence.h"
#include "reports/page/links.h"
#include "reports/render/markdown.h"
#include "reports/testing/example_report.h"

namespace gridproof::reports {
namespace {

std::string page_of(const Report& report) {
  const FullReport full = with_evidence(report);
  return report_page(full, render_markdown(full));
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t times = 0;
  for (std::size_t i = text.find(part); i != std::string::npos; i = text.find(part, i + 1)) ++times;
  return times;
}

TEST(ReportPage, FoldsEveryFindingAndRemark) {
  const Report report = example_report();
  const std::string page = page_of(report);
  EXPECT_EQ(count(page, "<details class=\"finding\""),
            report.result.findings.size() + report.result.remarks.size());
  EXPECT_NE(page.find("data-about=\"coord.nan\" data-verdict=\"deviates\"><summary>"),
            std::string::npos);
  EXPECT_NE(page.find("It gives 2 where only 1 is right."), std::string::npos);
  EXPECT_NE(page.find("class=\"filter\""), std::string::npos);
  EXPECT_NE(page.find("<h2>Strata</h2>"), std::string::npos);
}

TEST(ReportPage, DrawsTheCaseOfAFindingAndItsErrors) {
  const std::string page = page_of(example_report());
  EXPECT_NE(page.find("<svg class=\"picture input\""), std::string::npos);
  EXPECT_NE(page.find("<svg class=\"picture errors\""), std::string::npos);
}

// It is one file: nothing is fetched.
TEST(ReportPage, NeedsNothingElse) {
  const std::string page = page_of(example_report());
  EXPECT_EQ(count(page, "<link"), 1U);  // the empty icon
  EXPECT_EQ(count(page, "<script src"), 0U);
}

TEST(ReportPage, ForeignTextStaysText) {
  Report report = example_report();
  const std::string hostile = "<script>alert(1)</script>\n### not a finding";
  report.subjects.front().description = hostile;
  for (Finding& finding : report.result.findings) {
    for (Incident& incident : finding.incidents) incident.cause = hostile;
    finding.cause = hostile;
  }
  const std::string page = page_of(report);
  EXPECT_EQ(page.find("<script>alert"), std::string::npos);
  EXPECT_EQ(count(page, "<details class=\"finding\""),
            report.result.findings.size() + report.result.remarks.size());
}

TEST(ReportPage, LinksToTheQuestionWhereThePagesAreKnown) {
  unsetenv("GRIDPROOF_SITE");
  EXPECT_EQ(count(page_of(example_report()), "This question with"), 0U);
  setenv("GRIDPROOF_SITE", "https://example.org", 1);
  EXPECT_NE(page_of(example_report()).find("https://example.org/" + question_link(nan_line)),
            std::string::npos);
  setenv("GRIDPROOF_SITE", "/a folder (1)", 1);
  EXPECT_NE(page_of(example_report()).find("\"file:///a folder (1)/" + question_link(nan_line)),
            std::string::npos);
  EXPECT_NE(page_of(example_report()).find("\"file:///a folder (1)/nonfinite.html#coord.nan\""),
            std::string::npos);
  unsetenv("GRIDPROOF_SITE");
}

}  // namespace
}  // namespace gridproof::reports
