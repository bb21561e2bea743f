#include "reports/diagnosis/reduction.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "fuzz/causes/reduce.h"
#include "fuzz/mutants/mutants.h"
#include "reference/semantics/affine_grid.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof::reports::diagnosis {
namespace {

bool is_same(const Signature& one, const Signature& other) {
  return one.fault == other.fault && one.cause == other.cause &&
         std::ranges::includes(other.rivals, one.rivals);
}

// What is expected of another question if the same mistake is made in it.
std::optional<Tensor> expected_of(const Attempt& attempt, const Case& test_case,
                                  const Symptom& symptom) {
  const Situation situation = situation_of(test_case, symptom.world, symptom.given);
  const Sites sites(test_case, test_case.grid.element_count());
  const std::optional<Correction> meant = corrected(attempt.changes, situation, sites);
  if (!meant) return std::nullopt;
  const Case right{request_for(meant->options), meant->input.value_or(test_case.input),
                   Tensor(test_case.grid.dtype(), test_case.grid.shape(), meant->coordinates)};
  const Answer answer =
      meant->answers != nullptr ? meant->answers->answer(right) : grid_sample(right);
  const auto* output = std::get_if<Tensor>(&answer);
  if (output == nullptr || meant->finishes.empty()) {
    return output == nullptr ? std::nullopt : std::optional(*output);
  }
  // The numbers that were found, for all that is finished with them.
  std::vector<double> values = output->values();
  std::vector<double> expected(values.size());
  const std::size_t channels = static_cast<std::size_t>(output->size(1));
  const std::size_t plane = values.size() / (static_cast<std::size_t>(output->size(0)) * channels);
  for (std::size_t i = 0; i < expected.size() && !attempt.numbers.empty(); ++i) {
    expected[i] = attempt.numbers[i / plane % channels % attempt.numbers.size()];
  }
  if (!finish(*meant, sites, test_case.input.shape(), values, expected)) return std::nullopt;
  return Tensor(output->dtype(), output->shape(), values);
}

// Whether a person can see in it where the texels go: there is more than one, along each axis that
// had more than one, and a coordinate is not 0.
bool shows_motion(const Case& test_case, const Case& original) {
  for (int axis = 2; axis < std::min(test_case.input.rank(), original.input.rank()); ++axis) {
    if (test_case.input.size(axis) == 1 && original.input.size(axis) > 1) return false;
  }
  const std::vector<double> texels = test_case.input.values();
  const std::vector<double> grid = test_case.grid.values();
  return !are_all_equal(texels) && std::ranges::any_of(grid, [](double x) { return x != 0; });
}

// The symptom that a question would be; none where it would be none.
using Symptomatic = std::function<std::optional<Symptom>(const Case&)>;

// The first of the questions that shows the cause, made smaller. `sample` is of the last of them.
std::optional<Reduced> reduced_as(const std::vector<Case>& test_cases, const std::string& cause,
                                  std::int64_t sample, const Symptomatic& symptom_of) {
  const auto signature_at = [&](const Case& candidate) -> std::optional<Signature> {
    if (!std::holds_alternative<Tensor>(grid_sample(candidate))) return std::nullopt;
    const std::optional<Symptom> smaller = symptom_of(candidate);
    return smaller ? std::optional(signature_of(diagnose(*smaller))) : std::nullopt;
  };
  const Case* start = nullptr;
  Signature signature;
  for (const Case& test_case : test_cases) {
    auto found = signature_at(test_case);
    if (!found || found->cause != cause) continue;
    start = &test_case;
    signature = std::move(*found);
    break;
  }
  if (start == nullptr) return std::nullopt;
  const Case test_case =
      reduce(*start, start == &test_cases.back() ? sample : 0, [&](const Case& candidate) {
        const auto found = signature_at(candidate);
        return found && is_same(*found, signature);
      });
  const std::optional<Symptom> smallest = symptom_of(test_case);
  if (!smallest) return std::nullopt;
  Reduced result{.symptom = *smallest, .right = {}, .signature = signature_of(diagnose(*smallest))};
  result.right =
      smallest->expected ? *smallest->expected : std::get<Tensor>(grid_sample(test_case));
  return result;
}

// Small questions with the same theta: a grid cut to a few locations would be that of another.
std::vector<Case> small_affine(const Situation& situation) {
  const auto& thetas = situation.thetas[situation.options().align_corners ? 1 : 0];
  std::vector<Case> test_cases;
  if (!thetas || thetas->empty()) return test_cases;
  const Case& asked = situation.test_case;
  const auto axes = static_cast<std::size_t>(asked.input.rank() - 2);
  std::vector<double> entries;
  for (std::size_t k = 0; k < axes; ++k) {
    const auto& row = thetas->front().linear[k];
    entries.insert(entries.end(), row.begin(), row.begin() + static_cast<std::ptrdiff_t>(axes));
    entries.push_back(thetas->front().translation[k]);
  }
  const auto k = static_cast<std::int64_t>(axes);
  const bool is_half = is_16_bit(asked.grid.dtype());
  const Dtype dtype = is_half ? Dtype::f32 : asked.grid.dtype();
  const Tensor theta(dtype, {1, k, k + 1}, entries);
  for (const std::int64_t size : {2, 3, 4, 6, 8, 12, 16}) {
    Shape input = {1, 1};
    Shape output = {1, 1};
    for (std::int64_t axis = 0; axis < k; ++axis) {
      const bool is_same = asked.input.size(static_cast<int>(axis) + 2) ==
                           asked.grid.size(static_cast<int>(axis) + 1);
      input.push_back(size + axis);
      output.push_back(size + axis + (is_same ? 0 : 1));
    }
    std::vector<double> texels(static_cast<std::size_t>(element_count(input)));
    for (std::size_t i = 0; i < texels.size(); ++i) texels[i] = static_cast<double>(i + 1);
    const Answer grid = affine_grid(theta, output, situation.options().align_corners);
    if (const auto* made = std::get_if<Tensor>(&grid)) {
      test_cases.push_back({asked.request, Tensor(dtype, input, texels), *made});
    }
  }
  return test_cases;
}

}  // namespace

