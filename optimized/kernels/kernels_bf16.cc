#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "optimized/kernels/kernels_bf16.cc"
#include "hwy/foreach_target.h"
#include "optimized/kernels/kernels-inl.h"

#if HWY_ONCE
namespace gridproof::optimized {

void run_bf16(Target target, Kernel kernel, const Problem& problem, const Part& part) {
  GRIDPROOF_RUN_FOR_TARGET(BFloat16, target, kernel, problem, part)
}

}  // namespace gridproof::optimized
#endif
