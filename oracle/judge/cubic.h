// The admissible set of one element of bicubic in one box of positions, [bicubic.kernel].
// Derivation: judging.md, section 6. Tested by cubic_test.cc.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <utility>

#include "oracle/judge/interpolate.h"

namespace gridproof::judging {

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

// The usual way: by Horner's rule in the distance, every operation rounded.
template <class Real>
std::array<Real, 4> rounded_coefficients(Real t) {
  const auto outer = [](Real d) {
    return ((Real{-0.75} * d + Real{3.75}) * d - Real{6}) * d + Real{3};
  };
  const auto inner = [](Real d) { return (Real{1.25} * d - Real{2.25}) * d * d + Real{1}; };
  const Real s = 1 - t;
  return {outer(t + 1), inner(t), inner(s), outer(s + 1)};
}

// The least and the greatest that any way to evaluate the four coefficients can give for a known t
// in [0, 1]: by Horner's rule in the distance or in t, each operation rounded or not. Every step is
// monotone in the value that flows through it, so one pass for each end finds it, as for positions.
template <class Real, class Wide>
class CubicTrees {
 public:
  explicit CubicTrees(Wide t) : t_(t), s_({1 - t, narrow(1 - t)}) {}

  [[nodiscard]] std::array<Interval<Wide>, 4> hulls() const {
    std::array<Interval<Wide>, 4> result;
    for (const bool lower : {true, false}) {
      const auto keep = [&](std::size_t j, Wide value) {
        Wide& end = lower ? result[j].lo : result[j].hi;
        end = lower ? std::min(end, value) : std::max(end, value);
      };
      const auto start = [&](std::size_t j, Wide value) {
        (lower ? result[j].lo : result[j].hi) = value;
      };
      start(0, outer(1 + t_, lower));
      if (narrow(1 + t_) != 1 + t_) keep(0, outer(narrow(1 + t_), lower));
      keep(0, outer_near(t_, lower));
      start(1, inner(t_, lower));
      start(2, inner_far(t_, lower));
      start(3, outer_far(t_, lower));
      for (std::size_t i = 0; i < (s_[0] == s_[1] ? 1 : 2); ++i) {
        const Wide s = s_[i];
        keep(0, outer_far(s, lower));
        keep(2, inner(s, lower));
        keep(3, outer(s + 1, lower));
        if (narrow(s + 1) != s + 1) keep(3, outer(narrow(s + 1), lower));
        keep(3, outer_near(s, lower));
      }
      if (narrow(2 - t_) != s_[0] + 1) keep(3, outer(narrow(2 - t_), lower));
    }
    return result;
  }

 private:
  static Wide narrow(Wide value) { return static_cast<Real>(value); }
  static Wide op(Wide value, bool lower) { return rounded_or_not<Real>(value, true, lower); }
  // v d + c
  static Wide step(Wide v, Wide d, Wide c, bool lower) { return op(op(v * d, lower) + c, lower); }
  // v d^2 for v <= 0, as (v d) d or v (d d)
  static Wide times_square(Wide v, Wide d, bool lower) {
    const Wide one = op(op(v * d, lower) * d, lower);
    const Wide other = op(v * op(d * d, !lower), lower);
    return lower ? std::min(one, other) : std::max(one, other);
  }
  // ((A d - 5A) d + 8A) d - 4A with A = -3/4, d the distance
  static Wide outer(Wide d, bool lower) {
    const Wide first = op(op(Wide{-0.75} * d, lower) + Wide{3.75}, lower);
    return step(step(first, d, -6, lower), d, 3, lower);
  }
  // ((A + 2) d - (A + 3)) d d + 1
  static Wide inner(Wide d, bool lower) {
    const Wide first = op(op(Wide{1.25} * d, lower) - Wide{2.25}, lower);
    return op(times_square(first, d, lower) + 1, lower);
  }
  // The same in the fraction: of the outer tap that is d + 1 away, and 2 - d; of the inner 1 - d.
  static Wide outer_near(Wide d, bool lower) {
    const Wide first = op(op(Wide{-0.75} * d, lower) + Wide{1.5}, lower);
    return op(step(first, d, Wide{-0.75}, lower) * d, lower);
  }
  static Wide outer_far(Wide d, bool lower) {
    return times_square(op(op(Wide{0.75} * d, lower) - Wide{0.75}, lower), d, lower);
  }
  static Wide inner_far(Wide d, bool lower) {
    const Wide first = op(op(Wide{-1.25} * d, lower) + Wide{1.5}, lower);
    return op(step(first, d, Wide{0.75}, lower) * d, lower);
  }