Signature signature_of(const Diagnosis& diagnosis) {
  Signature signature{.fault = diagnosis.fault, .cause = "", .rivals = {}};
  if (diagnosis.fault == Fault::usage) {
    signature.cause = diagnosis.attempts.front().name();
    for (const Tie& tie : diagnosis.ties) signature.rivals.push_back(tie.name);
  } else if (diagnosis.fault == Fault::implementation) {
    const SampleVerdict* const first = first_finding(diagnosis.judgment);
    signature.cause = !diagnosis.mutants.empty() ? diagnosis.mutants.front()
                      : first != nullptr         ? first->clause
                                                 : "";
    signature.rivals = diagnosis.mutants;
  }
  std::ranges::sort(signature.rivals);
  return signature;
}

std::optional<Reduced> reduced(const Symptom& symptom, const Diagnosis& diagnosis,
                               const Answerer& answerer) {
  const Signature signature = signature_of(diagnosis);
  if (diagnosis.fault == Fault::usage && symptom.expected) {
    const Tensor documented = std::get<Tensor>(grid_sample(symptom.test_case));
    const Attempt& best = diagnosis.attempts.front();
    const bool shows_it_well = shows_motion(symptom.test_case, symptom.test_case);
    std::vector<Case> test_cases;
    if (std::ranges::any_of(best.changes, &Hypothesis::is_of_theta)) {
      test_cases = small_affine(situation_of(symptom.test_case, symptom.world, symptom.given));
    }
    test_cases.push_back(symptom.test_case);
    return reduced_as(test_cases, signature.cause,
                      furthest_element(documented, *symptom.expected).sample,
                      [&](const Case& test_case) -> std::optional<Symptom> {
                        if (shows_it_well && !shows_motion(test_case, symptom.test_case))
                          return std::nullopt;
                        auto expected = expected_of(best, test_case, symptom);
                        if (!expected) return std::nullopt;
                        return Symptom{.test_case = test_case,
                                       .expected = std::move(expected),
                                       .world = symptom.world,
                                       .given = symptom.given};
                      });
  }
  if (diagnosis.fault != Fault::implementation) return std::nullopt;
  if (!answerer && diagnosis.mutants.empty()) return std::nullopt;
  const SampleVerdict* const first = first_finding(diagnosis.judgment);
  const Mutant* const mutant = answerer ? nullptr : find_mutant(diagnosis.mutants.front());
  return reduced_as({symptom.test_case}, signature.cause, first == nullptr ? 0 : first->sample,
                    [&](const Case& test_case) -> std::optional<Symptom> {
                      const Answer answer =
                          answerer ? answerer(test_case) : mutant->answer(test_case);
                      const auto* output = std::get_if<Tensor>(&answer);
                      if (output == nullptr) return std::nullopt;
                      return Symptom{.test_case = test_case, .observed = *output};
                    });
}

}  // namespace gridproof::reports::diagnosis
