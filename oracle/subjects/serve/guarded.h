// Storage that ends where memory ends: the byte after the last one lies on a page that nobody may
// touch, and so does the page in front. A kernel that reads past the end of its tensor crashes
// instead of getting away with it; one that reads before the beginning crashes too, or gets NaN,
// whatever the dtype, from what is left of the first page.
// Tested by guarded_test.cc and process_subject_test.cc.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

namespace gridproof {

// Hands out guarded storage and keeps what comes back for requests of about the same size, since
// fresh memory costs more than what is done with it. For one thread.
class GuardedPool {
 public:
  // What is kept for later at most, in bytes; more goes back to the system at once.
  static constexpr std::size_t max_kept = std::size_t{64} << 20U;

  GuardedPool();

  // Storage of `bytes` bytes, contents arbitrary, aligned to the largest power of two (up to 4096)
  // that divides `bytes`: enough for any element, no more, as at the end of an array. It outlives
  // the pool if it must. Throws std::bad_alloc.
  [[nodiscard]] std::shared_ptr<std::byte[]> allocate(std::size_t bytes);

  // What lies in front of such storage of `bytes` bytes, on its first page: fewer bytes than a
  // page.
  static std::span<std::byte> slack(std::byte* storage, std::size_t bytes);

 private:
  struct Blocks;
  std::shared_ptr<Blocks> blocks_;
};

}  // namespace gridproof
