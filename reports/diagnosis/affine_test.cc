#include "reports/diagnosis/affine.h"

#include <gtest/gtest.h>

#include "reference/semantics/affine_grid.h"

namespace gridproof::reports::diagnosis {
namespace {

std::optional<std::vector<Affine>> affine_of(const Tensor& grid, Shape input, bool align_corners) {
  const Case test_case{{}, Tensor(grid.dtype(), std::move(input)), grid};
  return diagnosis::affine_of(test_case, grid.values(), align_corners);
}

TEST(Affine, IsFoundInAGrid) {
  for (const bool align_corners : {false, true}) {
    const std::vector<double> entries = {0.5, -0.25, 0.125, 0.75, 2, -1, 3, 0, 0.5, 1, 1, 0.25};
    const Tensor theta(Dtype::f32, {2, 2, 3}, entries);
    const auto grid = std::get<Tensor>(affine_grid(theta, {2, 1, 4, 7}, align_corners));
    const auto found = affine_of(grid, {2, 1, 5, 6}, align_corners);
    ASSERT_TRUE(found.has_value());
    ASSERT_EQ(found->size(), 2U);
    for (std::size_t n = 0; n < 2; ++n) {
      for (std::size_t k = 0; k < 2; ++k) {
        const double* const row = entries.data() + n * 6 + k * 3;
        EXPECT_NEAR((*found)[n].linear[k][0], row[0], 1e-6);
        EXPECT_NEAR((*found)[n].linear[k][1], row[1], 1e-6);
        EXPECT_NEAR((*found)[n].translation[k], row[2], 1e-6);
      }
    }
  }
}

TEST(Affine, IsNotFoundInABentGrid) {
  Tensor grid = std::get<Tensor>(affine_grid(
      Tensor(Dtype::f32, {1, 2, 3}, std::vector<double>{1, 0, 0, 0, 1, 0}), {1, 1, 4, 7}, false));
  std::vector<double> values = grid.values();
  values[20] += 1e-3;
  grid = Tensor(Dtype::f32, grid.shape(), values);
  EXPECT_FALSE(affine_of(grid, {1, 1, 5, 6}, false).has_value());
}

TEST(Affine, InverseUndoesIt) {
  Affine map{.axes = 3};
  map.linear = {{{0, 2, 1}, {1, 0.5, 0}, {0, 1, -1}}};
  map.translation = {0.5, -1, 2};
  const auto inverse = map.inverse();
  ASSERT_TRUE(inverse.has_value());
  const std::array<double, 3> from = {0.3, -0.7, 1.1};
  std::array<double, 3> there{};
  std::array<double, 3> back{};
  map.apply(from, there);
  inverse->apply(there, back);
  for (std::size_t k = 0; k < 3; ++k) EXPECT_NEAR(back[k], from[k], 1e-12);
  map.linear[2] = map.linear[1];
  EXPECT_FALSE(map.inverse().has_value());
}

}  // namespace
}  // namespace gridproof::reports::diagnosis
