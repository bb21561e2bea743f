#include "optimized/cuda/host.h"

namespace gridproof::optimized::cuda {
namespace {

template <class Element>
void run(const Launch& launch) {
  const auto axis = axes_of<ArithmeticOf<Element>>(launch.problem);
  visit_kernel<Element>(launch, [&]<Mode mode, int axes, class Offset, int width>() {
    const auto& [x, y, z] = launch.blocks;
    for (std::int64_t block = 0; block < x * y * z; ++block) {
      const Blocks place{block % x, block / x % y, block / x / y};
      for (int row = 0; row < launch.rows; ++row) {
        for (int lane = 0; lane < launch.lanes; ++lane) {
          run_thread<Element, mode, axes, Offset, width>(launch, axis, place, lane, row);
        }
      }
    }
  });
}

}  // namespace

void run_on_host(const Launch& launch) {
  visit(launch.problem.dtype, [&]<class Element>(Element) {
    if constexpr (!std::is_integral_v<Element>) run<Element>(launch);
  });
}

}  // namespace gridproof::optimized::cuda
