// Judges the gradient of the grid, sample by sample, [grad.grid]. Derivation: judging-gradients.md,
// sections 2 and 3. Tested by gradient_judge_test.cc.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "oracle/gradients/slope_axis.h"
#include "oracle/gradients/tap_sums.h"
#include "oracle/judge/cubic.h"
#include "oracle/judge/last_rounding.h"
#include "oracle/judge/taps.h"
#include "oracle/judge/traverse.h"
#include "reference/contract/backward.h"

namespace gridproof::judging {

enum class Place : std::uint8_t { outside, undecided, open, inside };

struct PlaceOfGradient {
  Place place = Place::inside;
  std::string_view clause;  // where it is open
};

// What one coordinate's gradient can be for one combination of cells.
template <class Wide>
struct SlopeRange {
  Wide lo = 0;
  Wide hi = 0;
  Wide error = 0;              // more than what rounding does beyond that
  bool may_overflow = false;   // on the way
  bool has_nonfinite = false;  // some term is not finite, or may be
  bool is_nonfinite = false;   // one surely is not

  void include(const SlopeRange& other) {
    lo = std::min(lo - error, other.lo - other.error);
    hi = std::max(hi + error, other.hi + other.error);
    error = 0;
    may_overflow |= other.may_overflow;
    has_nonfinite |= other.has_nonfinite;
    is_nonfinite &= other.is_nonfinite;
  }
};

template <class Element, std::size_t N>
class CoordinateJudge {
 public:
  using Real = RealOf<Element>;
  using Wide = WideOf<Element>;
  template <class T>
  using PerAxis = std::array<T, N>;

  CoordinateJudge(const BackwardCase& test_case, const Options& options, const Profile& profile,
                  bool one_sided)
      : view_(test_case.forward, options, profile),
        grads_(test_case.grad_output.view<Element>()),
        rounding_(profile),
        locator_(options, profile, one_sided),
        one_sided_(one_sided) {}

  // Where the gradients of one sample's coordinates are.
  PerAxis<PlaceOfGradient> judge(std::int64_t sample, const PerAxis<double>& got) {
    locate(sample);
    if (view_.options.mode == Mode::nearest || is_outside()) {
      return of_each_axis([&](std::size_t axis) { return place_of_zero(got[axis], axis); });
    }
    if (is_wide()) {
      return of_each_axis([&](std::size_t axis) { return place_of_unknown(got[axis], axis); });
    }
    const auto places_in = [&](const PerAxis<SlopeRange<Wide>>& ranges) {
      return of_each_axis(
          [&](std::size_t axis) { return place_of(got[axis], axis, ranges[axis]); });
    };
    if (one_sided_) return places_in(hulls_of_all());
    // One combination has to admit all axes: the one that admits most of them.
    PerAxis<PlaceOfGradient> best{};
    std::ptrdiff_t most = -1;
    for_each_choice(counts(), [&](const PerAxis<std::int64_t>& choice) {
      const PerAxis<PlaceOfGradient> places = places_in(ranges_of(choice));
      const std::ptrdiff_t outside =
          std::ranges::count(places, Place::outside, &PlaceOfGradient::place);
      const std::ptrdiff_t admitted = static_cast<std::ptrdiff_t>(N) - outside;
      if (admitted > most) {
        most = admitted;
        best = places;
      }
      return outside > 0;
    });
    return best;
  }

  // The hull of what one coordinate's gradient can be; none where it is undecided.
  std::optional<SlopeRange<Wide>> range(std::int64_t sample, std::size_t axis) {
    locate(sample);
    if (view_.options.mode == Mode::nearest || is_outside()) return SlopeRange<Wide>{};
    if (is_wide()) return std::nullopt;
    return hulls_of_all()[axis];
  }

  // The clause that a coordinate's gradient is mainly about.
  std::string_view main_clause(std::int64_t sample, std::size_t axis) {
    locate(sample);
    if (!open_of(axis).empty()) return open_of(axis);
    if (view_.options.mode == Mode::nearest) return "grad.nearest";
    if (view_.options.mode == Mode::bicubic) return "grad.bicubic";
    const std::int64_t size = view_.size[axis];
    if (size == 1 && !is_wide()) return "grad.unit-size";
    for (const SlopedCell<Wide>& it : axes_[axis].cells) {
      if (it.factor < 0) return "grad.reflection";
      if (it.factor == 0) {
        return view_.options.padding == Padding::border ? "grad.border" : "grad.reflection";
      }
      if (it.cell.index < 0 || it.cell.index >= size - 1) return "grad.zeros-rim";
    }
    for (const SlopedCell<Wide>& it : axes_[axis].cells) {
      if (it.cell.lo == 0 || it.cell.hi == 1) return "grad.kink-right";
    }
    return is_outside() ? "grad.zeros-rim" : "grad.grid";
  }

