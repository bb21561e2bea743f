// What every backward_<dtype>.cc compiles for each target. Included once for each target.

#if defined(GRIDPROOF_OPTIMIZED_BACKWARD_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef GRIDPROOF_OPTIMIZED_BACKWARD_INL_H
#undef GRIDPROOF_OPTIMIZED_BACKWARD_INL_H
#else
#define GRIDPROOF_OPTIMIZED_BACKWARD_INL_H
#endif

#include "optimized/kernels/kernels-inl.h"
#include "optimized/kernels/scatter-inl.h"
#include "optimized/kernels/sides-inl.h"

HWY_BEFORE_NAMESPACE();
namespace gridproof::optimized::HWY_NAMESPACE {

#if GRIDPROOF_HAS_VECTORS

template <class Element, Mode mode, int axes>
HWY_INLINE void run_step(Step step, const Backward& backward, const BackwardPart& part) {
  if (step == Step::reach) return run_reach<Element, mode, axes>(backward, part);
  if (step == Step::input || step == Step::both) {
    return scatter<Element, mode, axes>(backward, part, step == Step::both);
  }
  if (step == Step::pack) return run_pack<Element>(backward, part);
  if constexpr (mode != Mode::nearest) {
    step == Step::sides ? run_sides<Element, mode, axes>(backward, part)
                        : run_slopes<Element, mode, axes>(backward, part);
  }
}

template <class Element>
void run(Step step, const Backward& backward, const BackwardPart& part) {
  const bool flat = backward.forward.axes == 2;
  switch (backward.forward.options.mode) {
    case Mode::nearest:
      return flat ? run_step<Element, Mode::nearest, 2>(step, backward, part)
                  : run_step<Element, Mode::nearest, 3>(step, backward, part);
    case Mode::bilinear:
      return flat ? run_step<Element, Mode::bilinear, 2>(step, backward, part)
                  : run_step<Element, Mode::bilinear, 3>(step, backward, part);
    case Mode::bicubic:
      return run_step<Element, Mode::bicubic, 2>(step, backward, part);
  }
}

#else

template <class Element>
void run(Step step, const Backward& backward, const BackwardPart& part) {
  run_backward_generic(step, backward, part);
}

#endif

}  // namespace gridproof::optimized::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // include guard of this target
