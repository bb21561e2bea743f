// A part of the output, sample by sample: right for every layout and size, in no hurry.
#pragma once

#include "optimized/kernels/problem.h"

namespace gridproof::optimized {

void run_generic(const Problem& problem, const Part& part);

}  // namespace gridproof::optimized