 private:
  static constexpr std::size_t linear_corners = std::size_t{1} << N;

  template <class PlaceOf>
  static PerAxis<PlaceOfGradient> of_each_axis(PlaceOf&& place_of) {
    PerAxis<PlaceOfGradient> places;
    for (std::size_t axis = 0; axis < N; ++axis) places[axis] = place_of(axis);
    return places;
  }
  [[nodiscard]] bool is_outside() const {
    return std::ranges::any_of(axes_, &SlopedAxis<Wide>::outside);
  }
  [[nodiscard]] bool is_wide() const { return std::ranges::any_of(axes_, &SlopedAxis<Wide>::wide); }
  // A coordinate that is NaN or infinite leaves all of its sample open.
  [[nodiscard]] std::string_view open_of(std::size_t axis) const {
    if (!axes_[axis].open.empty()) return axes_[axis].open;
    for (const SlopedAxis<Wide>& other : axes_) {
      if (!other.open.empty()) return other.open;
    }
    return {};
  }
  [[nodiscard]] bool has_nonfinite_grad() const {
    for (std::int64_t c = 0; c < view_.channels; ++c) {
      if (!std::isfinite(grad(c))) return true;
    }
    return false;
  }

  void locate(std::int64_t sample) {
    if (sample == sample_) return;
    sample_ = sample;
    std::int64_t rest = sample;
    std::int64_t grid_at = 0;
    grads_at_ = 0;
    for (std::size_t axis = N; axis > 0; --axis) {
      const std::int64_t index = rest % view_.grid.shape[axis];
      rest /= view_.grid.shape[axis];
      grid_at += index * view_.grid.strides[axis];
      grads_at_ += index * grads_.strides[axis + 1];
    }
    batch_ = rest;
    grid_at += batch_ * view_.grid.strides[0];
    grads_at_ += batch_ * grads_.strides[0];
    for (std::size_t axis = 0; axis < N; ++axis) {
      const std::int64_t place =
          grid_at + static_cast<std::int64_t>(axis) * view_.grid.strides[N + 1];
      locator_.locate(to_double(view_.grid.data[place]), view_.size[axis], axes_[axis]);
    }
  }
  [[nodiscard]] double grad(std::int64_t channel) const {
    return to_double(grads_.data[grads_at_ + channel * grads_.strides[1]]);
  }

  [[nodiscard]] PerAxis<std::int64_t> counts() const {
    PerAxis<std::int64_t> counts;
    for (std::size_t axis = 0; axis < N; ++axis) {
      counts[axis] = static_cast<std::int64_t>(axes_[axis].cells.size());
    }
    return counts;
  }

  // Whether the batch entry or its gradient has something that is not finite, or is so large that
  // some sum may overflow: asked rarely.
  [[nodiscard]] bool may_leave_the_range() const {
    if (has_nonfinite_grad()) return true;
    Wide grads = 0;
    for (std::int64_t c = 0; c < view_.channels; ++c) grads += std::fabs(grad(c));
    Wide largest = 0;
    std::array<std::int64_t, N + 1> counts{view_.channels};
    Wide most = 4 << N;  // of taps, and of what their weights may be
    for (std::size_t axis = 0; axis < N; ++axis) {
      counts[axis + 1] = view_.size[axis];
      most = std::max(most, (4 << N) * scale(axis));
    }
    for_each_choice(counts, [&](const std::array<std::int64_t, N + 1>& at) {
      std::array<std::int64_t, N> index;
      std::copy(at.begin() + 1, at.end(), index.begin());
      const double texel = std::fabs(to_double(view_.texel(batch_, at[0], index)));
      largest = std::isfinite(texel) ? std::max<Wide>(largest, texel)
                                     : std::numeric_limits<Wide>::infinity();
      return isfinite(largest);
    });
    return !(most * std::max({grads * largest, grads, largest}) <
             overflow_limit<Wide>(view_.budget));
  }

  // ---- whether a number is one of those ----

