// What this machine can do at best, measured: the limits beside which the kernels' times are put.
#pragma once

#include <array>
#include <cstddef>
#include <utility>

namespace gridproof::bench {

struct Machine {
  double copy_bytes_per_second = 0;  // read and written, all threads
  // Seconds of one 8-byte load from a random place of so many bytes, one thread; 0 if unknown.
  std::array<std::pair<std::size_t, double>, 4> pair_load{};

  // Of a random place in so many bytes: that of the next larger table.
  [[nodiscard]] double seconds_per_pair(std::size_t bytes) const;
};

Machine measure_machine(int threads);

}  // namespace gridproof::bench
