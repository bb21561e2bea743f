// A position that is not known to within a pixel: the texels within reach, and the hull of what
// sums of them can be. Derivation: judging.md, section 3. Tested by judge_test.cc.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "oracle/judge/case_view.h"
#include "oracle/judge/traverse.h"

namespace gridproof::judging {

// The least and the greatest index that a tap of an axis may have, before it is padded.
struct Reach {
  std::int64_t first = 0;
  std::int64_t last = 0;
  friend bool operator==(const Reach&, const Reach&) = default;
};
template <std::size_t N>
using Reaches = std::array<Reach, N>;

template <class Wide>
Reach reach_of(const AxisSet<Wide>& axis, Mode mode) {
  constexpr std::int64_t none = std::numeric_limits<std::int64_t>::max();
  Reach result{none, -none};
  const auto include = [&](std::int64_t first, std::int64_t last) {
    result.first = std::min(result.first, first);
    result.last = std::max(result.last, last);
  };
  if (axis.wide) include(axis.first, axis.last);
  for (const std::int64_t index : axis.indices) include(index, index);
  const std::int64_t more = mode == Mode::bicubic ? 1 : 0;
  for (const CellRange<Wide>& cell : axis.cells) include(cell.index - more, cell.index + 1 + more);
  return result;
}

// Visits the texels within reach, by their indices and whether they are outside, until the visitor
// says false.
template <class Element, std::size_t N, class Visitor>
void for_each_reachable(const CaseView<Element, N>& view, const Reaches<N>& reaches,
                        Visitor&& visitor) {
  std::array<std::int64_t, N> counts{};
  for (std::size_t axis = 0; axis < N; ++axis) {
    counts[axis] = reaches[axis].last - reaches[axis].first + 1;
  }
  for_each_choice(counts, [&](const std::array<std::int64_t, N>& choice) {
    std::array<std::int64_t, N> index{};
    bool outside = false;
    for (std::size_t axis = 0; axis < N; ++axis) {
      index[axis] = padded_index(reaches[axis].first + choice[axis], view.size[axis],
                                 view.options.padding, view.options.align_corners);
      outside = outside || index[axis] < 0;
    }
    return visitor(index, outside);
  });
}

// The elements of memory from the first to the last of some axes of the input.
struct MemorySpan {
  std::int64_t first = 0;
  std::int64_t last = 0;

  [[nodiscard]] std::int64_t count() const { return last - first + 1; }
};
// Of all axes from `first_axis` on: 2 for a plane, 0 for all planes.
template <class Element>
MemorySpan span_of(const View<Element>& input, std::size_t first_axis) {
  MemorySpan span;
  for (auto axis = first_axis; axis < static_cast<std::size_t>(input.rank); ++axis) {
    const std::int64_t stride = input.strides[axis];
    (stride < 0 ? span.first : span.last) += stride * (input.shape[axis] - 1);
  }
  return span;
}

// The least and the greatest of some texels, and whether one of them is not finite.
template <class Wide>
struct Extremes {
  Wide lo = std::numeric_limits<Wide>::infinity();
  Wide hi = -std::numeric_limits<Wide>::infinity();
  bool has_nonfinite = false;

  void include(double texel) {
    has_nonfinite = has_nonfinite || !isfinite(texel);
    lo = std::min<Wide>(lo, texel);
    hi = std::max<Wide>(hi, texel);
  }
};

// What a sum of texels between the extremes can be, overshoot included.
template <class Element, std::size_t N>
Range<WideOf<Element>> hull_of(const CaseView<Element, N>& view,
                               const Extremes<WideOf<Element>>& extremes) {
  using Wide = WideOf<Element>;
  const Budget& budget = view.budget;
  const auto& [lo, hi, _] = extremes;
  Range<Wide> range{.lo = lo, .hi = hi};
  if (view.options.mode == Mode::nearest) return range;  // copies
  const Wide size = std::max(fabs(lo), fabs(hi));
  // The weights of an axis sum to 1 and their magnitudes to at most 1, or 1.375 where they are
  // cubic; with a t that strays by half a pixel, to 2 or 1.5625.
  const bool cubic = view.is_cubic();
  const bool any_formula = view.profile.has_any_formula();
  const bool by_taps = cubic || view.options.padding == Padding::zeros || any_formula;
  const bool strays = view.options.align_corners && by_taps;
  const Wide magnitude = cubic ? (strays ? Wide{1.5625} : Wide{1.375}) : strays ? 2 : 1;
  Wide weight = 1;
  for (std::size_t axis = 0; axis < N; ++axis) weight *= magnitude;
  const Wide spread = (hi - lo) / 2 * weight;
  if (size > 0) {
    // More than the errors of two axes of cubic coefficients, or of linear sums and lerps.
    const Wide roundings =
        cubic ? (any_formula ? 512 : 128) : 14 + static_cast<Wide>(N) * budget.lerp_error;
    range.add_error(weight * size * gamma(18, budget.unit) / 18 * roundings +
                    16 * static_cast<Wide>(budget.smallest) * (1 + size) +
                    40 * static_cast<Wide>(budget.flush));
  }
  range.lo = (hi + lo) / 2 - spread;
  range.hi = (hi + lo) / 2 + spread;
  // The signs of what may overflow are not told apart here, judging.md, section 8.
  const Wide widest = weight * size * (budget.lerp_error > 0 || cubic ? 2 : 1);
  if (widest * (1 + static_cast<Wide>(gamma(18, budget.unit))) >= overflow_limit<Wide>(budget)) {
    range.overflow = all_bits;
  }
  return range;
}

// The hulls of a case, which are remembered, because far samples of one plane all ask for the same.
template <class Element, std::size_t N>
class Hulls {
 public:
  using Wide = WideOf<Element>;

