// Bilinear and trilinear: the pixels around a position, weighted by how near they are.
// Clauses: linear.md. Tested by linear_test.cc.
#pragma once

#include <cstddef>

#include "reference/semantics/stages.h"

namespace gridproof::semantics {

// The weights of the two taps of an axis, both from one fraction.
template <class T>
std::array<T, 2> linear_weights(T fraction) {
  return {1 - fraction, fraction};
}

// [bilinear.weights] [trilinear.weights] The pixels that a sample reads: every combination of the
// taps of its axes that is inside the input, weighted by (wx * wy) * wz, in order of increasing x,
// then y, then z. Taps outside are skipped. In two dimensions z is one tap of weight 1, and the
// last product changes nothing. `place(x, y, z)` is where in a channel a pixel lies.
template <std::size_t taps, class T, class Rules, class Place>
Corners<T> corners(const Rules& rules, const Sample<T>& sample, Place&& place) {
  const auto& [x, y, z] = sample.axes;
  Corners<T> result;
  for (int k = 0; k < z.tap_count; ++k) {
    const Tap<T>& tz = z.taps[static_cast<std::size_t>(k)];
    if (tz.index == outside) continue;
    for (std::size_t j = 0; j < taps; ++j) {
      const Tap<T>& ty = y.taps[j];
      if (ty.index == outside) continue;
      for (std::size_t i = 0; i < taps; ++i) {
        const Tap<T>& tx = x.taps[i];
        if (tx.index == outside) continue;
        result.push_back({place(tx.index, ty.index, tz.index),
                          rules.corner(rules.corner(tx.weight, ty.weight), tz.weight)});
      }
    }
  }
  return result;
}

// The sum of weight times texel. It starts at +0, which is all there is when no tap is inside.
// `read(place)` is a texel.
template <class T, class Rules, class Read>
T linear_value(const Rules& rules, const Corners<T>& corners, Read&& read) {
  return T{0} + rules.template sum_of<T>(corners.count, [&](int k) {
    const Corner<T>& corner = corners.list[static_cast<std::size_t>(k)];
    return Term<T>{corner.weight, read(corner.place)};
  });
}

}  // namespace gridproof::semantics
