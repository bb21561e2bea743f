// NIfTI, versions 1 and 2, in one file: .nii, and .nii.gz. Tested by nifti_test.cc.
#pragma once

#include <cstddef>
#include <span>

#include "reports/files/file_tensor.h"

namespace gridproof::reports::files {

bool is_nifti(std::span<const std::byte> file);
// A volume (1, C, D, H, W), or (1, C, H, W) of a file with two axes: the channels are what the file
// has along its axis of time or of components, or the colors of RGB. Vectors, (D, H, W, 3) or (H,
// W, 2), where the intent says so, or says nothing and there are as many components as axes.
// scl_slope and scl_inter are applied. f32 holds numbers of up to 16 bits and f32, f64 all others.
FileTensor read_nifti(std::span<const std::byte> file);
// The same packed by gzip. Throws FileError for what holds anything else.
FileTensor read_gzip(std::span<const std::byte> file);

}  // namespace gridproof::reports::files
