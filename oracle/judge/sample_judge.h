// Judges the samples of one case, for one element type and one number of spatial axes.
// judge.cc instantiates it; the sets it asks are in axis.h and interpolate.h.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "oracle/exact/dyadic.h"
#include "oracle/judge/cubic.h"
#include "oracle/judge/interpolate.h"
#include "oracle/judge/judge.h"

namespace gridproof::judging {

// The type in which a correct implementation calculates: 16-bit tensors are calculated in f32.
template <class Element>
using RealOf = std::conditional_t<std::is_same_v<Element, double>, double, float>;

enum class Membership : std::uint8_t { outside, undecided, open, inside };

struct Opinion {
  Membership membership = Membership::outside;
  std::int64_t channel = 0;  // of the first element that is not inside
  std::string_view clause;   // that leaves it open
  bool wide = false;         // of a position that is not known to within a pixel
};

template <class Element, std::size_t N>
class SampleJudge {
 public:
  using Real = RealOf<Element>;
  using Wide = typename Arithmetic<Real>::Wide;
  static constexpr std::size_t linear_taps = 1U << N;

  SampleJudge(const Case& test_case, const Options& options, const Profile& profile,
              Liberties liberties = {})
      : options_(options),
        profile_(profile),
        locator_(options, profile, liberties),
        input_(test_case.input.view<Element>()),
        grid_(test_case.grid.view<Element>()),
        channels_(test_case.input.size(1)),
        max_reached_(std::clamp(
            max_reached_of_a_case / std::max<std::int64_t>(1, sample_count(test_case) * channels_),
            std::int64_t{1} << 8, std::int64_t{1} << 12)) {
    for (std::size_t axis = 0; axis < N; ++axis) size_[axis] = input_.shape[N + 1 - axis];
    const auto elements = [](Span span) { return static_cast<double>(span.last - span.first + 1); };
    const double planes = static_cast<double>(input_.shape[0]) * static_cast<double>(channels_);
    takes_planes_as_one_ =
        planes * elements(span_of(2)) > std::max(0x1p22, 2 * elements(span_of(0)));
    budget_ = budget_of(profile);
  }

  [[nodiscard]] std::int64_t channels() const { return channels_; }

  // Whether one position explains the answers in all channels. `answer(c)` is an Element. A zero of
  // the wrong sign is left open, [arith.zero-sign].
  template <class Answers>
  Opinion judge(std::int64_t sample, const Answers& answer) {
    locate(sample);
    const Opinion opinion = judge_located(answer);
    if (options_.mode != Mode::nearest || opinion.membership != Membership::outside) return opinion;
    any_zero_ = true;
    const Opinion by_value = judge_located(answer);
    any_zero_ = false;
    if (by_value.membership != Membership::inside) return by_value;
    return {Membership::open, opinion.channel, "arith.zero-sign"};
  }

  [[nodiscard]] std::string_view clause(std::int64_t sample);
  [[nodiscard]] bool has_nan_coordinate(std::int64_t sample) {
    locate(sample);
    return std::ranges::any_of(coordinate_, [](double x) { return std::isnan(x); });
  }
  [[nodiscard]] Admissible admissible(std::int64_t sample, std::int64_t channel);

 private:
  // Judges at the place of `locate`.
  template <class Answers>
  Opinion judge_located(const Answers& answer) {
    bool wide = false;
    bool outside = false;
    for (const Axis<Wide>& axis : axes_) {
      wide = wide || axis.wide;
      outside = outside || axis.outside;
    }
    if (outside) {
      Opinion opinion = judge_outside(answer);
      // Who is not outside by another formula knows no more of the other axes.
      if (opinion.membership == Membership::outside) opinion.wide = wide;
      return opinion;
    }
    if (wide) return judge_wide(answer);
    if (options_.mode == Mode::nearest) return judge_nearest(answer);
    return judge_boxes(answer);
  }

  static Budget budget_of(const Profile& profile) {
    Format format = format_of(dtype_of<Real>);
    const bool narrow = profile.kind == Profile::Kind::narrow_arithmetic;
    if (narrow) format = format_of(profile.type);
    Budget budget{
        .unit = std::ldexp(1.0, -format.precision),
        .smallest = std::ldexp(1.0, format.min_subnormal_exponent()),
        .largest = std::ldexp(2.0 - std::ldexp(1.0, 1 - format.precision), format.max_exponent)};
    // That the last step of a 16-bit tensor flushes as well is seen by `membership`.
    budget.of_real = !narrow;
    budget.powers = profile.has_any_formula();
    if (budget.powers || narrow) budget.lerp_error = Budget::worst_lerp;
    if (profile.kind == Profile::Kind::flush) budget.flush = std::ldexp(1.0, format.min_exponent);
    return budget;
  }

  void locate(std::int64_t sample) {
    seek(sample);
    batch_ = index_[0];
    std::int64_t offset = 0;
    for (std::size_t axis = 0; axis <= N; ++axis) offset += index_[axis] * grid_.strides[axis];
    for (std::size_t axis = 0; axis < N; ++axis) {
      coordinate_[axis] =
          to_double(grid_.data[offset + static_cast<std::int64_t>(axis) * grid_.strides[N + 1]]);
      locator_.locate(coordinate_[axis], size_[axis], axes_[axis]);
    }
  }

  // Puts the place of the sample in the grid into `index_`; samples are mostly judged in order.
  void seek(std::int64_t sample) {
    std::size_t axis = N;
    if (sample == sample_ + 1) {
      while (++index_[axis] == grid_.shape[axis] && axis > 0) index_[axis--] = 0;
    } else {
      std::int64_t rest = sample;
      for (; axis > 0; --axis) {
        index_[axis] = rest % grid_.shape[axis];
        rest /= grid_.shape[axis];
      }
      index_[0] = rest;
    }
    sample_ = sample;
  }

