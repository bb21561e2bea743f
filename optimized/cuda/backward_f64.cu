#include "optimized/cuda/backward-inl.h"

namespace gridproof::optimized::cuda {

void start_f64(const BackwardLaunch& launch) { start<double>(launch); }

}  // namespace gridproof::optimized::cuda
