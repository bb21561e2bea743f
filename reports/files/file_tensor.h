// What files hold, and how a file is refused.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>

#include "reference/contract/tensor.h"

namespace gridproof::reports::files {

// A file that is refused: what is wrong, where, and what was expected, in one sentence without the
// name of the file.
class FileError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

enum class Content : std::uint8_t {
  tensor,
  picture,  // (1, C, H, W): samples as they are in the file, no gamma applied
  flow,     // (1, H, W, 2): pixels to the right and down; NaN where the file says unknown
  volume,   // (1, C, D, H, W), or (1, C, H, W) where the file has two axes
  vectors   // (D, H, W, 3) or (H, W, 2), x first: a displacement or a grid, in whatever unit
};

// Where the voxels of a file are in the world.
struct Frame {
  std::string source;               // of the directions: "sform" or "qform"; empty: there are none
  std::array<double, 3> spacing{};  // millimeters for each voxel, x first
  // Rows of the map from a position in voxels, x first, to millimeters to the right, to the front
  // and up (RAS). Of a plane the third row and column are left out.
  std::array<std::array<double, 4>, 3> to_world{};
};

struct FileTensor {
  // The key in a dictionary or archive, as it is in the file (perhaps no UTF-8); empty where a file
  // holds one tensor.
  std::string name;
  Content content = Content::tensor;
  // The sample of a picture that is white: 255, 65535 or what its file says. 0 where there is none.
  double white = 0;
  Tensor tensor;
  // What a reader must say of the file, a sentence without its name; empty where there is nothing.
  std::string note = {};
  std::optional<Frame> frame = {};
  bool is_lossy = false;  // the numbers are only near those that were written
};

}  // namespace gridproof::reports::files
