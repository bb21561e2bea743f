// The admissible set of one element in one box of positions: what the interpolant can be over the
// box, plus the most that rounding can add. Derivation: judging.md, section 5. Bicubic: cubic.h.
// Tested by interpolate_test.cc.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "oracle/judge/axis.h"
#include "oracle/judge/overflow.h"

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
  bool of_real = true;  // that of the type Real: not of a narrower one
  // The cubic kernel also in powers of the distance, by Hermite's form, or one coefficient as what
  // the others leave of 1.
  bool powers = false;
  // The absolute error of a + t (b - a) in units of u and of the largest texel; 0 if the form is
  // not in the profile.
  double lerp_error = 0;
  static constexpr double worst_lerp = 5.1;
};

// What comes to this rounds to infinity.
template <class Wide>
Wide overflow_limit(const Budget& budget) {
  const auto unit = static_cast<Wide>(budget.unit);
  return budget.largest + budget.largest / (2 - 2 * unit) * unit;
}

// The interpolant lies in [lo, hi]; an answer may be less than a value there by `below`, or more by
// `above`. The judge's own evaluation of lo and hi is off by no more than `evaluation_error`.
template <class Wide>
struct Range {
  Wide lo = 0;
  Wide hi = 0;
  Wide below = 0;
  Wide above = 0;
  Wide evaluation_error = 0;
  Specials overflow = 0;  // what an intermediate result beyond the range of the type can lead to
  bool exact = false;     // nothing rounds, here or there: lo is the only value

  void add_error(Wide error) {
    below += error;
    above += error;
  }
  [[nodiscard]] Wide least() const { return lo - below; }
  [[nodiscard]] Wide most() const { return hi + above; }
  [[nodiscard]] Wide error() const { return std::max(below, above); }
};

// Relative error of the judge's own short sums of products, with room to spare.
template <class Wide>
inline constexpr Wide evaluation_unit = std::is_same_v<Wide, double> ? 0x1p-48 : 0x1p-58;

// The interpolant of one channel near the middle of a box, to first order, and from below what
// rounding adds to it: judging.md, section 9.
template <class Wide, std::size_t N>
struct Tangent {
  Wide value = 0;                // at the middle
  std::array<Wide, N> change{};  // from there to the upper end of the box along each axis
  Wide total = 0;                // the sum of the texels' magnitudes
  Wide rounding = 0;             // an answer may surely differ by this much, wherever in the box

  // In halves of the box.
  [[nodiscard]] Wide after(const std::array<Wide, N>& step) const {
    Wide there = value;
    for (std::size_t axis = 0; axis < N; ++axis) there += change[axis] * step[axis];
    return there;
  }
};

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
  const auto digits = static_cast<std::int64_t>(scaled(fraction, 53));
  return exponent - 53 + std::countr_zero(static_cast<std::uint64_t>(digits));
}

// The bits behind the point that the weights of a box have together; none where they are not known,
// or surely too many for a sum that does not round. The weights of an axis are polynomials in t of
// this degree.
template <class Wide, std::size_t N>
std::optional<int> bits_of_weights(const Box<Wide, N>& box, const Budget& budget, int degree) {
  constexpr int most = 12;  // a t of more bits leaves little room for texels
  int bits = 0;
  for (const CellRange<Wide>& cell : box) {
    if (cell.lo != cell.hi || cell.lo < 0 || cell.lo > 1 || cell.by_taps) return std::nullopt;
    if (cell.exact()) continue;
    const auto t = static_cast<double>(cell.lo * (1 << most));
    if (t != floor(t)) return std::nullopt;
    // The constants of the cubic have two bits behind the point; nothing on the way exceeds 16.
    const int own = degree * (most - last_bit(t)) + (degree > 1 ? 2 : 0);
    if (scaled(budget.unit, own + 4) > 1) return std::nullopt;
    bits += own;
  }
  return bits;
}

// Whether the numbers have so few bits that no operation rounds, in whatever order: judging.md,
// section 5.
template <class Wide, std::size_t taps>
bool nothing_rounds(const std::array<Wide, taps>& texels, std::optional<int> bits_of_weights,
                    const Budget& budget, int degree) {
  if (!bits_of_weights) return false;
  double largest = 0;
  int last = 0;
  for (const Wide texel : texels) {
    if (texel == 0) continue;
    const auto value = static_cast<double>(texel);
    last = largest == 0 ? last_bit(value) : std::min(last, last_bit(value));
    largest = std::max(largest, fabs(value));
  }
  // Every sum is a multiple of this, and at most the largest texel, or its double with overshoot.
  const double step = scaled(1.0, last - *bits_of_weights);
  if (degree > 1 || budget.lerp_error > 0) largest *= 2;  // overshoot; a difference
  return largest == 0 || (step >= std::max(budget.smallest, budget.flush) &&
                          largest * budget.unit <= step && largest <= budget.largest);
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
  for (std::size_t i = 0; i < texels.size(); ++i) sum[i] = fabs(texels[i]);
  for (std::size_t axis = 0; axis < N; ++axis) {
    const Wide far = fabs(t[axis]);
    const Wide near = fabs(1 - t[axis]);
    for (std::size_t i = 0; i < (std::size_t{1} << (N - 1 - axis)); ++i) {
      sum[i] = near * sum[2 * i] + far * sum[2 * i + 1];
    }
  }
  return {multi_affine<Wide, N>(texels, t), sum[0]};
}

