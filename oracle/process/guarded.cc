#include "oracle/process/guarded.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <limits>
#include <map>
#include <new>
#include <vector>

namespace gridproof {
namespace {

std::size_t page() {
  static const auto size = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return size;
}

// `pages` pages that may be used between two that may not. The address is that of the first usable.
std::byte* map_block(std::size_t pages) {
  const std::size_t usable = pages * page();
  void* const mapping = mmap(nullptr, usable + 2 * page(), PROT_NONE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapping == MAP_FAILED) throw std::bad_alloc();
  auto* const block = static_cast<std::byte*>(mapping) + page();
  if (usable > 0 && mprotect(block, usable, PROT_READ | PROT_WRITE) != 0) {
    munmap(mapping, usable + 2 * page());
    throw std::bad_alloc();
  }
  return block;
}

void unmap_block(std::byte* block, std::size_t pages) {
  munmap(block - page(), (pages + 2) * page());
}

}  // namespace

struct GuardedPool::Blocks {
  std::map<std::size_t, std::vector<std::byte*>> free;  // by number of pages
  std::size_t kept = 0;                                 // bytes in `free`

  Blocks() = default;
  Blocks(const Blocks&) = delete;
  Blocks& operator=(const Blocks&) = delete;
  ~Blocks() {
    for (const auto& [pages, blocks] : free) {
      for (std::byte* const block : blocks) unmap_block(block, pages);
    }
  }

  std::byte* take(std::size_t pages) {
    const auto found = free.find(pages);
    if (found == free.end() || found->second.empty()) return map_block(pages);
    std::byte* const block = found->second.back();
    found->second.pop_back();
    kept -= pages * page();
    return block;
  }

  void give_back(std::byte* block, std::size_t pages) {
    if (kept + pages * page() > most_kept) return unmap_block(block, pages);
    free[pages].push_back(block);
    kept += pages * page();
  }
};

GuardedPool::GuardedPool() : blocks_(std::make_shared<Blocks>()) {}

std::shared_ptr<std::byte[]> GuardedPool::allocate(std::size_t bytes) {
  if (bytes > std::numeric_limits<std::size_t>::max() / 2) throw std::bad_alloc();
  const std::size_t pages = (bytes + page() - 1) / page();
  std::byte* const block = blocks_->take(pages);
  const std::size_t slack = pages * page() - bytes;
  std::memset(block, 0xff, slack);  // a NaN in every format
  return {block + slack, [blocks = blocks_, block, pages](const std::byte*) {
            blocks->give_back(block, pages);
          }};
}

}  // namespace gridproof