  [[nodiscard]] PlaceOfGradient place_of_zero(double got, std::size_t axis) const {
    if (got == 0) return {};
    const std::string_view open = open_of(axis);
    if (std::isnan(got) && !open.empty()) return {Place::open, open};
    // What is not read is multiplied by 0, or not at all.
    if (std::isnan(got) && view_.options.mode != Mode::nearest && has_nonfinite_grad()) {
      return {Place::open, "grad.nonfinite"};
    }
    return {Place::outside, {}};
  }

  // Of a position that is not known to within a pixel.
  [[nodiscard]] PlaceOfGradient place_of_unknown(double got, std::size_t axis) const {
    if (!open_of(axis).empty()) return {Place::open, open_of(axis)};
    const bool is_wrong = std::isnan(got) && !may_leave_the_range();
    return {is_wrong ? Place::outside : Place::undecided, {}};
  }

  [[nodiscard]] PlaceOfGradient place_of(double got, std::size_t axis,
                                         const SlopeRange<Wide>& range) const {
    const std::string_view open = open_of(axis);
    if (!open.empty() && (got == 0 || std::isnan(got))) return {Place::open, open};
    const std::string_view why = !open.empty() ? open : range.has_nonfinite ? "grad.nonfinite" : "";
    const Place good = why.empty() ? Place::inside : Place::open;
    if (!std::isfinite(got)) {
      if (range.is_nonfinite) return {Place::inside, {}};
      if (range.has_nonfinite) return {Place::open, "grad.nonfinite"};
      if (range.may_overflow) return {Place::open, "grad.order"};
      if (!(std::isinf(got) && rounding_.rounds())) return {Place::outside, {}};
    } else if (range.is_nonfinite) {
      return {Place::outside, {}};
    }
    if (range.error >= Wide{1e290}) return {Place::undecided, {}};
    const Interval<Wide> from = rounding_.preimage(got);
    if (from.hi < range.lo - range.error || from.lo > range.hi + range.error) {
      return {Place::outside, {}};
    }
    return {good, why};
  }

  PerAxis<SlopeRange<Wide>> hulls_of_all() {
    PerAxis<SlopeRange<Wide>> hulls;
    bool first = true;
    for_each_choice(counts(), [&](const PerAxis<std::int64_t>& choice) {
      const PerAxis<SlopeRange<Wide>> ranges = ranges_of(choice);
      for (std::size_t axis = 0; axis < N; ++axis) {
        if (first) {
          hulls[axis] = ranges[axis];
        } else {
          hulls[axis].include(ranges[axis]);
        }
      }
      first = false;
      return true;
    });
    return hulls;
  }

  PerAxis<SlopeRange<Wide>> ranges_of(const PerAxis<std::int64_t>& choice) {
    Box<Wide, N> box;
    PerAxis<Wide> factors;
    for (std::size_t axis = 0; axis < N; ++axis) {
      const auto& it = axes_[axis].cells[static_cast<std::size_t>(choice[axis])];
      box[axis] = it.cell;
      factors[axis] = it.factor;
    }
    PerAxis<SlopeRange<Wide>> ranges;
    if (view_.is_cubic()) {
      if constexpr (N == 2) {
        const Texels<16> texels = sum_channels<4>(box);
        for (std::size_t axis = 0; axis < N; ++axis) {
          ranges[axis] = cubic_range(box, texels, axis, factors[axis]);
        }
      }
      return ranges;
    }
    const Texels<linear_corners> texels = sum_channels<2>(box);
    for (std::size_t axis = 0; axis < N; ++axis) {
      ranges[axis] = linear_range(box, texels, axis, factors[axis]);
    }
    return ranges;
  }

  // ---- all channels as one ----

  // For each tap, the sum over channels of grad_output times texel, and of the magnitudes.
  template <std::size_t taps>
  struct Texels {
    std::array<Wide, taps> sum{};
    std::array<Wide, taps> magnitude{};
    std::array<bool, taps> may_be_nonfinite{};
    std::array<bool, taps> is_nonfinite{};
    LastBit last_bit;
    std::int64_t terms = 0;  // products that are not 0
    Wide largest_texel = 0;
    Wide largest_grad = 0;
    Wide texels = 0;  // sums of magnitudes, also of those that are multiplied by 0
    Wide grads = 0;
    bool grads_are_powers = true;  // of two: multiplying by them rounds nothing
  };

