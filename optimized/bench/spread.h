// The locations of a call that are judged: some, evenly spread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "reference/contract/tensor.h"

namespace gridproof::bench {

inline std::int64_t judged_count(std::int64_t locations) {
  return std::min<std::int64_t>(locations, 2000);
}

// Copies the chosen ones of so many locations, each of `width` numbers side by side, in as many
// planes as `to` has room for.
inline void copy_judged(const std::byte* from, std::int64_t locations, std::int64_t width,
                        Tensor& to) {
  visit(to.dtype(), [&](auto type) {
    using T = decltype(type);
    const auto* const elements = reinterpret_cast<const T*>(from);
    const std::int64_t count = judged_count(locations);
    const std::int64_t step = locations / count;
    std::int64_t i = 0;
    for (T& element : to.elements<T>()) {
      const std::int64_t location = i / width % count * step;
      const std::int64_t plane = i / width / count;
      element = elements[(plane * locations + location) * width + i % width];
      ++i;
    }
  });
}

}  // namespace gridproof::bench
