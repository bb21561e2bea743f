// Files for other programs: a folder that goes with the object, and tensors in it. Tested by
// peer_test.cc.
#pragma once

#include <filesystem>
#include <string_view>

#include "reference/contract/tensor.h"

namespace gridproof::bench {

class Folder {
 public:
  Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder();
  [[nodiscard]] std::filesystem::path operator/(const char* name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

// Writes the elements in row-major order, after `header`.
void write(const std::filesystem::path& path, const Tensor& tensor, std::string_view header = {});

// The same as a file of NumPy's, .npy; the tensor is f32.
void write_npy(const std::filesystem::path& path, const Tensor& tensor);

}  // namespace gridproof::bench
