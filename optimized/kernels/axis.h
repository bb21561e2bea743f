// One axis of the input in the numbers in which samples are followed along it. Made once for a
// call.
#pragma once

#include <cstdint>

#include "reference/contract/dtype.h"
#include "reference/contract/options.h"

namespace gridproof::optimized {

template <class T>
struct Axis {
  std::int64_t size;    // pixels, at least one
  std::int64_t stride;  // elements from one pixel to the next; 0 if there is only one
  Padding padding;
  bool align_corners;
  T span;   // what the coordinates -1 … 1 span, in pixels: size, or size - 1
  T start;  // the position of the coordinate -1
  T last;   // the position of the last center; the next number of T above, if T has no such one
  bool last_is_above;  // whether it is that, and positions are clipped: `last` means size - 1
  T twice_low;         // twice the positions of the lines of reflection
  T twice_high;
  T period;  // of the reflection
};

template <class T>
Axis<T> axis_of(std::int64_t size, std::int64_t stride, const Options& options) {
  const bool align_corners = options.align_corners;
  Axis<T> axis{};
  axis.size = size;
  axis.stride = size == 1 ? 0 : stride;
  axis.padding = options.padding;
  axis.align_corners = align_corners;
  axis.span = static_cast<T>(align_corners ? size - 1 : size);
  axis.start = align_corners ? T{0} : T{-0.5};
  axis.last = at_least_as_large<T>(size - 1);
  axis.last_is_above =
      options.padding != Padding::zeros && static_cast<std::int64_t>(axis.last) != size - 1;
  axis.twice_low = align_corners ? T{0} : T{-1};
  axis.twice_high = static_cast<T>(align_corners ? 2 * (size - 1) : 2 * size - 1);
  axis.period = axis.twice_high - axis.twice_low;
  return axis;
}

}  // namespace gridproof::optimized
