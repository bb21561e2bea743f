// Shapes: which ones belong together, which are refused, and what the output's is.
// Clauses: shapes.md. Tested by shapes_test.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "reference/contract/case.h"
#include "reference/contract/subject.h"

namespace gridproof::semantics {

// [shape.rank]
inline std::optional<Refusal> refuse_rank(const Case& test_case) {
  const int input = test_case.input.rank();
  const int grid = test_case.grid.rank();
  if (input != 4 && input != 5) {
    return Refusal{"shape.rank", "input has shape " + to_string(test_case.input.shape()) +
                                     ": expected 4-D (N,C,H,W) or 5-D (N,C,D,H,W)"};
  }
  if (grid != input) {
    return Refusal{"shape.rank", "grid has shape " + to_string(test_case.grid.shape()) +
                                     ": expected " + std::to_string(input) + "-D like input"};
  }
  return std::nullopt;
}

// [shape.batch]
inline std::optional<Refusal> refuse_batch(const Case& test_case) {
  if (test_case.input.size(0) == test_case.grid.size(0)) return std::nullopt;
  return Refusal{"shape.batch", "grid has batch size " + std::to_string(test_case.grid.size(0)) +
                                    ": expected " + std::to_string(test_case.input.size(0)) +
                                    ", the batch size of input"};
}

// [shape.last-dimension]
inline std::optional<Refusal> refuse_last_dimension(const Case& test_case) {
  const int dimensions = test_case.input.rank() - 2;
  const std::int64_t last = test_case.grid.shape().back();
  if (last == dimensions) return std::nullopt;
  return Refusal{"shape.last-dimension", "the last axis of grid has size " + std::to_string(last) +
                                             ": expected " + std::to_string(dimensions) +
                                             ", one coordinate per spatial axis of input"};
}

// [shape.empty-spatial]
inline std::optional<Refusal> refuse_empty_spatial(const Case& test_case) {
  for (int axis = 2; axis < test_case.input.rank(); ++axis) {
    if (test_case.input.size(axis) == 0) {
      return Refusal{"shape.empty-spatial",
                     "input has shape " + to_string(test_case.input.shape()) +
                         ": expected at least one pixel along axis " + std::to_string(axis)};
    }
  }
  return std::nullopt;
}

// [shape.output] The batch and channels of the input, the spatial sizes of the grid.
inline Shape output_shape(const Shape& input, const Shape& grid) {
  Shape shape{input[0], input[1]};
  shape.insert(shape.end(), grid.begin() + 1, grid.end() - 1);
  return shape;
}

// [shape.sample] [shape.empty] Calls `visit(n, z, y, x)` for every output location of a grid of
// shape (N, D_out, H_out, W_out, …) in row-major order: for none at all when a size is 0.
template <class Sizes, class Visitor>
void for_each_sample(const Sizes& grid, Visitor&& visit) {
  for (std::int64_t n = 0; n < grid[0]; ++n) {
    for (std::int64_t z = 0; z < grid[1]; ++z) {
      for (std::int64_t y = 0; y < grid[2]; ++y) {
        for (std::int64_t x = 0; x < grid[3]; ++x) visit(n, z, y, x);
      }
    }
  }
}

}  // namespace gridproof::semantics
