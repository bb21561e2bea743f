#include "reports/report/gradient_notation.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "reference/contract/unravel.h"
#include "reports/report/notation.h"

namespace gridproof::reports {
namespace {

// The judge's word on one number, as part of an answer that is otherwise the reference's.
class Trial {
 public:
  Trial(const GradientJudge& judge, const BackwardCase& test_case, const Gradients& reference,
        Gradient gradient, std::int64_t element)
      : judge_(judge),
        case_(test_case),
        reference_(reference),
        answer_(reference),
        gradient_(gradient),
        expected_(*gradient_of(reference, gradient)),
        element_(element),
        values_(expected_.values()) {}

  GradientVerdict operator()(double value) {
    values_[static_cast<std::size_t>(element_)] = value;
    (gradient_ == Gradient::input ? answer_.input : answer_.grid) =
        Tensor(expected_.dtype(), expected_.shape(), values_);
    const GradientJudgment judgment = judge_.judge(case_, answer_, &reference_);
    return judgment.notable.empty() ? GradientVerdict{} : judgment.notable.front();
  }

 private:
  const GradientJudge& judge_;
  const BackwardCase& case_;
  BackwardAnswer reference_;
  Gradients answer_;
  Gradient gradient_;
  const Tensor& expected_;
  std::int64_t element_;
  std::vector<double> values_;
};

// What is admitted, and then what one clause or another leaves open.
class Parts {
 public:
  void add(const std::string& numbers, const GradientVerdict& verdict) {
    if (verdict.verdict > Verdict::latitude) return;
    std::string& text = verdict.verdict == Verdict::latitude ? open_[verdict.clause] : admitted_;
    text += (text.empty() ? "" : " or ") + numbers;
  }
  [[nodiscard]] std::string text() const {
    std::string text = admitted_;
    for (const auto& [clause, numbers] : open_) {
      text += fmt::format("{}{} under [{}]", text.empty() ? "" : " or ", numbers, clause);
    }
    return text;
  }

 private:
  std::string admitted_;
  std::map<std::string, std::string> open_;
};

// The numbers of `dtype` in a hull: in 16 bits what its ends round to, else those between them.
std::pair<double, double> numbers_in(std::pair<double, double> hull, Dtype dtype) {
  if (dtype != Dtype::f32) {
    const auto rounded = [&](double value) {
      return visit(dtype, [&]<class T>(T) { return to_double(from_double<T>(value)); });
    };
    return {rounded(hull.first), rounded(hull.second)};
  }
  auto low = static_cast<float>(hull.first);
  auto high = static_cast<float>(hull.second);
  constexpr float infinity = std::numeric_limits<float>::infinity();
  if (low < hull.first) low = std::nextafter(low, infinity);
  if (high > hull.second) high = std::nextafter(high, -infinity);
  return std::minmax(low, high);
}

}  // namespace

std::string describe(const BackwardCase& test_case) {
  const Tensor& grad_output = test_case.grad_output;
  const auto& [input, grid] = test_case.output_mask;
  return fmt::format(
      "{}, grad_output {}{}{}; {}", describe(test_case.forward), name(grad_output.dtype()),
      to_string(grad_output.shape()),
      grad_output.is_contiguous() ? "" : " strides " + to_string(grad_output.strides()),
      input && grid ? "both gradients are wanted"
      : input       ? "grad_input is wanted"
      : grid        ? "grad_grid is wanted"
                    : "no gradient is wanted");
}

std::string location(const BackwardCase& test_case, Gradient gradient, std::int64_t element) {
  if (gradient == Gradient::grid) {
    const std::int64_t axes = test_case.forward.grid.shape().back();
    const auto axis = static_cast<std::size_t>(element % axes);
    return location(indices_of(element / axes, test_case.forward.grid.shape())) + ", " +
           "xyz"[axis];
  }
  const Shape indices = unravel(element, test_case.forward.input.shape());
  const std::string_view letters = indices.size() == 5 ? "ncdhw" : "nchw";
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < indices.size(); ++i) {
    parts.push_back(fmt::format("{}={}", letters[i], indices[i]));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

const Tensor* gradient_of(const Gradients& gradients, Gradient gradient) {
  const std::optional<Tensor>& wanted =
      gradient == Gradient::input ? gradients.input : gradients.grid;
  return wanted ? &*wanted : nullptr;
}

exact::Element exact_gradient(const exact::BackwardEvaluator& evaluator,
                              const BackwardCase& test_case, Gradient gradient,
                              std::int64_t element) {
  if (gradient == Gradient::grid) {
    const std::int64_t axes = evaluator.components();
    return evaluator.grid(element / axes, static_cast<int>(element % axes));
  }
  const Tensor& input = test_case.forward.input;
  const std::int64_t pixels = input.element_count() / (input.size(0) * input.size(1));
  const std::int64_t plane = element / pixels;
  return evaluator.plane(plane / input.size(1),
                         plane % input.size(1))[static_cast<std::size_t>(element % pixels)];
}

GradientSet admissible_gradient(const GradientJudge& judge, const BackwardCase& test_case,
                                const Gradients& reference, Gradient gradient,
                                std::int64_t element) {
  const Tensor& expected = *gradient_of(reference, gradient);
  const Dtype dtype = expected.dtype();
  const double right = expected.values()[static_cast<std::size_t>(element)];
  if (judge.profile().kind == Profile::Kind::same_bits) {
    return {notation(right, dtype), "grad.order"};
  }
  Trial trial(judge, test_case, reference, gradient, element);
  Parts parts;
  const auto hull = judge.admissible(test_case, gradient, element);
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  if (!hull || hull->second - hull->first > 1e290) {
    parts.add("any finite number, as far as is known", {});
  } else {
    std::tie(low, high) = numbers_in(*hull, dtype);
    GradientVerdict verdict = trial(low);
    // One end may take another of several positions than the numbers beside it do.
    if (std::isfinite(right) && verdict.verdict > Verdict::latitude) verdict = {};
    const bool has_gaps = trial(low + (high - low) / 2).verdict > Verdict::latitude;
    parts.add(low == high ? notation(low, dtype)
                          : fmt::format("[{}, {}]{}", notation(low, dtype), notation(high, dtype),
                                        has_gaps ? ", not all of it" : ""),
              verdict);
  }
  for (const double value :
       {0.0, std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()}) {
    if (value < low || value > high) parts.add(to_text(value, dtype), trial(value));
  }
  const GradientVerdict of_nan = trial(std::numeric_limits<double>::quiet_NaN());
  parts.add("nan", of_nan);
  return {parts.text(), of_nan.clause};
}

}  // namespace gridproof::reports
