#include "reports/diagnosis/positions.h"

#include <gtest/gtest.h>

#include <functional>

#include "reports/diagnosis/diagnose.h"
#include "reports/diagnosis/intent.h"

namespace gridproof::reports::diagnosis {
namespace {

using Axis = std::function<double(double j, double count)>;

// A grid whose columns have the x of their index, and its rows the y.
Tensor grid_of(const Axis& axis, std::int64_t rows, std::int64_t columns) {
  std::vector<double> values;
  for (std::int64_t h = 0; h < rows; ++h) {
    for (std::int64_t w = 0; w < columns; ++w) {
      values.push_back(axis(static_cast<double>(w), static_cast<double>(columns)));
      values.push_back(axis(static_cast<double>(h), static_cast<double>(rows)));
    }
  }
  return {Dtype::f32, {1, rows, columns, 2}, values};
}

Diagnosis diagnosis_of(const Tensor& grid, const Shape& input, bool align_corners,
                       const Intent& intent = {}) {
  std::vector<double> texels(static_cast<std::size_t>(element_count(input)));
  for (std::size_t i = 0; i < texels.size(); ++i) texels[i] = static_cast<double>(i * i % 37);
  const Case test_case{{.mode = {}, .padding_mode = {}, .align_corners = align_corners},
                       Tensor(Dtype::f32, input, texels),
                       grid};
  const Tensor meant = intended_grid(intent, test_case);
  return diagnose(
      {.test_case = test_case, .expected = output_with(meant, test_case), .meant_grid = meant});
}

const Axis without_half_pixel = [](double j, double count) { return 2 * j / count - 1; };
const Axis linspace = [](double j, double count) { return 2 * j / (count - 1) - 1; };
const Axis centers = [](double j, double count) { return (2 * j + 1) / count - 1; };
const Axis pixels = [](double j, double) { return j; };

// The most common half-pixel mistakes are found at every pair of sizes.
TEST(Positions, TellIdentitiesAtEveryPairOfSizes) {
  for (const std::int64_t rows : {2, 3, 7, 12, 24, 48}) {
    for (const std::int64_t columns : {2, 5, 16, 31, 32, 64}) {
      const auto names = [&](const Axis& axis, bool align_corners) {
        const Diagnosis found =
            diagnosis_of(grid_of(axis, rows, columns), {1, 1, 12, 16}, align_corners);
        std::vector<std::string> all;
        if (found.fault != Fault::usage) return all;
        all.push_back(found.attempts.front().name());
        for (const Tie& tie : found.ties) all.push_back(tie.name);
        return all;
      };
      const auto holds = [](const std::vector<std::string>& all, const std::string& name) {
        return std::ranges::find(all, name) != all.end();
      };
      SCOPED_TRACE(testing::Message() << rows << " x " << columns);
      EXPECT_TRUE(names(centers, false).empty());
      EXPECT_TRUE(names(linspace, true).empty());
      EXPECT_TRUE(holds(names(linspace, false), "align_corners.of-the-resize"));
      EXPECT_TRUE(holds(names(centers, true), "align_corners.of-the-resize"));
      EXPECT_TRUE(holds(names(without_half_pixel, false), "half-pixel.of-the-resize"));
      EXPECT_TRUE(holds(names(without_half_pixel, true), "half-pixel.of-the-resize"));
      EXPECT_TRUE(holds(names(pixels, false), "units.pixels-of-the-output, align_corners=False"));
    }
  }
}

TEST(Positions, OfOneAxisThatIsScaled) {
  const Axis identity = linspace;
  Tensor grid = grid_of(identity, 6, 7);
  std::vector<double> values = grid.values();
  for (std::size_t i = 1; i < values.size(); i += 2) values[i] *= 0.5;
  Diagnosis found = diagnosis_of(Tensor(Dtype::f32, grid.shape(), values), {1, 1, 6, 7}, true);
  EXPECT_EQ(found.attempts.front().name(), "half-range.y");
  EXPECT_EQ(found.confidence, Confidence::high);
  for (std::size_t i = 1; i < values.size(); i += 2) values[i] *= 1.7;
  found = diagnosis_of(Tensor(Dtype::f32, grid.shape(), values), {1, 1, 6, 7}, true);
  EXPECT_EQ(found.sentence,
            "fitted.axes: x is right, y must be 1.1765 times as large (the numbers were fitted to "
            "the positions).");
}

TEST(Positions, OfAnOffset) {
  Tensor grid = grid_of(linspace, 3, 3);
  std::vector<double> values = grid.values();
  for (std::size_t i = 0; i < values.size(); i += 2) values[i] += 0.2;
  const Diagnosis found =
      diagnosis_of(Tensor(Dtype::f32, grid.shape(), values), {1, 1, 3, 3}, true);
  EXPECT_EQ(found.where, "Reads 0.2 px to the right everywhere.");
  EXPECT_EQ(
      found.sentence,
      "fitted.axes: x must be 0.2 less, y is right (the numbers were fitted to the positions).");
}

// What is no mistake of one kind is not called one.
TEST(Positions, WhatNothingExplainsHasNoName) {
  Tensor grid = grid_of(centers, 9, 8);
  std::vector<double> values = grid.values();
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] += 0.01 * static_cast<double>(i * i % 13);
  }
  const Diagnosis found =
      diagnosis_of(Tensor(Dtype::f32, grid.shape(), values), {1, 1, 9, 8}, false);
  EXPECT_EQ(found.fault, Fault::unexplained);
  EXPECT_EQ(found.sentence,
            "The grid does not read where it was meant to, and no known mistake explains it.");
  EXPECT_TRUE(found.where.starts_with("Reads up to ")) << found.where;
}

TEST(Positions, SayWhereItReads) {
  EXPECT_EQ(where_it_reads({1, 2, 3, 4}, {1, 2, 3, 4}, 2), "");
  EXPECT_EQ(where_it_reads({0.5, 2, 2.5, 4}, {1, 2, 3, 4}, 2),
            "Reads 0.5 px to the left everywhere.");
  EXPECT_EQ(where_it_reads({1, 2, 5}, {1, 3, 3}, 3),
            "Reads 1 px up and 2 px towards the last slice everywhere.");
  EXPECT_EQ(where_it_reads({1, 2, 3, 4}, {1, 2, 3, 0}, 2),
            "Reads up to 4 px off, 4 px or more at half of the output locations.");
}

}  // namespace
}  // namespace gridproof::reports::diagnosis
