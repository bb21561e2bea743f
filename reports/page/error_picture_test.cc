#include "reports/page/error_picture.h"

#include <gtest/gtest.h>

#include <pugixml.hpp>

namespace gridproof::reports {
namespace {

// The words in the cells, from the first row on.
std::vector<std::string> cells(const std::string& line, const std::string& answer,
                               const Element& element = {}) {
  const std::string text =
      "<div>" + error_picture(parse_case(line), parse_tensor(answer), element) + "</div>";
  pugi::xml_document svg;
  EXPECT_TRUE(svg.load_string(text.c_str())) << text;
  std::vector<std::string> found;
  for (const pugi::xpath_node& node : svg.select_nodes("//text[@class='pixel']")) {
    found.emplace_back(node.node().text().get());
  }
  return found;
}

TEST(ErrorPicture, CountsUnitsOfTheLastPlace) {
  const std::string question =
      "grid_sample mode=nearest input=f16[1,1,1,4]{1,2,nan,inf} "
      "grid=f16[1,1,4,2]{-0.75,0,-0.25,0,0.25,0,0.75,0}";
  EXPECT_EQ(cells(question, "f16[1,1,1,4]{1,2,nan,inf}"),
            (std::vector<std::string>{"0", "0", "0", "0"}));
  EXPECT_EQ(cells(question, "f16[1,1,1,4]{1.0009765625,4,1,-inf}"),
            (std::vector<std::string>{"1", "1e+03", "≠", "≠"}));
}

TEST(ErrorPicture, ShowsTheSliceAndTheChannelOfTheElement) {
  const std::string question =
      "grid_sample mode=nearest align_corners=True input=f32[1,2,2,1,1]{1,2,4,8} "
      "grid=f32[1,2,1,1,3]{0,0,-1,0,0,1}";
  const std::string answer = "f32[1,2,2,1,1]{1,2,4,7}";
  EXPECT_EQ(cells(question, answer, {.sample = 1, .channel = 0}), std::vector<std::string>{"0"});
  EXPECT_NE(cells(question, answer, {.sample = 1, .channel = 1}), std::vector<std::string>{"0"});
}

TEST(ErrorPicture, IsEmptyWhereNothingCanBeCompared) {
  const Case question = parse_case("grid_sample input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,0}");
  EXPECT_EQ(error_picture(question, Refusal{}, {}), "");
  EXPECT_EQ(error_picture(question, Tensor(Dtype::f32, {1, 1, 1, 2}), {}), "");
}

}  // namespace
}  // namespace gridproof::reports
