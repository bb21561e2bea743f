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
#if GRIDPROOF_HAS_VECTORS
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

// After the last target: the choice between them.
#if HWY_ONCE && !defined(GRIDPROOF_RUN_FOR_TARGET)
#if HWY_ARCH_X86
#define GRIDPROOF_RUN_FOR_TARGET(Element, target, kernel, problem, part)              \
  if (target == Target::portable) HWY_NAMESPACE::run<Element>(kernel, problem, part); \
  if (target == Target::avx2) N_AVX2::run<Element>(kernel, problem, part);            \
  if (target == Target::avx512) N_AVX3::run<Element>(kernel, problem, part);
#elif HWY_ARCH_ARM
#if HWY_BASELINE_SCALAR == HWY_SCALAR
#define GRIDPROOF_PORTABLE N_SCALAR
#else
#define GRIDPROOF_PORTABLE N_EMU128
#endif
#define GRIDPROOF_RUN_FOR_TARGET(Element, target, kernel, problem, part)                   \
  if (target == Target::portable) GRIDPROOF_PORTABLE::run<Element>(kernel, problem, part); \
  if (target == Target::neon) N_NEON::run<Element>(kernel, problem, part);
#else
#define GRIDPROOF_RUN_FOR_TARGET(Element, target, kernel, problem, part) \
  if (target == Target::portable) HWY_NAMESPACE::run<Element>(kernel, problem, part);
#endif
#endif
