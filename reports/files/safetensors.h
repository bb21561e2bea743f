// The format of safetensors: a header in JSON, then the numbers. Tested by safetensors_test.cc.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "reports/files/file_tensor.h"

namespace gridproof::reports::files {

bool is_safetensors(std::span<const std::byte> file);
// In the order of their data. Whole numbers and BOOL become f32, or f64 from 32 bits on. As the
// format says, tensors neither overlap nor leave anything out between them or behind.
std::vector<FileTensor> read_safetensors(std::span<const std::byte> file);

}  // namespace gridproof::reports::files
