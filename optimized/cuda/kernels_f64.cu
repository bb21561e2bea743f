#include "optimized/cuda/kernels-inl.h"

namespace gridproof::optimized::cuda {

void start_f64(const Launch& launch) { start<double>(launch); }

}  // namespace gridproof::optimized::cuda
