#include "reports/question/packed.h"

#include <gtest/gtest.h>

#include <vector>

#include "reports/text/input_error.h"

namespace gridproof::reports {
namespace {

using diagnosis::Given;

const Shape picture = {1, 1, 4, 5};
const Shape volume = {1, 1, 3, 4, 5};

// (N, sizes …, k) with numbers that differ, x first and about the identity's.
Tensor coordinates(Shape sizes) {
  const auto axes = static_cast<std::int64_t>(sizes.size());
  std::vector<double> values;
  for (std::int64_t i = 0; i < element_count(sizes); ++i) {
    std::int64_t left = i;
    for (std::size_t k = sizes.size(); k-- > 0;) {
      const double index = static_cast<double>(left % sizes[k]);
      values.push_back(1.9 * (index + 0.5) / static_cast<double>(sizes[k]) - 0.95);
      left /= sizes[k];
    }
  }
  sizes.insert(sizes.begin(), 1);
  sizes.push_back(axes);
  return {Dtype::f32, sizes, values};
}
Tensor in_order(const Tensor& tensor, const std::vector<int>& order) {
  return tensor.permuted(order);
}
Tensor times(const Tensor& tensor, double factor, double offset) {
  std::vector<double> values = tensor.values();
  for (double& value : values) value = factor * value + offset;
  return {tensor.dtype(), tensor.shape(), values};
}
Tensor without_batch(const Tensor& tensor) {
  return tensor.contiguous().reshaped({tensor.shape().begin() + 1, tensor.shape().end()});
}

std::string complaint(const auto& action) {
  try {
    action();
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(Packed, LeavesOtherGridsUnchanged) {
  const Tensor grid = coordinates({4, 5});
  for (const Tensor& one : {grid, without_batch(grid), coordinates({4, 2}), coordinates({2, 2})}) {
    const Unpacked unpacked = unpacked_grid(one, picture);
    EXPECT_TRUE(unpacked.tensor.same_values(one));
    EXPECT_EQ(unpacked.guess, "");
    EXPECT_EQ(unpacked.layout, "");
    EXPECT_EQ(unpacked.given, Given::grid);
  }
  // A map of one axis.
  const Tensor slow(Dtype::f32, {1, 1, 6}, std::vector<double>{0, 1, 2, 3, 4, 5});
  EXPECT_EQ(unpacked_grid(times(slow, 0.1, 0), {1, 1, 3, 3}).guess, "");
}

TEST(Packed, ComponentsMayBeInAnyAxis) {
  const Tensor grid = coordinates({4, 5});
  const Tensor in_space = coordinates({6, 4, 5});
  struct Layout {
    Tensor packed;
    Tensor grid;
    Shape input;
    std::string guess;
    std::string layout;
  };
  const auto refused = [](const std::string& where, const std::string& fix) {
    return "layout.components: the grid has " + where + ", which grid_sample refuses. Pass " + fix +
           ".";
  };
  for (const Layout& one :
       {Layout{in_order(grid, {0, 3, 1, 2}), grid, picture,
               "of shape [1,2,4,5] is read as [1,4,5,2]: x and y are in axis 1",
               refused("x and y in axis 1", "grid.movedim(1, -1)")},
        {in_order(grid, {0, 1, 3, 2}), grid, picture,
         "of shape [1,4,2,5] is read as [1,4,5,2]: x and y are in axis 2",
         refused("x and y in axis 2", "grid.movedim(2, -1)")},
        {without_batch(in_order(grid, {0, 3, 1, 2})), grid, picture,
         "of shape [2,4,5] is read as [1,4,5,2]: x and y are in axis 0",
         refused("x and y in axis 0", "grid.movedim(0, -1)[None]")},
        {without_batch(in_order(grid, {0, 1, 3, 2})),
         grid,
         {4, 5},
         "of shape [4,2,5] is read as [1,4,5,2]: x and y are in axis 1",
         refused("x and y in axis 1", "grid.movedim(1, -1)[None]")},
        {in_order(in_space, {0, 4, 1, 2, 3}), in_space, volume,
         "of shape [1,3,6,4,5] is read as [1,6,4,5,3]: x, y and z are in axis 1",
         refused("x, y and z in axis 1", "grid.movedim(1, -1)")}}) {
    const Unpacked unpacked = unpacked_grid(one.packed, one.input);
    EXPECT_TRUE(unpacked.tensor.same_values(one.grid)) << one.guess;
    EXPECT_EQ(unpacked.guess, one.guess);
    EXPECT_EQ(unpacked.layout, one.layout);
    EXPECT_EQ(unpacked.given, Given::grid);
  }
  EXPECT_EQ(complaint([] { unpacked_grid(in_order(coordinates({2, 5}), {0, 3, 1, 2}), picture); }),
            "--grid has the shape [1,2,2,5], and axes 1 and 2 may both hold x and y: give it as "
            "[N,H,W,2]");
}

TEST(Packed, ComponentsMayStandInTurns) {
  const Tensor grid = coordinates({4, 5});
  for (const Shape& shape : {Shape{1, 4, 10}, Shape{4, 10}}) {
    const Unpacked unpacked = unpacked_grid(grid.reshaped(shape), picture);
    EXPECT_TRUE(unpacked.tensor.same_values(grid));
    EXPECT_EQ(unpacked.guess,
              "of shape " + to_string(shape) + " is read as [1,4,5,2]: x and y are interleaved");
    EXPECT_EQ(unpacked.layout,
              "layout.in-turns: the grid has x and y interleaved along its rows, which grid_sample "
              "refuses. Pass grid.reshape(1, 4, 5, 2).");
  }
  EXPECT_EQ(unpacked_grid(coordinates({6, 4, 5}).reshaped({1, 6, 4, 15}), volume).tensor.shape(),
            (Shape{1, 6, 4, 5, 3}));
}

TEST(Packed, PositionsOfMapCoordinatesAreRowsFirst) {
  // Rows 0 to 2 of a picture of 4 x 5, column 3 or 4.
  const Tensor maps(Dtype::f64, {2, 3, 1}, std::vector<double>{0, 1, 2, 3, 3, 4});
  const std::vector<double> x_first = {3, 0, 3, 1, 4, 2};
  const Unpacked positions = unpacked_maps(maps);
  EXPECT_EQ(positions.given, Given::coordinates);
  EXPECT_EQ(positions.tensor.shape(), (Shape{1, 3, 1, 2}));
  EXPECT_EQ(positions.tensor.values(), x_first);
  EXPECT_EQ(positions.layout, "");
  const Unpacked as_grid = unpacked_grid(maps, picture);
  EXPECT_EQ(as_grid.given, Given::coordinates);
  EXPECT_EQ(as_grid.tensor.values(), x_first);
  EXPECT_TRUE(as_grid.layout.starts_with("layout.map-coordinates: ")) << as_grid.layout;
  EXPECT_EQ(
      unpacked_maps(
          in_order(coordinates({4, 4, 5}), {0, 4, 1, 2, 3}).contiguous().reshaped({3, 4, 4, 5}))
          .tensor.shape(),
      (Shape{1, 4, 4, 5, 3}));
}

TEST(Packed, WhatMayBeOneOrTheOtherIsRefused) {
  // From 0 to 1: positions of the first four pixels, or coordinates of a quarter of the picture.
  const Tensor grid = without_batch(in_order(coordinates({4, 5}), {0, 3, 1, 2}));
  const std::string said =
      "--grid has the shape [2,4,5], and its numbers may be coordinates or positions: pass "
      "positions in pixels, rows first, with --maps, or coordinates as [N,H,W,2]";
  EXPECT_EQ(complaint([&] { unpacked_grid(times(grid, 0.5, 0.5), picture); }), said);
  EXPECT_EQ(complaint([&] { unpacked_grid(times(grid, 1000, 0), picture); }), said);
  EXPECT_EQ(complaint([&] { unpacked_grid(grid, picture); }), "");
  EXPECT_EQ(complaint([&] { unpacked_grid(times(grid, 2, 2), picture); }), "");
}

TEST(Packed, MapsInOneArray) {
  const Tensor maps = without_batch(coordinates({4, 5}));
  const Unpacked joined = unpacked_maps(maps);
  EXPECT_EQ(joined.given, Given::joined_maps);
  EXPECT_TRUE(joined.tensor.same_values(coordinates({4, 5})));
  EXPECT_EQ(joined.guess, "of shape [4,5,2] is read as positions in pixels, x first");
  EXPECT_EQ(complaint([] { unpacked_maps(without_batch(coordinates({2, 5}))); }),
            "--maps has the shape [2,5,2], and its first and last axes may both hold x and y: give "
            "two maps, of x and of y, or a grid");
  EXPECT_EQ(complaint([] { unpacked_maps(coordinates({4, 5}).reshaped({8, 5})); }),
            "--maps has the shape [8,5]: expected two maps [H,W], or one array [2,H,W], [3,D,H,W], "
            "[H,W,2] or [D,H,W,3]");
}

}  // namespace
}  // namespace gridproof::reports
