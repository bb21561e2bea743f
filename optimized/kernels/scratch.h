// Memory that a thread keeps from one call to the next.
#pragma once

#include <cstddef>

namespace gridproof::optimized {

// At least `count` numbers, at an address that is a multiple of 64, until the next call of this
// thread; nullptr if there is not enough.
void* scratch_bytes(std::size_t bytes);

template <class T>
T* scratch(std::size_t count) {
  return static_cast<T*>(scratch_bytes(count * sizeof(T)));
}

}  // namespace gridproof::optimized
