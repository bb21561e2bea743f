#include "oracle/exact/gradients.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <string>
#include <utility>

namespace gridproof::exact {
namespace {

constexpr int first_spatial = 2;  // after N and C
constexpr int none = -1;

// [grad.nonfinite] A sum of products. Factors that are no numbers follow the hardware's rules, but
// what is multiplied by 0 is not there.
class Sum {
 public:
  void add(const Dyadic& weight, double factor) {
    if (factor == 0 || weight.is_zero()) return;
    if (std::isfinite(factor)) {
      sum_.number += weight * factor;
    } else {
      sum_.special += weight.sign() * factor;
    }
  }
  void add(const Dyadic& weight, double factor, double other) {
    if (factor == 0 || other == 0) return;
    if (std::isfinite(factor) && std::isfinite(other)) {
      add(weight * factor, other);
    } else {
      add(weight, factor * other);
    }
  }
  [[nodiscard]] Element element() const {
    return {sum_.is_number() ? sum_.number : Dyadic(), sum_.special};
  }

 private:
  Element sum_;
};

// (N, C, …) as (N, …, C).
Tensor channels_last(const Tensor& tensor) {
  std::vector<int> axes(static_cast<std::size_t>(tensor.rank()));
  std::iota(axes.begin(), axes.end(), 0);
  std::rotate(axes.begin() + 1, axes.begin() + 2, axes.end());
  return tensor.permuted(axes);
}

// Where the last axis of a tensor (N, …, x) begins in the storage, for one sample.
std::int64_t offset_of(std::int64_t sample, const Tensor& tensor) {
  std::int64_t offset = tensor.offset();
  for (std::size_t axis = tensor.shape().size() - 1; axis-- > 0;) {
    offset += sample % tensor.shape()[axis] * tensor.strides()[axis];
    sample /= tensor.shape()[axis];
  }
  return offset;
}

template <class T>
T rounded(const Element& element) {
  return from_double<T>(round_to(format_of(dtype_of<T>), element));
}

Tensor input_gradient(const BackwardEvaluator& asked, const Tensor& input) {
  Tensor gradient(input.dtype(), input.shape());
  visit(input.dtype(), [&]<class T>(T) {
    auto to = gradient.elements<T>().begin();
    for (std::int64_t batch = 0; batch < input.size(0); ++batch) {
      for (std::int64_t channel = 0; channel < input.size(1); ++channel) {
        for (const Element& element : asked.plane(batch, channel)) *to++ = rounded<T>(element);
      }
    }
  });
  return gradient;
}

Tensor grid_gradient(const BackwardEvaluator& asked, const Tensor& grid) {
  Tensor gradient(grid.dtype(), grid.shape());
  visit(grid.dtype(), [&]<class T>(T) {
    auto to = gradient.elements<T>().begin();
    for (std::int64_t sample = 0; sample < asked.samples(); ++sample) {
      for (int component = 0; component < asked.components(); ++component) {
        *to++ = rounded<T>(asked.grid(sample, component));
      }
    }
  });
  return gradient;
}

}  // namespace

std::optional<Refusal> refusal_of(const BackwardCase& test_case) {
  const auto& [forward, grad_output, mask] = test_case;
  if (auto refusal = refusal_of(forward)) return refusal;
  const auto refuse = [](const char* clause, const std::string& what, const std::string& wanted,
                         const std::string& got) {
    return Refusal{clause, "grad_output must have the " + what + " of the output, " + wanted +
                               ": it has " + got};
  };
  const Shape output = output_shape(forward);
  if (grad_output.shape() != output) {
    return refuse("grad.shape", "shape", to_string(output), to_string(grad_output.shape()));
  }
  const Dtype dtype = forward.input.dtype();
  if (grad_output.dtype() != dtype) {
    return refuse("grad.dtype", "dtype", std::string(name(dtype)),
                  std::string(name(grad_output.dtype())));
  }
  return std::nullopt;
}

BackwardEvaluator::BackwardEvaluator(const BackwardCase& test_case)
    : input_(test_case.forward.input), grid_(test_case.forward.grid) {
  if (const auto refusal = refusal_of(test_case)) throw std::invalid_argument(refusal->message);
  grad_output_ = channels_last(test_case.grad_output);
  const Options options = resolve(test_case.forward.request).value_or(Options{});
  for (int axis = first_spatial; axis < input_.rank(); ++axis) {
    axes_.emplace_back(input_.size(axis), options);
    pixels_ *= input_.size(axis);
  }
  samples_ = sample_count(test_case.forward);
  if (samples_ > 0) samples_per_image_ = samples_ / input_.size(0);
}

// What the weights of a sample are products of: along each axis those of its taps, but their
// derivatives along the one that is `derived`.
std::vector<AxisTaps> BackwardEvaluator::factors(std::int64_t sample, int derived) const {
  std::vector<AxisTaps> factors;
  const std::int64_t offset = offset_of(sample, grid_);
  for (int axis = 0; axis < components(); ++axis) {
    // The grid has x first, the input has it last.
    const int component = components() - 1 - axis;
    const double coordinate = grid_.storage_value(offset + component * grid_.strides().back());
    const Axis& along = axes_[static_cast<std::size_t>(axis)];
    factors.push_back(component == derived ? along.slopes(coordinate) : along.taps(coordinate));
  }
  return factors;
}

std::vector<BackwardEvaluator::Tap> BackwardEvaluator::product(
    std::span<const AxisTaps> factors) const {
  std::vector<Tap> all = {{.pixel = 0, .offset = 0, .weight = 1}};
  for (std::size_t axis = 0; axis < factors.size(); ++axis) {
    const std::int64_t size = input_.shape()[axis + first_spatial];
    const std::int64_t stride = input_.strides()[axis + first_spatial];
    std::vector<Tap> longer;
    for (const Tap& tap : all) {
      for (const auto& [index, weight] : factors[axis]) {
        longer.push_back({.pixel = tap.pixel * size + index,
                          .offset = tap.offset + index * stride,
                          .weight = tap.weight * weight});
      }
    }
    all = std::move(longer);
  }
  return all;
}

std::vector<BackwardEvaluator::Tap> BackwardEvaluator::taps(std::int64_t sample) const {
  return product(factors(sample, none));
}

std::vector<BackwardEvaluator::Tap> BackwardEvaluator::slopes(std::int64_t sample,
                                                              int component) const {
  return product(factors(sample, component));
}

Element BackwardEvaluator::grid(std::int64_t sample, int component) const {
  const std::int64_t gradient = offset_of(sample, grad_output_);
  const std::int64_t image = input_.offset() + sample / samples_per_image_ * input_.strides()[0];
  Sum sum;
  for (const Tap& tap : slopes(sample, component)) {
    for (std::int64_t channel = 0; channel < input_.size(1); ++channel) {
      sum.add(tap.weight,
              grad_output_.storage_value(gradient + channel * grad_output_.strides().back()),
              input_.storage_value(image + channel * input_.strides()[1] + tap.offset));
    }
  }
  return sum.element();
}

std::vector<Element> BackwardEvaluator::plane(std::int64_t batch, std::int64_t channel) const {
  std::vector<Sum> sums(static_cast<std::size_t>(pixels_));
  const std::int64_t offset = channel * grad_output_.strides().back();
  const std::int64_t first = batch * samples_per_image_;
  for (std::int64_t sample = first; sample < first + samples_per_image_; ++sample) {
    const double gradient = grad_output_.storage_value(offset_of(sample, grad_output_) + offset);
    if (gradient == 0) continue;
    for (const Tap& tap : taps(sample)) {
      sums[static_cast<std::size_t>(tap.pixel)].add(tap.weight, gradient);
    }
  }
  std::vector<Element> elements;
  elements.reserve(sums.size());
  for (const Sum& sum : sums) elements.push_back(sum.element());
  return elements;
}

std::vector<BackwardEvaluator::Hit> BackwardEvaluator::hits(std::int64_t batch,
                                                            std::int64_t pixel) const {
  std::vector<Hit> hits;
  const std::int64_t first = batch * samples_per_image_;
  for (std::int64_t sample = first; sample < first + samples_per_image_; ++sample) {
    for (Tap& tap : taps(sample)) {
      if (tap.pixel == pixel) hits.push_back({sample, std::move(tap.weight)});
    }
  }
  return hits;
}

BackwardAnswer backward_answer(const BackwardCase& test_case) {
  if (auto refusal = refusal_of(test_case)) return *std::move(refusal);
  const BackwardEvaluator asked(test_case);
  Gradients gradients;
  if (test_case.output_mask.input) gradients.input = input_gradient(asked, test_case.forward.input);
  if (test_case.output_mask.grid) gradients.grid = grid_gradient(asked, test_case.forward.grid);
  return gradients;
}

}  // namespace gridproof::exact
