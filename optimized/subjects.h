// The kernels as subjects: "portable", "neon", "avx2", "avx512".
#pragma once

#include <optional>
#include <vector>

#include "optimized/kernels/target.h"
#include "reference/contract/subject.h"

namespace gridproof::optimized {

// Why a question has no answer, if it has none.
std::optional<Refusal> refuse(const Case& test_case);

// The answer of one target, with so many threads.
Answer answer(const Case& test_case, Target target, int threads);

// One for each target; `open` of one that is not possible here throws and says so.
std::vector<SubjectEntry> subjects();

}  // namespace gridproof::optimized