  struct Hull {
    Range<Wide> range;
    bool has_nonfinite = false;  // among the texels within reach
  };

  explicit Hulls(const CaseView<Element, N>& view)
      : max_reached_(std::clamp(
            max_reached_of_a_case / std::max<std::int64_t>(1, view.samples * view.channels),
            std::int64_t{1} << 8, std::int64_t{1} << 12)) {
    const double planes =
        static_cast<double>(view.input.shape[0]) * static_cast<double>(view.channels);
    const auto count = [&](std::size_t first_axis) {
      return static_cast<double>(span_of(view.input, first_axis).count());
    };
    takes_planes_as_one_ = planes * count(2) > std::max(0x1p22, 2 * count(0));
  }

  // Where so many texels may be meant that looking at all of them, for every sample, would take
  // minutes, all of the plane are taken to be meant: they are looked at once.
  [[nodiscard]] Reaches<N> reaches(const CaseView<Element, N>& view,
                                   const std::array<AxisSet<Wide>, N>& axes) const {
    Reaches<N> reaches;
    for (std::size_t axis = 0; axis < N; ++axis) {
      reaches[axis] = reach_of(axes[axis], view.options.mode);
    }
    if (is_boundless(reaches)) {
      const std::int64_t outer = view.options.padding == Padding::zeros ? 1 : 0;
      for (std::size_t axis = 0; axis < N; ++axis) {
        reaches[axis] = {-outer, view.size[axis] - 1 + outer};
      }
    }
    return reaches;
  }
  [[nodiscard]] bool is_boundless(const Reaches<N>& reaches) const {
    std::int64_t count = 1;
    for (const Reach& reach : reaches) {
      count *= std::min(reach.last - reach.first + 1, max_reached_ + 1);
    }
    return count > max_reached_;
  }

  const Hull& hull(const CaseView<Element, N>& view, std::int64_t batch, const Reaches<N>& reaches,
                   std::int64_t channel) {
    hulls_.resize(static_cast<std::size_t>(view.channels));
    Known& known = hulls_[static_cast<std::size_t>(channel)];
    if (known.batch == batch && known.reaches == reaches) return known.hull;
    Extremes<Wide> extremes;
    if (is_boundless(reaches)) {
      extremes = extremes_of_plane(view, batch, channel);
    } else {
      for_each_reachable(view, reaches, [&](const auto& index, bool) {
        extremes.include(to_double(view.texel(batch, channel, index)));
        return !extremes.has_nonfinite;
      });
    }
    known = {batch, reaches, {hull_of(view, extremes), extremes.has_nonfinite}};
    return known.hull;
  }

 private:
  // So many texels are looked at for one sample: fewer where a case has many, and the same for each
  // of them, in whatever order they are judged.
  static constexpr std::int64_t max_reached_of_a_case = std::int64_t{1} << 22;

  // Every texel of the plane, some of them twice, or also what lies between them in memory. Where
  // planes overlap or are many, every texel of the input.
  template <class Visitor>
  void for_each_texel(const CaseView<Element, N>& view, std::int64_t batch, std::int64_t channel,
                      Visitor&& visitor) const {
    const auto& strides = view.input.strides;
    const Element* plane = takes_planes_as_one_ ? view.input.data : view.plane(batch, channel);
    const MemorySpan span = span_of(view.input, takes_planes_as_one_ ? 0 : 2);
    std::array<std::int64_t, N> counts{};
    std::int64_t texels = 1;
    for (std::size_t axis = 0; axis < N; ++axis) {
      counts[axis] = strides[N + 1 - axis] == 0 ? 1 : view.size[axis];
      texels *= counts[axis];
    }
    if (takes_planes_as_one_ || texels >= span.count()) {
      for (std::int64_t offset = span.first; offset <= span.last; ++offset) visitor(plane[offset]);
      return;
    }
    for_each_choice(counts, [&](const std::array<std::int64_t, N>& index) {
      std::int64_t offset = 0;
      for (std::size_t axis = 0; axis < N; ++axis) offset += index[axis] * strides[N + 1 - axis];
      visitor(plane[offset]);
      return true;
    });
  }

  // Of a whole plane, which are looked for once: it can have a million texels, and a sample of
  // every location may ask.
  const Extremes<Wide>& extremes_of_plane(const CaseView<Element, N>& view, std::int64_t batch,
                                          std::int64_t channel) {
    planes_.resize(takes_planes_as_one_ ? 1 : static_cast<std::size_t>(view.channels));
    Plane& plane = planes_[takes_planes_as_one_ ? 0 : static_cast<std::size_t>(channel)];
    const std::int64_t own = view.input.strides[0] == 0 || takes_planes_as_one_ ? 0 : batch;
    if (plane.batch == own) return plane.extremes;
    plane = {own, {}};
    for_each_texel(view, batch, channel,
                   [&](Element texel) { plane.extremes.include(to_double(texel)); });
    if (view.options.padding == Padding::zeros) plane.extremes.include(0);
    return plane.extremes;
  }

  struct Known {
    std::int64_t batch = -1;
    Reaches<N> reaches;
    Hull hull;
  };
  struct Plane {
    std::int64_t batch = -1;
    Extremes<Wide> extremes;
  };
  std::int64_t max_reached_;
  // Whether the texels of all planes are looked at once, where those of each would take seconds.
  bool takes_planes_as_one_ = false;
  std::vector<Known> hulls_;   // by channel
  std::vector<Plane> planes_;  // by channel
};

}  // namespace gridproof::judging
