#include "optimized/cuda/kernels-inl.h"

namespace gridproof::optimized::cuda {

void start_f16(const Launch& launch) { start<Half>(launch); }

}  // namespace gridproof::optimized::cuda
