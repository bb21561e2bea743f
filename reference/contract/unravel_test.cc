#include "reference/contract/unravel.h"

#include <gtest/gtest.h>

#include <array>

namespace gridproof {
namespace {

TEST(Unravel, CountsTheLastAxisFirst) {
  const Shape sizes{2, 1, 3};
  std::int64_t place = 0;
  for (std::int64_t i = 0; i < 2; ++i) {
    for (std::int64_t k = 0; k < 3; ++k) EXPECT_EQ(unravel(place++, sizes), (Shape{i, 0, k}));
  }
}

TEST(Unravel, WritesIntoAnArrayAsWell) {
  std::array<std::int64_t, 3> indices{};
  unravel(5, Shape{4, 3}, indices);
  EXPECT_EQ(indices, (std::array<std::int64_t, 3>{1, 2, 0}));
}

}  // namespace
}  // namespace gridproof
