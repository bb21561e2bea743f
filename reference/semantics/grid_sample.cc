#include "reference/semantics/grid_sample.h"

#include <algorithm>
#include <memory>

#include "reference/semantics/evaluate.h"

namespace gridproof {
namespace {

using semantics::AxisSample;
using semantics::Sample;

template <class T>
Sample<double> widen(const Sample<T>& sample) {
  Sample<double> wide;
  std::ranges::transform(sample.axes, wide.axes.begin(), [](const AxisSample<T>& axis) {
    AxisSample<double> result{.given = axis.given,
                              .coordinate = axis.coordinate,
                              .position = axis.position,
                              .padded = axis.padded,
                              .tap_count = axis.tap_count};
    std::ranges::transform(axis.taps, result.taps.begin(), [](const semantics::Tap<T>& tap) {
      return semantics::Tap<double>{tap.index, tap.weight};
    });
    return result;
  });
  return wide;
}

}  // namespace

Answer grid_sample(const Case& question) {
  return semantics::grid_sample_with(question, semantics::Documented{});
}

Sample<double> stages_of(const Case& question, std::int64_t sample) {
  return semantics::visit_floating(question.grid.dtype(), [&]<class Element>(Element) {
    using T = semantics::ArithmeticOf<Element>;
    const Shape& shape = question.grid.shape();
    Shape index(shape.size());
    for (std::size_t axis = shape.size() - 1; axis-- > 0;) {
      index[axis] = sample % shape[axis];
      sample /= shape[axis];
    }
    const auto axes = semantics::axes_of(question.input.shape(),
                                         semantics::options_of(question.request));
    return widen(semantics::follow_all<T>(semantics::Documented{}, axes, [&](std::int64_t k) {
      index.back() = k;
      return static_cast<T>(question.grid.at(index));
    }));
  });
}

SubjectEntry reference_subject() {
  return {.name = "reference",
          .description = "the specification, run as scalar code",
          .open = [] { return std::make_unique<FunctionSubject>(grid_sample); }};
}

}  // namespace gridproof
