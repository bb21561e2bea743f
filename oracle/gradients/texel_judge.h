// Judges the gradient of the input, texel by texel, [grad.input]. Derivation: judging-gradients.md,
// section 4. Tested by gradient_judge_test.cc.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "oracle/gradients/coordinate_judge.h"

namespace gridproof::judging {

// What the gradient of one texel can be: sums over the samples that may read it.
template <class Wide>
struct TexelSum {
  Wide lo = 0;
  Wide hi = 0;
  Wide magnitude = 0;
  LastBit last_bit;
  std::int64_t hits = 0;
  int inexact_axes = 0;       // at most so many of one hit's axes have weights that round
  std::int64_t doubtful = 0;  // hits that either have their weight or none at all
  bool may_be_any = false;    // some sample may read it, or any other
  bool may_be_nonfinite = false;
  bool is_nonfinite = false;
};

template <class Element, std::size_t N>
class TexelJudge {
 public:
  using Real = RealOf<Element>;
  using Wide = WideOf<Element>;
  using Sums = std::vector<TexelSum<Wide>>;

  TexelJudge(const BackwardCase& test_case, const Options& options, const Profile& profile)
      : view_(test_case.forward, options, profile),
        grads_(test_case.grad_output.view<Element>()),
        rounding_(profile),
        // At a kink the weights are the same from both sides.
        locator_(options, profile, false) {
    for (std::size_t axis = 0; axis < N; ++axis) texels_ *= view_.size[axis];
  }

  [[nodiscard]] std::int64_t texels() const { return texels_; }  // of a plane

  // What the texels of some planes of one batch entry can be, plane after plane.
  const Sums& sum(std::int64_t batch, std::int64_t first_channel, std::int64_t channels) {
    sums_.assign(static_cast<std::size_t>(texels_ * channels), {});
    anywhere_.assign(static_cast<std::size_t>(channels), {});
    const std::int64_t inner = view_.grid.shape[0] == 0 ? 0 : view_.samples / view_.grid.shape[0];
    for (std::int64_t k = 0; k < inner; ++k) add_sample(batch, k, first_channel, channels);
    return sums_;
  }

  // Of the planes that were summed last; `at` counts from their first texel.
  [[nodiscard]] PlaceOfGradient place(std::int64_t at, double got) const {
    const TexelSum<Wide> sum = sum_at(at);
    if (!std::isfinite(got)) {
      if (sum.is_nonfinite) return {};
      if (sum.may_be_nonfinite) return {Place::open, "grad.nonfinite"};
      if (may_overflow(sum)) return {Place::open, "grad.order"};
      if (!(std::isinf(got) && rounding_.rounds())) return {Place::outside, {}};
    } else if (sum.is_nonfinite) {
      return {Place::outside, {}};
    }
    const Wide error = error_of(sum);
    if (error >= Wide{1e290}) return {Place::undecided, {}};
    const Interval<Wide> from = rounding_.preimage(got);
    if (from.hi < sum.lo - error || from.lo > sum.hi + error) return {Place::outside, {}};
    if (sum.may_be_any) return {Place::undecided, {}};
    // Each of the doubtful hits is there or is not: of one the set is two points.
    const bool at_an_end = from.lo <= sum.lo + error || from.hi >= sum.hi - error;
    if (sum.doubtful > 1 || (sum.doubtful == 1 && !at_an_end)) {
      return {sum.doubtful > 1 ? Place::undecided : Place::outside, {}};
    }
    if (sum.may_be_nonfinite) return {Place::open, "grad.nonfinite"};
    return {};
  }

  // The ends of what one texel's gradient can be: those of place().
  [[nodiscard]] SlopeRange<Wide> range(std::int64_t at) const {
    const TexelSum<Wide> sum = sum_at(at);
    return {.lo = sum.lo, .hi = sum.hi, .error = error_of(sum)};
  }

 private:
  static constexpr std::size_t max_taps = 8;  // of one axis, in all of its cells

