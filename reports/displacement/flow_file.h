// Optical flow in files: the format .flo of the Middlebury benchmark. Tested by flow_file_test.cc.
#pragma once

#include <string_view>

#include "reference/contract/tensor.h"

namespace gridproof::field {

// The flow of a .flo file as f32 of shape (1, H, W, 2), x first. Numbers beyond 1e9, by which the
// format says that a flow is unknown, become NaN. Throws std::invalid_argument.
Tensor flow_of_file(std::string_view bytes);

}  // namespace gridproof::field
