#include "reports/diagnosis/reduction.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "fuzz/mutants/mutants.h"
#include "fuzz/reduce.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof::diagnosis {
namespace {

bool is_same(const Signature& one, const Signature& other) {
  return one.fault == other.fault && one.cause == other.cause &&
         std::ranges::includes(other.rivals, one.rivals);
}

// What is expected of another question if the same mistake is made in it.
std::optional<Tensor> expected_of(const Trial& trial, const Case& question,
                                  const std::vector<double>& spacing) {
  const Situation situation = situation_of(question, spacing);
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

// Whether a person can see in it where the texels go: there is more than one, and a coordinate
// that is not 0.
bool shows_motion(const Case& question) {
  const std::vector<double> texels = question.input.values();
  const std::vector<double> grid = question.grid.values();
  return std::ranges::adjacent_find(texels, std::not_equal_to<>()) != texels.end() &&
         std::ranges::any_of(grid, [](double x) { return x != 0; });
}

// The symptom that a question would be; none where it would be none.
using Symptomatic = std::function<std::optional<Symptom>(const Case&)>;

std::optional<Reduced> reduced_as(const Symptom& symptom, const Signature& signature,
                                  std::int64_t sample, const Symptomatic& symptom_of) {
  const auto shows_it = [&](const Case& candidate) {
    if (!std::holds_alternative<Tensor>(grid_sample(candidate))) return false;
    const std::optional<Symptom> smaller = symptom_of(candidate);
    return smaller && is_same(signature_of(diagnose(*smaller)), signature);
  };
  if (!shows_it(symptom.question)) return std::nullopt;
  const Case question = reduce(symptom.question, sample, shows_it);
  const std::optional<Symptom> smallest = symptom_of(question);
  if (!smallest) return std::nullopt;
  Reduced result{.symptom = *smallest, .right = {}, .signature = signature_of(diagnose(*smallest))};
  result.right = smallest->expected ? *smallest->expected : std::get<Tensor>(grid_sample(question));
  return result;
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
    const bool shows_it_well = shows_motion(symptom.question);
    return reduced_as(
        symptom, signature, furthest_sample(documented, *symptom.expected),
        [&](const Case& question) -> std::optional<Symptom> {
          if (shows_it_well && !shows_motion(question)) return std::nullopt;
          auto expected = expected_of(diagnosis.trials.front(), question, symptom.spacing);
          if (!expected) return std::nullopt;
          return Symptom{
              .question = question, .expected = std::move(expected), .spacing = symptom.spacing};
        });
  }
  if (diagnosis.fault != Fault::implementation) return std::nullopt;
  if (!answerer && diagnosis.mutants.empty()) return std::nullopt;
  const SampleVerdict* const first = first_finding(diagnosis.judgement);
  const Mutant* const mutant = answerer ? nullptr : find_mutant(diagnosis.mutants.front());
  return reduced_as(symptom, signature, first == nullptr ? 0 : first->sample,
                    [&](const Case& question) -> std::optional<Symptom> {
                      const Answer answer =
                          answerer ? answerer(question) : mutant->answer(question);
                      const auto* output = std::get_if<Tensor>(&answer);
                      if (output == nullptr) return std::nullopt;
                      return Symptom{.question = question, .observed = *output};
                    });
}

}  // namespace gridproof::diagnosis
