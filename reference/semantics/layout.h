// Layout: where in memory elements lie, which never changes a value.
// Clauses: layout.md. Tested by layout_test.cc.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "reference/contract/tensor.h"
#include "reference/semantics/stages.h"

namespace gridproof::semantics {

// [layout.strides] A tensor of five axes, read through its strides. A tensor of four axes is one
// slice deep: `depth_axis` is where the axis of size 1 goes.
template <class Element>
struct Volume {
  const Element* data;
  std::array<std::int64_t, 5> shape;
  std::array<std::int64_t, 5> strides;

  Volume(const View<Element>& view, std::size_t depth_axis) : data(view.data) {
    for (std::size_t axis = 0, from = 0; axis < 5; ++axis) {
      const bool added = view.rank == 4 && axis == depth_axis;
      shape[axis] = added ? 1 : view.shape[from];
      strides[axis] = added ? 0 : view.strides[from];
      from += added ? 0 : 1;
    }
  }

  const Element& operator()(std::int64_t a, std::int64_t b, std::int64_t c, std::int64_t d,
                            std::int64_t e) const {
    return data[a * strides[0] + b * strides[1] + c * strides[2] + d * strides[3] + e * strides[4]];
  }
};

// [layout.output] The output is dense and row-major: the place of its element (n, c, z, y, x), its
// spatial sizes being those of `grid`.
inline std::int64_t output_place(const std::array<std::int64_t, 5>& grid, std::int64_t channels,
                                 std::int64_t n, std::int64_t c, std::int64_t z, std::int64_t y,
                                 std::int64_t x) {
  return (((n * channels + c) * grid[1] + z) * grid[2] + y) * grid[3] + x;
}

}  // namespace gridproof::semantics
