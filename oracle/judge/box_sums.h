// What the sum over the taps can be while the position is anywhere in one box: LinearSums and
// CubicSums have the same members, so that the rest of the judge need not know the mode. They refer
// to the box and the budget that they are made of. Tested by judge_test.cc.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <utility>

#include "oracle/exact/dyadic.h"
#include "oracle/judge/cubic.h"
#include "oracle/judge/taps.h"

namespace gridproof::judging {

// The least and the greatest value of the interpolant, without any error.
using ExactEnds = std::pair<exact::Dyadic, exact::Dyadic>;

template <class WideType, std::size_t N>
class LinearSums {
 public:
  using Wide = WideType;
  static constexpr std::size_t axes = N;
  static constexpr std::size_t taps = 2;
  using Texels = std::array<Wide, tap_count(taps, N)>;

  LinearSums(const Box<Wide, N>& box, const Budget& budget)
      : box_(box),
        budget_(budget),
        is_copy_(std::ranges::all_of(box, &CellRange<Wide>::exact)),
        weight_bits_(bits_of_weights(box, budget, 1)) {}

  [[nodiscard]] const Box<Wide, N>& box() const { return box_; }
  [[nodiscard]] const Budget& budget() const { return budget_; }

  // Whether the form may subtract texels from each other.
  [[nodiscard]] bool subtracts() const { return budget_.lerp_error > 0; }

  [[nodiscard]] Tangent<Wide, N> tangent(const Texels& texels) const {
    Tangent<Wide, N> tangent = linear_tangent<Wide, N>(texels, box_, budget_);
    if (!is_copy_ && nothing_rounds(texels, weight_bits_, budget_, 1))
      tangent.rounding = -std::numeric_limits<Wide>::infinity();
    return tangent;
  }
  // What a tangent neglects after a step from the middle, in halves of the box, and what the
  // judge's own evaluation may be off, of the total.
  [[nodiscard]] Wide neglected(const std::array<Wide, N>& step) const {
    if (is_copy_) return 0;
    Wide products = 0;
    for (std::size_t axis = 0; axis < N; ++axis) {
      for (std::size_t other = 0; other < axis; ++other)
        products += fabs(half(axis) * step[axis] * half(other) * step[other]);
    }
    return 2 * products + 2 * evaluation_unit<Wide>;
  }

  // The interpolant alone, and the answers that it may be rounded to.
  [[nodiscard]] Range<Wide> interpolant(const Texels& texels) const {
    return linear_extremes<Wide, N>(texels, box_).range;
  }
  [[nodiscard]] Range<Wide> range(const Texels& texels) const {
    return linear_range<Wide, N>(texels, box_, budget_);
  }

  // The weights that an axis can give its taps over the box.
  [[nodiscard]] std::array<Interval<Wide>, taps> weights(std::size_t axis) const {
    const CellRange<Wide>& cell = box_[axis];
    // Both taps are one pixel and the weights sum to 1: that pixel surely counts.
    if (cell.constant && !cell.exact()) return {{{1, 1}, {cell.lo, 1}}};
    return {{{1 - cell.hi, 1 - cell.lo}, {cell.lo, cell.hi}}};
  }

  [[nodiscard]] ExactEnds exact_interpolant(const Texels& texels, const Range<Wide>&) const {
    using exact::Dyadic;
    std::array<Dyadic, tap_count(taps, N)> exact_texels;
    for (std::size_t i = 0; i < texels.size(); ++i) exact_texels[i] = Dyadic(texels[i]);
    ExactEnds ends;
    for (unsigned corner = 0; corner < (1U << N); ++corner) {
      std::array<Dyadic, N> t;
      for (std::size_t axis = 0; axis < N; ++axis) {
        t[axis] = Dyadic(((corner >> axis) & 1U) != 0 ? box_[axis].hi : box_[axis].lo);
      }
      const Dyadic value = multi_affine<Dyadic, N>(exact_texels, t);
      if (corner == 0 || value < ends.first) ends.first = value;
      if (corner == 0 || ends.second < value) ends.second = value;
    }
    return ends;
  }

 private:
  [[nodiscard]] Wide half(std::size_t axis) const { return (box_[axis].hi - box_[axis].lo) / 2; }

  const Box<Wide, N>& box_;
  const Budget& budget_;
  bool is_copy_;  // of one texel
  std::optional<int> weight_bits_;
};

template <class WideType>
class CubicSums {
 public:
  using Wide = WideType;
  static constexpr std::size_t axes = 2;
  static constexpr std::size_t taps = 4;
  using Texels = std::array<Wide, tap_count(taps, 2)>;