  Wide t_;
  std::array<Wide, 2> s_;
};

// The greatest power of two that is not above the number, which is above 0.
template <class Wide>
Wide binade(Wide value) {
  if constexpr (std::is_floating_point_v<Wide>) {
    const auto near = static_cast<double>(value);
    if (near >= std::numeric_limits<double>::min() && near < 0x1p1023) {
      constexpr std::uint64_t exponent = 0x7ffULL << 52U;
      const Wide power = std::bit_cast<double>(std::bit_cast<std::uint64_t>(near) & exponent);
      return power > value ? power / 2 : power;  // rounded up to it
    }
  }
  return ldexp(Wide{1}, ilogb(value));
}

// How far a rounding moves a number of magnitude `most` or less.
template <class Wide>
Wide half_ulp(Wide most, const Budget& budget) {
  return most > 0 ? static_cast<Wide>(budget.unit) * binade(most) : Wide{0};
}

// Batcher's network: without branches, which random numbers would mispredict.
template <class Wide>
void sort_falling(std::array<Wide, 16>& values) {
  constexpr auto pairs = [] {
    std::array<std::array<std::size_t, 2>, 63> result{};
    std::size_t count = 0;
    for (std::size_t p = 1; p < 16; p *= 2) {
      for (std::size_t k = p; k > 0; k /= 2) {
        for (std::size_t a = k % p; a + k < 16; ++a) {
          if ((a - k % p) / k % 2 == 0 && a / (2 * p) == (a + k) / (2 * p))
            result[count++] = {a, a + k};
        }
      }
    }
    return result;
  }();
  [&]<std::size_t... i>(std::index_sequence<i...>) {
    const auto order = [&](Wide& first, Wide& second) {
      const Wide greater = std::max(first, second);
      second = std::min(first, second);
      first = greater;
    };
    (order(values[pairs[i][0]], values[pairs[i][1]]), ...);
  }(std::make_index_sequence<pairs.size()>());
}

// What a computed coefficient may be off at the distance d, in units of u, whatever is rounded:
// judging.md, section 6.
template <class Wide>
struct CubicBound {
  static constexpr double argument_of_outer = 1.2;  // what the rounded distance changes
  static constexpr double argument_of_inner = 0.68;

  static Wide outer(Wide d) { return (3 * d + 4) * d + 2; }
  static Wide inner(Wide d) {
    const Wide square = d * d;
    return std::min(Wide{1}, 3 * square) + std::min(Wide{1}, Wide{2.25} * d) +
           std::min(Wide{0.5}, Wide{2.25} * square) + Wide{0.51};
  }
  // In the fraction.
  static Wide inner_far(Wide d) { return (Wide{1.5} * d + Wide{1.2505}) * d + Wide{1.01}; }
  // In powers of the distance.
  static Wide outer_powers(Wide d) {
    return ((Wide{1.5} * d + Wide{11.25}) * d + 6) * d + Wide{3.4};
  }
  static Wide inner_powers(Wide d) { return (Wide{2.5} * d + Wide{6.75}) * d * d + Wide{0.51}; }
};

// The same where t is known to within 1/64 or better: each step errs by half an ulp of what it
// gives there, and a difference of two numbers of the type that are close is exact.
template <class Wide>
class CubicSteps {
 public:
  CubicSteps(Wide lo, Wide hi, const Budget& budget) : lo_(lo), hi_(hi), budget_(budget) {}

  [[nodiscard]] std::array<Wide, 4> errors() const {
    const Wide unit = budget_.unit;
    const auto slope = [&](std::size_t j) {
      return std::max(fabs(cubic_slopes(lo_)[j]), fabs(cubic_slopes(hi_)[j])) +
             cubic_curvature[j] * ((hi_ - lo_) + 4 * unit);
    };
    return {outer(1 + lo_, 1 + hi_) + slope(0) * unit, inner(lo_, hi_),
            std::max(inner(1 - hi_, 1 - lo_) + slope(2) * unit / 2, inner_far(lo_, hi_)),
            outer(2 - hi_, 2 - lo_) + slope(3) * Wide{1.5} * unit};
  }

