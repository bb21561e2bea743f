// The dictionary of named wrong semantics: variations of the reference, each of which breaks one
// clause the way that somebody's implementation does. A finding that a mutant reproduces has a
// name, and the default check must catch every one (score.h). Tested by fuzz/mutants_test.cc.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reference/contract/subject.h"
#include "reference/semantics/hooked.h"

namespace gridproof {

// Somebody who has, or had, a wrong semantics; the link says so in public.
struct Carrier {
  std::string who;
  std::string link;
};

struct Mutant {
  std::string name;        // "reflect.wrong-edge"
  std::string chapter;     // its class: "padding", one of chapters()
  std::string clause;      // the clause that it breaks
  std::string sentence;    // what it does instead
  std::string separating;  // a case line to which its answer is wrong
  std::vector<Carrier> carriers;
  // Why no finding can tell it from a correct implementation; empty: one must. (Then the case is
  // one to which the judge sees latitude being used.)
  std::string equivalent;
  semantics::Hooked rules;
  std::function<void(semantics::Hooked&)> change;  // what made `rules` of the documented ones

  [[nodiscard]] Answer answer(const Case& question) const {
    return semantics::grid_sample_with(question, rules);
  }
};

// All of them, chapter by chapter.
const std::vector<Mutant>& mutants();

// The mutant with that name, or none.
const Mutant* find_mutant(std::string_view name);

// Two mutants in one implementation, "nan.zero + align.flipped": where both replace one stage, the
// second one does.
Mutant both(const Mutant& one, const Mutant& other);
// What one or two mutants do, by the name of the one or of both.
std::optional<std::string> mutant_sentence(std::string_view name);

// A mutant as a subject named "mutant:<name>".
SubjectEntry mutant_subject(const Mutant& mutant);

}  // namespace gridproof