  // With what all texels of the plane may get.
  [[nodiscard]] TexelSum<Wide> sum_at(std::int64_t at) const {
    TexelSum<Wide> sum = sums_[static_cast<std::size_t>(at)];
    const TexelSum<Wide>& more = anywhere_[static_cast<std::size_t>(at / texels_)];
    if (!more.may_be_any) return sum;
    sum.lo += more.lo;
    sum.hi += more.hi;
    sum.magnitude += more.magnitude;
    sum.hits += more.hits;
    sum.inexact_axes = N;
    sum.last_bit.forget();
    sum.may_be_any = true;
    sum.may_be_nonfinite |= more.may_be_nonfinite;
    return sum;
  }

  // A pixel that an axis may read, and its weight.
  struct AxisTap {
    std::int64_t index = 0;
    Interval<Wide> weight;
    Wide magnitude = 0;        // at most that of the weights which add up to it
    int hits = 1;              // so many
    bool is_doubtful = false;  // of nearest: or it reads another
  };
  struct AxisTaps {
    std::vector<AxisTap> taps;
    bool is_exact = true;  // no weight rounds
    int bits = 0;          // behind the point, or LastBit::none
  };

  [[nodiscard]] Wide error_of(const TexelSum<Wide>& sum) const {
    const Budget& budget = view_.budget;
    if (sum.hits == 0 || sum.last_bit.is_exact(sum.magnitude, budget)) return 0;
    const double operations =
        2.0 * sum.inexact_axes + static_cast<double>(sum.hits) - 1 + (view_.is_cubic() ? 1 : 0);
    const Wide relative = growth(operations, budget.unit);
    if (relative > 1e200) return Wide{1e300};
    const Wide tiny = static_cast<Wide>(budget.smallest) + 4 * static_cast<Wide>(budget.flush);
    return sum.magnitude *
               (relative * (1 + Wide{0x1p-9}) + Wide{0x1p-40} * static_cast<Wide>(budget.unit)) +
           4 * static_cast<Wide>(sum.hits) * tiny;
  }
  [[nodiscard]] bool may_overflow(const TexelSum<Wide>& sum) const {
    return sum.magnitude * 2 >= overflow_limit<Wide>(view_.budget);
  }

  void add_sample(std::int64_t batch, std::int64_t k, std::int64_t first_channel,
                  std::int64_t channels) {
    std::int64_t grid_at = batch * view_.grid.strides[0];
    std::int64_t grads_at = batch * grads_.strides[0] + first_channel * grads_.strides[1];
    for (std::size_t axis = N; axis > 0; --axis) {
      const std::int64_t index = k % view_.grid.shape[axis];
      k /= view_.grid.shape[axis];
      grid_at += index * view_.grid.strides[axis];
      grads_at += index * grads_.strides[axis + 1];
    }
    bool is_wide = false;
    for (std::size_t axis = 0; axis < N; ++axis) {
      const double coordinate = to_double(
          view_.grid.data[grid_at + static_cast<std::int64_t>(axis) * view_.grid.strides[N + 1]]);
      locator_.locate(coordinate, view_.size[axis], axis_);
      if (axis_.outside) return;
      is_wide |= axis_.wide;
      if (!is_wide) set_taps(axis, taps_[axis]);
    }
    const auto grad = [&](std::int64_t c) {
      return to_double(grads_.data[grads_at + c * grads_.strides[1]]);
    };
    if (is_wide) {
      for (std::int64_t c = 0; c < channels; ++c) add_anywhere(c, grad(c));
      return;
    }
    std::array<std::int64_t, N> counts;
    for (std::size_t axis = 0; axis < N; ++axis) {
      counts[axis] = static_cast<std::int64_t>(taps_[axis].taps.size());
      if (counts[axis] == 0) return;
    }
    for_each_choice(counts, [&](const std::array<std::int64_t, N>& choice) {
      add_tap(choice, channels, grad);
      return true;
    });
  }

