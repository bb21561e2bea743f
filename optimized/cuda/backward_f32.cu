#include "optimized/cuda/backward-inl.h"

namespace gridproof::optimized::cuda {

void start_f32(const BackwardLaunch& launch) { start<float>(launch); }

}  // namespace gridproof::optimized::cuda
