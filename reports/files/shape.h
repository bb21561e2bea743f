// Shapes that files declare. Tested by shape_test.cc.
#pragma once

#include <cstdint>
#include <optional>

#include "reference/contract/tensor.h"

namespace gridproof::reports::files {

// The number of elements of a tensor of that shape, or nothing when no tensor has it: more than 8
// axes, a negative size, or more than 2^40 elements (an empty axis hides no others).
std::optional<std::int64_t> count_of(const Shape& shape);

}  // namespace gridproof::reports::files
