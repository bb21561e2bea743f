// The chapters of the dictionary; mutants.cc binds them together.
#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "fuzz/mutants/mutants.h"

namespace gridproof::dictionary {

using semantics::Axis;
using semantics::Documented;
using semantics::Hooked;

// What an entry says; the code follows it. Texts of the program, which stay where they are.
struct MutantText {
  std::string_view name;
  std::string_view clause;
  std::string_view sentence;
  std::string_view separating;
  std::vector<Carrier> carriers = {};
};

// What these take is no template: there are hundreds of entries, and each would have its own.
using Change = std::function<void(Hooked&)>;
using Applies = std::function<bool(const Case&)>;

// A mutant that changes what `change` does to the reference's rules.
Mutant mutant(MutantText words, Change change);

// A mutant that does so to the questions for which `applies(question)`.
Mutant interaction(MutantText words, Applies applies, Change change);

// A mutant that answers these questions by code that is no variation of the reference's.
Mutant kernel(MutantText words, Applies applies, Answer (*answer)(const Case&));

// A mutant whose instances are subjects of the class `Memory`.
template <class Memory>
Mutant remembering(MutantText words) {
  Mutant result = mutant(std::move(words), [](Hooked&) {});
  result.remembering = [] { return std::make_unique<Memory>(); };
  return result;
}

// One that no finding can tell from a correct implementation, for that reason.
Mutant equivalent(Mutant mutant, std::string_view reason);

// One that answers what the documentation excludes: that adds to the operator and changes none of
// its values.
Mutant extension(MutantText words, Change change);

// One that can be wrong only about the questions for which `applies(question)`: it need not be
// asked others.
Mutant only_about(Applies applies, Mutant mutant);

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
