// Questions in the same memory, one after another: what a caller does who fills its buffers anew.
// A subject that keeps what it knows of an address then meets other contents there. Tested by
// fuzz/campaign/mutants_test.cc.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>

#include "reference/contract/case.h"

namespace gridproof {

class SameMemory {
 public:
  // The question with its storages copied over those of the question before, whose tensors are then
  // worth nothing; as it is, if a storage is larger than a megabyte.
  Case operator()(Case test_case) {
    test_case.input = moved(test_case.input, input_);
    test_case.grid = moved(test_case.grid, grid_);
    return test_case;
  }

 private:
  using Buffer = std::shared_ptr<std::byte[]>;
  static constexpr std::size_t capacity = std::size_t{1} << 20U;

  static Tensor moved(const Tensor& tensor, const Buffer& buffer) {
    const auto bytes = static_cast<std::size_t>(tensor.storage_size()) * size_of(tensor.dtype());
    if (bytes > capacity) return tensor;
    if (bytes > 0) std::memcpy(buffer.get(), tensor.storage(), bytes);
    return Tensor::strided(tensor.dtype(), tensor.shape(), tensor.strides(), tensor.offset(),
                           buffer, tensor.storage_size());
  }

  Buffer input_{new std::byte[capacity]};
  Buffer grid_{new std::byte[capacity]};
};

}  // namespace gridproof