  template <std::size_t taps>
  Texels<tap_count(taps, N)> sum_channels(const Box<Wide, N>& box) const {
    Texels<tap_count(taps, N)> result;
    const TapPlaces<taps, N> places = tap_places<taps>(view_, box);
    for (std::int64_t c = 0; c < view_.channels; ++c) {
      const auto values = gather<taps>(view_, batch_, c, places);
      const double g = grad(c);
      if (g != 0 && std::isfinite(g)) {
        result.grads_are_powers &= is_power_of_two(g);
        result.largest_grad = std::max<Wide>(result.largest_grad, std::fabs(g));
      }
      result.grads += std::isfinite(g) ? std::fabs(g) : 0;
      for (std::size_t tap = 0; tap < values.texels.size(); ++tap) {
        result.texels += fabs(values.texels[tap]);
        const bool texel_is_finite = !values.has_nonfinite || values.nonfinite[tap] == 0;
        if (!texel_is_finite || !std::isfinite(g)) {
          result.may_be_nonfinite[tap] = true;
          const bool other_is_zero = texel_is_finite ? values.texels[tap] == 0 : g == 0;
          result.is_nonfinite[tap] |= !other_is_zero;
          continue;
        }
        const Wide texel = values.texels[tap];
        if (texel == 0 || g == 0) continue;
        const Wide product = static_cast<Wide>(g) * texel;
        result.sum[tap] += product;
        result.magnitude[tap] += fabs(product);
        result.largest_texel = std::max(result.largest_texel, fabs(texel));
        result.last_bit.include(
            LastBit::of_one().times(last_bit(g)).times(last_bit(static_cast<double>(texel))));
        ++result.terms;
      }
    }
    return result;
  }

  // What the forms of one sum may add to the range: every term rounds `factors` times, and then in
  // a sum of as many terms.
  template <std::size_t taps>
  [[nodiscard]] Wide error_of(const Texels<taps>& texels, Wide magnitude, Wide factor,
                              int factors) const {
    if (texels.terms == 0 || factor == 0) return 0;
    const Budget& budget = view_.budget;
    const bool scale_is_power = is_power_of_two(static_cast<double>(factor));
    const double operations = static_cast<double>(factors) + (texels.grads_are_powers ? 0 : 1) +
                              (scale_is_power ? 0 : 1) + static_cast<double>(texels.terms - 1);
    const Wide relative = growth(operations, budget.unit);
    if (relative > 1e200) return Wide{1e300};
    const auto terms = static_cast<Wide>(texels.terms);
    const Wide tiny = static_cast<Wide>(budget.smallest) + 4 * static_cast<Wide>(budget.flush);
    return fabs(factor) * magnitude * relative * (1 + Wide{0x1p-9}) +
           2 * terms * tiny * (1 + fabs(factor)) * (1 + texels.largest_texel) *
               (1 + texels.largest_grad);
  }
  // Or the opposite of one.
  static bool is_power_of_two(double value) {
    int exponent = 0;
    return std::fabs(std::frexp(value, &exponent)) == 0.5;
  }

  // Whatever is multiplied or added first, nothing on the way exceeds this.
  template <std::size_t taps>
  [[nodiscard]] bool may_overflow(const Texels<taps>& texels, Wide scale) const {
    Wide total = 0;
    for (const Wide one : texels.magnitude) total += one;
    total = std::max({total, texels.texels, texels.grads});
    return total * std::max(Wide{1}, scale) * 4 >= overflow_limit<Wide>(view_.budget);
  }
  [[nodiscard]] Wide scale(std::size_t axis) const {
    return static_cast<Wide>(view_.size[axis]) / 2;
  }

  // ---- linear modes ----

