// The dictionary of named wrong semantics: variations of the reference, each of which breaks one
// clause the way that somebody's implementation does. A finding that a mutant reproduces has a
// name, and the default check must catch every one (score.h). Tested by
// fuzz/campaign/mutants_test.cc.
//
// A plain mutant is wrong wherever its clause rules. An interaction is wrong only where several
// traits of a question meet (a size and a layout, a mode and a channel count), and one that
// remembers only after certain other questions. How memory is meant:
//
// - `open()` is a fresh instance, which knows nothing of what others were asked. Whoever asks
//   several questions opens one instance, asks them in order, and opens another for the next
//   sequence: then what a sequence shows depends on the sequence alone, not on threads or shards.
// - `answer()` is what a fresh instance says to its first question; of all that remember nothing,
//   that is all there is. One that remembers answers its first question right.
// - Caches are keyed by what an implementation can see, the address of a tensor's storage included
//   (`Tensor::storage()`). same_memory.h puts one question after another at the same address.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reference/contract/subject.h"
#include "reference/semantics/hooked.h"

namespace gridproof {

// Somebody who has, or had, a wrong semantics; the link says so in public.
struct Carrier {
  std::string_view who;
  std::string_view link;
};

struct Mutant {
  std::string name;      // "reflect.wrong-edge"
  std::string chapter;   // its class: "padding", one of chapters()
  std::string clause;    // the clause that it breaks
  std::string sentence;  // what it does instead
  // A case line to which its answer is wrong. Of one that remembers: several lines, asked of one
  // fresh instance in the same memory; the last answer is wrong.
  std::string separating;
  std::vector<Carrier> carriers;
  // Why no finding can tell it from a correct implementation; empty: one must. (Then the case is
  // one to which the judge sees latitude being used.)
  std::string equivalent;
  semantics::Hooked rules;
  std::function<void(semantics::Hooked&)> change;  // what made `rules` of the documented ones
  // The questions that `rules` are for; it answers all others right. Every interaction has this,
  // and who is asked in vain most of the time. Empty: all.
  std::function<bool(const Case&)> applies;
  // Of one whose answers no change of `rules` gives: how it answers the questions it is for.
  std::function<Answer(const Case&)> kernel;
  // Of one that remembers: makes an instance, whose answers depend on what it was asked before;
  // `rules` are the documented ones.
  std::function<std::unique_ptr<Subject>()> remembering;
  bool is_interaction = false;  // not plain

  [[nodiscard]] bool remembers() const { return static_cast<bool>(remembering); }
  // Known without asking: `rules` are not for the question.
  [[nodiscard]] bool is_right_about(const Case& test_case) const {
    return applies && !applies(test_case);
  }
  [[nodiscard]] Answer answer(const Case& test_case) const;
  [[nodiscard]] std::unique_ptr<Subject> open() const;
};

// All of them, chapter by chapter.
const std::vector<Mutant>& mutants();

// The mutant with that name, or none.
const Mutant* find_mutant(std::string_view name);

// The questions of `separating`.
std::vector<Case> separating_cases(const Mutant& mutant);

// Two plain mutants in one implementation, "nan.zero + align.flipped": where both replace one
// stage, the second one does.
Mutant both(const Mutant& one, const Mutant& other);
// One mutant or two in one, by name.
std::optional<Mutant> mutant_named(std::string_view name);
// What it does.
std::optional<std::string> mutant_sentence(std::string_view name);

// A mutant as a subject named "mutant:<name>".
SubjectEntry mutant_subject(const Mutant& mutant);

}  // namespace gridproof
