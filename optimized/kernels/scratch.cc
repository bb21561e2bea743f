#include "optimized/kernels/scratch.h"

#include <memory>
#include <new>

namespace gridproof::optimized {
namespace {

constexpr std::align_val_t alignment{64};

struct Free {
  void operator()(void* memory) const { ::operator delete(memory, alignment); }
};
struct Memory {
  std::unique_ptr<void, Free> bytes;
  std::size_t size = 0;
};

}  // namespace

void* scratch_bytes(std::size_t bytes) {
  thread_local Memory memory;
  if (memory.size < bytes) {
    memory = {};
    memory.bytes.reset(::operator new(bytes, alignment, std::nothrow));
    if (memory.bytes != nullptr) memory.size = bytes;
  }
  return memory.bytes.get();
}

}  // namespace gridproof::optimized
