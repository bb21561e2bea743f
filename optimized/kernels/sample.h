// One sample of any problem, its channels one after the other: any strides, any size, in plain
// loops. It is what a CUDA thread runs, and what the CPU does where vectors do not apply.
#pragma once

#include <cstdint>
#include <type_traits>

#include "optimized/kernels/element.h"
#include "optimized/kernels/pack.h"
#include "optimized/kernels/problem.h"
#include "optimized/kernels/scalar.h"

namespace gridproof::optimized {

template <class T>
struct Axes {
  Axis<T> x;
  Axis<T> y;
  Axis<T> z;
};
template <class T>
Axes<T> axes_of(const Problem& problem) {
  return {axis_of<T>(problem.size.x, problem.input_stride.x, problem.options),
          axis_of<T>(problem.size.y, problem.input_stride.y, problem.options),
          axis_of<T>(problem.size.z, problem.input_stride.z, problem.options)};
}

// A place in a batch entry: one number for each axis, or the elements from its beginning.
template <class Offset>
struct Place {
  Offset x;
  Offset y;
  Offset z;

  GRIDPROOF_HOST_DEVICE Offset times(const PerAxis& stride) const {
    return x * static_cast<Offset>(stride.x) + y * static_cast<Offset>(stride.y) +
           z * static_cast<Offset>(stride.z);
  }
};

// The output location number `at` in row-major order.
template <class Offset>
GRIDPROOF_HOST_DEVICE Place<Offset> place_of(const Problem& problem, Offset at) {
  const auto columns = static_cast<Offset>(problem.out_size.x);
  const auto rows = static_cast<Offset>(problem.out_size.y);
  if (rows == 1 && problem.out_size.z == 1) return {at, 0, 0};
  return {at % columns, at / columns % rows, at / columns / rows};
}
inline PerAxis location_of(const Problem& problem, std::int64_t at) {
  const auto [x, y, z] = place_of(problem, at);
  return {x, y, z};
}

// Which channels a call computes: `width` at first, as many again `step` further on, and so on
// below end. Several at once are neighbors in memory, where they are aligned as a pack.
struct Channels {
  std::int64_t first;
  std::int64_t end;
  std::int64_t step;
};

// Channels of one location of batch entry n. Offset is an integer that holds every offset within
// one channel of a batch entry.
template <class Element, Mode mode, int axes, class Offset, int width, class Memory>
GRIDPROOF_HOST_DEVICE void sample(const Memory& memory, const Problem& problem,
                                  const Axes<ArithmeticOf<Element>>& axis, std::int64_t n,
                                  const Place<Offset>& location, const Channels& channels) {
  using T = ArithmeticOf<Element>;
  // Axes that 32 bits can address are short enough for a float.
  const scalar::Operations<T, std::conditional_t<sizeof(Offset) == 4, T, double>> o;
  const Element* grid = static_cast<const Element*>(problem.grid) + n * problem.grid_batch +
                        location.times(problem.grid_stride);
  const T x = to_number(memory.template load<1>(grid).element[0]);
  const T y = to_number(memory.template load<1>(grid + problem.grid_component).element[0]);
  const T z = axes == 3
                  ? to_number(memory.template load<1>(grid + 2 * problem.grid_component).element[0])
                  : T{0};
  const Element* input = static_cast<const Element*>(problem.input) + n * problem.input_batch +
                         channels.first * problem.input_channel;
  Element* output = static_cast<Element*>(problem.output) + n * problem.output_batch +
                    channels.first * problem.output_channel + location.times(problem.output_stride);
  const auto step_x = static_cast<Offset>(axis.x.stride);
  const auto step_y = static_cast<Offset>(axis.y.stride);
  const auto step_z = static_cast<Offset>(axis.z.stride);
  // Calls compute(): the packs of all channels, in the output's elements.
  const auto for_each_pack = [&](const auto& compute) {
    GRIDPROOF_KEEP_ROLLED
    for (std::int64_t c = channels.first; c < channels.end; c += channels.step) {
      memory.template store<width>(output, problem.output_channel, compute());
      input += channels.step * problem.input_channel;
      output += channels.step * problem.output_channel;
    }
  };

  if constexpr (mode == Mode::nearest) {
    const auto px = static_cast<Offset>(scalar::nearest_tap(o, x, axis.x));
    const auto py = static_cast<Offset>(scalar::nearest_tap(o, y, axis.y));
    const auto pz = axes == 3 ? static_cast<Offset>(scalar::nearest_tap(o, z, axis.z)) : Offset{0};
    const bool inside = px >= 0 && py >= 0 && pz >= 0;
    const Offset at = px * step_x + py * step_y + pz * step_z;
    for_each_pack(
        [&] { return inside ? memory.template load<width>(input + at) : Pack<Element, width>{}; });
  }

  if constexpr (mode == Mode::bilinear) {
    const auto tx = scalar::linear_axis(o, x, axis.x);
    const auto ty = scalar::linear_axis(o, y, axis.y);
    auto base = static_cast<Offset>(tx.base) * step_x + static_cast<Offset>(ty.base) * step_y;
    constexpr int corners = 1 << axes;
    T weight[corners] = {scalar::corner_weight(o, tx.first, ty.first),
                         scalar::corner_weight(o, tx.second, ty.first),
                         scalar::corner_weight(o, tx.first, ty.second),
                         scalar::corner_weight(o, tx.second, ty.second)};
    if constexpr (axes == 3) {
      const auto tz = scalar::linear_axis(o, z, axis.z);
      base += static_cast<Offset>(tz.base) * step_z;
      GRIDPROOF_UNROLL
      for (int k = 0; k < 4; ++k) {
        weight[4 + k] = scalar::corner_weight(o, weight[k], tz.second);
        weight[k] = scalar::corner_weight(o, weight[k], tz.first);
      }
    }
    for_each_pack([&] {
      Numbers<T, width> sum;
      GRIDPROOF_UNROLL
      for (int k = 0; k < corners; ++k) {
        const Offset at = base + (k & 1) * step_x + (k >> 1 & 1) * step_y + (k >> 2) * step_z;
        const bool is_tap = !std::signbit(weight[k]);
        const auto texels =
            is_tap ? memory.template load<width>(input + at) : Pack<Element, width>{};
        sum.add(k == 0, weight[k], texels);
      }
      sum.add_zero();
      return sum.template rounded<Element>();
    });
  }

  if constexpr (mode == Mode::bicubic) {
    const auto tx = scalar::cubic_axis(o, x, axis.x);
    const auto ty = scalar::cubic_axis(o, y, axis.y);
    Offset column[4];  // -1 outside
    Offset row[4];
    GRIDPROOF_UNROLL
    for (int k = 0; k < 4; ++k) {
      column[k] = static_cast<Offset>(scalar::cubic_tap(o, tx.cell, k, axis.x));
      row[k] = static_cast<Offset>(scalar::cubic_tap(o, ty.cell, k, axis.y));
    }
    // As one number, and as products: that is what fits the registers of a device.
    unsigned inside = 0;
    GRIDPROOF_UNROLL
    for (int k = 0; k < 16; ++k) {
      inside |= (column[k % 4] >= 0 && row[k / 4] >= 0 ? 1U : 0U) << k;
    }
    GRIDPROOF_UNROLL
    for (int k = 0; k < 4; ++k) {
      column[k] *= step_x;
      row[k] *= step_y;
    }
    for_each_pack([&] {
      Numbers<T, width> sum;
      GRIDPROOF_UNROLL
      for (int j = 0; j < 4; ++j) {
        Numbers<T, width> along;
        const Offset line = opaque(row[j]);
        const unsigned taps = opaque(inside) >> (4 * j);
        GRIDPROOF_UNROLL
        for (int i = 0; i < 4; ++i) {
          const bool is_tap = (taps >> i & 1U) != 0;
          const auto texels = is_tap ? memory.template load<width>(input + (column[i] + line))
                                     : Pack<Element, width>{};
          along.add(i == 0, tx.weight[i], texels);
        }
        sum.add(j == 0, ty.weight[j], along);
      }
      return sum.template rounded<Element>();
    });
  }
}

}  // namespace gridproof::optimized