  SlopeRange<Wide> linear_range(const Box<Wide, N>& box, const Texels<linear_corners>& texels,
                                std::size_t axis, Wide factor) const {
    SlopeRange<Wide> range;
    mark_nonfinite(box, texels, axis, factor, range);
    range.may_overflow = may_overflow(texels, scale(axis));
    if (factor == 0) return range;
    range.lo = std::numeric_limits<Wide>::infinity();
    range.hi = -range.lo;
    Wide most = 0;
    // Along its own axis the slope is constant; along each other it is affine: its extremes are at
    // the ends.
    std::array<std::int64_t, N> ends;
    for (std::size_t other = 0; other < N; ++other) {
      ends[other] = other == axis || box[other].lo == box[other].hi ? 1 : 2;
    }
    for_each_choice(ends, [&](const std::array<std::int64_t, N>& end) {
      Wide slope = 0;
      Wide magnitude = 0;
      for (std::size_t tap = 0; tap < linear_corners; ++tap) {
        Wide weight = factor;
        for (std::size_t other = 0; other < N; ++other) {
          const bool far = (tap >> other & 1U) != 0;
          if (other == axis) {
            if (!far) weight = -weight;
            continue;
          }
          const Wide t = end[other] == 0 ? box[other].lo : box[other].hi;
          weight *= far ? t : 1 - t;
        }
        slope += weight * texels.sum[tap];
        magnitude += fabs(weight) * texels.magnitude[tap];
      }
      range.lo = std::min(range.lo, slope);
      range.hi = std::max(range.hi, slope);
      most = std::max(most, magnitude);
      return true;
    });
    if (is_exact(box, texels, axis, factor, most, 1)) return range;
    int inexact = 0;
    for (std::size_t other = 0; other < N; ++other) {
      if (other != axis && !box[other].exact()) ++inexact;
    }
    // 1 - t, products of weights, and of the weight with the rest.
    const int factors = inexact == 0 ? 0 : inexact + (inexact - 1) + 1;
    range.error = error_of(texels, most / fabs(factor), factor, factors);
    if (view_.budget.lerp_error > 0) {
      Wide total = 0;
      for (const Wide magnitude : texels.magnitude) total += magnitude;
      range.error += fabs(factor) * total * static_cast<Wide>(inexact) *
                     static_cast<Wide>(view_.budget.lerp_error * view_.budget.unit);
    }
    return range;
  }

  // Few bits: nothing rounds, in whatever order.
  template <std::size_t taps>
  [[nodiscard]] bool is_exact(const Box<Wide, N>& box, const Texels<taps>& texels, std::size_t axis,
                              Wide factor, Wide magnitude, int degree) const {
    int bits = 0;
    for (std::size_t other = 0; other < N; ++other) {
      if (other == axis && degree == 1) continue;
      const int own = bits_of_axis(box[other], view_.budget, degree);
      if (own == LastBit::none) return texels.terms == 0;
      // The derivatives of the cubic kernel at whole positions are quarters.
      bits += other == axis && own == 0 ? 2 : own;
    }
    return texels.last_bit.times(last_bit(static_cast<double>(factor)))
        .times(-bits)
        .is_exact(magnitude, view_.budget);
  }

  // A term that is not finite, times a weight that is surely not zero, surely decides.
  template <std::size_t taps>
  void mark_nonfinite(const Box<Wide, N>& box, const Texels<taps>& texels, std::size_t axis,
                      Wide factor, SlopeRange<Wide>& range) const {
    for (std::size_t tap = 0; tap < taps; ++tap) {
      range.has_nonfinite |= texels.may_be_nonfinite[tap];
      if (!texels.is_nonfinite[tap] || factor == 0 || view_.is_cubic()) continue;
      bool may_be_zero = false;
      for (std::size_t other = 0; other < N; ++other) {
        if (other == axis) continue;
        const bool far = (tap >> other & 1U) != 0;
        const Wide lo = far ? box[other].lo : 1 - box[other].hi;
        const Wide hi = far ? box[other].hi : 1 - box[other].lo;
        may_be_zero |= lo <= 0 && hi >= 0;
      }
      range.is_nonfinite |= !may_be_zero;
    }
  }

  // ---- bicubic ----

  // One axis about the middle of its box: the weights, their derivatives, and bounds over the box.
  struct CubicSlopes {
    std::array<Wide, 4> weight{};
    std::array<Wide, 4> slope{};
    std::array<Wide, 4> curvature{};
    Wide radius = 0;
    bool exact = false;
    bool constant = false;
    Wide room = 1;

