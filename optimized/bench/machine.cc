#include "optimized/bench/machine.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <vector>

#include "reference/contract/parallel.h"

namespace gridproof::bench {
namespace {

template <class Function>
double best_of(int times, const Function& function) {
  double best = 1e9;
  for (int i = 0; i < times; ++i) {
    const auto start = std::chrono::steady_clock::now();
    function();
    best = std::min(
        best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  return best;
}

double seconds_per_load(std::size_t bytes) {
  const std::size_t words = bytes / sizeof(std::uint64_t);
  const std::vector<std::uint64_t> table(words, 1);
  std::vector<std::uint32_t> place(1 << 16);
  std::uint64_t state = 1;
  for (std::uint32_t& at : place) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    at = static_cast<std::uint32_t>((state >> 33U) % words);
  }
  const double seconds = best_of(5, [&] {
    std::uint64_t sum = 0;
    for (const std::uint32_t at : place) sum += table[at];
    benchmark::DoNotOptimize(sum);
  });
  return seconds / static_cast<double>(place.size());
}

}  // namespace

double Machine::seconds_per_pair(std::size_t bytes) const {
  for (const auto& [size, seconds] : pair_load) {
    if (bytes <= size) return seconds;
  }
  return pair_load.back().second;
}

Machine measure_machine(int threads) {
  Machine machine;
  constexpr std::size_t chunk = std::size_t{64} << 20U;
  const auto n = static_cast<std::size_t>(threads);
  const std::vector<char> from(chunk * n, 1);
  std::vector<char> to(chunk * n);
  const double seconds = best_of(5, [&] {
    for_each_part(threads, threads, [&](std::int64_t i) {
      const std::size_t first = static_cast<std::size_t>(i) * chunk;
      std::memcpy(to.data() + first, from.data() + first, chunk);
    });
  });
  machine.copy_bytes_per_second = 2 * static_cast<double>(chunk * n) / seconds;
  constexpr std::array<std::size_t, 4> sizes = {std::size_t{16} << 10U, std::size_t{256} << 10U,
                                                std::size_t{8} << 20U, std::size_t{256} << 20U};
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    machine.pair_load[i] = {sizes[i], seconds_per_load(sizes[i])};
  }
  return machine;
}

}  // namespace gridproof::bench
