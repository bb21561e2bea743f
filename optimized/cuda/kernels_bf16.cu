#include "optimized/cuda/kernels-inl.h"

namespace gridproof::optimized::cuda {

void start_bf16(const Launch& launch) { start<BFloat16>(launch); }

}  // namespace gridproof::optimized::cuda
