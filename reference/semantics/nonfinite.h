// NaN and infinity, in coordinates and in texels.
// Clauses: nonfinite.md. Tested by nonfinite_test.cc.
#pragma once

#include <cmath>
#include <cstdint>

#include "reference/semantics/coordinates.h"
#include "reference/semantics/stages.h"

namespace gridproof::semantics {

// [coord.nan] Before anything else, in every mode and padding.
template <class T>
T replace_nan(T coordinate) {
  return std::isnan(coordinate) ? T{-1} : coordinate;
}

// [infinity.reflection] An infinite position has no mirror image: it takes what NaN takes. The
// other paddings handle it unchanged. A finite coordinate whose position overflows comes here with
// an infinite position, [arith.overflow].
template <class T>
T settle_infinity(T infinite_or_not, const Axis& axis) {
  if (std::isinf(infinite_or_not) && axis.options.padding == Padding::reflection) {
    return position(replace_nan(T{NAN}), axis);
  }
  return infinite_or_not;
}

// A whole number as an index. [infinity.zeros] [infinity.border] Numbers too large for an index,
// and infinity, become one that lies farther out than any pixel: outside under zeros, clipped to
// the edge under border.
template <class T>
std::int64_t to_index(T whole) {
  constexpr std::int64_t far = std::int64_t{1} << 62;
  if (whole >= static_cast<T>(far)) return far;
  if (!(whole > static_cast<T>(-far))) return -far;  // NaN, of a wrong semantics only, as well
  return static_cast<std::int64_t>(whole);
}

// The cell of a position: its floor and the rest. A position too far out for an index has no
// fraction. Neither has an infinite one, which lies at the beginning of a cell far away.
template <class T>
Cell<T> cell_of(T position) {
  constexpr auto far = static_cast<T>(std::int64_t{1} << 62);
  if (!(std::fabs(position) < far)) {
    return {to_index(position), std::isnan(position) ? position : T{0}};
  }
  auto index = static_cast<std::int64_t>(position);  // towards zero
  if (static_cast<T>(index) > position) --index;
  return {index, position - static_cast<T>(index)};
}

// [texel.nonfinite] [texel.zero-weight] A texel inside the input is multiplied as IEEE 754 says,
// whatever it and its weight are: 0 * inf is NaN.
template <class T>
T product(const Term<T>& term) {
  return term.weight * term.texel;
}

}  // namespace gridproof::semantics
