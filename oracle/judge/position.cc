#include "oracle/judge/position.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace gridproof::judging {

std::vector<double> narrow_positions(double x, std::int64_t size, bool align_corners,
                                     const Format& format) {
  // Products and sums of two 16-bit numbers are exact in double, so one rounding is one rounding. A
  // fused a*b + c rounds like the exact sum: in double it is exact, or a*b is far below the last
  // place of c.
  const auto rn = [&](double value) { return round_to(format, value); };
  std::vector<double> positions;
  const double coordinate = rn(x);
  const double sum = rn(coordinate + 1);
  const double s = rn(static_cast<double>(size));
  const double last = rn(static_cast<double>(size - 1));
  // x scale + shift: never forms x + 1.
  const auto decomposed = [&](double scale, double shift) {
    positions.push_back(rn(rn(coordinate * scale) + shift));
    positions.push_back(rn(coordinate * scale + shift));  // fused
  };
  if (align_corners) {
    for (const double factor : {last, rn(s - 1)}) {
      positions.push_back(rn(rn(sum / 2) * factor));
      positions.push_back(rn(sum * rn(factor / 2)));
      decomposed(rn(factor / 2), rn(factor / 2));
    }
  } else {
    positions.push_back(rn(rn(rn(sum * s) - 1) / 2));    // scalar
    positions.push_back(rn(rn(sum * s - 1) / 2));        // scalar, fused
    positions.push_back(rn(rn(sum * rn(s / 2)) - 0.5));  // vector
    positions.push_back(rn(sum * rn(s / 2) - 0.5));      // vector, fused
    for (const double shift : {rn(last / 2), rn(rn(s / 2) - 0.5)}) decomposed(rn(s / 2), shift);
    for (const double product : {rn(rn(coordinate * s) + s), rn(coordinate * s + s)}) {
      positions.push_back(rn(rn(product - 1) / 2));  // ((x S + S) - 1) / 2
    }
    for (const double shift : {last, rn(s - 1)}) {
      positions.push_back(rn(rn(rn(coordinate * s) + shift) / 2));  // (x S + (S - 1)) / 2
      positions.push_back(rn(rn(coordinate * s + shift) / 2));      // fused
    }
  }
  // In a wider type, and rounded once.
  if (std::isfinite(coordinate)) {
    std::vector<Interval<double>> wider;
    positions_of<float>(coordinate, size, align_corners, {}, wider);
    positions.push_back(rn(wider.front().lo));
    positions.push_back(rn(wider.front().hi));
  }
  // One NaN stands for all, from zero times infinity and the like.
  const bool undefined =
      std::erase_if(positions, [](double position) { return std::isnan(position); }) != 0;
  std::ranges::sort(positions);
  positions.erase(std::ranges::unique(positions).begin(), positions.end());
  if (undefined) positions.push_back(std::numeric_limits<double>::quiet_NaN());
  return positions;
}

}  // namespace gridproof::judging
