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
// then y, then z. Taps outside are skipped. In two dimensions z is one tap of weight 1, and the last
// product changes nothing.
template <class T, class Rules>
Corners<T> corners(const Rules& rules, const Sample<T>& sample) {
  const auto& [x, y, z] = sample.axes;
  Corners<T> result;
  for (int k = 0; k < z.tap_count; ++k) {
    const Tap<T>& tz = z.taps[static_cast<std::size_t>(k)];
    for (int j = 0; j < y.tap_count; ++j) {
      const Tap<T>& ty = y.taps[static_cast<std::size_t>(j)];
      for (int i = 0; i < x.tap_count; ++i) {
        const Tap<T>& tx = x.taps[static_cast<std::size_t>(i)];
        if (tx.index == outside || ty.index == outside || tz.index == outside) continue;
        const T weight = rules.corner(rules.corner(tx.weight, ty.weight), tz.weight);
        result.list[static_cast<std::size_t>(result.count++)] = {tx.index, ty.index, tz.index,
                                                                 weight};
      }
    }
  }
  return result;
}

// The sum of weight times texel. It starts at +0, which is all there is when no tap is inside.
template <class T, class Rules, class Read>
T linear_value(const Rules& rules, const Corners<T>& corners, Read&& read) {
  Terms<T> terms;
  for (const Corner<T>& corner : corners) terms.push_back({corner.weight, read(corner)});
  return T{0} + rules.sum(terms);
}

}  // namespace gridproof::semantics
