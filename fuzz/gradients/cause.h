// Which named wrong gradients explain a subject's answers: the mutants are asked what the subject
// was asked. Tested by cause_test.cc.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "oracle/gradients/gradient_judge.h"
#include "reference/contract/backward.h"
#include "reference/contract/subject.h"

namespace gridproof {

struct GradientCause {
  std::string mutant;
  std::size_t numbers = 0;        // that the judge objects to; the mutant gives all of them,
  std::size_t same_bits = 0;      // these bit by bit, the rest but for rounding
  std::vector<std::string> ties;  // other mutants of which the same holds
};

// What was objected to, in the question that it was found in and in the smallest that shows it.
struct GradientObjection {
  Gradient gradient = Gradient::input;
  Verdict verdict = Verdict::deviates;
  std::string clause;
  const BackwardCase& original;
  const BackwardCase& reduced;
};

// The mutant that explains an objection. `fresh` was asked nothing yet: it is asked the reduced
// question, those around it (battery.h) and the original one.
//
// A mutant is named if every number that the judge objects to is the mutant's and not the
// reference's, and every number that is the mutant's alone is the subject's too; of the original
// question only those with the objection's verdict and clause count, others may have other causes.
// The numbers are compared bit by bit, or else but for rounding. A name also needs that it could
// have failed: many numbers, enough of them different.
std::optional<GradientCause> explaining_gradient_mutant(Subject& fresh, const GradientJudge& judge,
                                                        const GradientObjection& objection);

}  // namespace gridproof