  // The texel at `index` (x first); +0 where an index is -1.
  [[nodiscard]] Element texel(std::int64_t channel,
                              const std::array<std::int64_t, N>& index) const {
    std::int64_t offset = batch_ * input_.strides[0] + channel * input_.strides[1];
    for (std::size_t axis = 0; axis < N; ++axis) {
      if (index[axis] < 0) return Element{};
      offset += index[axis] * input_.strides[N + 1 - axis];
    }
    return input_.data[offset];
  }

  template <class Answers>
  Opinion judge_outside(const Answers& answer) const {
    for (std::int64_t c = 0; c < channels_; ++c) {
      const bool fits = options_.mode == Mode::nearest ? is_copy(answer(c), Element{}, true)
                                                       : to_double(answer(c)) == 0;
      if (!fits) return {Membership::outside, c, {}};
    }
    return {Membership::inside, 0, {}};
  }

  // Visits the texels that `nearest` may copy, until the visitor says false.
  template <class Visitor>
  void for_each_nearest(const Visitor& visitor) const {
    std::array<std::int64_t, N> index{};
    std::array<std::size_t, N> choice{};
    while (true) {
      bool outside = false;
      for (std::size_t axis = 0; axis < N; ++axis) {
        index[axis] = padded_index(axes_[axis].indices[choice[axis]], size_[axis], Padding::zeros,
                                   options_.align_corners);
        outside = outside || index[axis] < 0;
      }
      if (!visitor(index, outside)) return;
      std::size_t axis = 0;
      while (axis < N && ++choice[axis] == axes_[axis].indices.size()) choice[axis++] = 0;
      if (axis == N) return;
    }
  }

  template <class Answers>
  Opinion judge_nearest(const Answers& answer) {
    Opinion opinion{Membership::outside, -1, {}};
    for_each_nearest([&](const std::array<std::int64_t, N>& index, bool outside) {
      std::int64_t c = 0;
      while (c < channels_ && is_copy(answer(c), texel(c, index), outside)) ++c;
      if (c == channels_) {
        opinion = {Membership::inside, 0, {}};
        return false;
      }
      opinion.channel = std::max(opinion.channel, c);
      return true;
    });
    return opinion;
  }

  // Padding is +0; a texel is copied with its bits, but for the sign of a zero where any will do.
  [[nodiscard]] bool is_copy(Element answer, Element texel, bool outside) const {
    if (same_bits(answer, outside ? Element{} : texel)) return true;
    if (any_zero_ && to_double(answer) == 0 && (outside || to_double(texel) == 0)) return true;
    return budget_.flush > 0 && !outside && to_double(answer) == 0 && to_double(texel) != 0 &&
           std::fabs(to_double(texel)) < smallest_normal;
  }

  // What is admitted in one channel and one box of positions.
  struct Set {
    bool finite = true;  // `range` holds
    Range<Wide> range;
    Specials specials = 0;  // what the clauses demand or allow
    Specials open = 0;      // what is admitted under `clause`
    std::string_view clause;
  };

  using Box = std::array<Cell<Wide>, N>;

  template <class Answers>
  Opinion judge_boxes(const Answers& answer) {
    Opinion opinion{Membership::outside, -1, {}};
    Box box{};
    std::array<std::size_t, N> choice{};
    while (true) {
      for (std::size_t axis = 0; axis < N; ++axis) box[axis] = axes_[axis].cells[choice[axis]];
      const Opinion here = judge_box(box, answer);
      if (here.membership == Membership::inside) return here;
      if (here.membership > opinion.membership ||
          (here.membership == opinion.membership && here.channel > opinion.channel)) {
        opinion = here;
      }
      std::size_t axis = 0;
      while (axis < N && ++choice[axis] == axes_[axis].cells.size()) choice[axis++] = 0;
      if (axis == N) return opinion;
    }
  }

  template <class Answers>
  Opinion judge_box(const Box& box, const Answers& answer) {
    Opinion opinion{Membership::inside, 0, {}};
    targets_.clear();
    enter(box);
    for (std::int64_t c = 0; c < channels_; ++c) {
      gather(box, c);
      const double got = to_double(answer(c));
      if (channels_ == 1 && is_near(box, got)) return opinion;
      const Set set = set_of(box);
      const Membership one = membership(set, box, got);
      if (one == Membership::outside) return {Membership::outside, c, {}};
      if (one == Membership::open && opinion.membership == Membership::inside) {
        opinion = {Membership::open, c, set.clause};
      }
      // A zero that may have been flushed tells nothing of the position.
      const bool tells = set.finite && std::isfinite(got) && !(got == 0 && may_flush(set.range));
      if (channels_ > 1 && tells) remember(set.range, got);
    }
    if (targets_.size() > 1 && !explains_jointly(box)) return {Membership::outside, 0, {}};
    return opinion;
  }

  // Whether the answer is a value in the box, but for rounding: the usual case is quick to see.
  [[nodiscard]] bool is_near(const Box& box, double got) const {
    if (nonfinite_ || !std::isfinite(got)) return false;
    const Interval<Wide> from = preimage(got);
    if constexpr (N == 2) {
      if (options_.mode == Mode::bicubic) {
        return CubicSet<Wide>(cubic_texels_, cubic_axes_).surely_holds(from.lo, from.hi, budget_) &&
               !nothing_rounds<Wide, 2>(cubic_texels_, box, budget_, 3);
      }
    }
    std::array<Wide, N> t{};
    bool is_point = true;
    for (std::size_t axis = 0; axis < N; ++axis) {
      t[axis] = box[axis].lo;
      is_point = is_point && box[axis].lo == box[axis].hi;
    }
    if (is_point && nothing_rounds<Wide, N>(linear_texels_, box, budget_, 1)) return false;
    const LinearValue<Wide> at = linear_value<Wide, N>(linear_texels_, t);
    const Wide sure = linear_error<Wide, N>(box, at.mass, budget_) -
                      (at.mass + std::fabs(at.value)) * 2 * evaluation_error<Wide>;
    return from.hi >= at.value - sure && from.lo <= at.value + sure;
  }

