// Where a correct implementation may find the position of a coordinate: the hull of all rounding
// trees, [coord.corners] and [coord.centers]. Derivation: judging.md, section 2.
// Tested by position_test.cc.
#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "oracle/exact/wide.h"
#include "oracle/judge/profile.h"

namespace gridproof::judging {

// Those of a wide type in software are found beside it.
using std::ceil;
using std::fabs;
using std::floor;
using std::fmod;
using std::ilogb;
using std::isfinite;
using std::isinf;
using std::isnan;
using std::ldexp;
using std::llround;
using std::nearbyint;
using std::signbit;

// The arithmetic of a profile, and the wider type in which the judge works.
template <class Real>
struct Arithmetic;
template <>
struct Arithmetic<float> {
  using Wide = double;
  static constexpr Wide slack = 0x1p-50;  // covers an operation rounded to any type wider than Real
  // Times an integer or half an odd integer below this, a Real is exact in Wide, and so is what a
  // Wide has beyond its rounding to Real.
  static constexpr Wide exact_factor = 0x1p23;
};
template <>
struct Arithmetic<double> {
  using Wide = exact::Wide;
  static constexpr Wide slack = 0x1p-62;
  static constexpr Wide exact_factor = 0x1p9;
  static_assert(std::numeric_limits<Wide>::digits >= 64 &&
                    std::numeric_limits<Wide>::max_exponent >
                        std::numeric_limits<double>::max_exponent,
                "the judge of f64 needs a type with 64 bits of significand and more exponents than "
                "f64 has: in a narrower one it would call admissible answers deviating");
};

template <class Wide>
struct Interval {
  Wide lo = 0;
  Wide hi = 0;

