// grid_sample three times (fast, by the reference, exactly), affine_grid, and displacements.
#include <utility>
#include <variant>

#include "optimized/checks.h"
#include "optimized/grid_sample.h"
#include "optimized/subjects.h"
#include "oracle/exact/exact.h"
#include "reference/semantics/affine_grid.h"
#include "reference/semantics/displacement.h"
#include "reference/semantics/grid_sample.h"
#include "reports/python/module/doors.h"

namespace nb = nanobind;

namespace gridproof::python {
namespace {

// Runs without the interpreter's lock.
template <class Function>
Tensor unlocked(Function function) {
  const nb::gil_scoped_release release;
  return output_of(function());
}

// Every element as text: an exact number, "nan", "inf" or "-inf"; -0 as "-0".
std::vector<std::string> exact_texts(const Case& test_case) {
  const nb::gil_scoped_release release;
  if (auto refusal = exact::refusal_of(test_case)) throw RefusedError(*std::move(refusal));
  const exact::Evaluator evaluator(test_case);
  const std::int64_t channels = evaluator.channels();
  const Shape output = optimized::output_shape(test_case.input.shape(), test_case.grid.shape());
  std::vector<std::string> texts(static_cast<std::size_t>(evaluator.samples() * channels));
  std::vector<exact::Element> elements(static_cast<std::size_t>(channels));
  for (std::int64_t sample = 0; sample < evaluator.samples(); ++sample) {
    evaluator.sample(sample, elements);
    for (std::int64_t channel = 0; channel < channels; ++channel) {
      const exact::Element& element = elements[static_cast<std::size_t>(channel)];
      texts[static_cast<std::size_t>(element_place(output, sample, channel))] =
          element.is_number() && !std::signbit(element.special)
              ? to_text(element.number)
              : to_text(element.special, Dtype::f64);
    }
  }
  return texts;
}

}  // namespace

Tensor output_of(Answer answer) {
  if (auto* const refusal = std::get_if<Refusal>(&answer)) throw RefusedError(std::move(*refusal));
  return std::get<Tensor>(std::move(answer));
}

void add_operator(nb::module_& module) {
  module.def("sample", [](const Question& question, int threads) {
    const Case test_case = question.to_case();
    return array_of(
        unlocked([&] { return optimized::answer(test_case, default_target(), threads); }));
  });
  module.def("sample_by_reference", [](const Question& question) {
    const Case test_case = question.to_case();
    return array_of(unlocked([&] { return grid_sample(test_case); }));
  });
  module.def("sample_rounded_once", [](const Question& question) {
    const Case test_case = question.to_case();
    return array_of(unlocked([&] { return exact::answer(test_case); }));
  });
  module.def("sample_exactly",
             [](const Question& question) { return exact_texts(question.to_case()); });
  module.def("case_line", [](const Question& question) { return to_line(question.to_case()); });

  module.def("affine_grid",
             [](const Array& theta, const std::string& dtype, Shape size, bool align_corners) {
               const Tensor matrix = tensor_of(theta, dtype);
               return array_of(unlocked([&] { return affine_grid(matrix, size, align_corners); }));
             });
  module.def("displacement_of", [](const Array& grid, const std::string& dtype, const Shape& input,
                                   bool align_corners) {
    const Tensor tensor = tensor_of(grid, dtype);
    return array_of(unlocked([&] { return displacement_of(tensor, input, align_corners); }));
  });
  module.def("displaced_grid", [](const Array& displacement, const std::string& dtype,
                                  const Shape& input, bool align_corners, bool output_pixels) {
    const Tensor tensor = tensor_of(displacement, dtype);
    const PixelUnit unit = output_pixels ? PixelUnit::output : PixelUnit::input;
    return array_of(unlocked([&] { return displaced_grid(tensor, input, align_corners, unit); }));
  });
}

}  // namespace gridproof::python
