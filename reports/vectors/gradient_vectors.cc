#include "reports/vectors/gradient_vectors.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <variant>

#include "reference/semantics/clauses.h"
#include "reference/semantics/grid_sample.h"
#include "reports/report/gradient_notation.h"

namespace gridproof::reports {
namespace {

constexpr std::int64_t max_numbers = 512;  // of a question

bool is_small(const BackwardCase& test_case) {
  const Case& forward = test_case.forward;
  return forward.input.element_count() <= max_numbers &&
         forward.grid.element_count() <= max_numbers &&
         test_case.grad_output.element_count() <= max_numbers;
}

// The numbers of the dtype in a hull, which is of the arithmetic's type: in 16 bits what its ends
// round to.
GradientInterval in_dtype(std::pair<double, double> hull, Dtype dtype) {
  auto [low, high] = hull;
  if (dtype == Dtype::f32) {
    constexpr float infinity = std::numeric_limits<float>::infinity();
    auto lo = static_cast<float>(low);
    auto hi = static_cast<float>(high);
    if (lo < low) lo = std::nextafter(lo, infinity);
    if (hi > high) hi = std::nextafter(hi, -infinity);
    low = lo;
    high = hi;
  } else if (dtype != Dtype::f64) {
    const auto rounded = [&](double value) {
      return visit(dtype, [&]<class T>(T) { return to_double(from_double<T>(value)); });
    };
    low = rounded(low);
    high = rounded(high);
  }
  if (!std::isfinite(low) || !std::isfinite(high) || low > high) return std::nullopt;
  return std::pair(low, high);
}

std::vector<GradientInterval> sets_of(const GradientJudge& judge, const BackwardCase& test_case,
                                      Gradient gradient, const Gradients& reference) {
  std::vector<GradientInterval> sets;
  const Tensor* const tensor = gradient_of(reference, gradient);
  if (tensor == nullptr) return sets;
  for (std::int64_t element = 0; element < tensor->element_count(); ++element) {
    const auto hull = judge.admissible(test_case, gradient, element);
    sets.push_back(hull ? in_dtype(*hull, tensor->dtype()) : std::nullopt);
  }
  return sets;
}

// Whether each number is decided by some profile, and the reference is inside.
bool says_something(const GoldenGradients& vector) {
  const auto* const reference = std::get_if<Gradients>(&vector.reference);
  if (reference == nullptr) return true;
  for (const auto& [gradient, word] : names<Gradient>) {
    const Tensor* const tensor = gradient_of(*reference, gradient);
    if (tensor == nullptr) continue;
    const std::vector<double> values = tensor->values();
    for (std::size_t i = 0; i < values.size(); ++i) {
      bool is_decided = false;
      for (const auto& sets : vector.admissible) {
        const GradientInterval& set = sets[static_cast<std::size_t>(gradient)][i];
        if (!set) continue;
        is_decided = true;
        if (!(set->first <= values[i] && values[i] <= set->second)) return false;
      }
      if (!is_decided) return false;
    }
  }
  return true;
}

}  // namespace

std::vector<GoldenGradients> make_gradient_vectors(const VectorOptions& options) {
  const Kinks kinks = options.dialect == Dialect::pytorch ? Kinks::right : Kinks::one_sided;
  std::vector<GoldenGradients> vectors;
  for (const Clause& clause : clauses()) {
    if (clause.status == "open") continue;
    for (const ClauseCase& entry : clause.cases) {
      if (!entry.line.starts_with("grid_sample_backward ")) continue;
      GoldenGradients vector{.clause = clause.name, .test_case = parse_backward_case(entry.line)};
      if (!is_small(vector.test_case)) continue;
      vector.reference = grid_sample_backward(vector.test_case);
      if (const auto* const reference = std::get_if<Gradients>(&vector.reference)) {
        for (const Profile& profile : options.profiles) {
          const GradientJudge judge(profile, kinks);
          vector.admissible.push_back(
              {sets_of(judge, vector.test_case, Gradient::input, *reference),
               sets_of(judge, vector.test_case, Gradient::grid, *reference)});
        }
      }
      if (says_something(vector)) vectors.push_back(std::move(vector));
    }
  }
  return vectors;
}

}  // namespace gridproof::reports
