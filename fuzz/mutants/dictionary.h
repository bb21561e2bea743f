// The chapters of the dictionary; mutants.cc binds them together.
#pragma once

#include <utility>
#include <vector>

#include "fuzz/mutants/mutants.h"

namespace gridproof::dictionary {

using semantics::Axis;
using semantics::Documented;
using semantics::Hooked;

// What an entry says; the code follows it.
struct MutantText {
  std::string name;
  std::string clause;
  std::string sentence;
  std::string separating;
  std::vector<Carrier> carriers = {};
};

// A mutant that changes what `change` does to the reference's rules.
template <class Change>
Mutant mutant(MutantText&& words, Change&& change) {
  Mutant result{.name = std::move(words.name),
                .chapter = {},
                .clause = std::move(words.clause),
                .sentence = std::move(words.sentence),
                .separating = std::move(words.separating),
                .carriers = std::move(words.carriers),
                .equivalent = {},
                .rules = {},
                .change = std::forward<Change>(change),
                .applies = {},
                .kernel = {},
                .remembering = {}};
  result.change(result.rules);
  return result;
}

// A mutant that does so to the questions for which `applies(question)`.
template <class Applies, class Change>
Mutant interaction(MutantText&& words, Applies&& applies, Change&& change) {
  Mutant result = mutant(std::move(words), std::forward<Change>(change));
  result.applies = std::forward<Applies>(applies);
  return result;
}

// A mutant that answers these questions by code that is no variation of the reference's.
template <class Applies>
Mutant kernel(MutantText&& words, Applies&& applies, Answer (*answer)(const Case&)) {
  Mutant result = interaction(std::move(words), std::forward<Applies>(applies), [](Hooked&) {});
  result.kernel = answer;
  return result;
}

// A mutant whose instances are subjects of the class `Memory`.
template <class Memory>
Mutant remembering(MutantText&& words) {
  Mutant result = mutant(std::move(words), [](Hooked&) {});
  result.remembering = [] { return std::make_unique<Memory>(); };
  return result;
}

// One that no finding can tell from a correct implementation, for that reason.
inline Mutant equivalent(Mutant mutant, std::string reason) {
  mutant.equivalent = std::move(reason);
  return mutant;
}

// One that answers what the documentation excludes: that adds to the operator and changes none of
// its values.
template <class Change>
Mutant extension(MutantText words, Change&& change) {
  return equivalent(mutant(std::move(words), change),
                    "it answers what the documentation excludes, which only --strict forbids");
}

std::vector<Mutant> of_options();
std::vector<Mutant> of_coordinates();
std::vector<Mutant> of_nonfinite();
std::vector<Mutant> of_padding();
std::vector<Mutant> of_nearest();
std::vector<Mutant> of_weights();
std::vector<Mutant> of_arithmetic();
std::vector<Mutant> of_tensors();
std::vector<Mutant> of_own_type();
std::vector<Mutant> of_sizes();
std::vector<Mutant> of_layouts();
std::vector<Mutant> of_specials();
std::vector<Mutant> of_shortcuts();
std::vector<Mutant> of_combinations();
std::vector<Mutant> of_state();

}  // namespace gridproof::dictionary
