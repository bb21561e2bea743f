#include "reference/semantics/affine_grid.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <numeric>
#include <random>

namespace gridproof {
namespace {

using semantics::base_coordinate;

const Tensor identity_2d(Dtype::f64, {1, 2, 3}, std::vector<double>{1, 0, 0, 0, 1, 0});

// [affine_grid.base]
TEST(AffineGrid, BaseIsTheCentersOfThatManyPixels) {
  EXPECT_EQ(base_coordinate<float>(0, 4, false), -0.75F);
  EXPECT_EQ(base_coordinate<float>(3, 4, false), 0.75F);
  EXPECT_EQ(base_coordinate<float>(0, 4, true), -1.0F);
  EXPECT_EQ(base_coordinate<float>(3, 4, true), 1.0F);
  EXPECT_EQ(base_coordinate<double>(1, 3, false), 0);
  EXPECT_EQ(base_coordinate<double>(2, 3, false), 2.0 / 3);
}

// [affine_grid.rounding] One rounding keeps the base symmetric to the last bit.
RC_GTEST_PROP(AffineGrid, BaseIsSymmetricAndRises, ()) {
  const auto size = *rc::gen::inRange<std::int64_t>(2, 5000);
  const auto index = *rc::gen::inRange<std::int64_t>(0, size - 1);
  for (const bool align_corners : {false, true}) {
    const auto base = [&](std::int64_t j) {
      return base_coordinate<float>(j, size, align_corners);
    };
    RC_ASSERT(base(index) == -base(size - 1 - index));
    RC_ASSERT(base(index) < base(index + 1));
    RC_ASSERT(base(index) ==
              static_cast<float>(base_coordinate<double>(index, size, align_corners)));
  }
}

// [affine_grid.unit-size]
TEST(AffineGrid, OneLocationIsTheMiddle) {
  EXPECT_EQ(base_coordinate<float>(0, 1, false), 0);
  EXPECT_EQ(base_coordinate<float>(0, 1, true), 0);
  const Answer grid = affine_grid(identity_2d, {1, 1, 1, 3}, true);
  EXPECT_EQ(std::get<Tensor>(grid).values(), (std::vector<double>{-1, 0, 0, 0, 1, 0}));
}

// [affine_grid.map] Each row of theta by itself, in three dimensions and two batches.
TEST(AffineGrid, ThetaTimesTheColumn) {
  std::vector<double> theta;
  for (int n = 0; n < 2; ++n) {
    for (int k = 0; k < 12; ++k) theta.push_back((n + 1) * (k - 4));
  }
  const Shape size{2, 5, 4, 2, 8};
  const Answer answer = affine_grid(Tensor(Dtype::f64, {2, 3, 4}, theta), size, false);
  const auto& grid = std::get<Tensor>(answer);
  ASSERT_EQ(grid.shape(), (Shape{2, 4, 2, 8, 3}));
  for (std::int64_t n = 0; n < 2; ++n) {
    for (std::int64_t z = 0; z < 4; ++z) {
      for (std::int64_t y = 0; y < 2; ++y) {
        for (std::int64_t x = 0; x < 8; ++x) {
          const double column[] = {(2.0 * static_cast<double>(x) - 7) / 8,
                                   (2.0 * static_cast<double>(y) - 1) / 2,
                                   (2.0 * static_cast<double>(z) - 3) / 4, 1};
          for (std::int64_t row = 0; row < 3; ++row) {
            double expected = 0;
            for (int k = 0; k < 4; ++k)
              expected += theta[static_cast<std::size_t>(12 * n + 4 * row + k)] * column[k];
            EXPECT_EQ(grid.at(Shape{n, z, y, x, row}), expected);
          }
        }
      }
    }
  }
}

// [affine_grid.theta]
TEST(AffineGrid, RefusesWhatDoesNotFit) {
  const auto clause = [](const Tensor& theta, const Shape& size) {
    const Answer answer = affine_grid(theta, size, false);
    const auto* refusal = std::get_if<Refusal>(&answer);
    return refusal == nullptr ? std::string() : refusal->clause;
  };
  EXPECT_EQ(clause(identity_2d, {1, 1, 2, 2}), "");
  EXPECT_EQ(clause(identity_2d, {1, 1, 2, 2, 2}), "affine_grid.theta");
  EXPECT_EQ(clause(identity_2d, {2, 1, 2, 2}), "affine_grid.theta");
  EXPECT_EQ(clause(identity_2d, {1, 1, 0, 2}), "affine_grid.theta");
  EXPECT_EQ(clause(identity_2d, {1, 2, 2}), "affine_grid.theta");
  EXPECT_EQ(clause(Tensor(Dtype::i32, {1, 2, 3}), {1, 1, 2, 2}), "affine_grid.theta");
}

// [affine_grid.backward]: the grid is linear in theta, and the gradient its transpose. Sizes that
// are powers of two give short numbers, and exact sums.
TEST(AffineGrid, BackwardIsTheTranspose) {
  std::mt19937 random(5);
  const auto integers = [&random](const Shape& shape) {
    std::vector<double> values(static_cast<std::size_t>(element_count(shape)));
    for (double& value : values) value = static_cast<int>(random() % 15) - 7;
    return Tensor(Dtype::f64, shape, values);
  };
  const auto dot = [](const Tensor& one, const Tensor& other) {
    const auto a = one.values();
    return std::inner_product(a.begin(), a.end(), other.values().begin(), 0.0);
  };
  for (const auto& [size, theta] : {std::pair(Shape{2, 3, 4, 8}, Shape{2, 2, 3}),
                                    {{3, 1, 2, 4, 8}, {3, 3, 4}},
                                    {{1, 1, 1, 1}, {1, 2, 3}}}) {
    const Tensor matrix = integers(theta);
    const auto grid = std::get<Tensor>(affine_grid(matrix, size, false));
    const Tensor grads = integers(grid.shape());
    const auto gradient = std::get<Tensor>(affine_grid_backward(grads, size, false));
    EXPECT_EQ(gradient.shape(), theta);
    EXPECT_EQ(dot(grads, grid), dot(gradient, matrix));
  }
  const Answer refused = affine_grid_backward(Tensor(Dtype::i32, {1, 2, 2, 2}), {1, 1, 2, 2}, true);
  EXPECT_EQ(std::get<Refusal>(refused).message, "grad_grid is i32: expected f16, bf16, f32 or f64");
}

}  // namespace
}  // namespace gridproof
