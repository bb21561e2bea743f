#include "reports/files/shape.h"

#include <gtest/gtest.h>

namespace gridproof::reports::files {
namespace {

TEST(Shape, OnlyShapesOfTensorsHaveACount) {
  constexpr std::int64_t large = std::int64_t{1} << 40U;
  EXPECT_EQ(count_of({}), 1);
  EXPECT_EQ(count_of({2, 3}), 6);
  EXPECT_EQ(count_of({0, large}), 0);
  EXPECT_EQ(count_of({large}), large);
  EXPECT_EQ(count_of({large, 2}), std::nullopt);
  EXPECT_EQ(count_of({0, large, large}), std::nullopt);
  EXPECT_EQ(count_of({large, large, 0}), std::nullopt);
  EXPECT_EQ(count_of({-1}), std::nullopt);
  EXPECT_EQ(count_of(Shape(8, 1)), 1);
  EXPECT_EQ(count_of(Shape(9, 1)), std::nullopt);
}

}  // namespace
}  // namespace gridproof::reports::files
