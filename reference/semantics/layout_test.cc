#include "reference/semantics/layout.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "reference/semantics/grid_sample.h"

namespace gridproof {
namespace {

Tensor counting(const Shape& shape) {
  std::vector<double> values(static_cast<std::size_t>(element_count(shape)));
  std::iota(values.begin(), values.end(), 1);
  return {Dtype::f32, shape, values};
}

// [layout.strides] Every order of the axes in memory, over every rank.
TEST(Layout, AnyOrderOfTheAxes) {
  for (const Shape& shape : {Shape{2, 3, 4, 5}, Shape{2, 3, 2, 4, 3}}) {
    const auto rank = shape.size();
    const Tensor input = counting(shape);
    Shape grid_shape(rank, 2);
    grid_shape.back() = static_cast<std::int64_t>(rank) - 2;
    Tensor grid = counting(grid_shape);
    for (float& x : grid.elements<float>()) x = x / 16 - 1;
    const Answer expected = grid_sample({{}, input, grid});
    std::vector<int> order(rank);
    std::iota(order.begin(), order.end(), 0);
    do {
      std::vector<int> back(rank);
      for (std::size_t axis = 0; axis < rank; ++axis) {
        back[static_cast<std::size_t>(order[axis])] = static_cast<int>(axis);
      }
      const Answer got = grid_sample({{},
                                      input.permuted(order).contiguous().permuted(back),
                                      grid.permuted(order).contiguous().permuted(back)});
      EXPECT_TRUE(std::get<Tensor>(got).same_values(std::get<Tensor>(expected)));
    } while (std::ranges::next_permutation(order).found);
  }
}

// [layout.strides] A 4-D tensor becomes 5-D by an axis of size 1 that costs no step in memory.
TEST(Layout, FourAxesAreOneSliceDeep) {
  const Tensor input = counting({2, 3, 4, 5});
  const semantics::Volume<float> volume(input.view<float>(), 2);
  EXPECT_EQ(volume.shape, (std::array<std::int64_t, 5>{2, 3, 1, 4, 5}));
  EXPECT_EQ(volume.strides, (std::array<std::int64_t, 5>{60, 20, 0, 5, 1}));
  EXPECT_EQ(volume(1, 2, 0, 3, 4), 120);
}

// [layout.output]
TEST(Layout, OutputIsDense) {
  const Tensor input = counting({2, 4, 5, 3}).permuted(std::array{0, 3, 1, 2});  // channels last
  const Tensor grid = counting({2, 2, 6, 7}).permuted(std::array{0, 2, 3, 1});
  const Answer answer = grid_sample({{}, input, grid});
  const auto& output = std::get<Tensor>(answer);
  EXPECT_EQ(output.shape(), (Shape{2, 3, 6, 7}));
  EXPECT_EQ(output.strides(), (Shape{126, 42, 7, 1}));
  EXPECT_EQ(output.offset(), 0);
  EXPECT_EQ(semantics::output_place({2, 1, 6, 7, 2}, 3, 1, 2, 0, 5, 6), 251);
}

}  // namespace
}  // namespace gridproof
