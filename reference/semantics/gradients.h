// Gradients: how much the output, weighted by grad_output, changes with each texel and coordinate.
// Clauses: gradients.md. Tested by gradients_test.cc.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "reference/contract/subject.h"
#include "reference/semantics/bicubic.h"
#include "reference/semantics/coordinates.h"
#include "reference/semantics/padding.h"
#include "reference/semantics/shapes.h"
#include "reference/semantics/stages.h"

namespace gridproof::semantics {

// [grad.shape]
inline std::optional<Refusal> refuse_grad_shape(const BackwardCase& test_case) {
  const Shape expected =
      output_shape(test_case.forward.input.shape(), test_case.forward.grid.shape());
  if (test_case.grad_output.shape() == expected) return std::nullopt;
  return Refusal{"grad.shape", "grad_output has shape " + to_string(test_case.grad_output.shape()) +
                                   ": expected " + to_string(expected) +
                                   ", the shape of the output"};
}

// [grad.dtype]
inline std::optional<Refusal> refuse_grad_dtype(const BackwardCase& test_case) {
  const Dtype expected = test_case.forward.input.dtype();
  if (test_case.grad_output.dtype() == expected) return std::nullopt;
  return Refusal{"grad.dtype",
                 "grad_output is " + std::string(name(test_case.grad_output.dtype())) +
                     ": expected " + std::string(name(expected)) + ", the dtype of the output"};
}

// [grad.scale] How many pixels the position moves with each unit of the coordinate.
template <class T>
T pixels_per_unit(const Axis& axis) {
  return static_cast<T>(axis.options.align_corners ? axis.size - 1 : axis.size) / 2;
}

// [grad.border] Whether a padded position is one that clipping leaves free to move.
template <class T>
bool is_between_the_centers(T padded, const Axis& axis) {
  return padded > 0 && padded < last_position<T>(axis);
}

// Counts the reflections of a position. Whole periods are two each.
template <class T>
struct Direction {
  T& sign;
  void periods(T /*period*/, T /*position*/) const {}
  void mirrored(T /*twice_line*/, T /*position*/) const { sign = -sign; }
};

// How far the padded position moves with each pixel that the position moves: 1, -1 or 0.
template <class T>
T padding_slope(T position, const Axis& axis) {
  switch (axis.options.padding) {
    case Padding::zeros:
      return 1;
    case Padding::border:
      return is_between_the_centers(position, axis) ? T{1} : T{0};
    case Padding::reflection:
      break;
  }
  // [grad.reflection] Backwards after an odd number of reflections. [grad.unit-size] With both
  // lines in the only pixel there is nowhere to go.
  if (axis.size == 1) return 0;
  T sign = 1;
  const T reflected = reflect(position, axis, Direction<T>{sign});
  return is_between_the_centers(reflected, axis) ? sign : T{0};
}

// [grad.kink-right] The derivatives of the weights 1 - t and t of a cell, which begins at its
// pixel: at a whole position they are those of the cell to the right.
template <class T>
inline constexpr std::array<T, 2> linear_slopes{-1, 1};

// [grad.bicubic] The derivatives of the two parts of the kernel, by Horner's rule.
template <class T>
T inner_kernel_slope(T d) {
  return (3 * (alpha<T> + 2) * d - 2 * (alpha<T> + 3)) * d;
}
template <class T>
T outer_kernel_slope(T d) {
  return (3 * alpha<T> * d - 10 * alpha<T>)*d + 8 * alpha<T>;
}

// The derivatives of the weights of the taps at -1, 0, 1, 2 from the cell's pixel. The distance to
// the two on the left grows with the fraction, to the two on the right it shrinks.
template <class T>
std::array<T, 4> cubic_slopes(T fraction) {
  const T rest = 1 - fraction;
  return {outer_kernel_slope(fraction + 1), inner_kernel_slope(fraction), -inner_kernel_slope(rest),
          -outer_kernel_slope(rest + 1)};
}

// How many pixels the position that the taps are taken at moves with each unit of the coordinate.
// [grad.bicubic] The taps of bicubic are padded, not its position.
template <class T>
T factor(const AxisSample<T>& sample, const Axis& axis) {
  // [grad.nan] What is replaced by a constant does not move. [grad.infinity] Neither does infinity.
  if (std::isnan(sample.given) || std::isinf(position(sample.coordinate, axis))) return 0;
  const T slope = axis.options.mode == Mode::bicubic ? T{1} : padding_slope(sample.position, axis);
  return slope * pixels_per_unit<T>(axis);
}

// [grad.input] What a sample adds to the gradient of a texel that it reads, in every mode
// ([grad.nearest] the one texel, with weight 1).
template <class T>
T share(T weight, T grad_output) {
  return weight * grad_output;
}

// The sum over channels of grad_output times texel: `term(c)` gives the product of one channel.
// [grad.order] Eight sums, channel c in number c mod 8, and then halves: as one register of eight
// numbers adds them up.
template <class T, class TermAt>
T channel_sum(std::int64_t channels, TermAt&& term) {
  std::array<T, 8> sums{};
  for (std::int64_t c = 0; c < channels; ++c) sums[static_cast<std::size_t>(c % 8)] += term(c);
  for (const std::size_t half : {4, 2, 1}) {
    for (std::size_t k = 0; k < half; ++k) sums[k] += sums[k + half];
  }
  return sums[0];
}

// [grad.grid] The gradient of a coordinate: `slope` is the derivative of the interpolated value by
// the position. Where nothing moves it is 0, [grad.nonfinite] whatever the slope is.
template <class T>
T coordinate_gradient(T factor, T slope) {
  return factor == 0 ? T{0} : factor * slope;
}

// [grad.zeros-rim] A tap inside the input: those outside have neither texel nor gradient. Its place
// in the memory of a channel of the input and in that of the gradient, its weight, and the
// derivative of its weight by the position along each axis. [grad.adjoint] The position is that of
// the forward pass.
template <class T>
struct SlopedTap {
  std::int64_t place;
  std::int64_t gradient_place;
  T weight;
  std::array<T, 3> slopes;
};

template <class T>
struct SlopedTaps {
  std::array<SlopedTap<T>, 16> list;
  int count = 0;

  void push_back(const SlopedTap<T>& tap) { list[static_cast<std::size_t>(count++)] = tap; }
  [[nodiscard]] const SlopedTap<T>* begin() const { return list.data(); }
  [[nodiscard]] const SlopedTap<T>* end() const { return list.data() + count; }
};

// Both gradients, [grad.16-bit] before they are rounded to elements: [grad.layout] dense and
// row-major, of the shapes of input and grid; [grad.mask] empty where they are not wanted.
template <class T>
struct GradientSums {
  std::vector<T> input;
  std::vector<T> grid;
};

}  // namespace gridproof::semantics
