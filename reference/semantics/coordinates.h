// Coordinates and positions: where in the input, in pixels, a number of the grid points.
// Clauses: coordinates.md. Tested by coordinates_test.cc.
#pragma once

#include <cmath>
#include <cstdint>

#include "reference/contract/tensor.h"
#include "reference/semantics/stages.h"

namespace gridproof::semantics {

// [coord.order] The axis that component `number` of the grid's last axis speaks of: x, y, z go with
// the last axis of the input, the one before, and the one before that.
inline Axis axis_of(int number, const Shape& input, const Options& options) {
  return {.size = input[input.size() - 1 - static_cast<std::size_t>(number)],
          .number = number,
          .dimensions = static_cast<int>(input.size()) - 2,
          .options = options};
}

// The position that a coordinate means. [coord.normalized] -1 … 1 spans the axis, whatever its
// size; [coord.extremes] both ends of it belong to the outermost pixels; [coord.outside] the
// formula is the same beyond them, and what is read there is the padding's affair.
template <class T>
T position(T coordinate, const Axis& axis) {
  // An infinite coordinate is an infinite position on an axis of one pixel as well: 0 * inf is NaN.
  if (std::isinf(coordinate)) return coordinate;
  // [coord.rounding] Every operation rounds, in this order.
  if (axis.options.align_corners) {  // [coord.centers]; [coord.unit-size]: 0 when size is 1
    return (coordinate + 1) / 2 * static_cast<T>(axis.size - 1);
  }
  // [coord.corners] [coord.resolution] As a share of the width, (position + 1/2) / size does not
  // depend on the size.
  return ((coordinate + 1) * static_cast<T>(axis.size) - 1) / 2;
}

// [coord.inverse] The coordinate that means a position: a difference and a quotient, each rounded.
// On an axis of one pixel with align_corners every coordinate means position 0; the middle one is
// given.
template <class T>
T coordinate(T position, const Axis& axis) {
  const auto last = static_cast<T>(axis.size - 1);
  if (!axis.options.align_corners) return (2 * position - last) / static_cast<T>(axis.size);
  return axis.size == 1 ? T{0} : (2 * position - last) / last;
}

}  // namespace gridproof::semantics
