// Displacement: how far from its place in the identity each output location looks, in input pixels.
// Clauses: displacement.md. Tested by displacement_test.cc.
//
// Everything here concerns one axis with `size` input pixels and `outputs` output locations. The
// axes do not influence each other.
#pragma once

#include <array>
#include <cstdint>

#include "reference/contract/options.h"
#include "reference/contract/tensor.h"
#include "reference/semantics/coordinates.h"

namespace gridproof {
namespace semantics {

// [displacement.identity] The position that output location `index` has when the input is merely
// resized: its center among the outputs, carried over to the input. A quotient of whole numbers, so
// that one operation rounds; exactly `index` when outputs == size.
template <class T>
T identity_position(std::int64_t index, std::int64_t outputs, const Axis& axis) {
  const std::int64_t size = axis.size;
  if (!axis.options.align_corners) {
    return static_cast<T>((2 * index + 1) * size - outputs) / static_cast<T>(2 * outputs);
  }
  // [displacement.unit-output] A single output location is the center of the input.
  if (outputs == 1) return static_cast<T>(size - 1) / 2;
  return static_cast<T>(index * (size - 1)) / static_cast<T>(outputs - 1);
}

// [displacement.relative] The displacement, in input pixels, that a coordinate means at an output
// location. [displacement.unit-size] With align_corners it is 0 on an axis of one pixel.
template <class T>
T displacement(T coordinate, std::int64_t index, std::int64_t outputs, const Axis& axis) {
  return position(coordinate, axis) - identity_position<T>(index, outputs, axis);
}

// [displacement.coordinate] The coordinate that displaces an output location by this number of
// input pixels.
template <class T>
T displaced_coordinate(T displacement, std::int64_t index, std::int64_t outputs, const Axis& axis) {
  return coordinate(identity_position<T>(index, outputs, axis) + displacement, axis);
}

// [displacement.output-pixels] Input pixels for each pixel of the output. A displacement that is
// measured in pixels of the output is multiplied by it first.
template <class T>
T input_pixels_per_output_pixel(std::int64_t outputs, const Axis& axis) {
  if (!axis.options.align_corners) return static_cast<T>(axis.size) / static_cast<T>(outputs);
  return outputs == 1 ? T{0} : static_cast<T>(axis.size - 1) / static_cast<T>(outputs - 1);
}

}  // namespace semantics

// Whole grids. A grid has shape (N, output sizes …, k), its last axis in the order x, y, z, and
// `input` gives the k spatial sizes of the input in the order of its axes (…, D, H, W). Dtypes are
// computed as those of grid_sample are. Both throw std::invalid_argument when the shapes do not
// fit.

// Whose pixels a displacement is counted in.
enum class PixelUnit : std::uint8_t { input, output };
template <>
inline constexpr auto names<PixelUnit> =
    std::to_array<Named<PixelUnit>>({{PixelUnit::input, "input"}, {PixelUnit::output, "output"}});

// The displacements of a grid, in input pixels, and the grid with given displacements.
Tensor displacement_of(const Tensor& grid, const Shape& input, bool align_corners);
Tensor displaced_grid(const Tensor& displacement, const Shape& input, bool align_corners,
                      PixelUnit unit = PixelUnit::input);

}  // namespace gridproof
