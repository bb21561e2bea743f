#include "optimized/cuda/backward-inl.h"

namespace gridproof::optimized::cuda {

void start_bf16(const BackwardLaunch& launch) { start<BFloat16>(launch); }

}  // namespace gridproof::optimized::cuda
