// Tensors as somebody holds them: in a file, in a bug report, in a case line. Tested by
// sources_test.cc.
#pragma once

#include <string>

#include "reference/contract/tensor.h"

namespace gridproof::reports {

// A tensor from the value of an option: a .npy file, a nested list, or the notation of a case line,
// f32[1,2]{3,4}. Throws InputError.
Tensor read_tensor_argument(const std::string& option, const std::string& text);

}  // namespace gridproof::reports
