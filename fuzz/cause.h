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
  std::size_t agreeing = 0;       // probes to which the mutant gives the subject's bits
  std::size_t probes = 0;         // samples that the judge objects to in the same way
  std::vector<std::string> ties;  // other mutants that nothing asked tells from it
};

// Calls a subject, the reference, and the judge: what it says of the subject's answer.
struct Trial {
  Subject& subject;
  Subject& reference;
  const Judge& judge;
};

// The mutant that explains the objections with that verdict and clause best, if one does, or the
// pair of them if no single one does. Probes
// are samples of the `reduced` case, of variations of it (other texels, sizes and coordinates), and
// of the `original` one, as far as the judge objects to them in the same way.
//
// A name needs evidence: the same bits in half of the probes or more if the mutant breaks the
// clause in question (the rest may be rounded otherwise), in three quarters if it breaks another;
// and three different finite values among them, because many mutants give NaN or zero for reasons
// of their own (only what NaN and infinite coordinates mean may be one value always); and no more
// samples where it is wrong although the subject is not. Mutants that explain the same are put to
// the subject once more, on the cases that separate them.
std::optional<Cause> explaining_mutant(const Trial& trial, Verdict verdict,
                                       const std::string& clause, const Case& reduced,
                                       const Case& original);

// The reduced case with other texels, sizes and coordinates of the same kind.
std::vector<Case> variations(const Case& reduced);

}  // namespace gridproof
