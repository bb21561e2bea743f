// The backward pass: one generic loop over the samples that asks `rules` at every stage, as
// evaluate.h does for the forward pass.
// No clause of its own, except the order of refusals; tested by gradients_test.cc.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "reference/contract/subject.h"
#include "reference/semantics/evaluate.h"
#include "reference/semantics/gradients.h"

namespace gridproof::semantics {

// What the backward pass asks, beside the stages of the forward pass.
struct DocumentedGradients : Documented {
  template <class T>
  static T factor(const AxisSample<T>& sample, const Axis& axis) {
    return semantics::factor(sample, axis);
  }
  // The derivatives of the weights by the position. Modes bilinear and bicubic.
  template <class T>
  static std::array<T, 2> linear_slopes(T /*fraction*/, const Axis& /*axis*/) {
    return semantics::linear_slopes<T>;
  }
  template <class T>
  static std::array<T, 4> cubic_slopes(T fraction, const Axis& /*axis*/) {
    return semantics::cubic_slopes(fraction);
  }
  // The taps inside the input, as both gradients use them.
  template <class T>
  static const SlopedTaps<T>& taps(const SlopedTaps<T>& all, const Sample<T>& /*sample*/,
                                   const std::array<Axis, 3>& /*axes*/) {
    return all;
  }
  template <class T>
  static T share(T weight, T grad_output) {
    return semantics::share(weight, grad_output);
  }
  // The gradient of a texel with one more share in it.
  template <class T>
  static T add(T sum, T share) {
    return sum + share;
  }
  template <class T, class TermAt>
  static T channel_sum(std::int64_t channels, TermAt&& term) {
    return semantics::channel_sum<T>(channels, term);
  }
  template <class T>
  static T coordinate_gradient(T factor, T slope) {
    return semantics::coordinate_gradient(factor, slope);
  }
};

// The derivatives of the weights of one axis' taps.
template <Mode mode, class T, class Rules>
std::array<T, 4> slopes_of(const Rules& rules, const AxisSample<T>& sample, const Axis& axis) {
  std::array<T, 4> slopes{};
  if constexpr (mode == Mode::bilinear) {
    const auto two = rules.linear_slopes(rules.cell(sample, axis).fraction, axis);
    slopes = {two[0], two[1]};
  }
  if constexpr (mode == Mode::bicubic) {
    slopes = rules.cubic_slopes(rules.cell(sample, axis).fraction, axis);
  }
  return slopes;
}

// The taps of a sample in the order of the forward pass, x fastest. `place(x, y, z)` gives both
// places of a pixel.
template <Mode mode, int dimensions, class T, class Rules, class Place>
SlopedTaps<T> sloped_taps(const Rules& rules, const Sample<T>& sample,
                          const std::array<Axis, 3>& axes, Place&& place) {
  std::array<std::array<T, 4>, 3> slopes{};
  for (std::size_t axis = 0; axis < dimensions; ++axis) {
    slopes[axis] = slopes_of<mode>(rules, sample.axes[axis], axes[axis]);
  }
  const auto& [x, y, z] = sample.axes;
  SlopedTaps<T> taps;
  for (std::size_t k = 0; std::cmp_less(k, z.tap_count); ++k) {
    for (std::size_t j = 0; std::cmp_less(j, y.tap_count); ++j) {
      for (std::size_t i = 0; std::cmp_less(i, x.tap_count); ++i) {
        const Tap<T>& tx = x.taps[i];
        const Tap<T>& ty = y.taps[j];
        const Tap<T>& tz = z.taps[k];
        if (tx.index == outside || ty.index == outside || tz.index == outside) continue;
        const auto [at, gradient_at] = place(tx.index, ty.index, tz.index);
        const auto product = [&](T a, T b, T c) { return rules.corner(rules.corner(a, b), c); };
        taps.push_back({at,
                        gradient_at,
                        product(tx.weight, ty.weight, tz.weight),
                        {product(slopes[0][i], ty.weight, tz.weight),
                         product(tx.weight, slopes[1][j], tz.weight),
                         product(tx.weight, ty.weight, slopes[2][k])}});
      }
    }
  }
  return taps;
}

// Both gradients for tensors of one element type.
template <class Element, Mode mode, int dimensions, class Rules>
auto gradient_sums(const Rules& rules, const BackwardCase& test_case, const Options& options) {
  using T = typename Rules::template Arithmetic<Element>;
  const auto& [forward, grad_output, mask] = test_case;
  GradientSums<T> sums;
  if (mask.input) sums.input.resize(static_cast<std::size_t>(forward.input.element_count()));
  if (mask.grid) sums.grid.resize(static_cast<std::size_t>(forward.grid.element_count()));
  const Volume<Element> input(forward.input.template view<Element>(), 2);
  const Volume<Element> grid(forward.grid.template view<Element>(), 1);
  const Volume<Element> grads(grad_output.template view<Element>(), 2);
  const std::array<Axis, 3> axes = axes_of(forward.input.shape(), options);
  const std::int64_t channels = input.shape[1];
  const std::int64_t plane = input.shape[2] * input.shape[3] * input.shape[4];
  const auto places = [&](std::int64_t x, std::int64_t y, std::int64_t z) {
    return std::pair(x * input.strides[4] + y * input.strides[3] + z * input.strides[2],
                     (z * input.shape[3] + y) * input.shape[4] + x);
  };
  std::size_t coordinate = 0;
  for_each_sample(grid.shape, [&](std::int64_t n, std::int64_t z, std::int64_t y, std::int64_t x) {
    const Element* const given = &grid(n, z, y, x, 0);
    const Sample<T> sample = follow_all<mode, dimensions, T>(
        rules, axes, [&](int k) { return given[k * grid.strides[4]]; });
    const SlopedTaps<T> all = sloped_taps<mode, dimensions>(rules, sample, axes, places);
    const SlopedTaps<T>& taps = rules.taps(all, sample, axes);
    const auto grad = [&](std::int64_t c) { return static_cast<T>(grads(n, c, z, y, x)); };
    for (std::int64_t c = 0; mask.input && c < channels; ++c) {
      T* const gradient = sums.input.data() + (n * channels + c) * plane;
      for (const auto& tap : taps) {
        T& sum = gradient[tap.gradient_place];
        sum = rules.add(sum, rules.share(tap.weight, grad(c)));
      }
    }
    if (!mask.grid) return;
    // [grad.order] Every texel becomes one number for all channels; then the taps are summed.
    std::array<T, 3> slopes{};
    for (const auto& tap : taps) {
      if constexpr (mode == Mode::nearest) break;  // [grad.nearest]
      const T texel = rules.template channel_sum<T>(channels, [&](std::int64_t c) {
        return grad(c) * static_cast<T>((&input(n, c, 0, 0, 0))[tap.place]);
      });
      for (std::size_t axis = 0; axis < dimensions; ++axis) {
        slopes[axis] += tap.slopes[axis] * texel;
      }
    }
    for (std::size_t axis = 0; axis < dimensions; ++axis) {
      const T factor = mode == Mode::nearest ? T{0} : rules.factor(sample.axes[axis], axes[axis]);
      sums.grid[coordinate++] = rules.coordinate_gradient(factor, slopes[axis]);
    }
  });
  return sums;
}

// Rounded once, as elements of a tensor.
template <class Element, class T>
Tensor tensor_of(Dtype dtype, const Shape& shape, const std::vector<T>& values) {
  Tensor result(dtype, shape);
  std::ranges::transform(values, result.elements<Element>().begin(), to_element<Element, T>);
  return result;
}

// The refusal of this case, if there is one: what the forward pass refuses comes first.
inline std::optional<Refusal> refusal_of(const BackwardCase& test_case) {
  if (auto refusal = refusal_of(test_case.forward)) return refusal;
  if (auto refusal = refuse_grad_shape(test_case)) return refusal;
  return refuse_grad_dtype(test_case);
}

// The answer under `rules`: the gradients that are wanted, or a refusal.
template <class Rules>
BackwardAnswer grid_sample_backward_with(const BackwardCase& test_case, const Rules& rules) {
  if (auto refusal = refusal_of(test_case)) return *std::move(refusal);
  const auto& [forward, grad_output, mask] = test_case;
  const Options options = options_of(forward.request);
  const Dtype dtype = forward.input.dtype();
  return visit_floating(dtype, [&]<class Element>(Element) {
    return visit_mode(options.mode, [&](auto mode) -> BackwardAnswer {
      const auto sums = [&] {
        if constexpr (mode.value != Mode::bicubic) {
          if (forward.input.rank() == 5) {
            return gradient_sums<Element, mode.value, 3>(rules, test_case, options);
          }
        }
        return gradient_sums<Element, mode.value, 2>(rules, test_case, options);
      }();
      Gradients result;
      if (mask.input) {
        result.input = tensor_of<Element>(dtype, forward.input.shape(), sums.input);
      }
      if (mask.grid) result.grid = tensor_of<Element>(dtype, forward.grid.shape(), sums.grid);
      return result;
    });
  });
}

}  // namespace gridproof::semantics