// Only what can round is counted. With k inexact axes: k differences 1 - t, k - 1 products of
// weights, one product with a texel, 2^k - 1 additions, which is 0, 3, 7, 13; and one to spare.
template <class Wide, std::size_t N>
Wide linear_error(const Box<Wide, N>& box, Wide mass, const Budget& budget) {
  std::size_t k = 0;
  for (const CellRange<Wide>& cell : box) k += cell.exact() ? 0 : 1;
  Wide error = 0;
  if (mass == 0) return error;  // zeros only: nothing rounds
  if (k > 0) error = mass * budget.linear_growth[k] + (1U << k) * budget.smallest / 2;
  // Every flushed texel, product and sum changes the result by less than the smallest normal.
  constexpr std::array<int, 4> flushes = {1, 4, 8, 16};
  if (budget.flush > 0) error += flushes[k] * budget.flush;
  return error;
}

// About the middle of a box.
template <class Wide, std::size_t N>
Tangent<Wide, N> linear_tangent(const std::array<Wide, (1U << N)>& texels, const Box<Wide, N>& box,
                                const Budget& budget) {
  Tangent<Wide, N> tangent;
  std::array<Wide, (1U << N)> value = texels;
  std::array<Wide, (1U << N)> size;
  std::array<std::array<Wide, (1U << N)>, N> slope;
  for (std::size_t i = 0; i < texels.size(); ++i) {
    size[i] = fabs(texels[i]);
    tangent.total += size[i];
  }
  for (std::size_t axis = 0; axis < N; ++axis) {
    const Wide far = box[axis].lo + (box[axis].hi - box[axis].lo) / 2;
    const Wide near = 1 - far;
    for (std::size_t i = 0; i < (std::size_t{1} << (N - 1 - axis)); ++i) {
      slope[axis][i] = value[2 * i + 1] - value[2 * i];
      value[i] = near * value[2 * i] + far * value[2 * i + 1];
      size[i] = fabs(near) * size[2 * i] + fabs(far) * size[2 * i + 1];
      for (std::size_t known = 0; known < axis; ++known)
        slope[known][i] = near * slope[known][2 * i] + far * slope[known][2 * i + 1];
    }
  }
  tangent.value = value[0];
  for (std::size_t axis = 0; axis < N; ++axis)
    tangent.change[axis] = slope[axis][0] * ((box[axis].hi - box[axis].lo) / 2);
  tangent.rounding = linear_error<Wide, N>(box, size[0], budget);
  return tangent;
}

// What a + t (b - a) along one axis after the other may be off, judging.md, section 5. Where t is 0
// it is a.
template <class Wide, std::size_t N>
Wide lerp_error(const Box<Wide, N>& box, Wide largest, const Budget& budget) {
  Wide count = 0;
  Wide growth = 1;  // of t beyond [0, 1]
  for (const CellRange<Wide>& cell : box) {
    if (cell.lo == 0 && cell.hi == 0) continue;
    count += 1;
    growth *= 1 + 2 * std::max({Wide{0}, -cell.lo, cell.hi - 1});
  }
  return count * growth * largest * budget.lerp_error * budget.unit;
}

// What may overflow on the way, judging.md, section 8.
template <class Wide, std::size_t N>
Specials linear_overflow(const std::array<Wide, (1U << N)>& texels, const Box<Wide, N>& box,
                         Wide largest, const Budget& budget) {
  const Wide limit = overflow_limit<Wide>(budget);
  if (largest * 16 < limit) return 0;  // the weights of an axis sum to 2 at most, strays included
  std::array<WeightRange<Wide, 2>, N> axes;
  for (std::size_t axis = 0; axis < N; ++axis) {
    const CellRange<Wide>& cell = box[axis];
    axes[axis] = {{{{1 - cell.hi, 1 - cell.lo}, {cell.lo, cell.hi}}},
                  cell.exact(),
                  cell.lo < 0 || cell.hi > 1};
  }
  const Wide growth = 1 + static_cast<Wide>(budget.linear_growth[N]);
  return overflow_of<Wide, N, 2, (1U << N)>(texels, axes, growth, limit, budget.lerp_error > 0);
}

// Over a box: the interpolant, in `range`, and the greatest sum of the magnitudes that it consists
// of. A multi-affine function takes its extremes at corners.
template <class Wide>
struct LinearExtremes {
  Range<Wide> range;
  Wide mass = 0;
};
template <class Wide, std::size_t N>
LinearExtremes<Wide> linear_extremes(const std::array<Wide, (1U << N)>& texels,
                                     const Box<Wide, N>& box) {
  LinearExtremes<Wide> extremes;
  auto& [range, mass] = extremes;
  bool first = true;
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
  return extremes;
}

// Bilinear (N = 2) and trilinear (N = 3), [bilinear.weights], [trilinear.weights].
template <class Wide, std::size_t N>
Range<Wide> linear_range(const std::array<Wide, (1U << N)>& texels, const Box<Wide, N>& box,
                         const Budget& budget) {
  auto [range, mass] = linear_extremes<Wide, N>(texels, box);
  range.exact = nothing_rounds(texels, bits_of_weights(box, budget, 1), budget, 1);
  if (range.exact) return range;
  Wide largest = 0;
  for (const Wide texel : texels) largest = std::max(largest, fabs(texel));
  range.add_error(linear_error<Wide, N>(box, mass, budget));
  if (budget.lerp_error > 0) range.add_error(lerp_error<Wide, N>(box, largest, budget));
  // Products of weights can be subnormal in a 16-bit type.
  if (!budget.of_real) {
    range.add_error(static_cast<Wide>(1U << N) * budget.smallest * (1 + largest));
  }
  const bool is_copy = std::ranges::all_of(box, &CellRange<Wide>::exact);
  range.evaluation_error = is_copy ? 0 : mass * evaluation_unit<Wide>;
  range.overflow = linear_overflow<Wide, N>(texels, box, largest, budget);
  return range;
}

}  // namespace gridproof::judging
