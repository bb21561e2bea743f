// The distance from a number to the next larger one of its type, a unit in the last place.
#pragma once

#include <algorithm>
#include <cmath>

#include "reference/contract/dtype.h"

namespace gridproof {

inline double ulp_of(double value, Dtype dtype) {
  const Format format = format_of(dtype);
  const int exponent =
      value == 0 ? format.min_exponent : std::max(std::ilogb(value), format.min_exponent);
  return std::ldexp(1.0, exponent - format.precision + 1);
}

}  // namespace gridproof
