#include "oracle/judge/position.h"

#include <algorithm>

namespace gridproof::judging {

std::vector<double> narrow_positions(double x, std::int64_t size, bool align_corners,
                                     const Format& format) {
  // Products and sums of two 16-bit numbers are exact in double, so one rounding is one rounding;
  // a fused a*b - 1 is exact in double as well.
  const auto rn = [&](double value) { return round_to(format, value); };
  std::vector<double> positions;
  const double coordinate = rn(x);
  const double sum = rn(coordinate + 1);
  const double s = rn(static_cast<double>(size));
  for (const double factor :
       align_corners ? std::vector{rn(static_cast<double>(size - 1)), rn(s - 1)} : std::vector{s}) {
    if (align_corners) {
      positions.push_back(rn(rn(sum / 2) * factor));
      positions.push_back(rn(sum * rn(factor / 2)));
    } else {
      positions.push_back(rn(rn(rn(sum * factor) - 1) / 2));    // scalar
      positions.push_back(rn(rn(sum * factor - 1) / 2));        // scalar, fused
      positions.push_back(rn(rn(sum * rn(factor / 2)) - 0.5));  // vector
      positions.push_back(rn(sum * rn(factor / 2) - 0.5));      // vector, fused
    }
  }
  std::ranges::sort(positions);
  positions.erase(std::ranges::unique(positions).begin(), positions.end());
  return positions;
}

}  // namespace gridproof::judging
