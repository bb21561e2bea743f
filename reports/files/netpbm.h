// The pictures of Netpbm, P1 to P6, and PFM. Tested by netpbm_test.cc.
#pragma once

#include <cstddef>
#include <span>

#include "reports/files/file_tensor.h"

namespace gridproof::reports::files {

bool is_netpbm(std::span<const std::byte> file);
// f32, (1, C, H, W) with C of 1 or 3, the top row first. Whole numbers from 0 to the maximum that
// the file names, which is white; a bitmap (P1, P4) has 0 and 1. PFM holds any numbers, its scale
// is not applied, and no number is white.
FileTensor read_netpbm(std::span<const std::byte> file);

}  // namespace gridproof::reports::files
