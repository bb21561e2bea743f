// affine_grid: the grid that samples the input under an affine map of its coordinates.
// Clauses: affine_grid.md. Tested by affine_grid_test.cc.
#pragma once

#include <cstdint>

#include "reference/contract/subject.h"
#include "reference/semantics/stages.h"

namespace gridproof {
namespace semantics {

// [affine_grid.base] The coordinate of the center of pixel `index` out of `size`, when -1 and 1 are
// the outer corners, or the outer centers, of that many pixels. The numerators are whole numbers:
// one operation rounds, [affine_grid.rounding].
template <class T>
T base_coordinate(std::int64_t index, std::int64_t size, bool align_corners) {
  if (!align_corners) return static_cast<T>(2 * index + 1 - size) / static_cast<T>(size);
  if (size == 1) return 0;  // [affine_grid.unit-size]
  return static_cast<T>(2 * index - (size - 1)) / static_cast<T>(size - 1);
}

}  // namespace semantics

// The grid of shape (N, H, W, 2) or (N, D, H, W, 3) for an output of shape `size`, (N, C, H, W) or
// (N, C, D, H, W), in the dtype of `theta`, which has shape (N, 2, 3) or (N, 3, 4). Or a refusal
// under affine_grid.theta. Throws std::invalid_argument when the grid would be too large to exist.
Answer affine_grid(const Tensor& theta, const Shape& size, bool align_corners);

// The gradient of theta, of its shape and dtype, given that of the grid which affine_grid makes for
// an output of shape `size`. Or a refusal under affine_grid.backward.
Answer affine_grid_backward(const Tensor& grad_grid, const Shape& size, bool align_corners);

}  // namespace gridproof