 private:
  // Of a result that is `a` at one end of the box and `b` at the other, and smooth in between.
  [[nodiscard]] Wide half(Wide a, Wide b) const {
    const Wide spare = 1 + Wide{0x1p-10} + 16 * static_cast<Wide>(budget_.unit);
    return half_ulp(std::max(fabs(a), fabs(b)) * spare, budget_);
  }
  [[nodiscard]] Wide outer(Wide lo, Wide hi) const {
    const auto first = [](Wide d) { return Wide{3.75} - Wide{0.75} * d; };
    const auto second = [&](Wide d) { return first(d) * d - 6; };
    // What 6 and 3 are added to, if it was rounded, is a multiple of what the sum is one of.
    const Wide one = half(Wide{0.75} * lo, Wide{0.75} * hi) + half(first(lo), first(hi));
    const Wide two = std::max(half(first(lo) * lo, first(hi) * hi), half(second(lo), second(hi)));
    const Wide three = half(second(lo) * lo, second(hi) * hi);
    return (one * hi + two) * hi + three;
  }
  [[nodiscard]] Wide inner(Wide lo, Wide hi) const {
    const auto first = [](Wide d) { return Wide{1.25} * d - Wide{2.25}; };
    const auto third = [&](Wide d) { return first(d) * d * d; };
    const Wide product = half(Wide{1.25} * lo, Wide{1.25} * hi);
    const Wide difference = half(first(lo), first(hi));
    const bool close = Wide{1.25} * lo > Wide{1.15};
    const Wide one = close ? std::max(product, difference) : product + difference;
    const Wide two = std::max(half(first(lo) * lo, first(hi) * hi) * hi,
                              half(lo * lo, hi * hi) * fabs(first(lo)));
    const Wide square = half(third(lo), third(hi));
    const Wide sum = half(1 + third(lo), 1 + third(hi));
    const bool near = third(lo) < Wide{-0.55};
    return one * hi * hi + two + (near ? std::max(square, sum) : square + sum);
  }
  [[nodiscard]] Wide inner_far(Wide lo, Wide hi) const {
    const auto first = [](Wide d) { return Wide{1.5} - Wide{1.25} * d; };
    const auto second = [&](Wide d) { return first(d) * d + Wide{0.75}; };
    const Wide one = half(Wide{1.25} * lo, Wide{1.25} * hi) + half(first(lo), first(hi));
    const Wide two = half(first(lo) * lo, first(hi) * hi) + half(second(lo), second(hi));
    return (one * hi + two) * hi + half(second(lo) * lo, second(hi) * hi);
  }

  Wide lo_;
  Wide hi_;
  const Budget& budget_;
};

// One axis of a bicubic box: coefficients at the midpoint, and what they may be off.
template <class Wide>
struct CubicAxis {
  Wide middle = 0;
  Wide radius = 0;
  bool exact = false;  // the coefficients are 0, 1, 0, 0, and nothing rounds
  std::array<Wide, 4> coefficient{};
  std::array<Wide, 4> slope{};
  std::array<Wide, 4> steepness{};  // |c'| and |c''| are at most this over the box
  std::array<Wide, 4> curvature{};
  std::array<Wide, 4> sway{};   // |c - coefficient| is at most this over the box
  std::array<Wide, 4> below{};  // a computed coefficient may be less than c by so much
  std::array<Wide, 4> above{};

  bool lumps = false;  // one coefficient stands for two taps of one texel

  CubicAxis() = default;
  explicit CubicAxis(const CellRange<Wide>& cell) : exact(cell.exact()) {
    // A stray t can lie up to half a pixel beyond [0, 1]; no bound grows faster than this there.
    const Wide beyond = std::max({Wide{0}, -cell.lo, cell.hi - 1});
    if (cell.constant) {
      // The taps are one texel and the coefficients sum to 1, those below 0 to -3/16 or more:
      // nothing moves, only rounding remains. The first two stand for all.
      coefficient = {Wide{-0.1875}, Wide{1.1875}, 0, 0};
      sway = {Wide{1.7} * beyond, Wide{1.7} * beyond, 0, 0};
      if (exact) coefficient = {0, 1, 0, 0};
      lumps = !exact;
      return;
    }
    const Wide room = 1 + 6 * beyond;
    middle = (cell.lo + cell.hi) / 2;
    radius = std::max(cell.hi - middle, middle - cell.lo);
    coefficient = cubic_coefficients(middle);
    slope = cubic_slopes(middle);
    for (std::size_t j = 0; j < 4; ++j) {
      steepness[j] = cubic_slope[j] * room;
      curvature[j] = cubic_curvature[j] * room;
      sway[j] = (steepness[j] + curvature[j] * radius) * radius;
    }
  }

