#include "oracle/subjects/protocol/supports.h"

#include <algorithm>
#include <utility>

namespace gridproof {
namespace {

template <class T>
bool lacks(const std::optional<std::vector<T>>& list, T value) {
  return list && std::ranges::find(*list, value) == list->end();
}

std::optional<std::string> unsupported_part(const Supports& supports, const Tensor& tensor) {
  const Dtype dtype = tensor.dtype();
  if (is_floating(dtype) && lacks(supports.dtypes, dtype)) {
    return "dtype " + std::string(name(dtype));
  }
  const Layout layout = layout_of(tensor);
  if (lacks(supports.layouts, layout)) return "layout " + std::string(name(layout));
  return std::nullopt;
}

}  // namespace

Layout layout_of(const Tensor& tensor) {
  for (int axis = 0; axis < tensor.rank(); ++axis) {
    if (tensor.size(axis) > 1 && tensor.strides()[static_cast<std::size_t>(axis)] < 0) {
      return Layout::negative;
    }
  }
  const bool dense = tensor.is_contiguous() && tensor.offset() == 0 &&
                     tensor.storage_size() == tensor.element_count();
  return dense ? Layout::dense : Layout::strided;
}

std::optional<std::string> unsupported_part(const Supports& supports, const Case& test_case) {
  for (const Tensor* tensor : {&test_case.input, &test_case.grid}) {
    if (auto part = unsupported_part(supports, *tensor)) return part;
  }
  const int rank = test_case.input.rank();
  if ((rank == 4 || rank == 5) && lacks(supports.ranks, rank)) {
    return "rank " + std::to_string(rank);
  }
  // An unknown name resolves to nothing here and is asked; the other options are still looked at.
  const auto mode = parse<Mode>(test_case.request.mode.value_or(std::string(name(Options{}.mode))));
  if (mode && lacks(supports.modes, *mode)) return "mode " + std::string(name(*mode));
  const auto padding =
      parse<Padding>(test_case.request.padding_mode.value_or(std::string(name(Options{}.padding))));
  if (padding && lacks(supports.padding_modes, *padding)) {
    return "padding_mode " + std::string(name(*padding));
  }
  const bool align_corners = test_case.request.align_corners.value_or(Options{}.align_corners);
  if (lacks(supports.align_corners, align_corners)) {
    return std::string("align_corners ") + (align_corners ? "True" : "False");
  }
  return std::nullopt;
}

std::optional<std::string> unsupported_part(const Supports& supports,
                                            const BackwardCase& test_case) {
  if (!supports.gradients || supports.gradients->empty()) return "gradients";
  for (const auto& [gradient, is_wanted] :
       {std::pair{GradientOf::input, test_case.output_mask.input},
        {GradientOf::grid, test_case.output_mask.grid}}) {
    if (is_wanted && lacks(supports.gradients, gradient)) {
      return "the gradient of the " + std::string(name(gradient));
    }
  }
  if (auto part = unsupported_part(supports, test_case.forward)) return part;
  return unsupported_part(supports, test_case.grad_output);
}

}  // namespace gridproof
