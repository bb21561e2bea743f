#include "reports/files/shape.h"

#include <algorithm>

namespace gridproof::reports::files {

std::optional<std::int64_t> count_of(const Shape& shape) {
  constexpr std::int64_t most = std::int64_t{1} << 40U;
  if (shape.size() > max_rank) return std::nullopt;
  std::int64_t product = 1;
  for (const std::int64_t size : shape) {
    if (size < 0 || (size > 0 && product > most / size)) return std::nullopt;
    product *= std::max<std::int64_t>(size, 1);
  }
  return element_count(shape);
}

}  // namespace gridproof::reports::files
