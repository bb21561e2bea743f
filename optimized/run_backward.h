// The backward pass, cut into parts for the threads. Internal.
#pragma once

#include "optimized/kernels/backward.h"
#include "optimized/kernels/target.h"

namespace gridproof::optimized {

// Computes the gradients that are wanted, with at most `threads` threads (0: as many as the machine
// has).
void run_backward(const Backward& whole, Target target, int threads);

}  // namespace gridproof::optimized
