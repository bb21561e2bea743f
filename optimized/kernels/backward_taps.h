// The taps of one axis of a sample, as the backward pass needs them, on single numbers: for the CPU
// where vectors do not apply, and for CUDA devices.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>

#include "optimized/kernels/scalar.h"
#include "reference/contract/options.h"

namespace gridproof::optimized {

// How many taps a sample has along one axis, and of all axes.
template <Mode mode>
inline constexpr int taps_along = mode == Mode::nearest   ? 1
                                  : mode == Mode::bicubic ? 4
                                                          : 2;
template <Mode mode, int axes>
inline constexpr int taps_in =
    taps_along<mode> * taps_along<mode> * (axes == 3 ? taps_along<mode> : 1);

// Taps with their weights, and what a step of the position changes of these. An index of -1 is
// outside.
template <class T, int count>
struct AxisTaps {
  std::array<std::int64_t, count> index{};
  std::array<T, count> weight{};
  std::array<T, count> slope{};  // of the weight, by the position
  T factor = 0;                  // of the position, by the coordinate
};

// [grad.border] [grad.reflection] How the padded position moves with the position; 0 where it is
// clipped. The steps are those of scalar::reflect.
template <class Operations, class T>
GRIDPROOF_HOST_DEVICE T padding_slope(const Operations& o, T at, const Axis<T>& axis) {
  if (axis.padding == Padding::zeros) return 1;
  T sign = 1;
  if (axis.padding == Padding::reflection) {
    if (axis.size == 1) return 0;
    at = o.remainder(at, axis.period) + T{0};
    GRIDPROOF_UNROLL
    for (int line = 0; line < 3; ++line) {
      const bool low = line != 1;
      if (low ? at + at < axis.twice_low : at + at > axis.twice_high) {
        at = (low ? axis.twice_low : axis.twice_high) - at;
        sign = -sign;
      }
    }
  }
  return at > 0 && at < axis.last ? sign : T{0};
}

// [grad.scale] [grad.nan] [grad.infinity]
template <class Operations, class T>
GRIDPROOF_HOST_DEVICE T factor_of(const Operations& o, T given, bool is_cubic,
                                  const Axis<T>& axis) {
  if (std::isnan(given) || std::isinf(given)) return 0;
  const T at = scalar::usual_position(o, given, axis);
  if (std::isinf(at)) return 0;
  return (is_cubic ? T{1} : padding_slope(o, at, axis)) * (axis.span / 2);
}

template <class Operations, class T>
GRIDPROOF_HOST_DEVICE AxisTaps<T, 2> linear_axis_taps(const Operations& o, T given,
                                                      const Axis<T>& axis) {
  AxisTaps<T, 2> taps;
  const T at = scalar::padded(o, scalar::position(o, given, axis), axis);
  const T below = o.floor(at);
  taps.index = {-1, -1};
  if (below >= -1 && below <= axis.last) {
    const auto pixel = static_cast<std::int64_t>(scalar::pixel_at(o, below, axis));
    if (pixel >= 0 && pixel < axis.size) taps.index[0] = pixel;
    if (pixel + 1 < axis.size) taps.index[1] = pixel + 1;
  }
  taps.weight = {1 - (at - below), at - below};
  taps.slope = {-1, 1};
  taps.factor = factor_of(o, given, false, axis);
  return taps;
}

template <class Operations, class T>
GRIDPROOF_HOST_DEVICE AxisTaps<T, 4> cubic_axis_taps(const Operations& o, T given,
                                                     const Axis<T>& axis) {
  const auto inner = [](T d) { return (T{3.75} * d - T{4.5}) * d; };
  const auto outer = [](T d) { return (T{-2.25} * d + T{7.5}) * d - T{6}; };
  const T at = scalar::position(o, given, axis);
  const auto sampled = scalar::cubic_axis(o, given, axis);
  const T t = scalar::cell_of(o, at).fraction;
  const T rest = 1 - t;
  AxisTaps<T, 4> taps;
  taps.slope = {outer(t + 1), inner(t), -inner(rest), -outer(rest + 1)};
  GRIDPROOF_UNROLL
  for (std::size_t k = 0; k < 4; ++k) {
    taps.index[k] =
        static_cast<std::int64_t>(scalar::cubic_tap(o, sampled.cell, static_cast<int>(k), axis));
    taps.weight[k] = sampled.weight[k];
  }
  taps.factor = factor_of(o, given, true, axis);
  return taps;
}

template <Mode mode, class Operations, class T>
GRIDPROOF_HOST_DEVICE auto axis_taps(const Operations& o, T given, const Axis<T>& axis) {
  if constexpr (mode == Mode::bilinear) return linear_axis_taps(o, given, axis);
  if constexpr (mode == Mode::bicubic) return cubic_axis_taps(o, given, axis);
  if constexpr (mode == Mode::nearest) {
    return AxisTaps<T, 1>{
        {static_cast<std::int64_t>(scalar::nearest_tap(o, given, axis))}, {1}, {0}, 0};
  }
}

}  // namespace gridproof::optimized
