#include "reports/render/badge.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <pugixml.hpp>

#include "reports/testing/example_report.h"

namespace gridproof::reports {
namespace {

nlohmann::json parsed(const Report& report) {
  return nlohmann::json::parse(render_badge_json(report));
}

TEST(RenderBadge, ItCountsFindings) {
  Report report = example_report();
  EXPECT_EQ(parsed(report), (nlohmann::json{{"schemaVersion", 1},
                                            {"label", "grid_sample"},
                                            {"message", "3 findings"},
                                            {"color", "red"}}));
  report.result.findings.resize(1, report.result.findings.front());
  EXPECT_EQ(parsed(report)["message"], "1 finding");
}

// What a badge says, and its color.
std::string said(const Report& report) {
  const nlohmann::json badge = parsed(report);
  return badge["message"].get<std::string>() + ", " + badge["color"].get<std::string>();
}

TEST(RenderBadge, WithoutFindingsTheSubjectConforms) {
  EXPECT_EQ(said(clean_report()), "conforms, brightgreen");
}

// Who took no part has not been found to be right.
TEST(RenderBadge, ASubjectThatWasNotJudgedDoesNotConform) {
  Report report = clean_report();
  report.result.participation.clear();
  EXPECT_EQ(said(report), "conforms, brightgreen");
  report.result.strata["fake"]["nan"].verdicts = {0, 0, 1000, 0, 10, 0, 0, 0, 0};
  EXPECT_EQ(said(report), "not judged, lightgrey");
  report.result.strata.clear();
  EXPECT_EQ(said(report), "not judged, lightgrey");
  report.result.participation["fake"] = {.asked = 5, .decided = 0};
  EXPECT_EQ(said(report), "not judged, lightgrey");
}

TEST(RenderBadge, NotTestedIsNotGreen) {
  Report report = clean_report();
  report.result.participation["fake"].untested = {"coord.nan"};
  EXPECT_EQ(said(report), "1 clause not tested, lightgrey");
  report.result.participation["fake"].untested.emplace_back("padding.zeros");
  EXPECT_EQ(said(report), "2 clauses not tested, lightgrey");
  report.result.participation["fake"].untested.clear();
  report.result.ended = "fake was lost in 25 cases";
  EXPECT_EQ(said(report), "ended early, lightgrey");
}

TEST(RenderBadge, APartIsSaidAndIsNotBrightGreen) {
  Report report = clean_report();
  std::vector<std::string>& parts = report.result.participation["fake"].parts;
  std::erase_if(parts, [](const std::string& part) {
    return part.starts_with("bicubic") || part.find("5-D") != std::string::npos;
  });
  EXPECT_EQ(said(report), "conforms: bilinear, nearest; 4-D, yellowgreen");
  report.subjects.push_back({.name = "other"});
  report.result.participation["other"] = {.asked = 5, .decided = 5, .parts = all_parts()};
  EXPECT_EQ(said(report), "conforms in part, yellowgreen");
  parts = all_parts();
  EXPECT_EQ(said(report), "conforms, brightgreen");
}

TEST(RenderBadge, WhatIsExcusedIsSaid) {
  Report report = example_report();
  for (Finding& finding : report.result.findings) finding.waiver = "w";
  EXPECT_EQ(said(report), "3 findings known or waived, yellow");
  report.result.findings.resize(1, report.result.findings.front());
  EXPECT_EQ(said(report), "1 finding known or waived, yellow");
  report.result.participation["fake"] = {
      .asked = 9, .decided = 9, .parts = {"nearest zeros 4-D f32"}};
  EXPECT_EQ(said(report), "1 finding known or waived: nearest; zeros; 4-D; f32, yellow");
}

TEST(RenderBadge, ThePictureSaysTheSame) {
  pugi::xml_document document;
  ASSERT_TRUE(document.load_string(render_badge_svg(example_report()).c_str()));
  const pugi::xml_node svg = document.child("svg");
  EXPECT_STREQ(svg.attribute("xmlns").value(), "http://www.w3.org/2000/svg");
  EXPECT_STREQ(svg.attribute("aria-label").value(), "grid_sample: 3 findings");
  EXPECT_STREQ(svg.child("title").text().get(), "grid_sample: 3 findings");
  std::string words;
  int width = 0;
  for (const pugi::xml_node node : svg.children()) {
    if (std::string(node.name()) == "text") words += std::string(node.text().get()) + '|';
    if (std::string(node.name()) == "rect") width += node.attribute("width").as_int();
  }
  EXPECT_EQ(words, "grid_sample|3 findings|");
  EXPECT_EQ(width, svg.attribute("width").as_int());
  EXPECT_LT(render_badge_svg(example_report()).size(), 1024U);
}

TEST(RenderBadge, WhatIsKnownIsNoFinding) {
  Report report = example_report();
  report.result.findings.resize(2);
  report.result.findings.front().known = true;
  EXPECT_NE(render_badge_json(report).find("1 finding"), std::string::npos);
}

}  // namespace
}  // namespace gridproof::reports
