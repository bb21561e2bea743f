// The admissible set of one element in one box of positions: what the interpolant can be over the
// box, plus the most that rounding can add. Derivations: judging.md, sections 5 and 6.
// Tested by interpolate_test.cc.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "oracle/judge/axis.h"

namespace gridproof::judging {

// gamma_n = n u / (1 - n u), rounded up.
inline double gamma(int n, double unit) { return n * unit / (1 - n * unit) * (1 + 0x1p-50); }

// What the arithmetic of a profile can do to one operation.
struct Budget {
  double unit = 0x1p-24;       // u: the relative error of a rounding
  double smallest = 0x1p-149;  // eta: the smallest subnormal
  double largest = 0x1.fffffep127;
  double flush = 0;  // what flushing one subnormal number changes; 0 without flushing
  // Of the sum of a linear mode with so many axes on which something rounds.
  std::array<double, 4> linear_growth = {gamma(1, unit), gamma(4, unit), gamma(8, unit),
                                         gamma(14, unit)};
  // The absolute error of a cubic coefficient in units of u, of an outer and of an inner one: by
  // Horner's rule (cubic_sum.gappa), or as the polynomial in powers of the distance.
  std::array<double, 2> cubic_error = horner_error;
  // The absolute error of a + t (b - a) in units of u and of the largest texel; 0 if the form is
  // not in the profile.
  double lerp_error = 0;
  static constexpr double worst_lerp = 5.1;
  static constexpr std::array<double, 2> horner_error = {23.2, 3.68};
  static constexpr std::array<double, 2> powers_error = {74, 11};
};

// The interpolant lies in [lo, hi]; an answer may be off by `error` from a value there. The judge's
// own evaluation of lo and hi is off by no more than `fuzz`.
template <class Wide>
struct Range {
  Wide lo = 0;
  Wide hi = 0;
  Wide error = 0;
  Wide fuzz = 0;
  bool overflow = false;  // an intermediate result may leave the range of the type
  bool exact = false;     // nothing rounds, here or there: lo is the only value
};

// Relative error of the judge's own short sums of products, with room to spare.
template <class Wide>
inline constexpr Wide own_error = std::is_same_v<Wide, double> ? Wide{0x1p-48} : Wide{0x1p-58L};

// The value at t of the multi-affine interpolant of 2^N texels; the first axis varies fastest.
template <class Number, std::size_t N>
Number multi_affine(const std::array<Number, (1U << N)>& texels, const std::array<Number, N>& t) {
  std::array<Number, (1U << N)> value = texels;
  for (std::size_t axis = 0; axis < N; ++axis) {
    const Number& far = t[axis];
    const Number near = Number(1) - far;
    for (std::size_t i = 0; i < (std::size_t{1} << (N - 1 - axis)); ++i) {
      value[i] = near * value[2 * i] + far * value[2 * i + 1];
    }
  }
  return value[0];
}

// The exponent of the last bit of a number that is not 0.
inline int last_bit(double value) {
  int exponent = 0;
  const double fraction = std::frexp(value, &exponent);  // 53 bits at most
  const auto digits = static_cast<std::int64_t>(std::ldexp(fraction, 53));
  return exponent - 53 + std::countr_zero(static_cast<std::uint64_t>(digits));
}

// Whether the numbers have so few bits that no operation rounds, in whatever order: judging.md,
// section 5. The weights of an axis are polynomials in t of this degree.
template <class Wide, std::size_t N, std::size_t taps>
bool nothing_rounds(const std::array<Wide, taps>& texels, const std::array<Cell<Wide>, N>& box,
                    const Budget& budget, int degree) {
  constexpr int most = 12;  // a t of more bits leaves little room for texels
  int bits = 0;
  for (const Cell<Wide>& cell : box) {
    if (cell.lo != cell.hi || cell.lo < 0 || cell.lo > 1 || cell.by_taps) return false;
    if (cell.exact()) continue;
    const auto t = static_cast<double>(std::ldexp(cell.lo, most));
    if (t != std::floor(t)) return false;
    // The constants of the cubic have two bits behind the point; nothing on the way exceeds 16.
    const int own = degree * (most - last_bit(t)) + (degree > 1 ? 2 : 0);
    if (std::ldexp(budget.unit, own + 4) > 1) return false;
    bits += own;
  }
  double largest = 0;
  int last = 0;
  for (const Wide texel : texels) {
    if (texel == 0) continue;
    const auto value = static_cast<double>(texel);
    last = largest == 0 ? last_bit(value) : std::min(last, last_bit(value));
    largest = std::max(largest, std::fabs(value));
  }
  // Every sum is a multiple of this, and at most the largest texel, or its double with overshoot.
  const double step = std::ldexp(1.0, last - bits);
  if (degree > 1 || budget.lerp_error > 0) largest *= 2;  // overshoot; a difference
  return largest == 0 || (step >= std::max(budget.smallest, budget.flush) &&
                          largest * budget.unit <= step && largest < budget.largest);
}

// At one t: the interpolant, and the sum of the magnitudes that it consists of.
template <class Wide>
struct LinearValue {
  Wide value;
  Wide mass;
};
template <class Wide, std::size_t N>
LinearValue<Wide> linear_value(const std::array<Wide, (1U << N)>& texels,
                               const std::array<Wide, N>& t) {
  std::array<Wide, (1U << N)> sum{};
  for (std::size_t i = 0; i < texels.size(); ++i) sum[i] = std::fabs(texels[i]);
  for (std::size_t axis = 0; axis < N; ++axis) {
    const Wide far = std::fabs(t[axis]);
    const Wide near = std::fabs(1 - t[axis]);
    for (std::size_t i = 0; i < (std::size_t{1} << (N - 1 - axis)); ++i) {
      sum[i] = near * sum[2 * i] + far * sum[2 * i + 1];
    }
  }
  return {multi_affine<Wide, N>(texels, t), sum[0]};
}

// Only what can round is counted. With k inexact axes: k differences 1 - t, k - 1 products of
// weights, one product with a texel, 2^k - 1 additions, which is 0, 3, 7, 13; and one to spare.
template <class Wide, std::size_t N>
Wide linear_error(const std::array<Cell<Wide>, N>& box, Wide mass, const Budget& budget) {
  std::size_t k = 0;
  for (const Cell<Wide>& cell : box) k += cell.exact() ? 0 : 1;
  Wide error = 0;
  if (mass == 0) return error;  // zeros only: nothing rounds
  if (k > 0) error = mass * budget.linear_growth[k] + (1U << k) * budget.smallest / 2;
  // Every flushed texel, product and sum changes the result by less than the smallest normal.
  constexpr std::array<int, 4> flushes = {1, 4, 8, 16};
  if (budget.flush > 0) error += flushes[k] * budget.flush;
  return error;
}

// What a + t (b - a) along one axis after the other may be off, judging.md, section 5. Where t is 0
// it is a.
template <class Wide, std::size_t N>
Wide lerp_error(const std::array<Cell<Wide>, N>& box, Wide largest, const Budget& budget) {
  Wide count = 0;
  Wide growth = 1;  // of t beyond [0, 1]
  for (const Cell<Wide>& cell : box) {
    if (cell.lo == 0 && cell.hi == 0) continue;
    count += 1;
    growth *= 1 + 2 * std::max({Wide{0}, -cell.lo, cell.hi - 1});
  }
  return count * growth * largest * budget.lerp_error * budget.unit;
}

// Bilinear (N = 2) and trilinear (N = 3), [bilinear.weights], [trilinear.weights].
template <class Wide, std::size_t N>
Range<Wide> linear_range(const std::array<Wide, (1U << N)>& texels,
                         const std::array<Cell<Wide>, N>& box, const Budget& budget) {
  Range<Wide> range;
  Wide mass = 0;
  bool first = true;
  // A multi-affine function takes its extremes over a box at corners.
  for (unsigned corner = 0; corner < (1U << N); ++corner) {
    std::array<Wide, N> t{};
    bool repeated = false;
    for (std::size_t axis = 0; axis < N; ++axis) {
      const bool upper = ((corner >> axis) & 1U) != 0;
      t[axis] = upper ? box[axis].hi : box[axis].lo;
      repeated = repeated || (upper && box[axis].lo == box[axis].hi);
    }
    if (repeated) continue;
    const LinearValue<Wide> at = linear_value<Wide, N>(texels, t);
    mass = std::max(mass, at.mass);
    range.lo = first ? at.value : std::min(range.lo, at.value);
    range.hi = first ? at.value : std::max(range.hi, at.value);
    first = false;
  }
  range.exact = nothing_rounds<Wide, N>(texels, box, budget, 1);
  if (range.exact) return range;
  Wide largest = 0;
  for (const Wide texel : texels) largest = std::max(largest, std::fabs(texel));
  range.error = linear_error<Wide, N>(box, mass, budget);
  if (budget.lerp_error > 0) range.error += lerp_error<Wide, N>(box, largest, budget);
  if (std::ranges::all_of(box, &Cell<Wide>::exact)) return range;
  range.fuzz = mass * own_error<Wide>;
  // Sums may be taken axis by axis: a row can overflow that hardly counts in the end. So can a
  // difference.
  const Wide widest = std::max(mass, largest) * (budget.lerp_error > 0 ? 2 : 1);
  range.overflow = widest * (1 + 2 * budget.linear_growth[3]) >= budget.largest;
  return range;
}

// Keys' cubic convolution coefficients of the taps at -1, 0, 1, 2 for alpha = -3/4,
// [bicubic.kernel], expanded about the two inner taps.
template <class Number>
std::array<Number, 4> cubic_coefficients(const Number& t) {
  const Number s = Number(1) - t;
  const Number inner_slope(2.25);
  const Number inner_lead(1.25);
  const Number outer(0.75);
  return {-(outer * (t * (s * s))), (inner_lead * t - inner_slope) * (t * t) + Number(1),
          (inner_lead * s - inner_slope) * (s * s) + Number(1), -(outer * ((t * t) * s))};
}

template <class Wide>
std::array<Wide, 4> cubic_slopes(Wide t) {
  const Wide s = 1 - t;
  return {Wide{-0.75} * s * (1 - 3 * t), (Wide{3.75} * t - Wide{4.5}) * t,
          -((Wide{3.75} * s - Wide{4.5}) * s), Wide{-0.75} * t * (2 - 3 * t)};
}

// Bounds of |c'| and |c''| over [0, 1] and a little beyond: outer, inner, inner, outer.
inline constexpr std::array<double, 4> cubic_slope = {0.76, 1.36, 1.36, 0.76};
inline constexpr std::array<double, 4> cubic_curvature = {3.1, 4.6, 4.6, 3.1};

// One axis of a bicubic box: coefficients at the midpoint, their magnitudes over the box, errors.
template <class Wide>
struct CubicAxis {
  Wide middle = 0;
  Wide radius = 0;
  std::array<Wide, 4> coefficient{};
  std::array<Wide, 4> slope{};
  std::array<Wide, 4> magnitude{};
  std::array<Wide, 4> error{};
  std::array<Wide, 4> steepness{};
  std::array<Wide, 4> curvature{};

