// Padding: what is read where a position, or a tap, lies outside the input.
// Clauses and the lemma on exactness: padding.md. Tested by padding_test.cc.
#pragma once

#include <cmath>
#include <cstdint>

#include "reference/contract/dtype.h"
#include "reference/semantics/nonfinite.h"
#include "reference/semantics/stages.h"

namespace gridproof::semantics {

// The position of the last pixel. On an axis of more than 2^24 pixels f32 may have no such number:
// then it is the next above, which nothing else is clipped to, and pixel_at() takes it for S - 1.
template <class T>
T last_position(const Axis& axis) {
  return at_least_as_large<T>(axis.size - 1);
}

// [padding.border] The nearest position between the centers of the outermost pixels.
template <class T>
T clip(T position, const Axis& axis) {
  const T last = last_position<T>(axis);
  return position < 0 ? T{0} : position > last ? last : position;
}

// [padding.reflection-lines] The lines between which positions are reflected are the
// documentation's "borders": the positions of the coordinates -1 and 1. Twice the place of each,
// which is an integer.
template <class T>
struct TwiceTheLines {
  T low;
  T high;
};
template <class T>
TwiceTheLines<T> twice_the_lines(const Axis& axis) {
  const bool align_corners = axis.options.align_corners;
  return {.low = align_corners ? T{0} : T{-1},
          .high = static_cast<T>(align_corners ? 2 * (axis.size - 1) : 2 * axis.size - 1)};
}

// Told of the steps of a reflection, and does not care (trace.h does).
struct Untold {
  template <class T>
  void periods(T /*period*/, T /*position*/) const {}
  template <class T>
  void mirrored(T /*twice_line*/, T /*position*/) const {}
};

// [padding.reflection] Reflects a finite position at two lines until it is between them.
// [padding.reflection-exact] No step rounds (padding.md has the proof).
template <class T, class Told = Untold>
T reflect(T position, const Axis& axis, const Told& told = {}) {
  // [padding.reflection-unit] Both lines meet in the only pixel.
  if (axis.options.align_corners && axis.size == 1) return 0;
  const auto [twice_low, twice_high] = twice_the_lines<T>(axis);
  // Two reflections are a shift by the period. All whole periods are taken off at once, exactly:
  // this only saves steps.
  const T period = twice_high - twice_low;
  if (!(std::fabs(position) < period)) {
    position = std::fmod(position, period);
    told.periods(period, position);
  }
  // [padding.reflection-example] From -3.5 this walks to 1.5 and from there to +0.5.
  while (true) {
    if (2 * position < twice_low) {
      position = twice_low - position;
      told.mirrored(twice_low, position);
    } else if (2 * position > twice_high) {
      position = twice_high - position;
      told.mirrored(twice_high, position);
    } else {
      return position;
    }
  }
}

// [padding.reflection-clip] What lies within half a pixel of the rim goes to the outermost center.
template <class T>
T reflect_and_clip(T position, const Axis& axis) {
  return clip(reflect(position, axis), axis);
}

// The padded position of `nearest` and `bilinear`. [padding.zeros] Under zeros nothing moves: a
// position outside stays there, and its taps will be found outside.
template <class T>
inline T pad(T position, const Axis& axis) {
  switch (axis.options.padding) {
    case Padding::zeros:
      return position;
    case Padding::border:
      return clip(position, axis);
    case Padding::reflection:
      return reflect_and_clip(position, axis);
  }
  return position;
}

// The pixel at a whole padded position. [padding.border] What was clipped is the last pixel.
template <class T>
std::int64_t pixel_at(T whole, const Axis& axis) {
  const bool clips = axis.options.padding != Padding::zeros;
  return clips && whole == last_position<T>(axis) ? axis.size - 1 : to_index(whole);
}

// The cell of a padded position, likewise.
template <class T>
Cell<T> padded_cell(T position, const Axis& axis) {
  Cell<T> cell = cell_of(position);
  if (cell.fraction == 0) cell.index = pixel_at(position, axis);
  return cell;
}

// [padding.zeros-ramp] Each tap, not the position, decides whether it is a pixel: a position just
// outside still has taps inside.
inline std::int64_t inside_or_outside(std::int64_t index, const Axis& axis) {
  return index >= 0 && index < axis.size ? index : outside;
}

}  // namespace gridproof::semantics