  // Sets `below` and `above`.
  void bound_errors(const CellRange<Wide>& cell, const Budget& budget) {
    if (exact) return;
    using Bound = CubicBound<Wide>;
    const auto unit = static_cast<Wide>(budget.unit);
    const Wide beyond = std::max({Wide{0}, -cell.lo, cell.hi - 1});
    const Wide t = std::max(cell.hi, -cell.lo);
    const Wide s = std::max(1 - cell.lo, cell.hi - 1);
    // Below 1 the steps of the outer coefficient err by less than 11 u.
    const auto outer = [&](Wide d) { return std::max(Bound::outer(d), beyond > 0 ? Wide{11} : 0); };
    std::array<Wide, 4> error = {
        outer(1 + t) + Bound::argument_of_outer, Bound::inner(t),
        std::max(Bound::inner(s) + Bound::argument_of_inner, Bound::inner_far(t)),
        outer(1 + s) + Bound::argument_of_outer};
    if (budget.powers) {
      const std::array<Wide, 4> powers = {Bound::outer_powers(1 + t) + Bound::argument_of_outer,
                                          Bound::inner_powers(t),
                                          Bound::inner_powers(s) + Bound::argument_of_inner,
                                          Bound::outer_powers(1 + s) + Bound::argument_of_outer};
      for (std::size_t j = 0; j < 4; ++j) error[j] = std::max(error[j], powers[j]);
      // Or as what the others leave of 1.
      error[3] = std::max(error[3], error[0] + error[1] + error[2] + 3);
    }
    for (std::size_t j = 0; j < 4; ++j) error[j] *= unit * (1 + 6 * beyond);
    if (radius <= Wide{0x1p-6} && beyond == 0 && !cell.constant && !budget.powers) {
      const auto steps = CubicSteps<Wide>(cell.lo, cell.hi, budget).errors();
      for (std::size_t j = 0; j < 4; ++j) error[j] = std::min(error[j], steps[j]);
    }
    if (cell.constant) error = {error[0] + error[3], error[1] + error[2], 0, 0};
    below = above = error;
    using Real = std::conditional_t<std::is_same_v<Wide, double>, float, double>;
    if (radius != 0 || cell.constant || beyond > 0 || budget.powers || !budget.of_real) return;
    // Where t is known, so are all results.
    constexpr Wide own = evaluation_unit<Wide>;
    const auto hulls = CubicTrees<Real, Wide>(middle).hulls();
    for (std::size_t j = 0; j < 4; ++j) {
      // The products of the factored form, and of 1 - t twice, round five times.
      const Wide factored = j == 0 || j == 3 ? fabs(coefficient[j]) * Wide{5.1} * unit : 0;
      below[j] = std::min(below[j], std::max(coefficient[j] - hulls[j].lo, factored) + own);
      above[j] = std::min(above[j], std::max(hulls[j].hi - coefficient[j], factored) + own);
    }
  }

  [[nodiscard]] Wide error(std::size_t j) const { return std::max(below[j], above[j]); }

  // Of the magnitudes of the coefficients over the box.
  [[nodiscard]] Wide largest() const {
    Wide most = 0;
    for (std::size_t j = 0; j < 4; ++j) most = std::max(most, fabs(coefficient[j]) + sway[j]);
    return most;
  }