  // What depends on the box alone.
  void enter(const Box& box) {
    if constexpr (N == 2) {
      if (options_.mode != Mode::bicubic) return;
      for (std::size_t axis = 0; axis < 2; ++axis) cubic_axes_[axis] = CubicAxis<Wide>(box[axis]);
      has_cubic_errors_ = false;
    }
  }
  void bound_cubic_errors(const Box& box) {
    if (has_cubic_errors_) return;
    for (std::size_t axis = 0; axis < N; ++axis) {
      cubic_axes_[axis].bound_errors(box[axis], budget_);
    }
    has_cubic_errors_ = true;
  }

  // The texels under the taps of `box`, and those of them that are not finite set to 0 and noted.
  void gather(const Box& box, std::int64_t channel) {
    nonfinite_ = false;
    if (options_.mode == Mode::bicubic) {
      if constexpr (N == 2) {
        std::array<std::array<std::int64_t, 4>, 2> taps{};
        for (std::size_t axis = 0; axis < 2; ++axis) {
          for (std::size_t j = 0; j < 4; ++j) {
            taps[axis][j] = padded_index(box[axis].index - 1 + static_cast<std::int64_t>(j),
                                         size_[axis], options_.padding, options_.align_corners);
          }
        }
        for (std::size_t i = 0; i < 4; ++i) {
          for (std::size_t j = 0; j < 4; ++j) {
            take(cubic_texels_[4 * i + j], cubic_odd_[4 * i + j],
                 texel(channel, {taps[0][j], taps[1][i]}));
          }
        }
      }
      return;
    }
    for (std::size_t corner = 0; corner < linear_taps; ++corner) {
      std::array<std::int64_t, N> index{};
      for (std::size_t axis = 0; axis < N; ++axis) {
        // What is beside a padded position has no weight.
        const Padding padding = box[axis].by_taps ? options_.padding : Padding::zeros;
        index[axis] =
            padded_index(box[axis].index + static_cast<std::int64_t>((corner >> axis) & 1U),
                         size_[axis], padding, options_.align_corners);
      }
      take(linear_texels_[corner], linear_nonfinite_[corner], texel(channel, index));
    }
  }
  void take(Wide& value, double& odd, Element element) {
    const double number = to_double(element);
    odd = std::isfinite(number) ? 0 : number;
    value = std::isfinite(number) ? number : 0;
    nonfinite_ = nonfinite_ || !std::isfinite(number);
  }

  [[nodiscard]] Range<Wide> range_of(const Box& box) {
    if constexpr (N == 2) {
      if (options_.mode == Mode::bicubic) {
        bound_cubic_errors(box);
        Range<Wide> range = CubicSet<Wide>(cubic_texels_, cubic_axes_).range(box, budget_);
        if (!range.exact) range.overflow = cubic_overflow(cubic_texels_, cubic_axes_, budget_);
        return range;
      }
    }
    Range<Wide> range = linear_range<Wide, N>(linear_texels_, box, budget_);
    if (profile_.kind == Profile::Kind::narrow_arithmetic && !range.exact) {
      // Products of weights can be subnormal in a 16-bit type.
      Wide largest = 0;
      for (const Wide texel : linear_texels_) largest = std::max(largest, std::fabs(texel));
      range.add_error(static_cast<Wide>(linear_taps) * budget_.smallest * (1 + largest));
    }
    return range;
  }

  [[nodiscard]] Set set_of(const Box& box) {
    Set set;
    set.range = range_of(box);
    if (set.range.overflow != 0) {
      set.open = set.range.overflow;
      set.clause = "arith.overflow";
    }
    if (nonfinite_) add_specials(box, set);
    return set;
  }

  // The weights that an axis can give its taps over the box.
  [[nodiscard]] std::array<Interval<Wide>, 4> weights(const Cell<Wide>& cell,
                                                      std::size_t axis) const {
    if (options_.mode != Mode::bicubic) {
      // Both taps are one pixel and the weights sum to 1: that pixel surely counts.
      if (cell.constant && !cell.exact()) return {{{1, 1}, {cell.lo, 1}, {0, 0}, {0, 0}}};
      return {{{1 - cell.hi, 1 - cell.lo}, {cell.lo, cell.hi}, {0, 0}, {0, 0}}};
    }
    if (cell.constant && !cell.exact()) {
      return {{{-1, 1}, {1, 1}, {-1, 1}, {-1, 1}}};  // likewise
    }
    return cubic_axes_[axis].weights().weight;
  }

