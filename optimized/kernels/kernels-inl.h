// What every kernels_<dtype>.cc compiles for each target. Included once for each target.

#if defined(GRIDPROOF_OPTIMIZED_KERNELS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef GRIDPROOF_OPTIMIZED_KERNELS_INL_H
#undef GRIDPROOF_OPTIMIZED_KERNELS_INL_H
#else
#define GRIDPROOF_OPTIMIZED_KERNELS_INL_H
#endif

#include "optimized/kernels/blocks-inl.h"
#include "optimized/kernels/bordered-inl.h"
#include "optimized/kernels/kernels.h"

HWY_BEFORE_NAMESPACE();
namespace gridproof::optimized::HWY_NAMESPACE {

template <class Element>
void run(Kernel kernel, const Problem& problem, const Part& part) {
  const bool flat = problem.axes == 2;
  if (kernel == Kernel::bordered) {
    return flat ? run_bordered<Element, 2>(problem, part) : run_bordered<Element, 3>(problem, part);
  }
#if HWY_TARGET != HWY_STATIC_TARGET
  if (kernel == Kernel::blocks) {
    return flat ? run_blocks<Element, 2>(problem, part) : run_blocks<Element, 3>(problem, part);
  }
#endif
  switch (problem.options.mode) {
    case Mode::nearest:
      return flat ? run_planes<Element, Mode::nearest, 2>(problem, part)
                  : run_planes<Element, Mode::nearest, 3>(problem, part);
    case Mode::bilinear:
      return flat ? run_planes<Element, Mode::bilinear, 2>(problem, part)
                  : run_planes<Element, Mode::bilinear, 3>(problem, part);
    case Mode::bicubic:
      return run_planes<Element, Mode::bicubic, 2>(problem, part);
  }
}

}  // namespace gridproof::optimized::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // include guard of this target

// After the last target, which is the portable one: the choice between them.
#if HWY_ONCE && !defined(GRIDPROOF_RUN_FOR_TARGET)
#if HWY_ARCH_X86
#define GRIDPROOF_RUN_FOR_TARGET(Element, target, kernel, problem, part) \
  switch (target) {                                                      \
    case Target::portable:                                               \
      return HWY_NAMESPACE::run<Element>(kernel, problem, part);         \
    case Target::avx2:                                                   \
      return N_AVX2::run<Element>(kernel, problem, part);                \
    case Target::avx512:                                                 \
      return N_AVX3::run<Element>(kernel, problem, part);                \
  }
#else
#define GRIDPROOF_RUN_FOR_TARGET(Element, target, kernel, problem, part) \
  if (target == Target::portable) HWY_NAMESPACE::run<Element>(kernel, problem, part);
#endif
#endif