  // The weights that the axis can give its taps.
  [[nodiscard]] WeightRange<Wide, 4> weights() const {
    WeightRange<Wide, 4> result{.exact = exact, .exceeds = lumps};
    for (std::size_t j = 0; j < 4; ++j) {
      result.weight[j] = {coefficient[j] - sway[j] - below[j], coefficient[j] + sway[j] + above[j]};
    }
    return result;
  }
};

// Bicubic over a box: mean-value form about the midpoint. texels[4*y + x].
template <class Wide>
class CubicSet {
 public:
  CubicSet(const std::array<Wide, 16>& texels, const std::array<CubicAxis<Wide>, 2>& axes)
      : texels_(texels), x_(axes[0]), y_(axes[1]) {
    for (std::size_t i = 0; i < 4; ++i) {
      for (std::size_t j = 0; j < 4; ++j) {
        const Wide texel = texels[4 * i + j];
        row_[i] += x_.coefficient[j] * texel;
        column_[j] += y_.coefficient[i] * texel;
        total_ += fabs(texel);
      }
    }
    for (std::size_t j = 0; j < 4; ++j) {
      value_ += y_.coefficient[j] * row_[j];
      slope_x_ += x_.slope[j] * column_[j];
      slope_y_ += y_.slope[j] * row_[j];
    }
    evaluation_error_ = total_ * evaluation_unit<Wide>;
    sway_ = fabs(slope_x_) * x_.radius + fabs(slope_y_) * y_.radius;
  }

  // The range, without what rounding adds.
  [[nodiscard]] Range<Wide> interpolant() const {
    Wide bend = 0;
    if (x_.radius != 0 || y_.radius != 0) {
      for (std::size_t i = 0; i < 4; ++i) {
        for (std::size_t j = 0; j < 4; ++j) {
          const Wide ax = fabs(x_.coefficient[j]) + x_.sway[j];
          const Wide ay = fabs(y_.coefficient[i]) + y_.sway[i];
          bend += fabs(texels_[4 * i + j]) *
                  (x_.curvature[j] * ay * x_.radius * x_.radius +
                   2 * x_.steepness[j] * y_.steepness[i] * x_.radius * y_.radius +
                   ax * y_.curvature[i] * y_.radius * y_.radius);
        }
      }
    }
    const Wide sway = sway_ + 4 * evaluation_error_ * (x_.radius + y_.radius) + bend / 2;
    return {.lo = value_ - sway, .hi = value_ + sway, .evaluation_error = evaluation_error_};
  }

  // Needs the axes' errors.
  [[nodiscard]] Range<Wide> range(const Box<Wide, 2>& box, const Budget& budget) const {
    Range<Wide> range = interpolant();
    range.exact = nothing_rounds(texels_, bits_of_weights(box, budget, 3), budget, 3);
    if (range.exact) {
      range.lo = range.hi = value_;
      return range;
    }
    const bool exact = x_.exact && y_.exact;
    if (exact) {
      range.evaluation_error = 0;
    } else {
      add_roundings(range, budget);
    }
    // 16 products and 15 sums, the coefficients' own small results, and the flushed texels.
    range.add_error((exact ? 1 : 40) * static_cast<Wide>(budget.flush));
    return range;
  }

 private:
  // What the errors of one axis' coefficients do to the answer: each is one number for the whole
  // sample, so it acts on the sum along the other axis.
  static void spread(const CubicAxis<Wide>& axis, const std::array<Wide, 4>& sum,
                     const std::array<Wide, 4>& sway, Range<Wide>& range) {
    for (std::size_t j = 0; j < 4; ++j) {
      const Wide most = std::max(Wide{0}, sum[j] + sway[j]);
      const Wide least = std::max(Wide{0}, sway[j] - sum[j]);
      range.above += std::max(axis.above[j] * most, axis.below[j] * least);
      range.below += std::max(axis.below[j] * most, axis.above[j] * least);
    }
  }

  // The terms of the sum, at their largest over the box, as computed.
  struct Terms {
    std::array<Wide, 16> plus{};  // those that may be above 0, and below
    std::array<Wide, 16> minus{};
    int count = 0;      // that are not known to be 0
    Wide mass = 0;      // their magnitudes
    Wide products = 0;  // what rounding them adds
    Wide crossed = 0;   // the error of one coefficient times that of another
    std::array<Wide, 4> row_sway{};
    std::array<Wide, 4> column_sway{};
  };

