#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "optimized/kernels/backward_f32.cc"
#include "hwy/foreach_target.h"
#include "optimized/kernels/backward-inl.h"

#if HWY_ONCE
namespace gridproof::optimized {

void run_backward_f32(Target target, Step step, const Backward& backward,
                      const BackwardPart& part) {
  GRIDPROOF_RUN_FOR_TARGET(float, target, step, backward, part)
}

}  // namespace gridproof::optimized
#endif
