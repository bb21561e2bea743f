#include "optimized/cuda/backward-inl.h"

namespace gridproof::optimized::cuda {

void start_f16(const BackwardLaunch& launch) { start<Half>(launch); }

}  // namespace gridproof::optimized::cuda
