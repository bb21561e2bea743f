#include "fuzz/domain/coordinates.h"

#include <algorithm>
#include <array>

#include "reference/contract/unravel.h"

namespace gridproof {

double largest_of(Dtype dtype) {
  const Format format = format_of(dtype);
  return std::ldexp(2.0 - std::ldexp(1.0, 1 - format.precision), format.max_exponent);
}

double rounded_finite(double value, Dtype dtype) {
  const double largest = largest_of(dtype);
  return visit(dtype, [&]<class T>(T) {
    return to_double(from_double<T>(std::clamp(value, -largest, largest)));
  });
}

double coordinate_at(double position, std::int64_t size, bool align_corners) {
  if (!align_corners) return (2 * position + 1) / static_cast<double>(size) - 1;
  return size == 1 ? 0 : 2 * position / static_cast<double>(size - 1) - 1;
}

double coordinate_in(Where where, std::int64_t size, bool align_corners, Dtype dtype,
                     Random& random) {
  constexpr std::array<int, 16> nudges = {0, 0, 0, 0, 0, 0, 1, -1, 1, -1, 2, -2, 3, -3, 8, -8};
  const auto beside = [&](double x) {
    return nudge(rounded_finite(x, dtype), random.of(nudges), dtype);
  };
  const auto at = [&](double position) {
    return beside(coordinate_at(position, size, align_corners));
  };
  switch (where) {
    case Where::inside:
      return random.between(-1, 1);
    case Where::center:
      return at(static_cast<double>(random.below(size + 2) - 1));
    case Where::tie:
      return at(static_cast<double>(random.below(size + 2)) - 1.5);
    case Where::rim: {
      const double pixel = 2.0 / static_cast<double>(size);
      const std::array<double, 6> ends = {1,         1 + pixel / 2, 1 - pixel / 2,
                                          1 + pixel, 1 - pixel,     1 + 2 * pixel};
      if (random.one_in(3)) return random.sign() * random.between(1 - pixel, 1 + 2 * pixel);
      return beside(random.sign() * random.of(ends));
    }
    case Where::outside:
      return random.sign() * random.between(1, 10);
    case Where::far:
      return random.sign() * std::exp2(random.between(3, 14));
    case Where::huge:
      return random.sign() * std::exp2(random.between(14, format_of(dtype).max_exponent + 1));
    case Where::tiny: {
      if (random.one_in(4)) return random.sign() * 0.0;
      const Format format = format_of(dtype);
      if (random.one_in(2)) {
        return random.sign() * std::ldexp(static_cast<double>(1 + random.below(5)),
                                          format.min_subnormal_exponent());
      }
      return random.sign() * std::exp2(random.between(format.min_exponent, -6));
    }
    case Where::nan:
    case Where::negative_nan:
    case Where::nan_payload:
      return std::numeric_limits<double>::quiet_NaN();
    case Where::plus_infinity:
      return std::numeric_limits<double>::infinity();
    case Where::minus_infinity:
      return -std::numeric_limits<double>::infinity();
  }
  return 0;
}

std::vector<double> mapped(const std::vector<double>& map, const Shape& output,
                           std::int64_t location, bool align_corners) {
  const std::size_t axes = output.size();
  std::array<std::int64_t, 3> index{};
  unravel(location, output, index);
  std::array<double, 3> base{};  // x first
  for (std::size_t axis = 0; axis < axes; ++axis) {
    const std::size_t at = axes - 1 - axis;
    base[axis] = coordinate_at(static_cast<double>(index[at]), output[at], align_corners);
  }
  std::vector<double> result;
  for (std::size_t i = 0; i < axes; ++i) {
    double x = map[i * (axes + 1) + axes];
    for (std::size_t axis = 0; axis < axes; ++axis) x += map[i * (axes + 1) + axis] * base[axis];
    result.push_back(x);
  }
  return result;
}

double nudge(double value, int steps, Dtype dtype) {
  return visit(dtype, [&]<class T>(T) -> double {
    if constexpr (std::is_same_v<T, std::int32_t>) {
      return value + steps;
    } else {
      // Reading the bits as an integer in sign and magnitude keeps the order of the reals.
      using Bits = BitsOf<T>;
      constexpr Bits sign = Bits{1} << (8 * sizeof(T) - 1);
      const Bits bits = std::bit_cast<Bits>(from_double<T>(value));
      const auto magnitude = static_cast<std::int64_t>(bits & static_cast<Bits>(~sign));
      std::int64_t order = (bits & sign) != 0 ? -magnitude : magnitude;
      const double largest = largest_of(dtype);
      const auto limit = static_cast<std::int64_t>(std::bit_cast<Bits>(from_double<T>(largest)));
      order = std::clamp(order + steps, -limit, limit);
      const auto result = static_cast<Bits>(order < 0 ? (static_cast<Bits>(-order) | sign)
                                                      : static_cast<Bits>(order));
      return to_double(std::bit_cast<T>(result));
    }
  });
}

}  // namespace gridproof