  // Texels that are NaN or infinite: those under a weight that is surely not zero decide the
  // answer, those under one that may be zero or not may decide it, [texel.nonfinite]; and under a
  // weight that is zero they make NaN or nothing, [texel.zero-weight].
  void add_specials(const Box& box, Set& set) const {
    Specials sure = 0;
    Specials possible = 0;
    bool may_be_zero = false;
    std::array<std::array<Interval<Wide>, 4>, N> weight{};
    for (std::size_t axis = 0; axis < N; ++axis) weight[axis] = weights(box[axis], axis);
    const bool cubic = options_.mode == Mode::bicubic;
    const std::size_t count = cubic ? 16 : linear_taps;
    for (std::size_t tap = 0; tap < count; ++tap) {
      const double odd = cubic ? cubic_odd_[tap] : linear_nonfinite_[tap % linear_taps];
      if (odd == 0) continue;
      // The signs that the product can have, if it is not zero times the texel.
      Signs signs{.plus = !(odd < 0), .minus = odd < 0};
      for (std::size_t axis = 0; axis < N; ++axis) {
        signs.times(weight[axis][cubic ? (tap >> (2 * axis)) & 3U : (tap >> axis) & 1U]);
      }
      may_be_zero = may_be_zero || signs.zero;
      Specials& bits = signs.zero ? possible : sure;
      if (std::isnan(odd)) {
        if (signs.plus || signs.minus) bits |= nan_bit;
      } else {
        if (signs.plus) bits |= plus_bit;
        if (signs.minus) bits |= minus_bit;
      }
    }
    set.finite = sure == 0;
    if (cancels(sure)) {
      set.specials = nan_bit;  // and whatever a doubtful tap adds, NaN stays NaN
      return;
    }
    set.specials = sure != 0 ? sure : possible;
    if (cancels(sure | possible)) set.specials |= nan_bit;
    // What a + t (b - a) makes of an infinite a is NaN, whatever t is; so do Hermite's slopes.
    const bool lerps = (cubic ? budget_.powers : budget_.lerp_error > 0) && sure != 0;
    if ((may_be_zero || lerps) && (set.specials & nan_bit) == 0) {
      set.open |= nan_bit;
      set.clause = may_be_zero ? "texel.zero-weight" : "texel.nonfinite";
    }
  }

  // What flushing makes of a result: the last step of a 16-bit tensor flushes in its own type.
  static constexpr double smallest_normal =
      dtype_of<Element> == Dtype::f16 ? 0x1p-14
                                      : static_cast<double>(std::numeric_limits<Real>::min());

  // Whether the result may be so small that it is flushed.
  [[nodiscard]] bool may_flush(const Range<Wide>& range) const {
    return budget_.flush > 0 && range.least() < smallest_normal && range.most() > -smallest_normal;
  }

  [[nodiscard]] Membership membership(const Set& set, const Box& box, double got) const {
    if (got == 0 && set.finite && may_flush(set.range)) return Membership::inside;
    if (!std::isfinite(got)) {
      const Specials bit = bit_of(got);
      if ((set.specials & bit) != 0) return Membership::inside;
      // The value itself may lie beyond the largest number.
      const Wide limit = overflow_limit<Wide>(budget_);
      if (set.finite && !std::isnan(got) && !is_rounded() &&
          (got > 0 ? set.range.most() >= limit : set.range.least() <= -limit)) {
        return Membership::inside;
      }
      // A 16-bit tensor rounds once more at the end, and that may be to infinity.
      if (set.finite && !std::isnan(got) && is_rounded() && holds(set.range, box, got)) {
        return Membership::inside;
      }
      return (set.open & bit) != 0 ? Membership::open : Membership::outside;
    }
    return set.finite && holds(set.range, box, got) ? Membership::inside : Membership::outside;
  }

  static Specials bit_of(double got) {
    if (std::isfinite(got)) return 0;
    return std::isnan(got) ? nan_bit : got < 0 ? minus_bit : plus_bit;
  }

  // Whether the answer is rounded from a wider arithmetic type.
  [[nodiscard]] bool is_rounded() const {
    return !std::is_same_v<Element, Real> && (profile_.kind != Profile::Kind::narrow_arithmetic ||
                                              profile_.type != dtype_of<Element>);
  }

  // The numbers that the answer may be rounded from.
  [[nodiscard]] Interval<Wide> preimage(double got) const {
    if (!is_rounded()) return {got, got};
    const Format format = format_of(dtype_of<Element>);
    const double largest = scaled(2.0 - scaled(1.0, 1 - format.precision), format.max_exponent);
    const double top = largest + scaled(1.0, format.max_exponent - format.precision);
    const double magnitude = std::fabs(got);
    if (std::isinf(got)) {
      const Wide end = std::numeric_limits<Wide>::infinity();
      return got > 0 ? Interval<Wide>{top, end} : Interval<Wide>{-end, -top};
    }
    const int exponent =
        magnitude == 0 ? format.min_exponent : std::max(std::ilogb(magnitude), format.min_exponent);
    const double ulp = scaled(1.0, exponent - format.precision + 1);
    const bool power = magnitude == scaled(1.0, exponent) && exponent > format.min_exponent;
    const double in = power ? ulp / 4 : ulp / 2;  // numbers stand closer below a power of two
    const double out = ulp / 2;
    return got < 0 ? Interval<Wide>{got - out, got + in} : Interval<Wide>{got - in, got + out};
  }

  // Whether an answer lies in the range: in floating point when that is clear, exactly when not.
  [[nodiscard]] bool holds(const Range<Wide>& range, const Box& box, double got) const {
    if (range.exact) return got == to_double(from_double<Element>(static_cast<double>(range.lo)));
    const Interval<Wide> from = preimage(got);
    const Wide lo = range.least();
    const Wide hi = range.most();
    const Wide doubt = range.fuzz + (std::fabs(lo) + std::fabs(hi)) * evaluation_error<Wide>;
    if (from.hi >= lo + doubt && from.lo <= hi - doubt) return true;
    if (from.hi < lo - doubt || from.lo > hi + doubt) return false;
    return holds_exactly(range, box, from);
  }

  [[nodiscard]] bool holds_exactly(const Range<Wide>& range, const Box& box,
                                   const Interval<Wide>& from) const {
    const auto [lo, hi] = exact_ends(range, box);
    return (std::isinf(from.hi) || !(exact::Dyadic(from.hi) < lo)) &&
           (std::isinf(from.lo) || !(hi < exact::Dyadic(from.lo)));
  }

