// Reduces a case to the simplest one that a predicate still holds for: one sample, one channel,
// plain layout and options, small sizes, plain texels and coordinates. Tested by reduce_test.cc.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "reference/contract/case.h"

namespace gridproof {

// Whether a case still shows what is being looked for. Must not depend on anything but the case.
using Interesting = std::function<bool(const Case&)>;

// Whether the shapes are those of a question with an answer, so that both can be cut along axes.
bool can_be_cut(const Case& test_case);

// The question at one output location of it.
Case at_location(const Case& test_case, std::int64_t sample);

// What reducing leaves alone: nothing, or what an implementation has different kernels for, the
// dtype and the rank. Other kernels may have other faults.
enum class Keeping : std::uint8_t { nothing, kernel };

// Greedy: takes the first simpler case that is interesting, until none is or `patience` questions
// were asked. `sample` is the output location that showed it. Returns a case that is interesting;
// `question` must be.
Case reduce(Case test_case, std::int64_t sample, const Interesting& interesting, int patience = 400,
            Keeping keeping = Keeping::nothing);

// The same question, where that is possible, as one of f32 and as one of a lower rank, both first.
std::vector<Case> in_plainer_kernels(const Case& test_case);

}  // namespace gridproof
