// The benchmark: this project's kernels and a rival, in pairs, on the same memory, with the same
// number of threads, after both answers were judged. The rival's program calls bench_main.
#pragma once

#include <functional>
#include <string>

#include "optimized/bench/workloads.h"

namespace gridproof::bench {

struct Rival {
  std::string name;  // "LibTorch 2.15.0"
  // Makes it use so many threads.
  std::function<void(int)> use_threads;
  // Its answer, dense; valid until the next call.
  std::function<const float*(const Workload&, const float* input, const float* grid)> answer;
};

// Returns the exit code: 0, or 1 if an answer of ours was not the reference's, 2 for bad arguments.
int bench_main(int argc, char** argv, const Rival& rival);

}  // namespace gridproof::bench
