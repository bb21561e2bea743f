// The taps of a box of positions, and the texels under them. Tested by judge_test.cc.
#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "oracle/judge/case_view.h"

namespace gridproof::judging {

// The number of taps, `taps` along each axis.
constexpr std::size_t tap_count(std::size_t taps, std::size_t axes) {
  return axes == 0 ? 1 : taps * tap_count(taps, axes - 1);
}
// The place along an axis of one of all taps; the first axis varies fastest.
template <std::size_t taps>
constexpr std::size_t tap_along(std::size_t tap, std::size_t axis) {
  return (tap >> (axis * static_cast<std::size_t>(std::countr_zero(taps)))) & (taps - 1);
}

// Where the taps along each axis lie in a plane of the input, in elements: two of a linear mode,
// four of bicubic.
struct TapPlace {
  std::int64_t offset = 0;
  bool outside = false;
};
template <std::size_t taps, std::size_t N>
using TapPlaces = std::array<std::array<TapPlace, taps>, N>;

template <std::size_t taps, class Element, std::size_t N>
TapPlaces<taps, N> tap_places(const CaseView<Element, N>& view,
                              const Box<WideOf<Element>, N>& box) {
  constexpr std::int64_t before = taps / 2 - 1;
  TapPlaces<taps, N> places;
  for (std::size_t axis = 0; axis < N; ++axis) {
    // What is beside a padded position has no weight.
    const bool pads = taps == 4 || box[axis].by_taps;
    const std::int64_t stride = view.input.strides[N + 1 - axis];
    for (std::size_t j = 0; j < taps; ++j) {
      const std::int64_t index =
          padded_index(box[axis].index - before + static_cast<std::int64_t>(j), view.size[axis],
                       pads ? view.options.padding : Padding::zeros, view.options.align_corners);
      places[axis][j] = {index * stride, index < 0};
    }
  }
  return places;
}

// The texels under the taps in one channel, the first axis varying fastest.
template <class Wide, std::size_t count>
struct TapValues {
  std::array<Wide, count> texels;  // 0 for one that is not finite
  bool has_nonfinite = false;
  std::array<double, count> nonfinite;  // if there is one: those, and 0 for the others
};

template <std::size_t taps, class Element, std::size_t N>
TapValues<WideOf<Element>, tap_count(taps, N)> gather(const CaseView<Element, N>& view,
                                                      std::int64_t batch, std::int64_t channel,
                                                      const TapPlaces<taps, N>& places) {
  const Element* plane = view.plane(batch, channel);
  TapValues<WideOf<Element>, tap_count(taps, N)> values;
  for (std::size_t row = 0; row < tap_count(taps, N - 1); ++row) {
    TapPlace start;
    for (std::size_t axis = 1; axis < N; ++axis) {
      const TapPlace& along = places[axis][tap_along<taps>(row, axis - 1)];
      start.offset += along.offset;
      start.outside = start.outside || along.outside;
    }
    for (std::size_t j = 0; j < taps; ++j) {
      const bool outside = start.outside || places[0][j].outside;
      const double texel = outside ? 0 : to_double(plane[start.offset + places[0][j].offset]);
      values.texels[row * taps + j] = texel;
      values.has_nonfinite = values.has_nonfinite || !isfinite(texel);
    }
  }
  if (!values.has_nonfinite) return values;
  for (std::size_t tap = 0; tap < tap_count(taps, N); ++tap) {
    const bool is_finite = isfinite(values.texels[tap]);
    values.nonfinite[tap] = is_finite ? 0 : static_cast<double>(values.texels[tap]);
    if (!is_finite) values.texels[tap] = 0;
  }
  return values;
}

}  // namespace gridproof::judging
