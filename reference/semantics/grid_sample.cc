#include "reference/semantics/grid_sample.h"

#include <cstddef>
#include <memory>
#include <span>
#include <utility>

#include "reference/contract/unravel.h"
#include "reference/semantics/evaluate.h"

namespace gridproof {
namespace {

using semantics::AxisSample;
using semantics::Sample;

template <class T>
AxisSample<double> widen(const AxisSample<T>& sample) {
  AxisSample<double> wide{.given = sample.given,
                          .coordinate = sample.coordinate,
                          .position = sample.position,
                          .padded = sample.padded,
                          .tap_count = sample.tap_count,
                          .taps = {}};
  for (std::size_t k = 0; std::cmp_less(k, sample.tap_count); ++k) {
    wide.taps[k] = {sample.taps[k].index, sample.taps[k].weight};
  }
  return wide;
}

}  // namespace

Answer grid_sample(const Case& test_case) {
  return semantics::grid_sample_with(test_case, semantics::Documented{});
}

Sample<double> stages_of(const Case& test_case, std::int64_t sample) {
  const Shape& shape = test_case.grid.shape();
  Shape index = unravel(sample, std::span(shape).first(shape.size() - 1));
  index.push_back(0);
  const Options options = semantics::options_of(test_case.request);
  const auto axes = semantics::axes_of(test_case.input.shape(), options);
  const auto given = [&](int k) {
    index.back() = k;
    return test_case.grid.at(index);
  };
  return semantics::visit_floating(test_case.grid.dtype(), [&]<class Element>(Element) {
    return semantics::visit_mode(options.mode, [&](auto mode) {
      using T = semantics::ArithmeticOf<Element>;
      const semantics::Documented rules;
      const auto [x, y, z] = (test_case.input.rank() == 5
                                  ? semantics::follow_all<mode.value, 3, T>(rules, axes, given)
                                  : semantics::follow_all<mode.value, 2, T>(rules, axes, given))
                                 .axes;
      return Sample<double>{{widen(x), widen(y), widen(z)}};
    });
  });
}

SubjectEntry reference_subject() {
  return {.name = "reference", .description = "the specification as scalar code", .open = [] {
            return std::make_unique<FunctionSubject>(grid_sample);
          }};
}

}  // namespace gridproof
