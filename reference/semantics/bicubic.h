// Bicubic: cubic convolution over four pixels in each direction.
// Clauses: bicubic.md. Tested by bicubic_test.cc.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "reference/semantics/padding.h"
#include "reference/semantics/stages.h"

namespace gridproof::semantics {

// [bicubic.kernel] The cubic convolution kernel with alpha = -3/4 at distance d: the part for
// 0 <= d <= 1 and the part for 1 <= d <= 2. The products are Horner's.
template <class T>
inline constexpr T alpha = T{-0.75};
template <class T>
T inner_kernel(T d) {
  return ((alpha<T> + 2) * d - (alpha<T> + 3)) * d * d + 1;
}
template <class T>
T outer_kernel(T d) {
  return ((alpha<T> * d - 5 * alpha<T>)*d + 8 * alpha<T>)*d - 4 * alpha<T>;
}

// The weights of the taps at -1, 0, 1, 2 from the cell's pixel.
template <class T>
std::array<T, 4> cubic_weights(T fraction) {
  const T rest = 1 - fraction;
  return {outer_kernel(fraction + 1), inner_kernel(fraction), inner_kernel(rest),
          outer_kernel(rest + 1)};
}

// [bicubic.unpadded-cell] The position itself is not padded. Under reflection a position too far
// out for whole pixels to be counted in 64 bits is first brought near by whole periods, exactly.
template <class T>
T pad_for_bicubic(T position, const Axis& axis) {
  if (axis.options.padding != Padding::reflection || !(std::fabs(position) >= T{0x1p62})) {
    return position;
  }
  const std::int64_t span = axis.options.align_corners ? axis.size - 1 : axis.size;
  return span == 0 ? T{0}
                   : static_cast<T>(
                         std::fmod(static_cast<double>(position), 2 * static_cast<double>(span)));
}

// [bicubic.taps-padded] The pixel that a tap reads, each of the four by itself, in whole numbers.
// [bicubic.unit-size] On an axis of one pixel border and reflection make all four the same one.
inline std::int64_t pad_tap(std::int64_t index, const Axis& axis) {
  const std::int64_t last = axis.size - 1;
  if (index >= 0 && index <= last) return index;
  switch (axis.options.padding) {
    case Padding::zeros:
      return outside;
    case Padding::border:
      return index < 0 ? 0 : last;
    case Padding::reflection:
      break;
  }
  const bool align_corners = axis.options.align_corners;
  if (align_corners && axis.size == 1) return 0;
  const std::int64_t twice_low = align_corners ? 0 : -1;
  const std::int64_t twice_high = align_corners ? 2 * last : 2 * last + 1;
  index %= twice_high - twice_low;
  while (index < 0 || index > last) index = (index < 0 ? twice_low : twice_high) - index;
  return index;
}

// Four interpolations along x, then one along y. A tap outside reads 0 and keeps its weight.
// [bicubic.overshoot] Nothing brings the result back into the range of the texels.
// `read(x, y)` is the texel of a pixel.
template <class T, class Rules, class Read>
T cubic_value(const Rules& rules, const Sample<T>& sample, Read&& read) {
  const auto& [x, y, z] = sample.axes;
  return rules.template sum_of<T>(4, [&](int j) {
    const Tap<T>& ty = y.taps[static_cast<std::size_t>(j)];
    const T row = rules.template sum_of<T>(4, [&](int i) {
      const Tap<T>& tx = x.taps[static_cast<std::size_t>(i)];
      const bool inside = tx.index != outside && ty.index != outside;
      return Term<T>{tx.weight, inside ? read(tx.index, ty.index) : T{0}};
    });
    return Term<T>{ty.weight, row};
  });
}

}  // namespace gridproof::semantics
