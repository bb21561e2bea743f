#include "reports/page/picture.h"

#include <gtest/gtest.h>

#include <pugixml.hpp>

#include "reference/semantics/clauses.h"

namespace gridproof::reports {
namespace {

pugi::xml_document drawn(const std::string& line, const Element& element = {}) {
  pugi::xml_document svg;
  const std::string text = "<div>" + picture(parse_case(line), element) + "</div>";
  EXPECT_TRUE(svg.load_string(text.c_str())) << text;
  return svg;
}

std::size_t count(const pugi::xml_document& svg, const std::string& kind) {
  return svg.select_nodes(("//*[@class='" + kind + "']").c_str()).size();
}

TEST(Picture, DrawsPixelsPaddingTapsAndPoints) {
  const auto svg = drawn(
      "grid_sample padding_mode=reflection input=f32[1,1,3,4]{1..12} "
      "grid=f32[1,1,2,2]{0.3,0,-0.7,0.1}",
      {.sample = 1});
  EXPECT_EQ(svg.select_nodes("//rect[@class='pixel']").size(), 12U + 2U);  // and the output
  EXPECT_EQ(svg.select_nodes("//rect[@class='padding']").size(), 7U * 8U - 12U);
  EXPECT_EQ(count(svg, "tap"), 4U);
  EXPECT_EQ(count(svg, "point"), 1U);
  EXPECT_EQ(count(svg, "point chosen"), 1U);
  EXPECT_EQ(count(svg, "frame"), 1U);
  EXPECT_EQ(count(svg, "frame other"), 1U);
}

// Position 0 of either axis is the center of a pixel, a whole number of pixels from the next one.
TEST(Picture, DrawsAPointWhereItReads) {
  const auto svg =
      drawn("grid_sample align_corners=True input=f32[1,1,3,3]{1..9} grid=f32[1,1,1,2]{-1,0}");
  const pugi::xml_node root = svg.child("div").child("svg");
  const pugi::xml_node point = svg.select_node("//circle[@class='point chosen']").node();
  EXPECT_EQ(point.attribute("cx").as_double(), root.attribute("data-left").as_double());
  EXPECT_EQ(point.attribute("cy").as_double(),
            root.attribute("data-top").as_double() + root.attribute("data-pixel").as_double());
}

// The values around the input are what each padding reads there.
TEST(Picture, ShowsWhatPaddingReads) {
  const auto first = [](const std::string& padding, const std::string& corners) {
    const auto svg = drawn("grid_sample padding_mode=" + padding + " align_corners=" + corners +
                           " input=f32[1,1,3,3]{1..9} grid=f32[1,1,1,2]{0,0}");
    return std::string(svg.select_node("//text[@class='padding']").node().text().get());
  };
  EXPECT_EQ(first("zeros", "False"), "0");
  EXPECT_EQ(first("border", "False"), "1");
  EXPECT_EQ(first("reflection", "False"), "5");  // pixel 1 of both axes
  EXPECT_EQ(first("reflection", "True"), "9");   // pixel 2
}

TEST(Picture, SaysWhichPartOfALargeImageItShows) {
  const auto svg = drawn("grid_sample input=f32[1,1,40,60]{1..2400} grid=f32[1,1,1,2]{0.3,-1}");
  EXPECT_STREQ(svg.select_node("//text[@class='caption']").node().text().get(),
               "input, columns 30 … 45, rows 0 … 13");
  EXPECT_EQ(svg.select_nodes("//rect[@class='pixel']").size(), 16U * 14U + 1U);
}

// A quarter of the way from slice 1 to slice 2.
TEST(Picture, DrawsEachSliceOfAVolumeThatIsRead) {
  const auto svg = drawn(
      "grid_sample align_corners=True input=f32[1,1,5,2,2]{1..20} grid=f32[1,1,1,1,3]{0,0,-0.375}");
  const auto captions = svg.select_nodes("//text[@class='caption']");
  ASSERT_EQ(captions.size(), 3U);
  EXPECT_STREQ(captions[0].node().text().get(), "input, z = 1, weight 0.75");
  EXPECT_STREQ(captions[1].node().text().get(), "input, z = 2, weight 0.25");
  EXPECT_EQ(count(svg, "tap"), 8U);
  EXPECT_EQ(count(svg, "point chosen"), 2U);
  EXPECT_STREQ(svg.select_node("//text[@class='weight']").node().text().get(), "×0.19");
}

TEST(Picture, DrawsEveryCaseOfTheClauses) {
  int pictures = 0;
  for (const Clause& clause : clauses()) {
    for (const ClauseCase& one : clause.cases) {
      if (!one.line.starts_with("grid_sample ") || one.expected.starts_with("refused")) continue;
      const Case test_case = parse_case(one.line);
      const std::int64_t elements = sample_count(test_case) * test_case.input.size(1);
      if (elements == 0) continue;
      const std::string svg = "<div>" + picture(test_case, {}) + "</div>";
      EXPECT_TRUE(pugi::xml_document().load_string(svg.c_str())) << one.line;
      EXPECT_LT(svg.size(), 200'000U) << one.line;
      ++pictures;
    }
  }
  EXPECT_GT(pictures, 100);
}

}  // namespace
}  // namespace gridproof::reports
