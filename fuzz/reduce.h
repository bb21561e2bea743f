// Reduces a case to the simplest one that a predicate still holds for: one sample, one channel,
// plain layout and options, small sizes, plain texels and coordinates. Tested by reduce_test.cc.
#pragma once

#include <functional>

#include "reference/contract/case.h"

namespace gridproof {

// Whether a case still shows what is being looked for. Must not depend on anything but the case.
using Interesting = std::function<bool(const Case&)>;

// Greedy: takes the first simpler case that is interesting, until none is or `patience` questions
// were asked. `sample` is the output location that showed it. Returns a case that is interesting;
// `question` must be.
Case reduce(Case question, std::int64_t sample, const Interesting& interesting, int patience = 400);

}  // namespace gridproof
