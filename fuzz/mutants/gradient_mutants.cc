#include "fuzz/mutants/gradient_mutants.h"

#include <algorithm>
#include <sstream>
#include <utility>

#include "fuzz/mutants/gradient_dictionary.h"

namespace gridproof {

GradientMutant dictionary::gradients_by(MutantText words,
                                        std::function<BackwardAnswer(const BackwardCase&)> answer) {
  GradientMutant result;
  result.name = words.name;
  result.clause = words.clause;
  result.sentence = words.sentence;
  result.separating = words.separating;
  result.carriers = std::move(words.carriers);
  result.gradients = std::move(answer);
  return result;
}

BackwardAnswer GradientMutant::answer(const BackwardCase& test_case) const {
  if (remembers()) return open()->backward(test_case);
  if (semantics::refusal_of(test_case) || (applies && !applies(test_case))) {
    return grid_sample_backward(test_case);
  }
  return gradients(test_case);
}

std::unique_ptr<Subject> GradientMutant::open() const {
  if (remembers()) return remembering();
  return std::make_unique<FunctionSubject>(
      grid_sample,
      [mutant = *this](const BackwardCase& test_case) { return mutant.answer(test_case); });
}

const std::vector<GradientMutant>& gradient_mutants() {
  static const std::vector<GradientMutant> all = [] {
    std::vector<GradientMutant> list;
    const auto add = [&list](const char* chapter, std::vector<GradientMutant> entries) {
      for (GradientMutant& entry : entries) {
        entry.chapter = chapter;
        list.push_back(std::move(entry));
      }
    };
    add("scale", dictionary::of_gradient_scales());
    add("axes", dictionary::of_gradient_axes());
    add("cells", dictionary::of_gradient_cells());
    add("padding", dictionary::of_gradient_padding());
    add("modes", dictionary::of_gradient_modes());
    add("channels", dictionary::of_gradient_channels());
    add("samples", dictionary::of_gradient_samples());
    add("sums", dictionary::of_gradient_sums());
    add("tensors", dictionary::of_gradient_tensors());
    return list;
  }();
  return all;
}

const GradientMutant* find_gradient_mutant(std::string_view name) {
  const auto found = std::ranges::find(gradient_mutants(), name, &GradientMutant::name);
  return found == gradient_mutants().end() ? nullptr : &*found;
}

const GradientMutant* find_gradient_cause(std::string_view cause) {
  if (!cause.starts_with(gradient_mutant_prefix)) return nullptr;
  return find_gradient_mutant(cause.substr(gradient_mutant_prefix.size()));
}

std::vector<BackwardCase> separating_cases(const GradientMutant& mutant) {
  std::vector<BackwardCase> cases;
  std::istringstream lines(mutant.separating);
  for (std::string line; std::getline(lines, line);) cases.push_back(parse_backward_case(line));
  return cases;
}

SubjectEntry gradient_mutant_subject(const GradientMutant& mutant) {
  return {.name = "mutant:" + std::string(gradient_mutant_prefix) + mutant.name,
          .description = mutant.sentence,
          .open = [mutant] { return mutant.open(); }};
}

}  // namespace gridproof
