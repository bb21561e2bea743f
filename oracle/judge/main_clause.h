// The clause that a sample is mainly a question about: the rarest thing it contains. Tested by
// dialect_test.cc.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "oracle/judge/taps.h"

namespace gridproof::judging {

// Whether a texel is not finite in some channel, under the taps of the first box.
template <std::size_t taps, class Element, std::size_t N>
bool reads_nonfinite(const CaseView<Element, N>& view,
                     const LocatedSample<WideOf<Element>, N>& located) {
  Box<WideOf<Element>, N> box{};
  for (std::size_t axis = 0; axis < N; ++axis) box[axis] = located.axes[axis].cells.front();
  const TapPlaces<taps, N> places = tap_places<taps>(view, box);
  for (std::int64_t c = 0; c < view.channels; ++c) {
    if (gather<taps>(view, located.batch, c, places).has_nonfinite) return true;
  }
  return false;
}

template <class Element, std::size_t N>
std::string_view main_clause(const CaseView<Element, N>& view,
                             const LocatedSample<WideOf<Element>, N>& located) {
  constexpr std::array infinity = {"infinity.zeros", "infinity.border", "infinity.reflection"};
  constexpr std::array padding = {"padding.zeros", "padding.border", "padding.reflection"};
  const auto which = static_cast<std::size_t>(view.options.padding);
  const auto any = [&](auto&& holds) { return std::ranges::any_of(located.coordinate, holds); };
  if (located.has_nan_coordinate()) return "coord.nan";
  if (any([](double x) { return isinf(x); })) return infinity[which];
  const bool has_boxes = !located.is_wide() && !located.is_outside();
  if (has_boxes && view.options.mode == Mode::bilinear && reads_nonfinite<2>(view, located)) {
    return "texel.nonfinite";
  }
  if constexpr (N == 2) {
    if (has_boxes && view.is_cubic() && reads_nonfinite<4>(view, located)) {
      return "texel.nonfinite";
    }
  }
  if (any([](double x) { return fabs(x) > 1; })) return padding[which];
  bool is_tie = false;
  bool is_off_edge = false;
  for (std::size_t axis = 0; axis < N; ++axis) {
    is_tie = is_tie || located.axes[axis].tie;
    for (const auto& cell : located.axes[axis].cells) {
      is_off_edge = is_off_edge || cell.index < 1 || cell.index + 2 >= view.size[axis];
    }
  }
  switch (view.options.mode) {
    case Mode::nearest:
      return is_tie ? "nearest.ties-to-even" : "nearest.texel";
    case Mode::bilinear:
      return N == 2 ? "bilinear.weights" : "trilinear.weights";
    case Mode::bicubic:
      return is_off_edge ? "bicubic.taps-padded" : "bicubic.kernel";
  }
  return {};
}

}  // namespace gridproof::judging
