// PNG of every kind: 8 and 16 bits (fewer become 8), gray and colors, with and without alpha, a
// palette, interlaced. Tested by png_test.cc.
#pragma once

#include <cstddef>
#include <span>

#include "reports/files/file_tensor.h"

namespace gridproof::reports::files {

bool is_png(std::span<const std::byte> file);
// f32, (1, C, H, W), the top row first; C is 1 for gray, 2 with alpha, 3 for colors, 4 with alpha.
// Whole numbers from 0 to 255, or to 65535, which is white. A palette becomes colors, and a color
// that means transparent becomes alpha.
FileTensor read_png(std::span<const std::byte> file);

}  // namespace gridproof::reports::files
