#include "reports/render_badge.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <pugixml.hpp>

#include "reports/findings/example_report.h"

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

TEST(RenderBadge, WithoutFindingsTheSubjectConforms) {
  Report report = example_report();
  report.result.findings.clear();
  EXPECT_EQ(parsed(report)["message"], "conforms");
  EXPECT_EQ(parsed(report)["color"], "brightgreen");
}

// Who took no part has not been found to be right.
TEST(RenderBadge, ASubjectThatWasNotJudgedDoesNotConform) {
  Report report = example_report();
  report.result.findings.clear();
  report.result.strata["fake"]["nan"].verdicts = {0, 0, 1000, 0, 5, 0, 0, 0, 0};
  EXPECT_EQ(parsed(report)["message"], "not judged");
  report.result.strata.clear();
  EXPECT_EQ(parsed(report)["message"], "not judged");
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
