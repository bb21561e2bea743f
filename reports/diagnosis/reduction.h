// The smallest question that shows the same mistake. Tested by reduction_test.cc.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "reports/diagnosis/diagnose.h"

namespace gridproof::reports::diagnosis {

// What makes two symptoms the same: which side is at fault, the cause, and no rival of it that was
// not there before.
struct Signature {
  Fault fault = Fault::none;
  std::string cause;                // a hypothesis, a mutant, or the clause that is broken
  std::vector<std::string> rivals;  // with the same evidence; sorted
};
Signature signature_of(const Diagnosis& diagnosis);

// Who gave what was observed, if it can be asked again.
using Answerer = std::function<Answer(const Case&)>;

struct Reduced {
  Symptom symptom;  // small, with what would be observed or expected of it
  Tensor right;     // what must come out: what was expected, or what the documentation demands
  Signature signature;
};

// None where nothing is wrong, or where nobody can say what would come out of a smaller question:
// an implementation whose answers no mutant explains has to be asked itself. `diagnosis` is that of
// the symptom.
std::optional<Reduced> reduced(const Symptom& symptom, const Diagnosis& diagnosis,
                               const Answerer& answerer);

}  // namespace gridproof::reports::diagnosis
