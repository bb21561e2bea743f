#include "reports/displacement/reads.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <pugixml.hpp>

namespace gridproof::reports::displacement {
namespace {

// The grid that reads everywhere so many coordinates beside the identity of align_corners=False.
Tensor moved(const Shape& outputs, double by) {
  Shape shape = outputs;
  shape.insert(shape.begin(), 1);
  shape.push_back(std::ssize(outputs));
  Tensor grid(Dtype::f64, shape);
  const std::span<double> numbers = grid.elements<double>();
  const std::int64_t axes = std::ssize(outputs);
  for (std::int64_t i = 0; i < std::ssize(numbers); ++i) {
    std::int64_t location = i / axes;
    for (std::int64_t axis = 0; axis < i % axes; ++axis) {
      location /= outputs[static_cast<std::size_t>(axes - 1 - axis)];
    }
    const std::int64_t size = outputs[static_cast<std::size_t>(axes - 1 - i % axes)];
    const auto at = static_cast<double>(location % size);
    numbers[static_cast<std::size_t>(i)] = (2 * at + 1) / static_cast<double>(size) - 1 + by;
  }
  return grid;
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

std::string picture(const Shape& input, const std::vector<Reading>& readings) {
  const std::string svg = reads_svg(input, readings);
  pugi::xml_document document;
  EXPECT_TRUE(document.load_string(svg.c_str())) << svg;
  return svg;
}

TEST(Reads, StandSideBySide) {
  const std::string svg =
      picture({4, 6}, {{"as asked", moved({4, 6}, 0.5)}, {"as corrected", moved({4, 6}, 0), true}});
  EXPECT_EQ(count_of(svg, "<svg"), 3);
  EXPECT_EQ(count_of(svg, "as asked (align_corners=False)"), 1);
  EXPECT_EQ(count_of(svg, "as corrected (align_corners=True)"), 1);
}

TEST(Reads, AreMagnifiedIfSmall) {
  EXPECT_EQ(count_of(picture({100, 100}, {{"as asked", moved({100, 100}, 0.001)}}),
                     "Arrows are drawn 100 times as long as they are."),
            1);
  EXPECT_EQ(count_of(picture({100, 100}, {{"as asked", moved({100, 100}, 0)}}), "times"), 0);
}

TEST(Reads, ShowASmallDifferenceByItself) {
  const std::string svg = picture({100, 100}, {{"as asked", moved({100, 100}, 0.5)},
                                               {"as corrected", moved({100, 100}, 0.49)}});
  EXPECT_EQ(count_of(svg, "<svg"), 4);
  EXPECT_EQ(count_of(svg, "Third panel"), 1);
}

TEST(Reads, OfVolumesAreThreeSlices) {
  const std::string svg = picture({3, 4, 5}, {{"as asked", moved({3, 4, 5}, 0.5)}});
  EXPECT_EQ(count_of(svg, "<svg"), 4);
  EXPECT_EQ(count_of(svg, "x across, y down, z = 1"), 1);
  EXPECT_EQ(count_of(svg, "y across, z down, x = 2"), 1);
}

TEST(Reads, AreFewOfALargeGrid) {
  const Tensor grid(Dtype::f32, {1, 3000, 2000, 2});
  const std::string svg = picture({3000, 2000}, {{"as asked", grid}, {"as corrected", grid}});
  EXPECT_LT(svg.size(), 60'000);
  EXPECT_EQ(count_of(svg, "one of "), 2);
}

TEST(Reads, OfABatchAreThoseOfTheFirst) {
  const std::string svg = picture({4, 4}, {{"as asked", Tensor(Dtype::f32, {3, 4, 4, 2})}});
  EXPECT_EQ(count_of(svg, "The first of 3 grids."), 1);
}

TEST(Reads, StandAnywhere) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const Shape& input : {Shape{1, 1}, Shape{1, 500}, Shape{500, 1}, Shape{2, 1, 1}}) {
    for (const double by : {0.0, 1e-12, 1e30, HUGE_VAL, nan}) {
      for (const bool align_corners : {false, true}) {
        const std::string svg = picture(input, {{"a", moved(input, by), align_corners}});
        for (const char* wrong : {"nan", "inf", "id=", "#fff", "<style", "<script"}) {
          EXPECT_EQ(count_of(svg, wrong), 0) << to_string(input) << ' ' << by << ' ' << wrong;
        }
      }
    }
  }
}

TEST(Reads, OfNothingAreNoPicture) {
  EXPECT_EQ(reads_svg({4, 4}, {{"a", Tensor(Dtype::f32, {1, 0, 4, 2})}}), "");
  EXPECT_EQ(reads_svg({0, 4}, {{"a", Tensor(Dtype::f32, {1, 4, 4, 2})}}), "");
  EXPECT_EQ(reads_svg({4, 4}, {}), "");
}

}  // namespace
}  // namespace gridproof::reports::displacement