  CubicAxis(const Cell<Wide>& cell, const Budget& budget) {
    // A stray t can lie up to half a pixel beyond [0, 1]; no bound grows faster than this there.
    const Wide beyond = std::max({Wide{0}, -cell.lo, cell.hi - 1});
    const Wide room = 1 + 6 * beyond;
    if (cell.constant) {
      // The taps are one texel and the coefficients sum to 1: nothing moves, only rounding remains.
      const Wide outer = Wide{0.15} + Wide{1.7} * beyond;
      coefficient = {0, 1, 0, 0};
      magnitude = {outer, 1, 1, outer};
      if (cell.exact()) magnitude = {0, 1, 0, 0};
    } else {
      middle = (cell.lo + cell.hi) / 2;
      radius = std::max(cell.hi - middle, middle - cell.lo);
      coefficient = cubic_coefficients(middle);
      slope = cubic_slopes(middle);
      for (std::size_t j = 0; j < 4; ++j) {
        steepness[j] = cubic_slope[j] * room;
        curvature[j] = cubic_curvature[j] * room;
        magnitude[j] = std::fabs(coefficient[j]) + (steepness[j] + curvature[j] * radius) * radius;
      }
    }
    if (!cell.exact()) {
      const auto& [outer, inner] = budget.cubic_error;
      for (std::size_t j = 0; j < 4; ++j) {
        error[j] = (j == 0 || j == 3 ? outer : inner) * budget.unit * room;
      }
    }
  }
};

// Bicubic over a box, [bicubic.kernel]: mean-value form about the midpoint. texels[4*y + x].
template <class Wide>
Range<Wide> cubic_range(const std::array<Wide, 16>& texels, const std::array<Cell<Wide>, 2>& box,
                        const Budget& budget) {
  const CubicAxis<Wide> x(box[0], budget);
  const CubicAxis<Wide> y(box[1], budget);
  const bool exact = box[0].exact() && box[1].exact();
  const Wide growth = 1 + static_cast<Wide>(gamma(17, budget.unit));

  Wide value = 0;
  Wide slope_x = 0;
  Wide slope_y = 0;
  Wide bend = 0;
  Wide rounding = 0;
  Wide mass = 0;
  Wide total = 0;
  std::array<Wide, 4> row{};
  std::array<Wide, 4> column{};
  for (std::size_t i = 0; i < 4; ++i) {
    for (std::size_t j = 0; j < 4; ++j) {
      const Wide texel = texels[4 * i + j];
      const Wide size = std::fabs(texel);
      value += x.coefficient[j] * y.coefficient[i] * texel;
      slope_x += x.slope[j] * y.coefficient[i] * texel;
      slope_y += x.coefficient[j] * y.slope[i] * texel;
      bend += size * (x.curvature[j] * y.magnitude[i] * x.radius * x.radius +
                      2 * x.steepness[j] * y.steepness[i] * x.radius * y.radius +
                      x.magnitude[j] * y.curvature[i] * y.radius * y.radius);
      const Wide product = x.magnitude[j] * y.magnitude[i];
      if (!exact) {
        rounding += size * ((x.magnitude[j] + x.error[j]) * (y.magnitude[i] + y.error[i]) * growth -
                            product);
      }
      mass += size * product;
      total += size;
      row[i] += size * (x.magnitude[j] + x.error[j]);
      column[j] += size * (y.magnitude[i] + y.error[i]);
    }
  }
  const Wide fuzz = own_error<Wide>;
  Range<Wide> range;
  const Wide sway = (std::fabs(slope_x) + total * fuzz * 4) * x.radius +
                    (std::fabs(slope_y) + total * fuzz * 4) * y.radius + bend / 2;
  range.lo = value - sway;
  range.hi = value + sway;
  range.exact = nothing_rounds<Wide, 2>(texels, box, budget, 3);
  if (range.exact) {
    range.hi = range.lo = value;
    return range;
  }
  if (!exact) {
    range.error = rounding * (1 + fuzz) + 12 * static_cast<Wide>(budget.smallest);
    range.fuzz = total * fuzz;
    // Sums may be taken axis by axis: a row can overflow that hardly counts in the end.
    const Wide part = std::max(*std::max_element(row.begin(), row.end()),
                               *std::max_element(column.begin(), column.end()));
    range.overflow = std::max(part * growth, mass + rounding) * (1 + fuzz) >= budget.largest;
  }
  // 16 products and 15 sums, the coefficients' own small results, and the flushed texels.
  if (budget.flush > 0) range.error += (exact ? 1 : 40) * static_cast<Wide>(budget.flush);
  return range;
}

}  // namespace gridproof::judging
