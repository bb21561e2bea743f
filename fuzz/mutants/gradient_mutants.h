// The dictionary of named wrong gradients: variations of the reference's backward pass, each of
// which breaks one clause the way that somebody's implementation does, or could. Their values are
// right. Tested by gradient_mutants_test.cc.
//
// An interaction is wrong only about some questions (more channels than a register holds, more
// samples than a block), and one that remembers only after certain others; what mutants.h says of
// memory holds here as well.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/mutants/mutants.h"
#include "reference/contract/backward.h"

namespace gridproof {

struct GradientMutant {
  std::string name;      // "border.not-zero"
  std::string chapter;   // its class: "padding"
  std::string clause;    // the clause that it breaks
  std::string sentence;  // what it does instead
  // A line `grid_sample_backward …` to which its answer is wrong. Of one that remembers: several
  // lines, asked of one fresh instance; the last answer is wrong.
  std::string separating;
  std::vector<Carrier> carriers;
  // Of an interaction: the questions that it is wrong about; it answers all others right. Empty:
  // all.
  std::function<bool(const BackwardCase&)> applies;
  // Its gradients of a question that it is wrong about and that is not refused.
  std::function<BackwardAnswer(const BackwardCase&)> gradients;
  // Of one that remembers: makes an instance.
  std::function<std::unique_ptr<Subject>()> remembering;

  [[nodiscard]] bool remembers() const { return static_cast<bool>(remembering); }
  // What a fresh instance answers.
  [[nodiscard]] BackwardAnswer answer(const BackwardCase& test_case) const;
  [[nodiscard]] std::unique_ptr<Subject> open() const;
};

// All of them, chapter by chapter.
const std::vector<GradientMutant>& gradient_mutants();

// The mutant with that name, or none.
const GradientMutant* find_gradient_mutant(std::string_view name);

// Among the mutants of values, and as a cause, it is called by this and its name.
inline constexpr std::string_view gradient_mutant_prefix = "grad.";
// The mutant that is called so, or none.
const GradientMutant* find_gradient_cause(std::string_view cause);

// The questions of `separating`.
std::vector<BackwardCase> separating_cases(const GradientMutant& mutant);

// A mutant as a subject named "mutant:grad.<name>".
SubjectEntry gradient_mutant_subject(const GradientMutant& mutant);

}  // namespace gridproof
