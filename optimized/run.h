// A checked problem, cut into parts for the threads. Internal.
#pragma once

#include <string>

#include "optimized/problem.h"
#include "optimized/target.h"

namespace gridproof::optimized {

// Computes the whole output, with at most `threads` threads (0: as many as the machine has).
void run(const Problem& problem, Target target, int threads);

// How `run` would do it, in one line.
std::string explain(const Problem& problem, Target target, int threads);

}  // namespace gridproof::optimized
