// Which wrong semantics explains a subject's answers: the mutants are asked what the subject was
// asked. Tested by cause_test.cc.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "oracle/judge/judge.h"
#include "reference/contract/subject.h"

namespace gridproof {

struct Cause {
  std::string mutant;
  std::size_t agreeing = 0;  // probes to which the mutant gives the subject's bits
  std::size_t probes = 0;    // samples that the judge objects to in the same way
};

// Calls a subject, the reference, and the judge: what it says of the subject's answer.
struct Trial {
  Subject& subject;
  Subject& reference;
  const Judge& judge;
};

// The mutant that explains the objections with that verdict and clause best, if one does. Probes
// are samples of the `reduced` case, of variations of it (other texels, sizes and coordinates), and
// of the `original` one, as far as the judge objects to them in the same way.
//
// A name needs evidence. A mutant that breaks the clause in question must have the same bits in a
// quarter of the probes (the rest may be rounded otherwise), with three different finite values
// among them; or in three quarters where the answers are always the same. A mutant that breaks
// another clause must have three quarters and different values: many mutants give NaN or zero, for
// reasons of their own.
std::optional<Cause> explaining_mutant(const Trial& trial, Verdict verdict,
                                       const std::string& clause, const Case& reduced,
                                       const Case& original);

// The reduced case with other texels, sizes and coordinates of the same kind.
std::vector<Case> variations(const Case& reduced);

}  // namespace gridproof