  [[nodiscard]] Terms terms(Wide growth, bool both, const Budget& budget) const {
    Terms result;
    for (std::size_t i = 0; i < 4; ++i) {
      for (std::size_t j = 0; j < 4; ++j) {
        const Wide texel = texels_[4 * i + j];
        const Wide size = fabs(texel);
        result.row_sway[i] += x_.sway[j] * size;
        result.column_sway[j] += y_.sway[i] * size;
        result.crossed += x_.error(j) * y_.error(i) * size;
        const Wide term = x_.coefficient[j] * y_.coefficient[i] * texel;
        const Wide weight = (fabs(x_.coefficient[j]) + x_.sway[j] + x_.error(j)) *
                            (fabs(y_.coefficient[i]) + y_.sway[i] + y_.error(i));
        const Wide most = weight * size;
        if (most == 0) continue;
        ++result.count;
        result.mass += most;
        result.products += half_ulp(most * growth, budget);
        if (both) result.products += half_ulp(weight * growth, budget) * size * growth;
        // At the midpoint a term has one sign; what moves may have either.
        const Wide rest = most - fabs(term);
        result.plus[4 * i + j] = (term > 0 ? term : 0) + rest;
        result.minus[4 * i + j] = (term < 0 ? -term : 0) + rest;
      }
    }
    return result;
  }

  // What adding the terms up in one sum errs, in whatever order, and what its last addition does:
  // of the partial sums at most one has all terms, one all but one, and so on; and none is beyond
  // the largest that so many terms of one sign have.
  struct Additions {
    Wide all = 0;
    Wide last = 0;
  };
  static Additions additions(Terms& terms, Wide growth, const Budget& budget) {
    sort_falling(terms.plus);
    sort_falling(terms.minus);
    Additions result;
    Wide max_plus = terms.plus[0];
    Wide max_minus = terms.minus[0];
    for (int m = 1; m < terms.count; ++m) {
      max_plus += terms.plus[static_cast<std::size_t>(m)];
      max_minus += terms.minus[static_cast<std::size_t>(m)];
      result.last = half_ulp(std::max(max_plus, max_minus) * growth, budget);
      result.all += result.last;
    }
    return result;
  }

  // A and R of judging.md.
  void add_roundings(Range<Wide>& range, const Budget& budget) const {
    const Wide growth = 1 + static_cast<Wide>(gamma(17, budget.unit));
    const bool both = !x_.exact && !y_.exact;
    Terms sum = terms(growth, both, budget);
    spread(x_, column_, sum.column_sway, range);
    spread(y_, row_, sum.row_sway, range);
    const Additions added = additions(sum, growth, budget);
    Wide rounding = sum.products + added.all;
    // Along one axis first: a product, three additions and a product in each of four sums, and then
    // three additions.
    const Wide unit = budget.unit;
    if (both) rounding = std::max(rounding, 5 * unit * sum.mass * growth + 3 * added.last);
    range.add_error((sum.crossed + rounding) * (1 + evaluation_unit<Wide>)+12 *
                    static_cast<Wide>(budget.smallest));
  }

  const std::array<Wide, 16>& texels_;
  const CubicAxis<Wide>& x_;
  const CubicAxis<Wide>& y_;
  std::array<Wide, 4> row_{};     // sums along x, at the midpoint
  std::array<Wide, 4> column_{};  // sums along y
  Wide value_ = 0;
  Wide slope_x_ = 0;
  Wide slope_y_ = 0;
  Wide sway_ = 0;  // of first order
  Wide total_ = 0;
  Wide evaluation_error_ = 0;
};

// One axis of a bicubic box, as it is quick to see: judging.md, section 9.
template <class Wide>
struct QuickCubicAxis {
  std::array<Wide, 4> coefficient;  // that an implementation may have at the middle
  std::array<Wide, 4> error{};      // and it may surely have others, this far away

