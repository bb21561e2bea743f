// Judges the samples of one case, for one element type and one number of spatial axes: a sample is
// located (case_view.h), and then one of
// - outside of the input along some axis: the answer is 0;
// - not known to within a pixel (hull.h);
// - `nearest`: the answer is one of few texels, with its bits;
// - in a few boxes of positions: for each the texels under the taps (taps.h), what their sums can
// be
//   (box_sums.h, nonfinite.h), whether each channel's answer is among that (element_set.h), and
//   whether one position explains all channels (joint.h).
// judge.cc instantiates it.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "oracle/judge/admissible_list.h"
#include "oracle/judge/element_set.h"
#include "oracle/judge/hull.h"
#include "oracle/judge/joint.h"
#include "oracle/judge/main_clause.h"
#include "oracle/judge/quick_exclusion.h"
#include "oracle/judge/traverse.h"

namespace gridproof::judging {

struct Opinion {
  Membership membership = Membership::outside;
  std::int64_t channel = 0;  // of the first element that is not inside
  std::string_view clause;   // that leaves it open
  bool wide = false;         // of a position that is not known to within a pixel
};

// Visits the texels that `nearest` may copy, by their indices and whether they are outside, until
// the visitor says false.
template <class Element, std::size_t N, class Visitor>
void for_each_nearest(const CaseView<Element, N>& view,
                      const LocatedSample<WideOf<Element>, N>& located, Visitor&& visitor) {
  std::array<std::int64_t, N> counts{};
  for (std::size_t axis = 0; axis < N; ++axis)
    counts[axis] = std::ssize(located.axes[axis].indices);
  for_each_choice(counts, [&](const std::array<std::int64_t, N>& choice) {
    std::array<std::int64_t, N> index{};
    bool outside = false;
    for (std::size_t axis = 0; axis < N; ++axis) {
      index[axis] = padded_index(located.axes[axis].indices[static_cast<std::size_t>(choice[axis])],
                                 view.size[axis], Padding::zeros, view.options.align_corners);
      outside = outside || index[axis] < 0;
    }
    return visitor(index, outside);
  });
}

// Visits each box of positions that a sample may have, until the visitor says false.
template <class Wide, std::size_t N, class Visitor>
void for_each_box(const LocatedSample<Wide, N>& located, Visitor&& visitor) {
  std::array<std::int64_t, N> counts{};
  for (std::size_t axis = 0; axis < N; ++axis) counts[axis] = std::ssize(located.axes[axis].cells);
  for_each_choice(counts, [&](const std::array<std::int64_t, N>& choice) {
    Box<Wide, N> box;
    for (std::size_t axis = 0; axis < N; ++axis) {
      box[axis] = located.axes[axis].cells[static_cast<std::size_t>(choice[axis])];
    }
    return visitor(std::as_const(box));
  });
}

// What the visitor makes of the sums over a box.
template <class Element, std::size_t N, class Visitor>
auto with_sums(const CaseView<Element, N>& view, const Box<WideOf<Element>, N>& box,
               Visitor&& visitor) {
  using Wide = WideOf<Element>;
  if constexpr (N == 2) {
    if (view.is_cubic()) {
      CubicSums<Wide> sums(box, view.budget);
      return visitor(sums);
    }
  }
  LinearSums<Wide, N> sums(box, view.budget);
  return visitor(sums);
}

template <class Element, std::size_t N>
class SampleJudge {
 public:
  using Wide = WideOf<Element>;
  using Located = LocatedSample<Wide, N>;
  using Index = typename CaseView<Element, N>::Index;

  SampleJudge(const Case& test_case, const Options& options, const Profile& profile,
              Liberties liberties = {})
      : view_(test_case, options, profile),
        rounding_(profile),
        locator_(Locator<RealOf<Element>>(options, profile, liberties)),
        hulls_(view_),
        quick_(view_) {}

  [[nodiscard]] std::int64_t channels() const { return view_.channels; }

  // Whether one position explains the answers in all channels. `answer(c)` is an Element. A zero of
  // the wrong sign is left open, [arith.zero-sign].
  template <class Answers>
  Opinion judge(std::int64_t sample, const Answers& answer) {
    const Located& located = locator_.locate(view_, sample);
    const Opinion opinion = judge_located(located, answer, false);
    if (!is_nearest() || opinion.membership != Membership::outside) return opinion;
    const Opinion by_value = judge_located(located, answer, true);
    if (by_value.membership != Membership::inside) return by_value;
    return {Membership::open, opinion.channel, "arith.zero-sign"};
  }

  [[nodiscard]] std::string_view main_clause(std::int64_t sample) {
    return judging::main_clause(view_, locator_.locate(view_, sample));
  }
  [[nodiscard]] bool has_nan_coordinate(std::int64_t sample) {
    return locator_.locate(view_, sample).has_nan_coordinate();
  }

