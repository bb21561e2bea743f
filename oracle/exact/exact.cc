#include "oracle/exact/exact.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>

#include "oracle/exact/gradients.h"

namespace gridproof::exact {
namespace {

constexpr int first_spatial = 2;  // after N and C

int spatial_rank(const Case& test_case) { return test_case.input.rank() - first_spatial; }

}  // namespace

std::optional<Refusal> refusal_of(const Case& test_case) {
  const auto& [request, input, grid] = test_case;
  const auto refuse_shape = [&](const char* clause, const std::string& message) {
    return Refusal{clause, message + ": input " + to_string(input.shape()) + ", grid " +
                               to_string(grid.shape())};
  };
  const auto refuse_dtype = [&](const char* clause, const std::string& message) {
    return Refusal{clause, message + ": input " + std::string(name(input.dtype())) + ", grid " +
                               std::string(name(grid.dtype()))};
  };

  const auto options = resolve(request);
  if (!options) {
    if (request.mode && !parse<Mode>(*request.mode)) {
      return Refusal{"options.mode",
                     "mode is '" + *request.mode + "', not bilinear, nearest or bicubic"};
    }
    return Refusal{"options.padding-mode", "padding_mode is '" + request.padding_mode.value_or("") +
                                               "', not zeros, border or reflection"};
  }
  if ((input.rank() != 4 && input.rank() != 5) || grid.rank() != input.rank()) {
    return refuse_shape("shape.rank", "input and grid must both be 4-D or both 5-D");
  }
  if (input.size(0) != grid.size(0)) {
    return refuse_shape("shape.batch", "input and grid must have the same batch size");
  }
  const int axes = spatial_rank(test_case);
  if (grid.size(grid.rank() - 1) != axes) {
    return refuse_shape("shape.last-dimension",
                        "the last size of the grid must be " + std::to_string(axes));
  }
  if (std::ranges::count(input.shape().begin() + first_spatial, input.shape().end(), 0) > 0) {
    return refuse_shape("shape.empty-spatial", "the input must have a pixel along every axis");
  }
  if (options->mode == Mode::bicubic && axes != 2) {
    return refuse_shape("options.bicubic-4d", "mode='bicubic' needs a 4-D input");
  }
  if (!is_floating(input.dtype())) {
    return refuse_dtype("dtype.supported", "the input must have a floating-point dtype");
  }
  if (input.dtype() != grid.dtype()) {
    return refuse_dtype("dtype.same", "input and grid must have the same dtype");
  }
  return std::nullopt;
}

Shape output_shape(const Case& test_case) {
  Shape shape = test_case.grid.shape();
  shape.back() = test_case.input.size(1);
  std::rotate(shape.begin() + 1, shape.end() - 1, shape.end());
  return shape;
}

double round_to(const Format& format, const Element& element, Rounding rounding) {
  if (element.number.is_zero()) return element.special;
  return round_to(format, element.number, rounding);
}

// What every element of a sample has in common.
struct Evaluator::Place {
  std::int64_t image = 0;  // where the sample's batch entry begins in the storage
  std::array<AxisTaps, 3> taps;
};

Evaluator::Evaluator(const Case& test_case)
    : options_(resolve(test_case.request).value_or(Options{})),
      input_(test_case.input),
      grid_(test_case.grid) {
  if (const auto refusal = refusal_of(test_case)) throw std::invalid_argument(refusal->message);
  for (int axis = first_spatial; axis < input_.rank(); ++axis) {
    axes_.emplace_back(input_.size(axis), options_);
  }
  samples_ = sample_count(test_case);
}

Evaluator::Place Evaluator::place_of(std::int64_t sample) const {
  const auto grid_axes = static_cast<std::size_t>(grid_.rank());
  std::int64_t offset = grid_.offset();
  for (std::size_t axis = grid_axes - 1; axis-- > 1;) {
    offset += sample % grid_.shape()[axis] * grid_.strides()[axis];
    sample /= grid_.shape()[axis];
  }
  offset += sample * grid_.strides()[0];

  Place place;
  place.image = input_.offset() + sample * input_.strides()[0];
  // The grid has x first, the input has it last.
  for (std::size_t axis = axes_.size(); axis-- > 0; offset += grid_.strides().back()) {
    place.taps[axis] = axes_[axis].taps(grid_.storage_value(offset));
  }
  return place;
}

// The sum over all taps of `axis` and the axes after it, beginning at `offset` in the storage.
// `sign` is the sign of the weight so far. Texels that are no numbers are added up in `special`, by
// the hardware's own rules: their weight tells of nothing but its sign.
Dyadic Evaluator::weighted_sum(const Place& place, std::size_t axis, std::int64_t offset, int sign,
                               double& special) const {
  if (axis == axes_.size()) {
    const double texel = input_.storage_value(offset);
    if (std::isfinite(texel)) {
      // A copy keeps the sign of zero; a sum of exact numbers that is zero is +0.
      if (texel == 0 && options_.mode == Mode::nearest) special = texel;
      return texel;
    }
    special += sign * texel;
    return 0;
  }
  ProductSum sum;
  for (const auto& [index, weight] : place.taps[axis]) {
    sum.add(weight,
            weighted_sum(place, axis + 1, offset + index * input_.strides()[axis + first_spatial],
                         sign * weight.sign(), special));
  }
  return sum.total();
}

Element Evaluator::element_at(const Place& place, std::int64_t channel) const {
  Element element;
  const std::int64_t plane = place.image + channel * input_.strides()[1];
  element.number = weighted_sum(place, 0, plane, 1, element.special);
  if (!element.is_number()) element.number = 0;
  return element;
}

void Evaluator::sample(std::int64_t sample, std::span<Element> channels) const {
  const Place place = place_of(sample);
  for (std::int64_t channel = 0; channel < this->channels(); ++channel) {
    channels[static_cast<std::size_t>(channel)] = element_at(place, channel);
  }
}

Element Evaluator::element(std::int64_t sample, std::int64_t channel) const {
  return element_at(place_of(sample), channel);
}

Answer answer(const Case& test_case) {
  if (auto refusal = refusal_of(test_case)) return *std::move(refusal);
  const Evaluator asked(test_case);
  Tensor output(test_case.input.dtype(), output_shape(test_case));

  const Format format = format_of(output.dtype());
  const std::int64_t plane =
      element_count({output.shape().begin() + first_spatial, output.shape().end()});
  std::vector<Element> elements(static_cast<std::size_t>(asked.channels()));
  visit(output.dtype(), [&]<class T>(T) {
    const auto out = output.elements<T>();
    for (std::int64_t sample = 0; sample < asked.samples(); ++sample) {
      asked.sample(sample, elements);
      std::int64_t offset = sample / plane * asked.channels() * plane + sample % plane;
      for (const Element& element : elements) {
        out[static_cast<std::size_t>(offset)] = from_double<T>(round_to(format, element));
        offset += plane;
      }
    }
  });
  return output;
}

SubjectEntry subject() {
  return {.name = "exact",
          .description = "the mathematics of the documentation, each element rounded once",
          .open = [] { return std::make_unique<FunctionSubject>(answer, backward_answer); }};
}

}  // namespace gridproof::exact
