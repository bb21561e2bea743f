// Nearest: the value of one pixel, as it stands.
// Clauses: nearest.md. Tested by nearest_test.cc.
#pragma once

#include <cmath>

#include "reference/semantics/stages.h"

namespace gridproof::semantics {

// [nearest.ties-to-even] The whole number nearest to a position, the even one if two are. It relies
// on the rounding mode that every C++ program starts in. [nearest.pad-first] It gets the padded
// position; whether the pixel exists is checked afterwards.
template <class T>
T nearest(T padded) {
  return std::rint(padded);
}

// [nearest.texel] The texel itself, with no arithmetic at all; 0 if the pixel is outside.
// `read(place)` is a texel.
template <class T, class Read>
T nearest_value(const Corners<T>& corners, Read&& read) {
  return corners.count == 0 ? T{0} : read(corners.list[0].place);
}

}  // namespace gridproof::semantics
