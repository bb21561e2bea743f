// The smallest question that shows the same mistake. Tested by reduction_test.cc.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "reports/diagnosis/diagnose.h"

namespace gridproof::reports::diagnosis {

// Two symptoms are the same if the same side is at fault, the cause is the same, and no new rival
// explanation appears.
struct Signature {
  Fault fault = Fault::none;
  std::string cause;                // a hypothesis, a mutant, or the clause that is broken
  std::vector<std::string> rivals;  // with the same evidence; sorted
};
Signature signature_of(const Diagnosis& diagnosis);

// The implementation that gave the observed output, if it can be run again.
using Answerer = std::function<Answer(const Case&)>;

struct Reduced {
  Symptom symptom;  // small, with the output that would be observed or expected
  Tensor right;     // the output that it must have: the expected one, or the one that the
                    // documentation demands
  Signature signature;
};

// Nothing if nothing is wrong, or if the output for a smaller question is unknown: if no mutant
// explains the answers of an implementation, it has to be run again. `diagnosis` is that of the
// symptom.
std::optional<Reduced> reduced(const Symptom& symptom, const Diagnosis& diagnosis,
                               const Answerer& answerer);

}  // namespace gridproof::reports::diagnosis
