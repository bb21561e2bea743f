// Which wrong semantics explains a subject's answers: the mutants are asked what the subject was
// asked. Tested by cause_test.cc.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "oracle/judge/judge.h"
#include "reference/contract/subject.h"

namespace gridproof {

struct Cause {
  std::string mutant;
  // Samples where the judge objects, or the mutant is wrong; all of them have its answer,
  std::size_t probes = 0;
  std::size_t same_bits = 0;      // these bit by bit, the rest but for rounding
  std::vector<std::string> ties;  // other mutants of which the same holds
};

// Calls a subject, the reference, and the judge: what it says of the subject's answer.
struct Interrogation {
  Subject& subject;
  Subject& reference;
  const Judge& judge;
  // A fresh instance of the subject, which was asked nothing; without it the subject stands for it.
  std::function<std::unique_ptr<Subject>()> open = {};
  bool shortcut = true;  // take the reference's bits for right without looking further
};

// What was objected to.
struct Objection {
  Verdict verdict = Verdict::deviates;
  std::string clause;
  const Case& original;
  const Case& reduced;
  std::int64_t sample = 0;  // of `reduced`
};

// Whether they are of one kind; of tensors, whether all elements have the same bits.
bool same_answer(const Answer& one, const Answer& other);

// The mutant that explains an objection, or the pair of them if no single one does. The questions
// are the reduced case and those around it (battery.h), then the original case.
//
// A mutant can explain the samples where it gives another answer than the reference. It is named if
// the subject gives its answer on every one of these, and it can explain every sample that the
// judge objects to (of the original case only those with the objection's verdict and clause: others
// may have other causes). Rounding aside: answers that differ by less than rounding can make of
// them are the same, unless the reference's is among these. That is full agreement on some hundred
// samples; a name also needs that it could have failed, which it could not if the answers were
// always NaN or always zero, say: so there must be enough different answers, or enough different
// right answers, and samples to which both give the right one. Texels must differ for that: of an
// input that is the same along all its axes, as those are that are very long, nothing is evidence,
// and of one that is along some only answers other than 0, unless the mutant is right where the
// same texels stand one after another. Mutants that lack no more than that are put to the subject
// once more, with texels that differ, where that takes no more than a hundred megabytes.
//
// In a dtype of 16 bits a name must hold in f32 as well, if the subject is wrong there.
//
// A subject whose answers depend on the order of the questions gets no name.
//
// Mutants that explain the same are put to the subject once more, on the cases that separate them.
std::optional<Cause> explaining_mutant(const Interrogation& interrogation,
                                       const Objection& objection);

}  // namespace gridproof