  // The ends of the set as exact numbers: `range` with its extremes evaluated without error.
  [[nodiscard]] std::pair<exact::Dyadic, exact::Dyadic> exact_ends(const Range<Wide>& range,
                                                                   const Box& box) const {
    using exact::Dyadic;
    const Dyadic below(range.below);
    const Dyadic above(range.above);
    if constexpr (N == 2) {
      if (options_.mode == Mode::bicubic) {
        std::array<std::array<Dyadic, 4>, 2> c;
        for (std::size_t axis = 0; axis < 2; ++axis) {
          c[axis] = {Dyadic(0), Dyadic(1), Dyadic(0), Dyadic(0)};
          if (!box[axis].constant) {
            c[axis] = cubic_coefficients(Dyadic((box[axis].lo + box[axis].hi) / 2));
          }
        }
        Dyadic value(0);
        for (std::size_t i = 0; i < 4; ++i) {
          Dyadic row(0);
          for (std::size_t j = 0; j < 4; ++j)
            row = row + c[0][j] * Dyadic(cubic_texels_[4 * i + j]);
          value = value + c[1][i] * row;
        }
        const Dyadic reach((range.hi - range.lo) / 2);
        return {value - reach - below, value + reach + above};
      }
    }
    std::array<Dyadic, linear_taps> texels;
    for (std::size_t i = 0; i < linear_taps; ++i) texels[i] = Dyadic(linear_texels_[i]);
    Dyadic lo;
    Dyadic hi;
    for (unsigned corner = 0; corner < linear_taps; ++corner) {
      std::array<Dyadic, N> t;
      for (std::size_t axis = 0; axis < N; ++axis) {
        t[axis] = Dyadic(((corner >> axis) & 1U) != 0 ? box[axis].hi : box[axis].lo);
      }
      const Dyadic value = multi_affine<Dyadic, N>(texels, t);
      if (corner == 0 || value < lo) lo = value;
      if (corner == 0 || hi < value) hi = value;
    }
    return {lo - below, hi + above};
  }

  // --- one position for all channels ------------------------------------------------------------

  // What a channel asks of the interpolant: a value between lo and hi.
  struct Target {
    std::array<Wide, (N == 2) ? 16 : 8> texels;
    Wide lo;
    Wide hi;
  };

  void remember(const Range<Wide>& range, double got) {
    Target target{};
    if (options_.mode == Mode::bicubic) {
      if constexpr (N == 2) target.texels = cubic_texels_;
    } else {
      std::copy(linear_texels_.begin(), linear_texels_.end(), target.texels.begin());
    }
    const Interval<Wide> from = preimage(got);
    const Wide doubt = range.fuzz + (std::fabs(from.lo) + range.error()) * evaluation_error<Wide>;
    target.lo = from.lo - range.above - doubt;
    target.hi = from.hi + range.below + doubt;
    targets_.push_back(target);
  }

  // Whether some position in the box gives every channel a value between its targets. Says no only
  // when that is certain: boxes are halved until they are excluded, a midpoint serves, or the
  // patience ends.
  bool explains_jointly(const Box& box) {
    // Along an axis where all taps are one texel nothing depends on the position.
    const auto width = [](const Cell<Wide>& cell) {
      return cell.constant ? Wide{0} : cell.hi - cell.lo;
    };
    bool point = true;
    for (const Cell<Wide>& cell : box) point = point && width(cell) == 0;
    if (point) return true;
    pending_.assign(1, box);
    for (int patience = 128; patience > 0 && !pending_.empty(); --patience) {
      const Box part = pending_.back();
      pending_.pop_back();
      if (excluded(part)) continue;
      Box middle = part;
      std::size_t widest = 0;
      for (std::size_t axis = 0; axis < N; ++axis) {
        middle[axis].lo = middle[axis].hi = (part[axis].lo + part[axis].hi) / 2;
        if (width(part[axis]) > width(part[widest])) widest = axis;
      }
      if (width(part[widest]) == 0 || !excluded(middle)) return true;
      const Wide split = middle[widest].lo;
      if (split <= part[widest].lo || split >= part[widest].hi) return true;
      pending_.push_back(part);
      pending_.back()[widest].hi = split;
      pending_.push_back(part);
      pending_.back()[widest].lo = split;
    }
    return !pending_.empty();
  }

  [[nodiscard]] bool excluded(const Box& box) const {
    const bool cubic = options_.mode == Mode::bicubic;
    std::array<CubicAxis<Wide>, 2> axes;
    for (std::size_t axis = 0; axis < 2 && cubic; ++axis) axes[axis] = CubicAxis<Wide>(box[axis]);
    for (const Target& target : targets_) {
      Range<Wide> range;
      if (cubic) {
        if constexpr (N == 2) range = CubicSet<Wide>(target.texels, axes).interpolant();
      } else {
        std::array<Wide, linear_taps> texels{};
        std::copy_n(target.texels.begin(), linear_taps, texels.begin());
        range = linear_range<Wide, N>(texels, box, budget_);
      }
      if (range.hi < target.lo || range.lo > target.hi) return true;
    }
    return false;
  }

  // --- a position that is hardly known ----------------------------------------------------------

  // The least and the greatest index that a tap of the axis may have, before it is padded.
  struct Reach {
    std::int64_t first = 0;
    std::int64_t last = 0;
    friend bool operator==(const Reach&, const Reach&) = default;
  };
  using Reaches = std::array<Reach, N>;

  [[nodiscard]] Reach reach(const Axis<Wide>& axis) const {
    constexpr std::int64_t none = std::numeric_limits<std::int64_t>::max();
    Reach result{none, -none};
    const auto include = [&](std::int64_t first, std::int64_t last) {
      result.first = std::min(result.first, first);
      result.last = std::max(result.last, last);
    };
    if (axis.wide) include(axis.first, axis.last);
    for (const std::int64_t index : axis.indices) include(index, index);
    const std::int64_t more = options_.mode == Mode::bicubic ? 1 : 0;
    for (const Cell<Wide>& cell : axis.cells) include(cell.index - more, cell.index + 1 + more);
    return result;
  }

