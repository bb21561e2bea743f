#include "reference/semantics/displacement.h"

#include <stdexcept>
#include <vector>

#include "reference/semantics/dtypes.h"
#include "reference/semantics/nonfinite.h"

namespace gridproof {
namespace {

using semantics::ArithmeticOf;
using semantics::Axis;

// A dense tensor of the shape of `field`: `convert(value, index, outputs, axis)` of every element.
template <class Convert>
Tensor convert_each(const Tensor& field, const Shape& input, bool align_corners,
                    Convert&& convert) {
  const std::size_t dimensions = input.size();
  if (dimensions == 0 || field.shape().size() != dimensions + 2 ||
      field.shape().back() != static_cast<std::int64_t>(dimensions)) {
    throw std::invalid_argument("the field has shape " + to_string(field.shape()) +
                                ": expected (N, output sizes …, k) for the k sizes " +
                                to_string(input) + " of the input");
  }
  for (const std::int64_t size : input) {
    if (size < 1) {
      throw std::invalid_argument("the sizes of the input are " + to_string(input) +
                                  ": expected at least one pixel along every axis");
    }
  }
  if (!is_floating(field.dtype())) {
    throw std::invalid_argument("the field is " + std::string(name(field.dtype())) +
                                ": expected f16, bf16, f32 or f64");
  }
  const Tensor dense = field.contiguous();
  Tensor result(field.dtype(), field.shape());
  semantics::visit_floating(field.dtype(), [&]<class Element>(Element) {
    using T = ArithmeticOf<Element>;
    const auto in = dense.elements<Element>();
    const auto out = result.elements<Element>();
    for (std::size_t component = 0; component < dimensions; ++component) {
      const std::size_t at = dimensions - 1 - component;  // among the sizes of the input
      const Axis axis{.size = input[at],
                      .number = static_cast<int>(component),
                      .dimensions = static_cast<int>(dimensions),
                      .options = {.align_corners = align_corners}};
      const std::int64_t outputs = field.shape()[at + 1];
      const std::int64_t stride = result.strides()[at + 1];
      for (std::size_t i = component; i < in.size(); i += dimensions) {
        const std::int64_t index = static_cast<std::int64_t>(i) / stride % outputs;
        out[i] = static_cast<Element>(convert(static_cast<T>(in[i]), index, outputs, axis));
      }
    }
    return 0;
  });
  return result;
}

}  // namespace

Tensor displacement_of(const Tensor& grid, const Shape& input, bool align_corners) {
  return convert_each(
      grid, input, align_corners, [](auto coordinate, auto index, auto outputs, const Axis& axis) {
        return semantics::displacement(semantics::replace_nan(coordinate), index, outputs, axis);
      });
}

Tensor displaced_grid(const Tensor& displacement, const Shape& input, bool align_corners,
                      PixelUnit unit) {
  return convert_each(
      displacement, input, align_corners,
      [unit](auto pixels, auto index, auto outputs, const Axis& axis) {
        using T = decltype(pixels);
        const T scale = unit == PixelUnit::input
                            ? T{1}
                            : semantics::input_pixels_per_output_pixel<T>(outputs, axis);
        return semantics::displaced_coordinate(pixels * scale, index, outputs, axis);
      });
}

}  // namespace gridproof
