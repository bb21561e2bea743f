// The stages put together: one generic loop that asks `rules` at every stage.
//
// `Documented` is the specification. Anything else with the same members is a variation of it: a
// conforming one (fused operations, another order of the sum) or a wrong semantics that somebody
// might ship; both replace a stage and copy nothing (hooked.h makes them at run time). No clause of
// its own, except the order of refusals; tested by grid_sample_test.cc, hooked_test.cc.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "reference/contract/subject.h"
#include "reference/semantics/bicubic.h"
#include "reference/semantics/coordinates.h"
#include "reference/semantics/dtypes.h"
#include "reference/semantics/layout.h"
#include "reference/semantics/linear.h"
#include "reference/semantics/nearest.h"
#include "reference/semantics/nonfinite.h"
#include "reference/semantics/options.h"
#include "reference/semantics/padding.h"
#include "reference/semantics/shapes.h"
#include "reference/semantics/stages.h"

namespace gridproof::semantics {

// The rules of the specification, one function for each stage.
struct Documented {
  // The type in which tensors of an element type are computed.
  template <class Element>
  using Arithmetic = ArithmeticOf<Element>;

  template <class T>
  static T coordinate(T given, const Axis& /*axis*/) {
    return replace_nan(given);
  }
  template <class T>
  static T position(T coordinate, const Axis& axis) {
    return settle_infinity(semantics::position(coordinate, axis), axis);
  }
  template <class T>
  static T pad(T position, const Axis& axis) {
    return axis.options.mode == Mode::bicubic ? pad_for_bicubic(position, axis)
                                              : semantics::pad(position, axis);
  }
  // A whole number. Mode nearest.
  template <class T>
  static T nearest(const AxisSample<T>& sample, const Axis& /*axis*/) {
    return semantics::nearest(sample.padded);
  }
  // Modes bilinear and bicubic.
  template <class T>
  static Cell<T> cell(const AxisSample<T>& sample, const Axis& axis) {
    return axis.options.mode == Mode::bicubic ? cell_of(sample.padded)
                                              : padded_cell(sample.padded, axis);
  }
  template <class T>
  static std::array<T, 2> linear_weights(T fraction, const Axis& /*axis*/) {
    return semantics::linear_weights(fraction);
  }
  template <class T>
  static std::array<T, 4> cubic_weights(T fraction, const Axis& /*axis*/) {
    return semantics::cubic_weights(fraction);
  }
  // The pixel that a tap reads, or `outside`.
  static std::int64_t tap(std::int64_t index, const Axis& axis) {
    return axis.options.mode == Mode::bicubic ? pad_tap(index, axis)
                                              : inside_or_outside(index, axis);
  }
  // The weights of two axes as one.
  template <class T>
  static T corner(T one, T other) {
    return one * other;
  }
  // A texel value as it enters the sum.
  template <class T>
  static T texel(T texel) {
    return texel;
  }
  // The sum of `count` products; `term(k)` gives the k-th. The overload takes the terms as a list.
  template <class T, class TermAt>
  static T sum_of(int count, TermAt&& term) {
    return semantics::sum_of<T>(count, term);
  }
  template <class T>
  static T sum(const Terms<T>& terms) {
    return sum_of<T>(terms.count, [&](int k) { return terms.list[static_cast<std::size_t>(k)]; });
  }
  // The final value, before it becomes an element of the output dtype.
  template <class T>
  static T round(T value, Dtype /*dtype*/) {
    return value;
  }
};

// One axis of a sample, from the number in the grid to its taps. `mode` is that of the axis.
template <Mode mode, class T, class Rules>
inline AxisSample<T> follow(const Rules& rules, T given, const Axis& axis) {
  AxisSample<T> sample;
  sample.given = given;
  sample.coordinate = rules.coordinate(given, axis);
  sample.position = rules.position(sample.coordinate, axis);
  sample.padded = rules.pad(sample.position, axis);
  if constexpr (mode == Mode::nearest) {
    sample.tap_count = 1;
    sample.taps[0] = {rules.tap(pixel_at(rules.nearest(sample, axis), axis), axis), 1};
  }
  if constexpr (mode == Mode::bilinear) {
    const Cell<T> cell = rules.cell(sample, axis);
    const auto weights = rules.linear_weights(cell.fraction, axis);
    sample.tap_count = 2;
    sample.taps[0] = {rules.tap(cell.index, axis), weights[0]};
    sample.taps[1] = {rules.tap(cell.index + 1, axis), weights[1]};
  }
  if constexpr (mode == Mode::bicubic) {
    const Cell<T> cell = rules.cell(sample, axis);
    const auto weights = rules.cubic_weights(cell.fraction, axis);
    sample.tap_count = 4;
    for (int k = 0; k < 4; ++k) {
      const auto at = static_cast<std::size_t>(k);
      sample.taps[at] = {rules.tap(cell.index - 1 + k, axis), weights[at]};
    }
  }
  return sample;
}

// The axes of a case that is not refused. A 4-D input has two.
inline std::array<Axis, 3> axes_of(const Shape& input, const Options& options) {
  std::array<Axis, 3> axes;
  for (std::size_t k = 0; k < axes.size() && k + 2 < input.size(); ++k) {
    axes[k] = axis_of(static_cast<int>(k), input, options);
  }
  return axes;
}

// One sample from its coordinates, for an input with `axes` spatial axes: `given(k)` is component k
// of the grid.
template <Mode mode, int dimensions, class T, class Rules, class Given>
Sample<T> follow_all(const Rules& rules, const std::array<Axis, 3>& axes, Given&& given) {
  const auto along = [&](int k) {
    return follow<mode>(rules, static_cast<T>(given(k)), axes[static_cast<std::size_t>(k)]);
  };
  if constexpr (dimensions == 3) {
    return {{along(0), along(1), along(2)}};
  } else {
    return {{along(0), along(1), {.tap_count = 1, .taps = {{{0, 1}}}}}};
  }
}

// The output for tensors of one element type.
template <class Element, Mode mode, int dimensions, class Rules>
[[gnu::flatten]] Tensor evaluate(const Rules& rules, const Case& test_case,
                                 const Options& options) {
  using T = typename Rules::template Arithmetic<Element>;
  Tensor result(test_case.input.dtype(),
                output_shape(test_case.input.shape(), test_case.grid.shape()));
  Element* const output = result.elements<Element>().data();
  const Volume<Element> input(test_case.input.view<Element>(), 2);
  const Volume<Element> grid(test_case.grid.view<Element>(), 1);
  const std::array<Axis, 3> axes = axes_of(test_case.input.shape(), options);
  const std::int64_t channels = input.shape[1];
  // The offsets and weights that all channels share; bicubic goes along rows of taps instead.
  constexpr std::size_t corners_per_axis =
      mode == Mode::nearest ? 1 : (mode == Mode::bilinear ? 2 : 0);
  for_each_sample(grid.shape, [&](std::int64_t n, std::int64_t z, std::int64_t y, std::int64_t x) {
    const Element* const given = &grid(n, z, y, x, 0);
    const Sample<T> sample = follow_all<mode, dimensions, T>(
        rules, axes, [&](int k) { return given[k * grid.strides[4]]; });
    const auto place = [&](std::int64_t px, std::int64_t py, std::int64_t pz) {
      return px * input.strides[4] + py * input.strides[3] + pz * input.strides[2];
    };
    const Corners<T> inside = corners<corners_per_axis>(rules, sample, place);
    for (std::int64_t c = 0; c < channels; ++c) {
      const Element* const channel = &input(n, c, 0, 0, 0);
      const auto read = [&](std::int64_t at) { return rules.texel(static_cast<T>(channel[at])); };
      T value;
      if constexpr (mode == Mode::nearest) value = nearest_value(inside, read);
      if constexpr (mode == Mode::bilinear) value = linear_value(rules, inside, read);
      if constexpr (mode == Mode::bicubic) {
        value = cubic_value(rules, sample, [&](std::int64_t px, std::int64_t py) {
          return read(place(px, py, 0));
        });
      }
      output[output_place(grid.shape, channels, n, c, z, y, x)] =
          to_element<Element>(rules.round(value, test_case.input.dtype()));
    }
  });
  return result;
}

// The refusal of this case, if there is one: the first in this order.
inline std::optional<Refusal> refusal_of(const Case& test_case) {
  for (const auto refuse :
       {refuse_mode, refuse_padding_mode, refuse_rank, refuse_batch, refuse_last_dimension,
        refuse_empty_spatial, refuse_bicubic, refuse_dtype, refuse_mixed_dtypes}) {
    if (auto refusal = refuse(test_case)) return refusal;
  }
  return std::nullopt;
}

// The answer to a case under `rules`: a tensor or a refusal.
template <class Rules>
Answer grid_sample_with(const Case& test_case, const Rules& rules) {
  if (auto refusal = refusal_of(test_case)) return *std::move(refusal);
  const Options options = options_of(test_case.request);
  return visit_floating(test_case.input.dtype(), [&]<class Element>(Element) {
    return visit_mode(options.mode, [&](auto mode) -> Answer {
      if constexpr (mode.value != Mode::bicubic) {
        if (test_case.input.rank() == 5) {
          return evaluate<Element, mode.value, 3>(rules, test_case, options);
        }
      }
      return evaluate<Element, mode.value, 2>(rules, test_case, options);
    });
  });
}

}  // namespace gridproof::semantics
