// From the place of an element to its indices. Tested by unravel_test.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "reference/contract/tensor.h"

namespace gridproof {

// The indices of the element at a place of a dense row-major tensor of these sizes, none of which
// is 0.
inline void unravel(std::int64_t place, std::span<const std::int64_t> sizes,
                    std::span<std::int64_t> indices) {
  for (std::size_t axis = sizes.size(); axis-- > 0;) {
    indices[axis] = place % sizes[axis];
    place /= sizes[axis];
  }
}
inline Shape unravel(std::int64_t place, std::span<const std::int64_t> sizes) {
  Shape indices(sizes.size());
  unravel(place, sizes, indices);
  return indices;
}

}  // namespace gridproof
