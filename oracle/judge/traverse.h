// Combinations, one after another. Tested through those that ask.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace gridproof::judging {

// Calls `visitor` with each choice of N numbers, the i-th from 0 to counts[i] - 1 and the first
// varying fastest, until it says false. No count is 0.
template <std::size_t N, class Visitor>
void for_each_choice(const std::array<std::int64_t, N>& counts, Visitor&& visitor) {
  std::array<std::int64_t, N> choice{};
  while (true) {
    const std::array<std::int64_t, N>& chosen = choice;
    if (!visitor(chosen)) return;
    std::size_t i = 0;
    while (i < N && ++choice[i] == counts[i]) choice[i++] = 0;
    if (i == N) return;
  }
}

}  // namespace gridproof::judging
