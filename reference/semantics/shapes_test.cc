#include "reference/semantics/shapes.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "reference/semantics/grid_sample.h"

namespace gridproof {
namespace {

// The clause under which these shapes are refused, or the shape of the output.
std::string asked(const Shape& input, const Shape& grid) {
  const Answer answer = grid_sample({{}, Tensor(Dtype::f32, input), Tensor(Dtype::f32, grid)});
  if (const auto* refusal = std::get_if<Refusal>(&answer)) return refusal->clause;
  return to_string(std::get<Tensor>(answer).shape());
}

// [shape.output]
TEST(Shapes, OutputHasTheGridsSpatialSizes) {
  EXPECT_EQ(asked({2, 3, 4, 5}, {2, 6, 7, 2}), "[2,3,6,7]");
  EXPECT_EQ(asked({2, 3, 4, 5, 6}, {2, 7, 8, 9, 3}), "[2,3,7,8,9]");
}

// [shape.rank]
TEST(Shapes, RankIsFourOrFiveForBoth) {
  EXPECT_EQ(asked({}, {}), "shape.rank");
  EXPECT_EQ(asked({1, 1, 1}, {1, 1, 1}), "shape.rank");
  EXPECT_EQ(asked({1, 1, 1, 1}, {1, 1, 2}), "shape.rank");
  EXPECT_EQ(asked({1, 1, 1, 1}, {1, 1, 1, 1, 2}), "shape.rank");
  EXPECT_EQ(asked({1, 1, 1, 1, 1}, {1, 1, 1, 3}), "shape.rank");
  EXPECT_EQ(asked({1, 1, 1, 1, 1, 1}, {1, 1, 1, 1, 1, 4}), "shape.rank");
}

// [shape.batch]
TEST(Shapes, BatchesAreEqual) {
  EXPECT_EQ(asked({2, 1, 1, 1}, {3, 1, 1, 2}), "shape.batch");
  EXPECT_EQ(asked({1, 1, 1, 1}, {3, 1, 1, 2}), "shape.batch");
  EXPECT_EQ(asked({0, 1, 1, 1}, {1, 1, 1, 2}), "shape.batch");
}

// [shape.last-dimension]
TEST(Shapes, OneCoordinateForEachSpatialAxis) {
  for (const std::int64_t last : {0, 1, 3, 4}) {
    EXPECT_EQ(asked({1, 1, 1, 1}, {1, 1, 1, last}), "shape.last-dimension") << last;
  }
  for (const std::int64_t last : {0, 2, 4}) {
    EXPECT_EQ(asked({1, 1, 1, 1, 1}, {1, 1, 1, 1, last}), "shape.last-dimension") << last;
  }
}

// [shape.empty-spatial]
TEST(Shapes, AnInputWithoutPixelsIsRefused) {
  EXPECT_EQ(asked({1, 1, 0, 1}, {1, 1, 1, 2}), "shape.empty-spatial");
  EXPECT_EQ(asked({1, 1, 1, 0}, {1, 0, 0, 2}), "shape.empty-spatial");
  for (std::size_t axis = 2; axis < 5; ++axis) {
    Shape input{0, 0, 1, 1, 1};
    input[axis] = 0;
    EXPECT_EQ(asked(input, {0, 1, 1, 1, 3}), "shape.empty-spatial") << axis;
  }
}

// [shape.empty]
TEST(Shapes, NothingToDoGivesAnEmptyOutput) {
  EXPECT_EQ(asked({0, 2, 3, 4}, {0, 5, 6, 2}), "[0,2,5,6]");
  EXPECT_EQ(asked({1, 0, 3, 4}, {1, 5, 6, 2}), "[1,0,5,6]");
  EXPECT_EQ(asked({1, 2, 3, 4}, {1, 0, 6, 2}), "[1,2,0,6]");
  EXPECT_EQ(asked({1, 2, 3, 4, 5}, {1, 6, 0, 7, 3}), "[1,2,6,0,7]");
}

// [shape.sample]
TEST(Shapes, SamplesAreVisitedInRowMajorOrder) {
  std::vector<std::array<std::int64_t, 4>> seen;
  semantics::for_each_sample(Shape{2, 1, 2, 2},
                             [&](auto n, auto z, auto y, auto x) { seen.push_back({n, z, y, x}); });
  const std::vector<std::array<std::int64_t, 4>> expected{{0, 0, 0, 0}, {0, 0, 0, 1}, {0, 0, 1, 0},
                                                          {0, 0, 1, 1}, {1, 0, 0, 0}, {1, 0, 0, 1},
                                                          {1, 0, 1, 0}, {1, 0, 1, 1}};
  EXPECT_EQ(seen, expected);
}

}  // namespace
}  // namespace gridproof
