// One sample of any problem, all its channels one after the other: any strides, any size, in plain
// loops. It is what a CUDA thread runs, and what the CPU does where vectors do not apply.
#pragma once

#include <cstdint>
#include <type_traits>

#include "optimized/element.h"
#include "optimized/problem.h"
#include "optimized/scalar.h"

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

// The output location number `at` in row-major order.
GRIDPROOF_HOST_DEVICE PerAxis location_of(const Problem& problem, std::int64_t at) {
  const PerAxis& size = problem.out_size;
  return {at % size.x, at / size.x % size.y, at / size.x / size.y};
}

// The channels [first, end) of the location (x, y, z) of batch entry n.
template <class Element, Mode mode, int axes>
GRIDPROOF_HOST_DEVICE void sample(const Problem& problem, const Axes<ArithmeticOf<Element>>& axis,
                                  std::int64_t n, const PerAxis& location, std::int64_t first,
                                  std::int64_t end) {
  using T = ArithmeticOf<Element>;
  const scalar::Operations<T> o;
  const Element* grid = static_cast<const Element*>(problem.grid) + n * problem.grid_batch +
                        location.x * problem.grid_stride.x + location.y * problem.grid_stride.y +
                        location.z * problem.grid_stride.z;
  const T x = to_number(grid[0]);
  const T y = to_number(grid[problem.grid_component]);
  const T z = axes == 3 ? to_number(grid[2 * problem.grid_component]) : T{0};
  const Element* input = static_cast<const Element*>(problem.input) + n * problem.input_batch +
                         first * problem.input_channel;
  Element* output = static_cast<Element*>(problem.output) + n * problem.output_batch +
                    first * problem.output_channel + location.x * problem.output_stride.x +
                    location.y * problem.output_stride.y + location.z * problem.output_stride.z;

  if constexpr (mode == Mode::nearest) {
    const auto px = static_cast<std::int64_t>(scalar::nearest_tap(o, x, axis.x));
    const auto py = static_cast<std::int64_t>(scalar::nearest_tap(o, y, axis.y));
    const auto pz =
        axes == 3 ? static_cast<std::int64_t>(scalar::nearest_tap(o, z, axis.z)) : std::int64_t{0};
    const bool inside = px >= 0 && py >= 0 && pz >= 0;
    const std::int64_t place = px * axis.x.stride + py * axis.y.stride + pz * axis.z.stride;
    for (std::int64_t c = first; c < end; ++c) {
      *output = inside ? input[place] : Element{};
      input += problem.input_channel;
      output += problem.output_channel;
    }
  }

  if constexpr (mode == Mode::bilinear) {
    const auto tx = scalar::linear_axis(o, x, axis.x);
    const auto ty = scalar::linear_axis(o, y, axis.y);
    auto place = static_cast<std::int64_t>(tx.base) * axis.x.stride +
                 static_cast<std::int64_t>(ty.base) * axis.y.stride;
    constexpr int corners = 1 << axes;
    T weight[corners] = {scalar::corner_weight(o, tx.first, ty.first),
                         scalar::corner_weight(o, tx.second, ty.first),
                         scalar::corner_weight(o, tx.first, ty.second),
                         scalar::corner_weight(o, tx.second, ty.second)};
    if constexpr (axes == 3) {
      const auto tz = scalar::linear_axis(o, z, axis.z);
      place += static_cast<std::int64_t>(tz.base) * axis.z.stride;
      for (int k = 0; k < 4; ++k) {
        weight[4 + k] = scalar::corner_weight(o, weight[k], tz.second);
        weight[k] = scalar::corner_weight(o, weight[k], tz.first);
      }
    }
    for (std::int64_t c = first; c < end; ++c) {
      T sum{};
      for (int k = 0; k < corners; ++k) {
        const std::int64_t at = place + (k & 1) * axis.x.stride + (k >> 1 & 1) * axis.y.stride +
                                (k >> 2) * axis.z.stride;
        const T texel = std::signbit(weight[k]) ? T{0} : to_number(input[at]);
        sum = k == 0 ? weight[k] * texel : sum + weight[k] * texel;
      }
      *output = to_element<Element>(T{0} + sum);
      input += problem.input_channel;
      output += problem.output_channel;
    }
  }

  if constexpr (mode == Mode::bicubic) {
    const auto tx = scalar::cubic_axis(o, x, axis.x);
    const auto ty = scalar::cubic_axis(o, y, axis.y);
    std::int64_t column[4];  // -1 outside
    std::int64_t row[4];
    for (int k = 0; k < 4; ++k) {
      column[k] = static_cast<std::int64_t>(scalar::cubic_tap(o, tx.cell, k, axis.x));
      row[k] = static_cast<std::int64_t>(scalar::cubic_tap(o, ty.cell, k, axis.y));
    }
    for (std::int64_t c = first; c < end; ++c) {
      T sum{};
      for (int j = 0; j < 4; ++j) {
        T along{};
        for (int i = 0; i < 4; ++i) {
          const bool inside = column[i] >= 0 && row[j] >= 0;
          const T texel =
              inside ? to_number(input[column[i] * axis.x.stride + row[j] * axis.y.stride]) : T{0};
          along = i == 0 ? tx.weight[i] * texel : along + tx.weight[i] * texel;
        }
        sum = j == 0 ? ty.weight[j] * along : sum + ty.weight[j] * along;
      }
      *output = to_element<Element>(sum);
      input += problem.input_channel;
      output += problem.output_channel;
    }
  }
}

}  // namespace gridproof::optimized
