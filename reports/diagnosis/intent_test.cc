#include "reports/diagnosis/intent.h"

#include <gtest/gtest.h>

namespace gridproof::reports::diagnosis {
namespace {

std::vector<double> meant(const std::string& intent, const std::string& line) {
  const Case test_case = parse_case(line);
  return output_with(intended_grid(*parse_intent(intent), test_case), test_case).values();
}

// 1 2 3
// 4 5 6
const std::string picture =
    "grid_sample mode=nearest input=f32[1,1,2,3]{1,2,3,4,5,6} "
    "grid=f32[1,2,3,2]{0,0,0,0,0,0,0,0,0,0,0,0}";

TEST(Intent, MovesTheContent) {
  using Values = std::vector<double>;
  EXPECT_EQ(meant("identity", picture), (Values{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(meant("shift 1,0", picture), (Values{0, 1, 2, 0, 4, 5}));
  EXPECT_EQ(meant("shift 0,-1", picture), (Values{4, 5, 6, 0, 0, 0}));
  EXPECT_EQ(meant("flip x", picture), (Values{3, 2, 1, 6, 5, 4}));
  EXPECT_EQ(meant("flip y", picture), (Values{4, 5, 6, 1, 2, 3}));
}

TEST(Intent, TurnsCounterclockwise) {
  const std::string square =
      "grid_sample mode=nearest input=f32[1,1,3,3]{1,2,3,4,5,6,7,8,9} "
      "grid=f32[1,3,3,2]{0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0}";
  EXPECT_EQ(meant("rotate 90", square), (std::vector<double>{3, 6, 9, 2, 5, 8, 1, 4, 7}));
  EXPECT_EQ(meant("rotate -90", square), (std::vector<double>{7, 4, 1, 8, 5, 2, 9, 6, 3}));
}

TEST(Intent, ResizesFirst) {
  const std::string line = "grid_sample input=f32[1,1,1,4]{1,3,5,7} grid=f32[1,1,2,2]{0,0,0,0}";
  EXPECT_EQ(meant("identity", line), (std::vector<double>{2, 6}));
}

TEST(Intent, IsReadOrNot) {
  for (const char* text :
       {"", "identity 2", "shift", "shift 1", "shift 1,x", "shift 1,2,3,4", "rotate", "rotate 1,2",
        "rotate nan", "flip", "flip w", "shift 1,2 ", "turn 3"}) {
    EXPECT_FALSE(parse_intent(text).has_value()) << text;
  }
  EXPECT_THROW(meant("shift 0,0,1", picture), std::invalid_argument);
  EXPECT_THROW(meant("flip z", picture), std::invalid_argument);
}

}  // namespace
}  // namespace gridproof::reports::diagnosis
