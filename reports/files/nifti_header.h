// The headers of NIfTI, versions 1 and 2, in one file or packed by gzip; niftilib reads them.
// Tested by nifti_test.cc.
#pragma once

#include <nifti2_io.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "reference/encoding/number_kind.h"

namespace gridproof::reports::files {

// What a voxel holds.
struct VoxelKind {
  NumberKind number = NumberKind::u8;
  std::int64_t colors = 1;
};

struct NiftiHeader {
  int version = 0;
  bool is_swapped = false;
  std::vector<std::int64_t> sizes;  // x first, as many as the file says
  VoxelKind kind;
  std::size_t data_at = 0;
  double slope = 1;  // also where the file has 0 or, as nibabel writes it, NaN
  double intercept = 0;
  int intent = 0;
  double to_millimeters = 1;
  bool has_unit = true;
  std::array<double, 3> spacing{};  // in the unit of the file
  std::string source;               // as in Frame
  nifti_dmat44 to_world{};

  [[nodiscard]] std::int64_t size(std::size_t axis) const {
    return axis < sizes.size() ? sizes[axis] : 1;
  }
};

// How many of its first bytes tell whether a file is one, and all that its header says.
inline constexpr std::size_t max_bytes_of_nifti_header = sizeof(nifti_2_header);

// Also that of a pair of files, which is refused.
bool is_nifti_header(std::span<const std::byte> file);
// Throws FileError for what no file can be, and for numbers that nobody can use.
NiftiHeader nifti_header_of(std::span<const std::byte> file);

}  // namespace gridproof::reports::files
