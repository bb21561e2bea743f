#include "oracle/subjects/serve/guarded.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <map>
#include <new>
#include <vector>

namespace gridproof {
namespace {

std::size_t page_size() {
  static const auto size = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return size;
}

// Pages between two that may never be used. Of them the last `open` may be used now: a block that
// serves a smaller request than before is closed in front, so that it is guarded as tightly.
struct Block {
  std::byte* begin = nullptr;
  std::size_t pages = 0;
  std::size_t open = 0;

  [[nodiscard]] std::byte* end() const { return begin + pages * page_size(); }
};

Block map_block(std::size_t pages) {
  void* const mapping = mmap(nullptr, (pages + 2) * page_size(), PROT_NONE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapping == MAP_FAILED) throw std::bad_alloc();
  return {.begin = static_cast<std::byte*>(mapping) + page_size(), .pages = pages, .open = 0};
}

void unmap_block(const Block& block) {
  munmap(block.begin - page_size(), (block.pages + 2) * page_size());
}

// Whether it could be done.
bool open_last(Block& block, std::size_t pages) {
  const bool more = pages > block.open;
  const std::size_t farther = std::max(pages, block.open);
  const std::size_t nearer = std::min(pages, block.open);
  if (nearer != farther &&
      mprotect(block.end() - farther * page_size(), (farther - nearer) * page_size(),
               more ? PROT_READ | PROT_WRITE : PROT_NONE) != 0) {
    return false;
  }
  block.open = pages;
  return true;
}

}  // namespace

struct GuardedPool::Blocks {
  std::map<std::size_t, std::vector<Block>> free;  // by number of pages, a power of two
  std::size_t kept = 0;                            // bytes in `free`

  Blocks() = default;
  Blocks(const Blocks&) = delete;
  Blocks& operator=(const Blocks&) = delete;
  ~Blocks() {
    for (const auto& [pages, blocks] : free) {
      for (const Block& block : blocks) unmap_block(block);
    }
  }

  Block take(std::size_t pages) {
    const auto found = free.find(pages);
    if (found == free.end() || found->second.empty()) return map_block(pages);
    const Block block = found->second.back();
    found->second.pop_back();
    kept -= pages * page_size();
    return block;
  }

  void give_back(const Block& block) {
    const std::size_t bytes = block.pages * page_size();
    if (kept + bytes > max_kept) return unmap_block(block);
    free[block.pages].push_back(block);
    kept += bytes;
  }
};

GuardedPool::GuardedPool() : blocks_(std::make_shared<Blocks>()) {}

std::shared_ptr<std::byte[]> GuardedPool::allocate(std::size_t bytes) {
  if (bytes > std::numeric_limits<std::size_t>::max() / 4) throw std::bad_alloc();
  const std::size_t pages = (bytes + page_size() - 1) / page_size();
  Block block = blocks_->take(std::bit_ceil(pages));
  if (!open_last(block, pages)) {
    unmap_block(block);
    throw std::bad_alloc();
  }
  std::byte* const storage = block.end() - bytes;
  std::ranges::fill(slack(storage, bytes), std::byte{0xff});  // a NaN in every format
  return {storage, [blocks = blocks_, block](const std::byte*) { blocks->give_back(block); }};
}

std::span<std::byte> GuardedPool::slack(std::byte* storage, std::size_t bytes) {
  const std::size_t size = (page_size() - bytes % page_size()) % page_size();
  return {storage - size, size};
}

}  // namespace gridproof