  [[nodiscard]] bool is_point() const { return lo == hi; }
};

// `value` is the rounded result of an operation whose exact result may differ from it by `inexact`.
// What a correct implementation may hold instead: the exact result, its rounding to Real, or the
// roundings to types between them. `lower` asks for the least of them, otherwise the greatest.
template <class Real, class Wide>
Wide rounded_or_not(Wide value, bool inexact, bool lower) {
  const Wide slack = inexact ? fabs(value) * Arithmetic<Real>::slack : 0;
  value = lower ? value - slack : value + slack;
  const Wide rounded = static_cast<Real>(value);
  return lower ? std::min(value, rounded) : std::max(value, rounded);
}

// Whether a + b is inexact in Wide, by Knuth's TwoSum.
template <class Wide>
bool is_inexact_sum(Wide a, Wide b) {
  const Wide sum = a + b;
  const Wide part = sum - a;
  return ((a - (sum - part)) + (b - part)) != 0;
}

// The upper half of the digits, and what is left: exact products of halves, by Veltkamp.
template <class Wide>
std::array<Wide, 2> halves_of(Wide value) {
  constexpr auto factor =
      static_cast<Wide>((1ULL << (std::numeric_limits<Wide>::digits + 1) / 2) + 1);
  const Wide scaled = factor * value;
  const Wide upper = scaled - (scaled - value);
  return {upper, value - upper};
}

// Whether a b is inexact in Wide, by Dekker's product: fma is a slow function for long double.
template <class Wide>
bool is_inexact_product(Wide a, Wide b) {
  const auto [a_upper, a_lower] = halves_of(a);
  const auto [b_upper, b_lower] = halves_of(b);
  const Wide error =
      ((a_upper * b_upper - a * b) + a_upper * b_lower + a_lower * b_upper) + a_lower * b_lower;
  return error != 0;
}

template <class Real, class Wide>
Wide add(Wide a, Wide b, bool lower) {
  return rounded_or_not<Real>(a + b, is_inexact_sum(a, b), lower);
}

template <class Real, class Wide>
Wide multiply(Wide a, Wide b, bool lower) {
  const Wide product = a * b;
  bool inexact = false;
  if (fabs(b) < Arithmetic<Real>::exact_factor) {
    // Two exact products.
    const Wide head = static_cast<Real>(a);
    inexact = is_inexact_sum(head * b, (a - head) * b);
  } else {
    inexact = is_inexact_product(a, b);
  }
  return rounded_or_not<Real>(product, inexact, lower);
}

// All operations of the formulas are monotone in the value that flows through them (the size is
// positive), and so is rounding. Hence the least position over all trees "each operation rounded or
// not" takes the lesser choice at every step: one pass for each end, and no tree is missed.

// ((x + 1) S - 1) / 2 or ((x + 1) / 2) (S - 1). The size itself is rounded when Real cannot hold
// it.
template <class Real, class Wide>
Wide standard_position(Wide x, std::int64_t size, bool align_corners, bool lower) {
  const Wide sum = add<Real, Wide>(x, 1, lower);
  const Wide factor = static_cast<Wide>(align_corners ? size - 1 : size);
  const Wide rounded = static_cast<Real>(factor);
  const bool least = lower == (sum >= 0);
  const Wide s = least ? std::min(factor, rounded) : std::max(factor, rounded);
  if (align_corners) return multiply<Real, Wide>(sum / 2, s, lower);
  return add<Real, Wide>(multiply<Real, Wide>(sum, s, lower), -1, lower) / 2;
}

// x S/2 + (S - 1)/2 or x (S - 1)/2 + (S - 1)/2: never forms x + 1.
template <class Real, class Wide>
Wide decomposed_position(Wide x, std::int64_t size, bool align_corners, bool lower) {
  const auto half = [](std::int64_t whole, bool least) {
    const Wide exact = static_cast<Wide>(whole) / 2;
    const Wide rounded = static_cast<Real>(exact);
    return least ? std::min(exact, rounded) : std::max(exact, rounded);
  };
  const Wide scale = half(align_corners ? size - 1 : size, lower == (x >= 0));
  return add<Real, Wide>(multiply<Real, Wide>(x, scale, lower), half(size - 1, lower), lower);
}

// ((x S + S) - 1) / 2: x + 1 multiplied out. Its counterpart for align_corners is the one above.
template <class Real, class Wide>
Wide expanded_position(Wide x, std::int64_t size, bool lower) {
  const auto exact = static_cast<Wide>(size);
  const Wide rounded = static_cast<Real>(exact);
  const auto factor = [&](bool least) {
    return least ? std::min(exact, rounded) : std::max(exact, rounded);
  };
  const Wide product = multiply<Real, Wide>(x, factor(lower == (x >= 0)), lower);
  return add<Real, Wide>(add<Real, Wide>(product, factor(lower), lower), -1, lower) / 2;
}

// (x + 1) / (2 / S) - 1/2 or (x + 1) / (2 / (S - 1)): divides by the distance between pixels.
template <class Real, class Wide>
Wide quotient_position(Wide x, std::int64_t size, bool align_corners, bool lower) {
  const Wide sum = add<Real, Wide>(x, 1, lower);
  const auto factor = static_cast<Wide>(align_corners ? size - 1 : size);
  const Wide step = rounded_or_not<Real>(2 / factor, true, lower != (sum >= 0));
  const Wide quotient = rounded_or_not<Real>(sum / step, true, lower);
  return align_corners ? quotient : add<Real, Wide>(quotient, Wide{-0.5}, lower);
}

// The positions that the profile allows for the finite coordinate `x`: intervals in pixels.
template <class Real>
void positions_of(double x, std::int64_t size, bool align_corners, const Profile& profile,
                  std::vector<Interval<typename Arithmetic<Real>::Wide>>& out) {
  using Wide = typename Arithmetic<Real>::Wide;
  out.clear();
  if (align_corners && size == 1) {
    out.push_back({0, 0});
    return;
  }
  Interval<Wide>& hull = out.emplace_back();
  hull.lo = standard_position<Real, Wide>(x, size, align_corners, true);
  hull.hi = standard_position<Real, Wide>(x, size, align_corners, false);
  if (profile.has_any_formula()) {
    hull.lo = std::min(hull.lo, decomposed_position<Real, Wide>(x, size, align_corners, true));
    hull.hi = std::max(hull.hi, decomposed_position<Real, Wide>(x, size, align_corners, false));
    // A power of two divides without rounding, and is the standard formula.
    const auto intervals = static_cast<std::uint64_t>(align_corners ? size - 1 : size);
    if (!std::has_single_bit(intervals)) {
      hull.lo = std::min(hull.lo, quotient_position<Real, Wide>(x, size, align_corners, true));
      hull.hi = std::max(hull.hi, quotient_position<Real, Wide>(x, size, align_corners, false));
    }
    if (!align_corners) {
      hull.lo = std::min(hull.lo, expanded_position<Real, Wide>(x, size, true));
      hull.hi = std::max(hull.hi, expanded_position<Real, Wide>(x, size, false));
    }
  }
}

// The positions that the expression trees in `format` give, one by one: for 16-bit coordinates a
// hull would be pixels wide.
std::vector<double> narrow_positions(double x, std::int64_t size, bool align_corners,
                                     const Format& format);

// Whether positions are calculated in a 16-bit type.
inline bool is_narrow(const Profile& profile) {
  return profile.kind == Profile::Kind::narrow_coordinates ||
         profile.kind == Profile::Kind::narrow_arithmetic;
}

// The same as intervals, behind those that are there.
template <class Wide>
void add_narrow_positions(double x, std::int64_t size, bool align_corners, const Format& format,
                          std::vector<Interval<Wide>>& out) {
  for (const double position : narrow_positions(x, size, align_corners, format)) {
    out.push_back({position, position});
  }
}

}  // namespace gridproof::judging
