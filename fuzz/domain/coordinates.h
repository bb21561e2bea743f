// Coordinates by the kind of place that they mean. Tested by coordinates_test.cc.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <vector>

#include "fuzz/domain/random.h"
#include "reference/contract/dtype.h"
#include "reference/contract/options.h"
#include "reference/contract/tensor.h"

namespace gridproof {

// Where a coordinate lies along its axis, or what it is instead of a number.
enum class Where : std::uint8_t {
  inside,        // anywhere from -1 to 1
  center,        // at a pixel center, and 1, 2, … ulp beside it
  tie,           // halfway between two pixel centers, and beside it
  rim,           // at ±1, within two pixels of it, and beside what these give
  outside,       // up to 10 times too large
  far,           // up to 2^14 times too large
  huge,          // from there to the largest number of the type
  tiny,          // ±0, subnormal and other very small numbers
  nan,           // the NaN that a calculation gives
  negative_nan,  // with its sign set
  nan_payload,   // with other bits set, or a signaling one
  plus_infinity,
  minus_infinity,
};
template <>
inline constexpr auto names<Where> =
    std::to_array<Named<Where>>({{Where::inside, "inside"},
                                 {Where::center, "center"},
                                 {Where::tie, "tie"},
                                 {Where::rim, "rim"},
                                 {Where::outside, "outside"},
                                 {Where::far, "far"},
                                 {Where::huge, "huge"},
                                 {Where::tiny, "tiny"},
                                 {Where::nan, "nan"},
                                 {Where::negative_nan, "negative nan"},
                                 {Where::nan_payload, "nan with payload"},
                                 {Where::plus_infinity, "+infinity"},
                                 {Where::minus_infinity, "-infinity"}});

// The value `steps` numbers of the type away, in the order of the reals; stays finite.
double nudge(double value, int steps, Dtype dtype);

// The largest finite number of a type, and `value` rounded to the type without overflow.
double largest_of(Dtype dtype);
double rounded_finite(double value, Dtype dtype);

// The coordinate of a position, up to rounding; for a single pixel without extent, the middle.
double coordinate_at(double position, std::int64_t size, bool align_corners);

// The coordinates, x first, that an affine map makes of an output location's: each of its rows has
// a factor for each axis and a shift. `output` is the output's spatial sizes.
std::vector<double> mapped(const std::vector<double>& map, const Shape& output,
                           std::int64_t location, bool align_corners);

// A finite coordinate of that kind, not yet rounded to the type, or NaN or an infinity.
double coordinate_in(Where where, std::int64_t size, bool align_corners, Dtype dtype,
                     Random& random);

// A NaN of the type with a sign, and with a payload that is not the usual one.
template <class T>
T nan_of(bool negative, bool payload, Random& random) {
  using Bits = BitsOf<T>;
  constexpr Bits sign = static_cast<Bits>(Bits{1} << (8 * sizeof(T) - 1));
  Bits bits = std::bit_cast<Bits>(from_double<T>(std::numeric_limits<double>::infinity()));
  const Bits fraction = static_cast<Bits>(~(bits | sign));      // its bits
  const Bits quiet = static_cast<Bits>((fraction >> 1U) + 1U);  // the first of them
  bits = static_cast<Bits>(bits | quiet);
  if (payload) {
    // The last bit alone is what a test of the upper half of the bits misses.
    const Bits other =
        random.one_in(2) ? Bits{0} : static_cast<Bits>(random.bits() & (fraction >> 1U));
    bits = static_cast<Bits>(random.one_in(2) ? bits | other | 1U : (bits ^ quiet) | other | 1U);
  }
  return std::bit_cast<T>(static_cast<Bits>(negative ? bits | sign : bits));
}

// What is stored for a coordinate: every NaN with the sign and the payload of its kind.
template <class T>
T stored(Where where, double coordinate, Random& random) {
  switch (where) {
    case Where::nan:
      return nan_of<T>(false, false, random);
    case Where::negative_nan:
      return nan_of<T>(true, false, random);
    case Where::nan_payload:
      return nan_of<T>(random.one_in(2), true, random);
    default:
      return from_double<T>(std::isfinite(coordinate) ? rounded_finite(coordinate, dtype_of<T>)
                                                      : coordinate);
  }
}

}  // namespace gridproof
