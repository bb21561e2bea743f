// A call as a problem, and a problem cut into parts for the threads. Internal.
#pragma once

#include <string>

#include "optimized/grid_sample.h"
#include "optimized/kernels/problem.h"
#include "optimized/kernels/target.h"

namespace gridproof::optimized {

// The problem of a call. Throws RefusedError, as grid_sample does. T is an element type.
template <class T>
Problem problem_of(const View<T>& input, const View<T>& grid, const Options& options,
                   const OutputView<T>& output);

// The target of a call. Throws std::runtime_error if it is not possible on this machine.
Target target_of(const Settings& settings);

// Whether its tensors together are much larger than what a cache may keep.
bool exceeds_caches(const Problem& problem);

// Computes the whole output, with at most `threads` threads (0: as many as the machine has).
void run(Problem problem, Target target, int threads);

// How `run` would do it, in one line.
std::string explain(const Problem& problem, Target target, int threads);

}  // namespace gridproof::optimized
