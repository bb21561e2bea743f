// JPEG, gray and colors. Tested by jpeg_test.cc.
#pragma once

#include <cstddef>
#include <span>

#include "reports/files/file_tensor.h"

namespace gridproof::reports::files {

bool is_jpeg(std::span<const std::byte> file);
// f32, (1, C, H, W), the top row first; C is 1 or 3. Whole numbers from 0 to 255, which is white.
// As libjpeg-turbo gives them by default, and so Pillow and OpenCV: they are only near those that
// were written. The note says so, and that the orientation that the file asks for is not applied.
FileTensor read_jpeg(std::span<const std::byte> file);

// What EXIF says of how a viewer turns the picture, 1 to 8; 1, as it is, where it says nothing.
int exif_orientation(std::span<const std::byte> file);

}  // namespace gridproof::reports::files
