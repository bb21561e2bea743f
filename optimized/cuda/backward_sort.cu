#include "optimized/cuda/backward-inl.h"

namespace gridproof::optimized::cuda {

void start_sort(const BackwardLaunch& launch) {
  visit_sort(launch, [&](const auto& thread) { start_threads(launch, thread); });
}

}  // namespace gridproof::optimized::cuda