    explicit CubicSlopes(const CellRange<Wide>& cell)
        : exact(cell.exact()), constant(cell.constant) {
      const Wide middle = (cell.lo + cell.hi) / 2;
      radius = std::max(cell.hi - middle, middle - cell.lo);
      room = 1 + 6 * std::max({Wide{0}, -cell.lo, cell.hi - 1});
      weight = cubic_coefficients(middle);
      slope = cubic_slopes(middle);
      curvature = {3 - Wide{4.5} * middle, Wide{7.5} * middle - Wide{4.5},
                   Wide{3} - Wide{7.5} * middle, Wide{4.5} * middle - Wide{1.5}};
    }
    // How far t may be from the middle where that changes the sum: on a constant axis the weights
    // of its one texel sum to 1.
    [[nodiscard]] Wide drift() const { return constant ? Wide{0} : radius; }
    static Wide third(std::size_t j) { return j == 0 || j == 3 ? Wide{4.5} : Wide{7.5}; }
    // At most |weight| and |slope| over the box.
    [[nodiscard]] Wide most_weight(std::size_t j) const {
      return (fabs(weight[j]) + fabs(slope[j]) * radius +
              Wide{cubic_curvature[j]} * radius * radius / 2) *
             room;
    }
    [[nodiscard]] Wide most_slope(std::size_t j) const {
      return (fabs(slope[j]) + fabs(curvature[j]) * radius + third(j) * radius * radius / 2) * room;
    }
    [[nodiscard]] Wide weight_error(std::size_t j, Wide unit) const {
      return exact ? Wide{0} : (j == 0 || j == 3 ? Wide{23.3} : Wide{3.8}) * unit * room;
    }
    [[nodiscard]] Wide slope_error(std::size_t j, Wide unit) const {
      return exact ? Wide{0} : (j == 0 || j == 3 ? Wide{19.2} : Wide{6.4}) * unit * room;
    }
  };

  SlopeRange<Wide> cubic_range(const Box<Wide, N>& box, const Texels<16>& texels, std::size_t axis,
                               Wide factor) const {
    SlopeRange<Wide> range;
    mark_nonfinite(box, texels, axis, factor, range);
    range.may_overflow = may_overflow(texels, scale(axis));
    if (factor == 0 || texels.terms == 0) return range;
    const CubicSlopes along(box[axis]);
    const CubicSlopes across(box[1 - axis]);
    const auto unit = static_cast<Wide>(view_.budget.unit);
    Wide value = 0;
    Wide by_along = 0;  // its derivative along its own axis
    Wide by_across = 0;
    Wide bend = 0;      // of second order, over the box
    Wide most = 0;      // the sum of magnitudes
    Wide rounding = 0;  // of weights and slopes
    for (std::size_t tap = 0; tap < 16; ++tap) {
      const std::size_t j = tap_along<4>(tap, axis);
      const std::size_t i = tap_along<4>(tap, 1 - axis);
      const Wide sum = texels.sum[tap];
      const Wide magnitude = texels.magnitude[tap];
      value += along.slope[j] * across.weight[i] * sum;
      by_along += along.curvature[j] * across.weight[i] * sum;
      by_across += along.slope[j] * across.slope[i] * sum;
      const Wide slope = along.most_slope(j);
      const Wide weight = across.most_weight(i);
      bend += magnitude *
              (along.third(j) * weight * along.radius * along.radius +
               2 * Wide{cubic_curvature[j]} * Wide{cubic_slope[i]} * along.radius * across.drift() +
               slope * Wide{cubic_curvature[i]} * across.drift() * across.drift());
      most += magnitude * slope * weight;
      const Wide slope_error = along.slope_error(j, unit);
      const Wide weight_error = across.weight_error(i, unit);
      rounding += magnitude * ((slope + slope_error) * (weight + weight_error) - slope * weight);
    }
    const Wide size = fabs(factor);
    // All taps along a constant axis are one texel, whose slopes sum to 0.
    if (along.constant) value = bend = by_along = by_across = 0;
    const Wide spread =
        (fabs(by_along) * along.radius + fabs(by_across) * across.drift() + bend / 2) * along.room *
        across.room;
    range.lo = factor * value - size * spread;
    range.hi = factor * value + size * spread;
    if (is_exact(box, texels, axis, factor, 2 * most * size, 3)) return range;
    const int factors = (along.exact ? 0 : 1) + (across.exact ? 0 : 1);
    range.error = error_of(texels, most + rounding, factor, factors + 1) + size * rounding +
                  size * most * Wide{0x1p-40} * unit;
    return range;
  }

  CaseView<Element, N> view_;
  View<Element> grads_;
  LastRounding<Element> rounding_;
  SlopeLocator<Real> locator_;
  bool one_sided_;
  // The sample that was located last.
  std::int64_t sample_ = -1;
  std::int64_t batch_ = 0;
  std::int64_t grads_at_ = 0;
  PerAxis<SlopedAxis<Wide>> axes_;
};

}  // namespace gridproof::judging
