#include "reference/semantics/trace_gradients.h"

#include <cstddef>

#include "reference/contract/unravel.h"
#include "reference/semantics/backward.h"

namespace gridproof::semantics {
namespace {

// Calls `visitor` with the element type, the mode and the number of spatial axes.
template <class Visitor>
auto visit_case(const Case& test_case, Visitor&& visitor) {
  const Options options = options_of(test_case.request);
  return visit_floating(test_case.input.dtype(), [&]<class Element>(Element element) {
    return visit_mode(options.mode, [&](auto mode) {
      if constexpr (mode.value != Mode::bicubic) {
        if (test_case.input.rank() == 5) {
          return visitor(element, mode, std::integral_constant<int, 3>{}, options);
        }
      }
      return visitor(element, mode, std::integral_constant<int, 2>{}, options);
    });
  });
}

// A case of one element type, mode and rank, whose samples are followed one at a time.
template <class Element, Mode mode, int dimensions>
class Followed {
 public:
  using T = DocumentedGradients::Arithmetic<Element>;

  Followed(const BackwardCase& test_case, const Options& options)
      : input(test_case.forward.input.view<Element>(), 2),
        grid(test_case.forward.grid.view<Element>(), 1),
        grads(test_case.grad_output.view<Element>(), 2),
        axes(axes_of(test_case.forward.input.shape(), options)) {}

  // n, z, y and x of an output location.
  [[nodiscard]] std::array<std::int64_t, 4> location(std::int64_t sample) const {
    std::array<std::int64_t, 4> indices{};
    unravel(sample, std::span(grid.shape).template first<4>(), indices);
    return indices;
  }
  [[nodiscard]] Sample<T> sample_at(const std::array<std::int64_t, 4>& at) const {
    const Element* const given = &grid(at[0], at[1], at[2], at[3], 0);
    return follow_all<mode, dimensions, T>(rules, axes,
                                           [&](int k) { return given[k * grid.strides[4]]; });
  }
  // The taps inside; the place of each is that of its pixel in a row-major plane.
  [[nodiscard]] SlopedTaps<T> taps_of(const Sample<T>& sample) const {
    return sloped_taps<mode, dimensions>(
        rules, sample, axes, [&](std::int64_t x, std::int64_t y, std::int64_t z) {
          const std::int64_t place = (z * input.shape[3] + y) * input.shape[4] + x;
          return std::pair(place, place);
        });
  }
  [[nodiscard]] std::array<std::int64_t, 3> pixel_of(std::int64_t place) const {
    const std::int64_t width = input.shape[4];
    const std::int64_t height = input.shape[3];
    return {place % width, place / width % height, place / width / height};
  }
  [[nodiscard]] T grad(const std::array<std::int64_t, 4>& at, std::int64_t channel) const {
    return static_cast<T>(grads(at[0], channel, at[1], at[2], at[3]));
  }

  DocumentedGradients rules;
  Volume<Element> input;
  Volume<Element> grid;
  Volume<Element> grads;
  std::array<Axis, 3> axes;
};

}  // namespace

CoordinateTrace trace_coordinate(const BackwardCase& test_case, std::int64_t sample,
                                 int component) {
  return visit_case(test_case.forward, [&]<class Element>(Element, auto mode, auto dimensions,
                                                          const Options& options) {
    const Followed<Element, mode.value, dimensions.value> followed(test_case, options);
    using T = typename decltype(followed)::T;
    const auto axis = static_cast<std::size_t>(component);
    const auto at = followed.location(sample);
    const Sample<T> its = followed.sample_at(at);
    CoordinateTrace trace{.arithmetic = dtype_of<T>};
    T slope = 0;
    for (const SlopedTap<T>& tap : followed.taps_of(its)) {
      if (mode.value == Mode::nearest) break;
      const std::array<std::int64_t, 3> pixel = followed.pixel_of(tap.place);
      const T sum =
          followed.rules.template channel_sum<T>(followed.input.shape[1], [&](std::int64_t c) {
            return followed.grad(at, c) *
                   static_cast<T>(followed.input(at[0], c, pixel[2], pixel[1], pixel[0]));
          });
      const T product = tap.slopes[axis] * sum;
      slope += product;
      trace.taps.push_back({pixel, sum, tap.slopes[axis], product, slope});
    }
    const Axis& along = followed.axes[axis];
    const AxisSample<T>& on_axis = its.axes[axis];
    const T factor = mode.value == Mode::nearest ? T{0} : followed.rules.factor(on_axis, along);
    const T value = followed.rules.coordinate_gradient(factor, slope);
    trace.slope = slope;
    trace.pixels_per_unit = pixels_per_unit<T>(along);
    trace.padding_slope =
        mode.value == Mode::bicubic ? T{1} : padding_slope(on_axis.position, along);
    trace.factor = factor;
    trace.value = value;
    trace.element = to_double(to_element<Element, T>(value));
    return trace;
  });
}

TexelTrace trace_texel(const BackwardCase& test_case, std::int64_t texel) {
  return visit_case(test_case.forward, [&]<class Element>(Element, auto mode, auto dimensions,
                                                          const Options& options) {
    const Followed<Element, mode.value, dimensions.value> followed(test_case, options);
    using T = typename decltype(followed)::T;
    const auto& shape = followed.input.shape;
    const std::int64_t pixels = shape[2] * shape[3] * shape[4];
    const std::int64_t pixel = texel % pixels;
    const std::int64_t channel = texel / pixels % shape[1];
    const std::int64_t n = texel / pixels / shape[1];
    const auto& sizes = followed.grid.shape;
    const std::int64_t samples = sizes[1] * sizes[2] * sizes[3];
    TexelTrace trace{.arithmetic = dtype_of<T>};
    T sum = 0;
    for (std::int64_t sample = n * samples; sample < (n + 1) * samples; ++sample) {
      const auto at = followed.location(sample);
      for (const SlopedTap<T>& tap : followed.taps_of(followed.sample_at(at))) {
        if (tap.place != pixel) continue;
        const T grad = followed.grad(at, channel);
        const T product = followed.rules.share(tap.weight, grad);
        sum = followed.rules.add(sum, product);
        trace.hits.push_back({sample, tap.weight, grad, product, sum});
      }
    }
    trace.value = sum;
    trace.element = to_double(to_element<Element, T>(sum));
    return trace;
  });
}

}  // namespace gridproof::semantics
