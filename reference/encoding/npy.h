// Tensors in files, as NumPy writes them (.npy, format 1 to 3): so that large ones need not travel
// as text. What is in the file is the whole storage of a tensor. Tested by npy_test.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>

#include "reference/contract/dtype.h"
#include "reference/contract/tensor.h"
#include "reference/encoding/descriptor.h"

namespace gridproof {

// Makes the storage of a tensor that is being read.
using Allocate = std::function<std::shared_ptr<std::byte[]>(std::size_t bytes)>;
std::shared_ptr<std::byte[]> allocate_plainly(std::size_t bytes);

// A file that is no such tensor: why, in one sentence without the name of the file.
class NpyError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Writes the storage of a tensor as an array of one axis, from the start of an open file, which is
// cut there. NumPy has no bf16, which is written as u2. False if there is no room for it.
bool write_npy(int file, const Tensor& tensor);

// The bytes of a file with the elements of a tensor in row-major order, in its shape; bf16 as u2.
std::string npy_of(const Tensor& tensor);

struct NpyStorage {
  std::shared_ptr<std::byte[]> storage;
  std::int64_t size = 0;  // elements
};
// Reads an array of whatever shape in row-major order, of elements that fit `dtype`. At most so
// many bytes are read. Throws NpyError.
NpyStorage read_npy(int file, Dtype dtype, const Allocate& allocate, std::size_t max_bytes);

// Reads an array as a tensor of its shape: of its own dtype, or, where that holds whole numbers, of
// f32 (f64 from 32 bits on). At most so many bytes are read. Throws NpyError.
Tensor read_npy_tensor(int file, std::size_t max_bytes);
// The same of a file that is in memory.
Tensor read_npy_tensor(std::span<const std::byte> file);

// A file without a name, in memory. This process, and one that inherits it under the same number,
// opens it by its path.
class MemoryFile {
 public:
  // Made when it is first asked for; -1 where the system has none.
  [[nodiscard]] int descriptor();
  [[nodiscard]] std::string path();
  // Gives the memory back.
  void clear() const;

 private:
  Descriptor file_;
};

}  // namespace gridproof
