#include "optimized/parallel.h"

#include <atomic>
#include <exception>
#include <thread>
#include <vector>

namespace gridproof::optimized {

void for_each_part(std::int64_t count, int threads, const std::function<void(std::int64_t)>& task) {
  std::atomic<std::int64_t> next{0};
  const auto work = [&]() noexcept {
    for (std::int64_t i = next++; i < count; i = next++) task(i);
  };
  std::vector<std::thread> others;
  try {
    for (std::int64_t i = 1; i < threads && i < count; ++i) others.emplace_back(work);
  } catch (const std::exception&) {  // no thread, or no memory for it
  }
  work();
  for (std::thread& other : others) other.join();
}

}  // namespace gridproof::optimized
