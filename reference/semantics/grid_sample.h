// grid_sample and its gradients by the specification: every value to the last bit.
// Clauses: all of this folder. Tested by grid_sample_test.cc, gradients_test.cc and
// clauses_test.cc.
#pragma once

#include "reference/contract/subject.h"

namespace gridproof {

// The output, or the refusal of this case. Throws nothing but std::bad_alloc.
Answer grid_sample(const Case& test_case);

// The gradients that are wanted, likewise: of input and grid, given that of the output.
BackwardAnswer grid_sample_backward(const BackwardCase& test_case);

SubjectEntry reference_subject();

}  // namespace gridproof