  template <class Grad>
  void add_tap(const std::array<std::int64_t, N>& choice, std::int64_t channels, Grad&& grad) {
    Interval<Wide> weight{1, 1};
    Wide most = 1;
    std::int64_t place = 0;
    int hits = 1;
    int bits = 0;
    int inexact = 0;
    bool is_doubtful = false;
    for (std::size_t axis = N; axis-- > 0;) {
      const AxisTap& tap = taps_[axis].taps[static_cast<std::size_t>(choice[axis])];
      place = place * view_.size[axis] + tap.index;
      hits *= tap.hits;
      weight = product(weight, tap.weight);
      most *= tap.magnitude;
      bits = taps_[axis].bits == LastBit::none || bits == LastBit::none ? LastBit::none
                                                                        : bits + taps_[axis].bits;
      inexact += taps_[axis].is_exact ? 0 : 1;
      is_doubtful |= tap.is_doubtful;
    }
    const bool may_be_zero = weight.lo <= 0 && weight.hi >= 0;
    for (std::int64_t c = 0; c < channels; ++c) {
      TexelSum<Wide>& sum = sums_[static_cast<std::size_t>(c * texels_ + place)];
      const double g = grad(c);
      if (!std::isfinite(g)) {
        sum.may_be_nonfinite = true;
        sum.is_nonfinite |= !may_be_zero && !is_doubtful;
        continue;
      }
      if (g == 0 || most == 0) continue;
      const Wide one = static_cast<Wide>(g) * weight.lo;
      const Wide other = static_cast<Wide>(g) * weight.hi;
      sum.lo += std::min(one, other);
      sum.hi += std::max(one, other);
      sum.magnitude += std::fabs(g) * most;
      sum.hits += hits;
      sum.inexact_axes = std::max(sum.inexact_axes, inexact);
      sum.doubtful += is_doubtful ? 1 : 0;
      if (bits == LastBit::none) {
        sum.last_bit.forget();
      } else {
        sum.last_bit.include(LastBit::of_one().times(last_bit(g)).times(-bits));
      }
    }
  }

  // The magnitudes of all weights sum to no more than this: hull.h.
  void add_anywhere(std::int64_t c, double g) {
    TexelSum<Wide>& more = anywhere_[static_cast<std::size_t>(c)];
    more.may_be_any = true;
    if (!std::isfinite(g)) {
      more.may_be_nonfinite = true;
      return;
    }
    const Wide overshoot = view_.options.mode == Mode::nearest ? 1 : 8;
    const Wide most = overshoot * std::fabs(g);
    more.lo -= most;
    more.hi += most;
    more.magnitude += most;
    more.hits += 16;
  }

  static Interval<Wide> product(const Interval<Wide>& a, const Interval<Wide>& b) {
    const std::array<Wide, 4> ends{a.lo * b.lo, a.lo * b.hi, a.hi * b.lo, a.hi * b.hi};
    return {*std::ranges::min_element(ends), *std::ranges::max_element(ends)};
  }

  // The pixels of the axis that was located last: of each, the hull of its weights in all cells.
  void set_taps(std::size_t axis, AxisTaps& out) {
    out.taps.clear();
    out.is_exact = true;
    out.bits = 0;
    const std::int64_t size = view_.size[axis];
    if (view_.options.mode == Mode::nearest) {
      for (const std::int64_t index : axis_.indices) {
        if (index >= 0 && index < size && find(out, index) == nullptr) {
          out.taps.push_back({.index = index, .weight = {1, 1}, .magnitude = 1});
        }
      }
      // With one of several indices the others get nothing.
      const bool is_sure = std::ranges::all_of(
          axis_.indices, [&](std::int64_t index) { return index == axis_.indices.front(); });
      for (AxisTap& tap : out.taps) {
        if (is_sure) break;
        tap.is_doubtful = true;
        tap.weight.lo = 0;
      }
      return;
    }
    bool first = true;
    for (const SlopedCell<Wide>& it : axis_.cells) {
      const int own = bits_of_axis(it.cell, view_.budget, view_.is_cubic() ? 3 : 1);
      out.bits = own == LastBit::none || axis_.cells.size() > 1 ? LastBit::none : own;
      out.is_exact &= it.cell.exact();
      cell_taps_.taps.clear();
      if (view_.is_cubic()) {
        add_cubic(it.cell, size, it.cell.exact() || own != LastBit::none);
      } else {
        add_linear(it.cell, size);
      }
      merge(cell_taps_.taps, first, out.taps);
      first = false;
    }
  }
  static AxisTap* find(AxisTaps& taps, std::int64_t index) {
    const auto found = std::ranges::find(taps.taps, index, &AxisTap::index);
    return found == taps.taps.end() ? nullptr : &*found;
  }

