// The benchmark: this project's kernels and rivals, in pairs, on the same memory, with the same
// number of threads, after every answer was judged. The first rival's program calls bench_main.
#pragma once

#include "optimized/bench/rival.h"

namespace gridproof::bench {

// Returns the exit code: 0, or 1 if an answer of ours was not the reference's, 2 for bad arguments.
int bench_main(int argc, char** argv, Rival& rival);

}  // namespace gridproof::bench
