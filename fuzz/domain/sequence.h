// Questions one after another, in the same memory, of which some are equal: what a subject answers
// must not depend on what it was asked before. Tested by sequence_test.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "fuzz/domain/part.h"
#include "reference/contract/case.h"

namespace gridproof {

struct Step {
  Case test_case;
  std::optional<std::size_t> same_as;  // the earlier step that asks the same
};

// One kind of question, with other contents, other shapes, other options, another layout, a
// refusal, nothing at all and a large one in between. Each question has no more than some thousand
// elements, but for the large one.
std::vector<Step> sequence(std::size_t kind, const Part& part, std::uint64_t seed);

// Samples of all its steps.
std::int64_t sample_count(const std::vector<Step>& steps);

}  // namespace gridproof