  CubicSums(const Box<Wide, 2>& box, const Budget& budget)
      : box_(box),
        budget_(budget),
        axes_{CubicAxis<Wide>(box[0]), CubicAxis<Wide>(box[1])},
        quick_axes_{QuickCubicAxis<Wide>(axes_[0], box[0], budget),
                    QuickCubicAxis<Wide>(axes_[1], box[1], budget)},
        weight_bits_(bits_of_weights(box, budget, 3)) {}

  [[nodiscard]] const Box<Wide, 2>& box() const { return box_; }
  [[nodiscard]] const Budget& budget() const { return budget_; }
  [[nodiscard]] bool subtracts() const { return budget_.powers; }

  [[nodiscard]] Tangent<Wide, 2> tangent(const Texels& texels) const {
    Tangent<Wide, 2> tangent = cubic_tangent<Wide>(texels, axes_, quick_axes_, budget_);
    if (!is_copy() && nothing_rounds(texels, weight_bits_, budget_, 3))
      tangent.rounding = -std::numeric_limits<Wide>::infinity();
    return tangent;
  }
  [[nodiscard]] Wide neglected(const std::array<Wide, 2>& step) const {
    if (is_copy()) return 0;
    const auto& [x, y] = axes_;
    const Wide along_x = fabs(x.radius * step[0]);
    const Wide along_y = fabs(y.radius * step[1]);
    return (x.curvature[1] * y.largest() * along_x * along_x +
            2 * x.steepness[1] * y.steepness[1] * along_x * along_y +
            x.largest() * y.curvature[1] * along_y * along_y) /
               2 +
           (along_x + along_y) * Wide{0x1p-46} + 2 * evaluation_unit<Wide>;
  }

  [[nodiscard]] Range<Wide> interpolant(const Texels& texels) const {
    return CubicSet<Wide>(texels, axes_).interpolant();
  }
  [[nodiscard]] Range<Wide> range(const Texels& texels) {
    bound_errors();
    Range<Wide> range = CubicSet<Wide>(texels, axes_).range(box_, budget_);
    if (!range.exact) range.overflow = cubic_overflow(texels, axes_, budget_);
    return range;
  }

  [[nodiscard]] std::array<Interval<Wide>, taps> weights(std::size_t axis) {
    const CellRange<Wide>& cell = box_[axis];
    // All taps are one pixel, which surely counts.
    if (cell.constant && !cell.exact()) return {{{-1, 1}, {1, 1}, {-1, 1}, {-1, 1}}};
    bound_errors();
    return axes_[axis].weights().weight;
  }

  // As far to both sides of the middle as `range` is.
  [[nodiscard]] ExactEnds exact_interpolant(const Texels& texels, const Range<Wide>& range) const {
    using exact::Dyadic;
    std::array<std::array<Dyadic, taps>, 2> c;
    for (std::size_t axis = 0; axis < 2; ++axis) {
      c[axis] = {Dyadic(0), Dyadic(1), Dyadic(0), Dyadic(0)};
      if (!box_[axis].constant) {
        c[axis] = cubic_coefficients(Dyadic((box_[axis].lo + box_[axis].hi) / 2));
      }
    }
    Dyadic value(0);
    for (std::size_t i = 0; i < taps; ++i) {
      Dyadic row(0);
      for (std::size_t j = 0; j < taps; ++j) row = row + c[0][j] * Dyadic(texels[taps * i + j]);
      value = value + c[1][i] * row;
    }
    const Dyadic reach((range.hi - range.lo) / 2);
    return {value - reach, value + reach};
  }

 private:
  [[nodiscard]] bool is_copy() const { return axes_[0].exact && axes_[1].exact; }  // of one texel

  // The errors of the coefficients are needed for few boxes, but then for all channels.
  void bound_errors() {
    if (has_errors_) return;
    for (std::size_t axis = 0; axis < 2; ++axis) axes_[axis].bound_errors(box_[axis], budget_);
    has_errors_ = true;
  }

  const Box<Wide, 2>& box_;
  const Budget& budget_;
  std::array<CubicAxis<Wide>, 2> axes_;
  std::array<QuickCubicAxis<Wide>, 2> quick_axes_;
  std::optional<int> weight_bits_;
  bool has_errors_ = false;
};

}  // namespace gridproof::judging