  // Without order, and intervals may overlap.
  [[nodiscard]] Admissible admissible(std::int64_t sample, std::int64_t channel) {
    const Located& located = locator_.locate(view_, sample);
    AdmissibleList<Element> list(rounding_, judging::main_clause(view_, located));
    if (located.is_outside()) {
      list.add_zero();
    } else if (located.is_wide()) {
      list_wide(located, channel, list);
    } else if (is_nearest()) {
      for_each_nearest(view_, located, [&](const Index& index, bool) {
        return list.add_copy(view_.texel(located.batch, channel, index));
      });
    } else {
      for_each_box(located, [&](const Box<Wide, N>& box) {
        with_sums(view_, box, [&]<class Sums>(Sums& sums) {
          const auto places = tap_places<Sums::taps>(view_, box);
          const auto values = gather<Sums::taps>(view_, located.batch, channel, places);
          list.add_set(sums, values.texels, set_of(sums, values));
        });
        return true;
      });
    }
    return list.list();
  }

 private:
  [[nodiscard]] bool is_nearest() const { return view_.options.mode == Mode::nearest; }

  // `any_zero`: the sign of a zero that is copied is not looked at.
  template <class Answers>
  Opinion judge_located(const Located& located, const Answers& answer, bool any_zero) {
    if (located.is_outside()) {
      Opinion opinion = judge_outside(answer, any_zero);
      // Who is not outside by another formula knows no more of the other axes.
      if (opinion.membership == Membership::outside) opinion.wide = located.is_wide();
      return opinion;
    }
    if (located.is_wide()) return judge_wide(located, answer, any_zero);
    if (is_nearest()) return judge_nearest(located, answer, any_zero);
    return judge_boxes(located, answer);
  }

  template <class Answers>
  Opinion judge_outside(const Answers& answer, bool any_zero) const {
    for (std::int64_t c = 0; c < view_.channels; ++c) {
      const bool fits =
          is_nearest() ? is_copy(answer(c), Element{}, true, any_zero) : to_double(answer(c)) == 0;
      if (!fits) return {Membership::outside, c, {}};
    }
    return {Membership::inside, 0, {}};
  }

  // ---- nearest ----

  // Padding is +0; a texel is copied with its bits, but for the sign of a zero where any will do.
  [[nodiscard]] bool is_copy(Element answer, Element texel, bool outside, bool any_zero) const {
    if (same_bits(answer, outside ? Element{} : texel)) return true;
    if (to_double(answer) != 0) return false;
    if (any_zero && (outside || to_double(texel) == 0)) return true;
    return !outside && rounding_.may_flush(texel);
  }

  // The first channel whose answer is not the texel at `index`, or the number of channels.
  template <class Answers>
  [[nodiscard]] std::int64_t first_other(const Answers& answer, std::int64_t batch,
                                         const Index& index, bool outside, bool any_zero) const {
    std::int64_t c = 0;
    while (c < view_.channels &&
           is_copy(answer(c), view_.texel(batch, c, index), outside, any_zero)) {
      ++c;
    }
    return c;
  }

  template <class Answers>
  Opinion judge_nearest(const Located& located, const Answers& answer, bool any_zero) const {
    std::int64_t best = -1;
    for_each_nearest(view_, located, [&](const Index& index, bool outside) {
      best = std::max(best, first_other(answer, located.batch, index, outside, any_zero));
      return best < view_.channels;
    });
    if (best == view_.channels) return {Membership::inside, 0, {}};
    return {Membership::outside, best, {}};
  }

  // ---- boxes of positions ----

  template <class Answers>
  Opinion judge_boxes(const Located& located, const Answers& answer) {
    Opinion best{Membership::outside, -1, {}};
    quick_.begin(rounding_, located.batch, view_.channels > 0 ? answer(0) : Element{});
    for_each_box(located, [&](const Box<Wide, N>& box) {
      if (quick_.excludes(view_, box)) {
        best.channel = std::max<std::int64_t>(best.channel, 0);
        return true;
      }
      const Opinion here =
          with_sums(view_, box, [&](auto& sums) { return judge_box(sums, located.batch, answer); });
      if (here.membership > best.membership ||
          (here.membership == best.membership && here.channel > best.channel)) {
        best = here;
      }
      return best.membership != Membership::inside;
    });
    return best;
  }

