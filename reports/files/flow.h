// Optical flow: .flo of Middlebury, and the pictures of KITTI and of PFM that mean flow. Tested by
// flow_test.cc.
#pragma once

#include <cstddef>
#include <span>

#include "reports/files/file_tensor.h"

namespace gridproof::reports::files {

bool is_flo(std::span<const std::byte> file);
// f32, (1, H, W, 2), x first. Both components are NaN where one is beyond 1e9, which means unknown.
FileTensor read_flo(std::span<const std::byte> file);

// The flow that a picture is: f32, (1, H, W, 2), x first. KITTI writes 16-bit RGB, (sample - 2^15)
// / 64 of the channels R and G, and NaN where B is 0. FlyingThings3D and its like write PFM of
// three channels, the third of which is 0. Throws FileError for another picture. No picture says
// whether it is one; who asks must know.
Tensor flow_of_picture(const FileTensor& picture);

}  // namespace gridproof::reports::files