  template <class Answers>
  Opinion judge_wide(const Answers& answer) {
    Opinion opinion{Membership::open, 0, {}, true};
    for (const Axis<Wide>& axis : axes_) {
      if (axis.wide && axis.open.empty()) opinion.membership = Membership::undecided;
      if (!axis.open.empty()) opinion.clause = axis.open;
    }
    const Reaches reachable = reaches();
    if (options_.mode == Mode::nearest && !is_boundless(reachable)) {
      std::int64_t best = 0;
      bool found = false;
      for_each_reachable(reachable, [&](const std::array<std::int64_t, N>& index, bool outside) {
        std::int64_t c = 0;
        while (c < channels_ && is_copy(answer(c), texel(c, index), outside)) ++c;
        best = std::max(best, c);
        found = c == channels_;
        return !found;
      });
      if (found) return opinion;
      return {Membership::outside, best, {}, true};
    }
    for (std::int64_t c = 0; c < channels_; ++c) {
      const auto& [range, odd] = wide_range(reachable, c);
      const double got = to_double(answer(c));
      const Interval<Wide> from = preimage(got);
      const bool inside = !(from.hi < range.least()) && !(from.lo > range.most());
      const bool is_number = std::isfinite(got) || (std::isinf(got) && is_rounded());
      if (odd || (is_number && inside) || (bit_of(got) & range.overflow) != 0) continue;
      return {Membership::outside, c, {}, true};
    }
    return opinion;
  }

  // Where so many texels may be meant that looking at all of them, for every sample, would take
  // minutes, all of the plane are taken to be meant: they are looked at once.
  [[nodiscard]] Reaches reaches() const {
    Reaches reachable;
    for (std::size_t axis = 0; axis < N; ++axis) reachable[axis] = reach(axes_[axis]);
    if (is_boundless(reachable)) {
      const std::int64_t outer = options_.padding == Padding::zeros ? 1 : 0;
      for (std::size_t axis = 0; axis < N; ++axis)
        reachable[axis] = {-outer, size_[axis] - 1 + outer};
    }
    return reachable;
  }
  [[nodiscard]] bool is_boundless(const Reaches& reachable) const {
    std::int64_t count = 1;
    for (const Reach& reach : reachable) {
      count *= std::min(reach.last - reach.first + 1, max_reached_ + 1);
    }
    return count > max_reached_;
  }

  template <class Visitor>
  void for_each_reachable(const Reaches& reachable, const Visitor& visitor) const {
    std::array<std::int64_t, N> raw{};
    for (std::size_t axis = 0; axis < N; ++axis) raw[axis] = reachable[axis].first;
    while (true) {
      std::array<std::int64_t, N> index{};
      bool outside = false;
      for (std::size_t axis = 0; axis < N; ++axis) {
        index[axis] =
            padded_index(raw[axis], size_[axis], options_.padding, options_.align_corners);
        outside = outside || index[axis] < 0;
      }
      if (!visitor(index, outside)) return;
      std::size_t axis = 0;
      while (axis < N && ++raw[axis] > reachable[axis].last) {
        raw[axis] = reachable[axis].first;
        ++axis;
      }
      if (axis == N) return;
    }
  }

  // The hull of all reachable texels, overshoot included; and whether one of them is not finite.
  // Remembered, because far samples of one plane all ask for the same.
  struct Hull {
    Range<Wide> range;
    bool odd = false;
  };
  const Hull& wide_range(const Reaches& reachable, std::int64_t channel) {
    hulls_.resize(static_cast<std::size_t>(channels_));
    Known& known = hulls_[static_cast<std::size_t>(channel)];
    if (known.batch == batch_ && known.reachable == reachable) return known.hull;
    known = {batch_, reachable, hull_of(reachable, channel)};
    return known.hull;
  }

  // The elements of memory from the first to the last texel of a plane, or of all planes.
  struct Span {
    std::int64_t first = 0;
    std::int64_t last = 0;
  };
  [[nodiscard]] Span span_of(std::size_t first_axis) const {
    Span span;
    for (std::size_t axis = first_axis; axis < N + 2; ++axis) {
      const std::int64_t stride = input_.strides[axis];
      (stride < 0 ? span.first : span.last) += stride * (input_.shape[axis] - 1);
    }
    return span;
  }

  // Every texel of the plane, some of them twice, or also what lies between them in memory. Where
  // planes overlap or are many, every texel of the input.
  template <class Visitor>
  void for_each_texel(std::int64_t channel, const Visitor& visitor) const {
    const Element* plane = input_.data;
    if (!takes_planes_as_one_) plane += batch_ * input_.strides[0] + channel * input_.strides[1];
    const Span span = span_of(takes_planes_as_one_ ? 0 : 2);
    std::array<std::int64_t, N> count{};
    std::int64_t texels = 1;
    for (std::size_t axis = 0; axis < N; ++axis) {
      count[axis] = input_.strides[N + 1 - axis] == 0 ? 1 : size_[axis];
      texels *= count[axis];
    }
    if (takes_planes_as_one_ || texels > span.last - span.first) {
      for (std::int64_t offset = span.first; offset <= span.last; ++offset) visitor(plane[offset]);
      return;
    }
    std::array<std::int64_t, N> index{};
    for (; texels > 0; --texels) {
      std::int64_t offset = 0;
      for (std::size_t axis = 0; axis < N; ++axis) {
        offset += index[axis] * input_.strides[N + 1 - axis];
      }
      visitor(plane[offset]);
      std::size_t axis = 0;
      while (axis < N && ++index[axis] == count[axis]) index[axis++] = 0;
    }
  }

