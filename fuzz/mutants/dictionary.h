// The chapters of the dictionary; mutants.cc binds them together.
#pragma once

#include <vector>

#include "fuzz/mutants/mutants.h"

namespace gridproof::dictionary {

using semantics::Axis;
using semantics::Documented;
using semantics::Hooked;

// A mutant that changes what `change` does to the reference's rules.
template <class Change>
Mutant mutant(std::string name, std::string clause, std::string sentence, Change&& change) {
  Mutant result{std::move(name), std::move(clause), std::move(sentence), {}};
  change(result.rules);
  return result;
}

std::vector<Mutant> of_coordinates();
std::vector<Mutant> of_padding();
std::vector<Mutant> of_interpolation();
std::vector<Mutant> of_tensors();

}  // namespace gridproof::dictionary
