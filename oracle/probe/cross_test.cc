#include "oracle/probe/cross.h"

#include <gtest/gtest.h>

#include <cmath>

#include "reference/semantics/grid_sample.h"

namespace gridproof::probe {
namespace {

TEST(Cross, SeesTheWeightsAlongEachAxis) {
  const Cross cross{.kind = {.mode = Mode::bilinear, .rank = 5, .dtype = Dtype::f32},
                    .sizes = {4, 2, 8},
                    .coordinates = {{-0.5, 0.25}, {0.5}, {-1, 0, 9}}};
  const Case test_case = cross_case(cross);
  EXPECT_EQ(test_case.input.shape(), (Shape{1, 15, 8, 2, 4}));
  EXPECT_EQ(test_case.grid.shape(), (Shape{1, 1, 1, 6, 3}));
  const auto lines = lines_in(cross, grid_sample(test_case));
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(std::get<Line>(lines[0][0]), (Line{0.5, 0.5, 0, 0}));
  EXPECT_EQ(std::get<Line>(lines[0][1]), (Line{0, 0, 1, 0}));
  EXPECT_EQ(std::get<Line>(lines[1][0]), (Line{0, 1}));
  EXPECT_EQ(std::get<Line>(lines[2][0]), (Line{0.5, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(std::get<Line>(lines[2][1]), (Line{0, 0, 0, 0.5, 0.5, 0, 0, 0}));
  EXPECT_EQ(std::get<Line>(lines[2][2]), Line(8));
}

// A subject that exchanges x and y reads pixels that are not on the line.
TEST(Cross, SeesThatOtherLinesAreRead) {
  const Cross cross{.kind = {.mode = Mode::nearest, .rank = 4, .align_corners = true},
                    .sizes = {5, 9},
                    .coordinates = {{-1, -0.5}, {}}};
  Case test_case = cross_case(cross);
  std::vector<double> grid = test_case.grid.values();
  for (std::size_t i = 0; i < grid.size(); i += 2) std::swap(grid[i], grid[i + 1]);
  test_case.grid = Tensor(test_case.grid.dtype(), test_case.grid.shape(), grid);
  const auto lines = lines_in(cross, grid_sample(test_case));
  EXPECT_EQ(std::get<std::string>(lines[0][0]), "pixels of other lines");
}

TEST(Cross, SaysWhatIsSeenInstead) {
  const Cross cross{.kind = {}, .sizes = {4, 8}, .coordinates = {{0}, {0, 1}}};
  EXPECT_EQ(std::get<std::string>(lines_in(cross, Lost{"it crashed"})[1][1]), "lost");
  EXPECT_EQ(std::get<std::string>(lines_in(cross, Tensor(Dtype::f32, {1, 1, 1, 2}))[0][0]),
            "another shape");
  Tensor output = std::get<Tensor>(grid_sample(cross_case(cross)));
  output =
      Tensor(output.dtype(), output.shape(),
             std::vector<double>(static_cast<std::size_t>(output.element_count()), std::nan("")));
  EXPECT_TRUE(std::isnan(std::get<Line>(lines_in(cross, output)[0][0])[3]));
}

// A single pixel is all that there is: no channel is 0 where the others are 1.
TEST(Cross, OfOnePixelHasNoOtherPixels) {
  const Cross cross{.kind = {.mode = Mode::bilinear}, .sizes = {1, 1}, .coordinates = {{0.5}, {7}}};
  const Case test_case = cross_case(cross);
  EXPECT_EQ(test_case.input.values(), (std::vector<double>{1, 1}));
  const auto lines = lines_in(cross, grid_sample(test_case));
  EXPECT_EQ(std::get<Line>(lines[0][0]), Line{0.75});
  EXPECT_EQ(std::get<Line>(lines[1][0]), Line{0});
}

}  // namespace
}  // namespace gridproof::probe
