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
std::optional<Tensor> expected_of(const Trial& trial, const Case& question,
                                  const Symptom& symptom) {
  const Situation situation = situation_of(question, symptom.world, symptom.given);
  const Sites sites(question, question.grid.element_count());
  const std::optional<Meant> meant = meant_by(trial.changes, situation, sites);
  if (!meant) return std::nullopt;
  const Case right{request_for(meant->options), meant->input.value_or(question.input),
                   Tensor(question.grid.dtype(), question.grid.shape(), meant->coordinates)};
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
  for (std::size_t i = 0; i < expected.size() && !trial.numbers.empty(); ++i) {
    expected[i] = trial.numbers[i / plane % channels % trial.numbers.size()];
  }
  if (!finish(*meant, sites, question.input.shape(), values, expected)) return std::nullopt;
  return Tensor(output->dtype(), output->shape(), values);
}

// Whether a person can see in it where the texels go: there is more than one, along each axis that
// had more than one, and a coordinate is not 0.
bool shows_motion(const Case& question, const Case& original) {
  for (int axis = 2; axis < std::min(question.input.rank(), original.input.rank()); ++axis) {
    if (question.input.size(axis) == 1 && original.input.size(axis) > 1) return false;
  }
  const std::vector<double> texels = question.input.values();
  const std::vector<double> grid = question.grid.values();
  return !are_all_equal(texels) && std::ranges::any_of(grid, [](double x) { return x != 0; });
}

// The symptom that a question would be; none where it would be none.
using Symptomatic = std::function<std::optional<Symptom>(const Case&)>;

// The first of the questions that shows the cause, made smaller. `sample` is of the last of them.
std::optional<Reduced> reduced_as(const std::vector<Case>& questions, const std::string& cause,
                                  std::int64_t sample, const Symptomatic& symptom_of) {
  const auto signature_at = [&](const Case& candidate) -> std::optional<Signature> {
    if (!std::holds_alternative<Tensor>(grid_sample(candidate))) return std::nullopt;
    const std::optional<Symptom> smaller = symptom_of(candidate);
    return smaller ? std::optional(signature_of(diagnose(*smaller))) : std::nullopt;
  };
  const Case* start = nullptr;
  Signature signature;
  for (const Case& question : questions) {
    auto found = signature_at(question);
    if (!found || found->cause != cause) continue;
    start = &question;
    signature = std::move(*found);
    break;
  }
  if (start == nullptr) return std::nullopt;
  const Case question =
      reduce(*start, start == &questions.back() ? sample : 0, [&](const Case& candidate) {
        const auto found = signature_at(candidate);
        return found && is_same(*found, signature);
      });
  const std::optional<Symptom> smallest = symptom_of(question);
  if (!smallest) return std::nullopt;
  Reduced result{.symptom = *smallest, .right = {}, .signature = signature_of(diagnose(*smallest))};
  result.right = smallest->expected ? *smallest->expected : std::get<Tensor>(grid_sample(question));
  return result;
}

// Small questions with the same theta: a grid cut to a few locations would be that of another.
std::vector<Case> small_affine(const Situation& situation) {
  const auto& thetas = situation.thetas[situation.options().align_corners ? 1 : 0];
  std::vector<Case> questions;
  if (!thetas || thetas->empty()) return questions;
  const Case& asked = situation.question;
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
      questions.push_back({asked.request, Tensor(dtype, input, texels), *made});
    }
  }
  return questions;
}

}  // namespace

Signature signature_of(const Diagnosis& diagnosis) {
  Signature signature{.fault = diagnosis.fault, .cause = "", .rivals = {}};
  if (diagnosis.fault == Fault::usage) {
    signature.cause = diagnosis.trials.front().name();
    for (const Tie& tie : diagnosis.ties) signature.rivals.push_back(tie.name);
  } else if (diagnosis.fault == Fault::implementation) {
    const SampleVerdict* const first = first_finding(diagnosis.judgement);
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
    const Tensor documented = std::get<Tensor>(grid_sample(symptom.question));
    const Trial& best = diagnosis.trials.front();
    const bool shows_it_well = shows_motion(symptom.question, symptom.question);
    std::vector<Case> questions;
    if (std::ranges::any_of(best.changes, &Hypothesis::is_of_theta)) {
      questions = small_affine(situation_of(symptom.question, symptom.world, symptom.given));
    }
    questions.push_back(symptom.question);
    return reduced_as(questions, signature.cause,
                      furthest_element(documented, *symptom.expected).sample,
                      [&](const Case& question) -> std::optional<Symptom> {
                        if (shows_it_well && !shows_motion(question, symptom.question))
                          return std::nullopt;
                        auto expected = expected_of(best, question, symptom);
                        if (!expected) return std::nullopt;
                        return Symptom{.question = question,
                                       .expected = std::move(expected),
                                       .world = symptom.world,
                                       .given = symptom.given};
                      });
  }
  if (diagnosis.fault != Fault::implementation) return std::nullopt;
  if (!answerer && diagnosis.mutants.empty()) return std::nullopt;
  const SampleVerdict* const first = first_finding(diagnosis.judgement);
  const Mutant* const mutant = answerer ? nullptr : find_mutant(diagnosis.mutants.front());
  return reduced_as({symptom.question}, signature.cause, first == nullptr ? 0 : first->sample,
                    [&](const Case& question) -> std::optional<Symptom> {
                      const Answer answer =
                          answerer ? answerer(question) : mutant->answer(question);
                      const auto* output = std::get_if<Tensor>(&answer);
                      if (output == nullptr) return std::nullopt;
                      return Symptom{.question = question, .observed = *output};
                    });
}

}  // namespace gridproof::reports::diagnosis
