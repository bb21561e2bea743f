// The dictionary of named wrong semantics: variations of the reference, each of which breaks one
// clause the way that somebody's implementation does. A finding that a mutant reproduces has a
// name. The default check must catch every one: controls_test.cc.
#pragma once

#include <string>
#include <vector>

#include "reference/contract/subject.h"
#include "reference/semantics/hooked.h"

namespace gridproof {

struct Mutant {
  std::string name;      // "reflect.wrong-edge"
  std::string clause;    // the clause that it breaks
  std::string sentence;  // what it does instead
  semantics::Hooked rules;

  [[nodiscard]] Answer answer(const Case& question) const {
    return semantics::grid_sample_with(question, rules);
  }
};

// All of them, in the order of the clauses.
const std::vector<Mutant>& mutants();

// A mutant as a subject named "mutant:<name>".
SubjectEntry mutant_subject(const Mutant& mutant);

}  // namespace gridproof
