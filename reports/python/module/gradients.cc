// Gradients: those of the fast kernels, and the judge of anybody's.
#include <optional>
#include <stdexcept>
#include <utility>
#include <variant>

#include "optimized/backward.h"
#include "optimized/grid_sample.h"
#include "oracle/gradients/gradient_judge.h"
#include "reference/contract/unravel.h"
#include "reports/python/module/doors.h"

namespace nb = nanobind;

namespace gridproof::python {
namespace {

// An array that may be None, and the name of its dtype.
using MaybeArray = std::optional<Array>;

BackwardCase case_of(const Question& question, const Array& grad_output, const std::string& dtype,
                     OutputMask mask) {
  return {question.to_case(), tensor_of(grad_output, dtype), mask};
}

nb::object object_of(std::optional<Tensor> tensor) {
  return tensor ? array_of(*std::move(tensor)) : nb::none();
}

nb::tuple backward(const Question& question, const Array& grad_output, const std::string& dtype,
                   bool wants_input, bool wants_grid, int threads) {
  const BackwardCase test_case =
      case_of(question, grad_output, dtype, {.input = wants_input, .grid = wants_grid});
  BackwardAnswer answer;
  {
    const nb::gil_scoped_release release;
    answer = optimized::backward_answer(test_case, default_target(), threads);
  }
  if (auto* refusal = std::get_if<Refusal>(&answer)) throw RefusedError(std::move(*refusal));
  auto& gradients = std::get<Gradients>(answer);
  return nb::make_tuple(object_of(std::move(gradients.input)),
                        object_of(std::move(gradients.grid)));
}

nb::str text_of(std::string_view text) { return nb::str(text.data(), text.size()); }

nb::dict described(const BackwardCase& test_case, const GradientVerdict& verdict) {
  nb::dict one;
  one["gradient"] = text_of(name(verdict.gradient));
  one["verdict"] = text_of(name(verdict.verdict));
  one["clause"] = verdict.clause;
  one["within"] = verdict.within ? nb::cast(to_string(*verdict.within)) : nb::none();
  const Shape& shape = verdict.gradient == Gradient::input ? test_case.forward.input.shape()
                                                           : test_case.forward.grid.shape();
  const bool has_place = verdict.element < element_count(shape);
  one["index"] = nb::tuple(nb::cast(has_place ? unravel(verdict.element, shape) : Shape{}));
  one["lower"] = one["upper"] = nb::none();
  return one;
}

nb::dict judged(const Question& question, const Array& grad_output, const std::string& dtype,
                const MaybeArray& grad_input, const MaybeArray& grad_grid,
                const std::string& profile, bool one_sided, int threads) {
  const auto known = parse_profile(profile);
  if (!known) throw std::invalid_argument("no profile \"" + profile + "\"");
  const GradientJudge judge(*known, one_sided ? Kinks::one_sided : Kinks::right);
  const BackwardCase test_case =
      case_of(question, grad_output, dtype,
              {.input = grad_input.has_value(), .grid = grad_grid.has_value()});
  Gradients gradients;
  if (grad_input) gradients.input = tensor_of(*grad_input, question.input_dtype);
  if (grad_grid) gradients.grid = tensor_of(*grad_grid, question.grid_dtype);
  GradientJudgment judgment;
  std::vector<std::optional<std::pair<double, double>>> sets;
  {
    const nb::gil_scoped_release release;
    const BackwardAnswer reference =
        optimized::backward_answer(test_case, default_target(), threads);
    judgment = judge.judge(test_case, gradients, &reference);
    for (const GradientVerdict& verdict : judgment.notable) {
      sets.push_back(judgment.whole
                         ? std::nullopt
                         : judge.admissible(test_case, verdict.gradient, verdict.element));
    }
  }
  nb::dict counts;
  for (const auto& [gradient, gradient_name] : names<Gradient>) {
    nb::dict of_gradient;
    for (const auto& [verdict, verdict_name] : names<Verdict>) {
      of_gradient[text_of(verdict_name)] = judgment.count(gradient, verdict);
    }
    counts[text_of(gradient_name)] = of_gradient;
  }
  nb::list notable;
  for (std::size_t i = 0; i < judgment.notable.size(); ++i) {
    nb::dict one = described(test_case, judgment.notable[i]);
    if (const auto& set = sets[i]) {
      one["lower"] = set->first;
      one["upper"] = set->second;
    }
    notable.append(std::move(one));
  }
  nb::dict result;
  result["counts"] = counts;
  result["notable"] = notable;
  result["message"] = judgment.message;
  return result;
}

}  // namespace

void add_gradients(nb::module_& module) {
  module.def("backward", &backward);
  module.def("judge_gradients", &judged, nb::arg("question"), nb::arg("grad_output"),
             nb::arg("dtype"), nb::arg("grad_input").none(), nb::arg("grad_grid").none(),
             nb::arg("profile"), nb::arg("one_sided"), nb::arg("threads"));
  module.def("backward_line", [](const Question& question, const Array& grad_output,
                                 const std::string& dtype, bool wants_input, bool wants_grid) {
    const BackwardCase test_case =
        case_of(question, grad_output, dtype, {.input = wants_input, .grid = wants_grid});
    const nb::gil_scoped_release release;
    return to_line(test_case);
  });
}

}  // namespace gridproof::python