  QuickCubicAxis(const CubicAxis<Wide>& axis, const CellRange<Wide>& cell, const Budget& budget)
      : coefficient(axis.coefficient) {
    using Real = std::conditional_t<std::is_same_v<Wide, double>, float, double>;
    if (axis.exact) return;
    if (cell.lo == cell.hi && !cell.constant) {
      const auto t = static_cast<Real>(cell.lo);
      if (t != cell.lo || t < 0 || t > 1 || !budget.of_real) return;
      // What these are off may be more than `error` could be: it depends on the bits of t.
      std::ranges::copy(rounded_coefficients(t), coefficient.begin());
      return;
    }
    const auto unit = static_cast<Wide>(budget.unit);
    const auto outer = [&](Wide d) { return ((Wide{2.5} * d + 2) * d + 2) * unit; };
    const auto inner = [&](Wide d) { return (Wide{1.5} * d * d + Wide{0.25}) * unit; };
    const Wide t = std::max(cell.hi, -cell.lo);
    const Wide s = std::max(1 - cell.lo, cell.hi - 1);
    error = {outer(1 + t), inner(t), inner(s), outer(1 + s)};
    if (cell.constant) error = {error[0] + error[3], error[1] + error[2], 0, 0};
  }
};

// About the middle of a box. Only the value needs more digits than double has.
template <class Wide>
Tangent<Wide, 2> cubic_tangent(const std::array<Wide, 16>& texels,
                               const std::array<CubicAxis<Wide>, 2>& axes,
                               const std::array<QuickCubicAxis<Wide>, 2>& quick_axes,
                               const Budget& budget) {
  const auto& [x, y] = axes;
  const auto& [quick_x, quick_y] = quick_axes;
  const auto narrow = [](Wide value) { return static_cast<double>(value); };
  Wide value = 0;
  std::array<double, 2> slope{};
  std::array<double, 4> columns{};  // sums along y
  double total = 0;
  double mass = 0;
  double rounding = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const double weight = narrow(quick_y.coefficient[i]);
    Wide row = 0;
    double row_slope = 0;
    double row_mass = 0;
    for (std::size_t j = 0; j < 4; ++j) {
      const double texel = narrow(texels[4 * i + j]);  // as it was stored
      row += quick_x.coefficient[j] * texel;
      row_slope += narrow(x.slope[j]) * texel;
      row_mass += fabs(narrow(quick_x.coefficient[j]) * texel);
      columns[j] += weight * texel;
      total += fabs(texel);
    }
    value += quick_y.coefficient[i] * row;
    slope[0] += weight * row_slope;
    slope[1] += narrow(y.slope[i]) * narrow(row);
    mass += fabs(weight) * row_mass;
    rounding += narrow(quick_y.error[i]) * fabs(narrow(row));
  }
  for (std::size_t j = 0; j < 4; ++j) rounding += narrow(quick_x.error[j]) * fabs(columns[j]);
  // Along one axis first, 5 u; with one axis, half an ulp of each product.
  const double roundings = x.exact && y.exact ? 0 : x.exact || y.exact ? 0.5 : 5;
  rounding += roundings * budget.unit * mass;
  // Near the end of double's range these sums may lie beyond it.
  if (!(total < 0x1p1000)) rounding = -std::numeric_limits<double>::infinity();
  return {.value = value,
          .change = {slope[0] * x.radius, slope[1] * y.radius},
          .total = total,
          .rounding = rounding};
}

// What may overflow on the way, judging.md, section 8. Needs the axes' errors.
template <class Wide>
Specials cubic_overflow(const std::array<Wide, 16>& texels,
                        const std::array<CubicAxis<Wide>, 2>& axes, const Budget& budget) {
  Wide largest = 0;
  for (const Wide texel : texels) largest = std::max(largest, fabs(texel));
  const Wide limit = overflow_limit<Wide>(budget);
  if (largest * 4 < limit) return 0;  // the weights' magnitudes sum to less, strays included
  const Wide growth = 1 + static_cast<Wide>(gamma(17, budget.unit));
  return overflow_of<Wide, 2, 4, 16>(texels, {axes[0].weights(), axes[1].weights()}, growth, limit,
                                     budget.powers);
}

// All of it for one box.
template <class Wide>
Range<Wide> cubic_range(const std::array<Wide, 16>& texels, const Box<Wide, 2>& box,
                        const Budget& budget) {
  std::array<CubicAxis<Wide>, 2> axes = {CubicAxis<Wide>(box[0]), CubicAxis<Wide>(box[1])};
  for (std::size_t axis = 0; axis < 2; ++axis) axes[axis].bound_errors(box[axis], budget);
  Range<Wide> range = CubicSet<Wide>(texels, axes).range(box, budget);
  if (!range.exact) range.overflow = cubic_overflow(texels, axes, budget);
  return range;
}

}  // namespace gridproof::judging
