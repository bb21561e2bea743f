// Which of the named wrong gradients the campaign catches, and how soon. Tested by score_test.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fuzz/domain/part.h"
#include "fuzz/mutants/gradient_mutants.h"

namespace gridproof {

struct GradientScore {
  const GradientMutant* mutant = nullptr;
  std::optional<std::int64_t> cases;  // asked until the first finding; nothing if it survived
  std::string clause;                 // of that finding
};

// Each mutant alone, by one thread and the usual profile, in the order of `dictionary`: the first
// questions of the plan for a part of the operator.
std::vector<GradientScore> gradient_scores(const std::vector<GradientMutant>& dictionary,
                                           std::uint64_t seed, std::int64_t max_cases,
                                           int threads = 0, const Part& part = {});

}  // namespace gridproof
