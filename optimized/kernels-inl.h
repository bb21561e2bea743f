// What every kernels_<dtype>.cc compiles for each target. Included once for each target.

#if defined(GRIDPROOF_OPTIMIZED_KERNELS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef GRIDPROOF_OPTIMIZED_KERNELS_INL_H
#undef GRIDPROOF_OPTIMIZED_KERNELS_INL_H
#else
#define GRIDPROOF_OPTIMIZED_KERNELS_INL_H
#endif

#include "optimized/kernels.h"
#include "optimized/planar-inl.h"

HWY_BEFORE_NAMESPACE();
namespace gridproof::optimized::HWY_NAMESPACE {

template <class Element>
void run(const Problem& problem, const Part& part) {
  const bool flat = problem.axes == 2;
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
#define GRIDPROOF_RUN_FOR_TARGET(Element, target, problem, part) \
  switch (target) {                                              \
    case Target::portable:                                       \
      return HWY_NAMESPACE::run<Element>(problem, part);         \
    case Target::avx2:                                           \
      return N_AVX2::run<Element>(problem, part);                \
    case Target::avx512:                                         \
      return N_AVX3::run<Element>(problem, part);                \
  }
#endif