  void add_to_cell(std::int64_t index, const Interval<Wide>& weight, int hits = 1) {
    const Wide magnitude = std::max(fabs(weight.lo), fabs(weight.hi));
    if (AxisTap* known = find(cell_taps_, index)) {
      known->weight.lo += weight.lo;
      known->weight.hi += weight.hi;
      known->magnitude += magnitude;
      known->hits += hits;
      return;
    }
    cell_taps_.taps.push_back({index, weight, magnitude, hits});
  }
  void add_linear(const CellRange<Wide>& cell, std::int64_t size) {
    const auto add = [&](std::int64_t index, const Interval<Wide>& weight) {
      if (index >= 0 && index < size) add_to_cell(index, weight);
    };
    add(cell.index, {1 - cell.hi, 1 - cell.lo});
    add(cell.index + 1, {cell.lo, cell.hi});
  }
  void add_cubic(const CellRange<Wide>& cell, std::int64_t size, bool is_exact) {
    const auto unit = static_cast<Wide>(view_.budget.unit);
    const Wide middle = (cell.lo + cell.hi) / 2;
    const Wide radius = std::max(cell.hi - middle, middle - cell.lo);
    const Wide room = 1 + 6 * std::max({Wide{0}, -cell.lo, cell.hi - 1});
    const auto weights = cubic_coefficients(middle);
    const auto slopes = judging::cubic_slopes(middle);
    const std::int64_t first = cell.index - 1;
    if (cell.constant) {  // one texel, and all of the weight
      const std::int64_t index =
          padded_index(first, size, view_.options.padding, view_.options.align_corners);
      const Wide spread = cell.exact() ? Wide{0} : Wide{60} * unit * room;
      if (index < 0) return;
      add_to_cell(index, {1 - spread, 1 + spread}, 4);
      // Magnitudes of up to 1.375 add up to it, and of 1.5625 where t strays.
      cell_taps_.taps.front().magnitude = Wide{1.5625};
      return;
    }
    for (std::size_t j = 0; j < 4; ++j) {
      const std::int64_t index = padded_index(first + static_cast<std::int64_t>(j), size,
                                              view_.options.padding, view_.options.align_corners);
      if (index < 0) continue;
      const Wide error = is_exact ? Wide{0} : (j == 0 || j == 3 ? Wide{23.3} : Wide{3.8}) * unit;
      const Wide spread =
          (fabs(slopes[j]) * radius + Wide{cubic_curvature[j]} * radius * radius / 2 + error) *
          room;
      add_to_cell(index, {weights[j] - spread, weights[j] + spread});
    }
  }

  // A pixel that one cell has and another has not may have no weight.
  static void merge(const std::vector<AxisTap>& cell, bool first, std::vector<AxisTap>& all) {
    const auto with_zero = [](Interval<Wide>& weight) {
      weight = {std::min(weight.lo, Wide{0}), std::max(weight.hi, Wide{0})};
    };
    for (AxisTap& tap : all) {
      const auto found = std::ranges::find(cell, tap.index, &AxisTap::index);
      if (found == cell.end()) {
        with_zero(tap.weight);
      } else {
        tap.weight = {std::min(tap.weight.lo, found->weight.lo),
                      std::max(tap.weight.hi, found->weight.hi)};
        tap.magnitude = std::max(tap.magnitude, found->magnitude);
        tap.hits = std::max(tap.hits, found->hits);
      }
    }
    for (const AxisTap& tap : cell) {
      if (std::ranges::find(all, tap.index, &AxisTap::index) != all.end()) continue;
      all.push_back(tap);
      if (!first) with_zero(all.back().weight);
    }
  }

  CaseView<Element, N> view_;
  View<Element> grads_;
  LastRounding<Element> rounding_;
  SlopeLocator<Real> locator_;
  std::int64_t texels_ = 1;
  Sums sums_;
  Sums anywhere_;  // what each texel of a plane may get from samples that may read any
  // Memory of the sample that is being added.
  SlopedAxis<Wide> axis_;
  std::array<AxisTaps, N> taps_;
  AxisTaps cell_taps_;
};

}  // namespace gridproof::judging
