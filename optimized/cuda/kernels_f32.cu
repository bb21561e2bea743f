#include "optimized/cuda/kernels-inl.h"

namespace gridproof::optimized::cuda {

void start_f32(const Launch& launch) { start<float>(launch); }

}  // namespace gridproof::optimized::cuda
