// grid_sample by the specification: every value to the last bit.
// Clauses: all of this folder. Tested by grid_sample_test.cc and clauses_test.cc.
#pragma once

#include <cstdint>

#include "reference/contract/subject.h"
#include "reference/semantics/stages.h"

namespace gridproof {

// The output, or the refusal of this case. Throws nothing but std::bad_alloc.
Answer grid_sample(const Case& test_case);

// The stages of one sample, counted in row-major order over (N, output locations), of a case that
// is not refused. The numbers are those of the computation; double holds them exactly.
semantics::Sample<double> stages_of(const Case& test_case, std::int64_t sample);

SubjectEntry reference_subject();

}  // namespace gridproof