  // The least and the greatest of some texels, and whether one of them is not finite.
  struct Extremes {
    Wide lo = std::numeric_limits<Wide>::infinity();
    Wide hi = -std::numeric_limits<Wide>::infinity();
    bool odd = false;

    void include(Element texel) {
      const double value = to_double(texel);
      odd = odd || !std::isfinite(value);
      lo = std::min<Wide>(lo, value);
      hi = std::max<Wide>(hi, value);
    }
  };
  // Those of a whole plane, which are looked for once: it can have a million texels, and a sample
  // of every location may ask.
  const Extremes& extremes_of(std::int64_t channel) {
    planes_.resize(takes_planes_as_one_ ? 1 : static_cast<std::size_t>(channels_));
    auto& [batch, extremes] = planes_[takes_planes_as_one_ ? 0 : static_cast<std::size_t>(channel)];
    const std::int64_t own = input_.strides[0] == 0 || takes_planes_as_one_ ? 0 : batch_;
    if (batch == own) return extremes;
    batch = own;
    extremes = {};
    for_each_texel(channel, [&extremes = extremes](Element texel) { extremes.include(texel); });
    if (options_.padding == Padding::zeros) extremes.include(Element{});
    return extremes;
  }

  [[nodiscard]] Hull hull_of(const Reaches& reachable, std::int64_t channel) {
    Extremes extremes;
    auto& [lo, hi, odd] = extremes;
    if (is_boundless(reachable)) {
      extremes = extremes_of(channel);
    } else {
      for_each_reachable(reachable, [&](const std::array<std::int64_t, N>& index, bool) {
        extremes.include(texel(channel, index));
        return !extremes.odd;
      });
    }
    Range<Wide> range{.lo = lo, .hi = hi};
    if (options_.mode == Mode::nearest) return {range, odd};  // copies
    const Wide size = std::max(std::fabs(lo), std::fabs(hi));
    // The weights of an axis sum to 1 and their magnitudes to at most 1, or 1.375 where they are
    // cubic; with a t that strays by half a pixel, to 2 or 1.5625.
    const bool cubic = options_.mode == Mode::bicubic;
    const bool by_taps = cubic || options_.padding == Padding::zeros || profile_.has_any_formula();
    const bool strays = options_.align_corners && by_taps;
    const Wide magnitude = cubic ? (strays ? Wide{1.5625} : Wide{1.375}) : strays ? 2 : 1;
    Wide spread = (hi - lo) / 2;
    Wide weight = 1;
    for (std::size_t axis = 0; axis < N; ++axis) weight *= magnitude;
    spread *= weight;
    if (size > 0) {
      // More than the errors of two axes of cubic coefficients, or of linear sums and lerps.
      const Wide roundings = cubic ? (profile_.has_any_formula() ? 512 : 128)
                                   : 14 + static_cast<Wide>(N) * budget_.lerp_error;
      range.add_error(weight * size * gamma(18, budget_.unit) / 18 * roundings +
                      16 * static_cast<Wide>(budget_.smallest) * (1 + size) +
                      40 * static_cast<Wide>(budget_.flush));
    }
    range.lo = (hi + lo) / 2 - spread;
    range.hi = (hi + lo) / 2 + spread;
    // The signs of what may overflow are not told apart here, judging.md, section 8.
    const Wide widest = weight * size * (budget_.lerp_error > 0 || cubic ? 2 : 1);
    if (widest * (1 + static_cast<Wide>(gamma(18, budget_.unit))) >=
        overflow_limit<Wide>(budget_)) {
      range.overflow = all_bits;
    }
    return {range, odd};
  }

  Options options_;
  Profile profile_;
  Budget budget_;
  bool any_zero_ = false;  // the sign of a zero is not looked at
  Locator<Real> locator_;
  View<Element> input_;
  View<Element> grid_;
  std::int64_t channels_;
  // So many texels are looked at for one sample: fewer where a case has many, and the same for each
  // of them, in whatever order they are judged.
  static constexpr std::int64_t max_reached_of_a_case = std::int64_t{1} << 22;
  std::int64_t max_reached_;
  // Whether the texels of all planes are looked at once, where those of each would take seconds.
  bool takes_planes_as_one_ = false;
  std::array<std::int64_t, N> size_{};  // x first