  template <class Sums, class Answers>
  Opinion judge_box(Sums& sums, std::int64_t batch, const Answers& answer) {
    Opinion opinion{Membership::inside, 0, {}};
    const auto places = tap_places<Sums::taps>(view_, sums.box());
    if (surely_holds(sums, batch, places, answer)) return opinion;
    ChannelTargets<Sums>& targets = by_taps<Sums>(linear_targets_, cubic_targets_);
    targets.clear();
    for (std::int64_t c = 0; c < view_.channels; ++c) {
      const auto values = gather<Sums::taps>(view_, batch, c, places);
      const double got = to_double(answer(c));
      const ElementSet<Wide> set = set_of(sums, values);
      const Membership one = membership(rounding_, sums, values.texels, set, got);
      if (one == Membership::outside) return {Membership::outside, c, {}};
      if (one == Membership::open && opinion.membership == Membership::inside) {
        opinion = {Membership::open, c, set.clause};
      }
      // A zero that may have been flushed tells nothing of the position.
      const bool tells =
          set.has_numbers && isfinite(got) && !(got == 0 && rounding_.may_flush(set.range));
      if (view_.channels > 1 && tells) {
        targets.add(values.texels, set.range, rounding_.preimage(got));
      }
    }
    if (!targets.have_position(sums)) return {Membership::outside, 0, {}};
    return opinion;
  }

  // Whether the answers of all channels surely belong to the box, without computing their sets.
  template <class Sums, class Places, class Answers>
  bool surely_holds(const Sums& sums, std::int64_t batch, const Places& places,
                    const Answers& answer) {
    SureTargets<Sums>& targets = by_taps<Sums>(sure_linear_targets_, sure_cubic_targets_);
    targets.clear();
    for (std::int64_t c = 0; c < view_.channels; ++c) {
      const auto values = gather<Sums::taps>(view_, batch, c, places);
      const double got = to_double(answer(c));
      if (values.has_nonfinite || !isfinite(got)) return false;
      targets.add(sums, values.texels, rounding_.preimage(got));
    }
    return targets.have_position(sums, [&](std::size_t c) {
      return gather<Sums::taps>(view_, batch, static_cast<std::int64_t>(c), places).texels;
    });
  }

  template <class Sums, class Linear, class Cubic>
  static auto& by_taps(Linear& linear, Cubic& cubic) {
    if constexpr (Sums::taps == 2) {
      return linear;
    } else {
      return cubic;
    }
  }

  // ---- a position that is hardly known ----

  template <class Answers>
  Opinion judge_wide(const Located& located, const Answers& answer, bool any_zero) {
    Opinion opinion{Membership::open, 0, {}, true};
    for (const AxisSet<Wide>& axis : located.axes) {
      if (axis.wide && axis.open.empty()) opinion.membership = Membership::undecided;
      if (!axis.open.empty()) opinion.clause = axis.open;
    }
    const Reaches<N> reaches = hulls_.reaches(view_, located.axes);
    if (is_nearest() && !hulls_.is_boundless(reaches)) {
      std::int64_t best = 0;
      for_each_reachable(view_, reaches, [&](const Index& index, bool outside) {
        best = std::max(best, first_other(answer, located.batch, index, outside, any_zero));
        return best < view_.channels;
      });
      if (best == view_.channels) return opinion;
      return {Membership::outside, best, {}, true};
    }
    for (std::int64_t c = 0; c < view_.channels; ++c) {
      const auto& [range, has_nonfinite] = hulls_.hull(view_, located.batch, reaches, c);
      const double got = to_double(answer(c));
      const Interval<Wide> from = rounding_.preimage(got);
      const bool inside = !(from.hi < range.least()) && !(from.lo > range.most());
      const bool is_number = isfinite(got) || (isinf(got) && rounding_.rounds());
      if (has_nonfinite || (is_number && inside) || (bit_of(got) & range.overflow) != 0) continue;
      return {Membership::outside, c, {}, true};
    }
    return opinion;
  }

  void list_wide(const Located& located, std::int64_t channel, AdmissibleList<Element>& list) {
    for (const AxisSet<Wide>& axis : located.axes) {
      if (axis.wide) list.leave_open(axis.open);
    }
    const Reaches<N> reaches = hulls_.reaches(view_, located.axes);
    if (is_nearest() && !hulls_.is_boundless(reaches)) {
      for_each_reachable(view_, reaches, [&](const Index& index, bool) {
        return list.add_copy(view_.texel(located.batch, channel, index));
      });
      return;
    }
    const auto& [range, has_nonfinite] = hulls_.hull(view_, located.batch, reaches, channel);
    if (isfinite(range.lo) && isfinite(range.hi)) {
      using exact::Dyadic;
      list.add_numbers(
          {Dyadic(range.lo) - Dyadic(range.below), Dyadic(range.hi) + Dyadic(range.above)});
    }
    if (has_nonfinite) list.add_open(all_bits, "texel.nonfinite");
  }

  CaseView<Element, N> view_;
  LastRounding<Element> rounding_;
  SampleLocator<Element, N> locator_;
  Hulls<Element, N> hulls_;
  QuickExclusion<Element, N> quick_;
  SureTargets<LinearSums<Wide, N>> sure_linear_targets_;
  SureTargets<CubicSums<Wide>> sure_cubic_targets_;
  ChannelTargets<LinearSums<Wide, N>> linear_targets_;
  ChannelTargets<CubicSums<Wide>> cubic_targets_;
};

}  // namespace gridproof::judging
