// What files hold, and how a file is refused.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

#include "reference/contract/tensor.h"

namespace gridproof::files {

// A file that is refused: what is wrong, where, and what was expected, in one sentence without the
// name of the file.
class FileError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

enum class Content : std::uint8_t {
  tensor,
  picture,  // (1, C, H, W): samples as they are in the file, no gamma applied
  flow      // (1, H, W, 2): pixels to the right and down; NaN where the file says unknown
};

struct FileTensor {
  // The key in a dictionary or archive, as it is in the file (perhaps no UTF-8); empty where a file
  // holds one tensor.
  std::string name;
  Content content = Content::tensor;
  // The sample of a picture that is white: 255, 65535 or what its file says. 0 where there is none.
  double white = 0;
  Tensor tensor;
};

}  // namespace gridproof::files