  // The sample in hand.
  std::int64_t sample_ = -2;
  std::array<std::int64_t, N + 1> index_{};  // of the grid, without its last axis
  std::int64_t batch_ = 0;
  std::array<double, N> coordinate_{};
  std::array<Axis<Wide>, N> axes_;
  // The box and channel in hand.
  std::array<Wide, linear_taps> linear_texels_{};
  std::array<double, linear_taps> linear_nonfinite_{};
  std::array<CubicAxis<Wide>, 2> cubic_axes_;
  bool has_cubic_errors_ = false;
  std::array<Wide, 16> cubic_texels_{};
  std::array<double, 16> cubic_odd_{};
  bool nonfinite_ = false;
  std::vector<Target> targets_;
  std::vector<Box> pending_;
  struct Known {
    std::int64_t batch = -1;
    Reaches reachable;
    Hull hull;
  };
  std::vector<Known> hulls_;  // by channel
  struct Plane {
    std::int64_t batch = -1;
    Extremes extremes;
  };
  std::vector<Plane> planes_;  // by channel
};

// The clause that a sample is mainly a question about: the rarest thing it contains.
template <class Element, std::size_t N>
std::string_view SampleJudge<Element, N>::clause(std::int64_t sample) {
  locate(sample);
  bool is_nan = false;
  bool is_infinite = false;
  bool is_beyond = false;
  bool is_tie = false;
  bool is_wide = false;
  bool is_off_edge = false;
  for (std::size_t axis = 0; axis < N; ++axis) {
    is_nan = is_nan || std::isnan(coordinate_[axis]);
    is_infinite = is_infinite || std::isinf(coordinate_[axis]);
    is_beyond = is_beyond || std::fabs(coordinate_[axis]) > 1;
    is_tie = is_tie || axes_[axis].tie;
    is_wide = is_wide || axes_[axis].wide || axes_[axis].outside;
    for (const Cell<Wide>& cell : axes_[axis].cells) {
      is_off_edge = is_off_edge || cell.index < 1 || cell.index + 2 >= size_[axis];
    }
  }
  constexpr std::array infinity = {"infinity.zeros", "infinity.border", "infinity.reflection"};
  constexpr std::array padding = {"padding.zeros", "padding.border", "padding.reflection"};
  const auto which = static_cast<std::size_t>(options_.padding);
  if (is_nan) return "coord.nan";
  if (is_infinite) return infinity[which];
  if (!is_wide && options_.mode != Mode::nearest) {
    Box box{};
    for (std::size_t axis = 0; axis < N; ++axis) box[axis] = axes_[axis].cells.front();
    for (std::int64_t c = 0; c < channels_; ++c) {
      gather(box, c);
      if (nonfinite_) return "texel.nonfinite";
    }
  }
  if (is_beyond) return padding[which];
  switch (options_.mode) {
    case Mode::nearest:
      return is_tie ? "nearest.ties-to-even" : "nearest.texel";
    case Mode::bilinear:
      return N == 2 ? "bilinear.weights" : "trilinear.weights";
    case Mode::bicubic:
      return is_off_edge ? "bicubic.taps-padded" : "bicubic.kernel";
  }
  return {};
}

template <class Element, std::size_t N>
Admissible SampleJudge<Element, N>::admissible(std::int64_t sample, std::int64_t channel) {
  Admissible result;
  result.clause = clause(sample);
  const auto open = [&](Specials bits, std::string_view clause) {
    const double inf = std::numeric_limits<double>::infinity();
    for (const auto& [bit, value] :
         {std::pair{nan_bit, std::nan("")}, {plus_bit, inf}, {minus_bit, -inf}}) {
      if ((bits & bit) != 0) result.latitude.emplace_back(value, clause);
    }
  };
  const auto specials = [&](Specials bits) {
    const double inf = std::numeric_limits<double>::infinity();
    if ((bits & nan_bit) != 0) result.intervals.emplace_back(std::nan(""), std::nan(""));
    if ((bits & plus_bit) != 0) result.intervals.emplace_back(inf, inf);
    if ((bits & minus_bit) != 0) result.intervals.emplace_back(-inf, -inf);
  };
  // The numbers of the type that lie in [lo, hi], or that its numbers round to.
  const auto add_interval = [&](const exact::Dyadic& lo, const exact::Dyadic& hi) {
    using exact::Rounding;
    const Format format = format_of(dtype_of<Element>);
    double first = exact::round_to(format, lo, is_rounded() ? Rounding::nearest : Rounding::up);
    double last = exact::round_to(format, hi, is_rounded() ? Rounding::nearest : Rounding::down);
    if (first > last) {
      if (std::isfinite(first) && std::isfinite(last)) return;  // between two numbers of the type
      first = last = hi.sign() * std::numeric_limits<double>::infinity();
    }
    result.intervals.emplace_back(first + 0.0, last + 0.0);  // one zero stands for both
  };
  if (std::ranges::any_of(axes_, &Axis<Wide>::outside)) {
    result.intervals.emplace_back(0, 0);
    return result;
  }
  bool wide = false;
  for (const Axis<Wide>& axis : axes_) {
    wide = wide || axis.wide;
    result.undecided = result.undecided || (axis.wide && axis.open.empty());
    if (!axis.open.empty()) result.clause = axis.open;
  }
  const Reaches reachable = reaches();
  if (options_.mode == Mode::nearest && !(wide && is_boundless(reachable))) {
    const auto copy = [&](const std::array<std::int64_t, N>& index, bool /*outside*/) {
      const Element value = texel(channel, index);
      result.intervals.emplace_back(to_double(value), to_double(value));
      if (to_double(value) != 0 && is_copy(Element{}, value, false)) {  // flushed
        result.intervals.emplace_back(0.0, 0.0);
        result.intervals.emplace_back(-0.0, -0.0);
      }
      return result.intervals.size() < 64;
    };
    if (wide) {
      for_each_reachable(reachable, copy);
    } else {
      for_each_nearest(copy);
    }
  } else if (wide) {
    const auto& [range, odd] = wide_range(reachable, channel);
    if (std::isfinite(range.lo) && std::isfinite(range.hi)) {
      add_interval(exact::Dyadic(range.lo) - range.below, exact::Dyadic(range.hi) + range.above);
    }
    if (odd) open(all_bits, "texel.nonfinite");
  } else {
    Box box{};
    std::array<std::size_t, N> choice{};
    while (true) {
      for (std::size_t axis = 0; axis < N; ++axis) box[axis] = axes_[axis].cells[choice[axis]];
      enter(box);
      gather(box, channel);
      const Set set = set_of(box);
      if (set.finite) {
        const auto [lo, hi] = exact_ends(set.range, box);
        add_interval(lo, hi);
        if (may_flush(set.range)) result.intervals.emplace_back(0, 0);
      }
      specials(set.specials);
      open(set.open, set.clause);
      std::size_t axis = 0;
      while (axis < N && ++choice[axis] == axes_[axis].cells.size()) choice[axis++] = 0;
      if (axis == N) break;
    }
  }
  return result;
}

}  // namespace gridproof::judging
