// The launches of the kernels of one element type; a kernels_<dtype>.cu has its code.
#include "optimized/cuda/device.h"
#include "optimized/cuda/launch.h"

namespace gridproof::optimized::cuda {
namespace {

// One block on a multiprocessor is enough: without a number ptxas would rather spill than have
// fewer than it likes.
template <class Element, Mode mode, int axes, class Offset, int width>
__global__ __launch_bounds__(max_threads, 1) void kernel(
    const __grid_constant__ Launch launch,
    const __grid_constant__ Axes<ArithmeticOf<Element>> axis) {
  run_thread<Element, mode, axes, Offset, width>(
      PlainMemory(), launch, axis, {blockIdx.x, blockIdx.y, blockIdx.z},
      static_cast<int>(threadIdx.x), static_cast<int>(threadIdx.y));
}

template <class Element>
void start(const Launch& launch) {
  const auto axis = axes_of<ArithmeticOf<Element>>(launch.problem);
  const dim3 blocks(static_cast<unsigned>(launch.blocks.x), static_cast<unsigned>(launch.blocks.y),
                    static_cast<unsigned>(launch.blocks.z));
  const dim3 threads(static_cast<unsigned>(launch.lanes), static_cast<unsigned>(launch.rows));
  visit_kernel<Element>(launch, [&]<Mode mode, int axes, class Offset, int width>() {
    kernel<Element, mode, axes, Offset, width><<<blocks, threads>>>(launch, axis);
  });
}

}  // namespace
}  // namespace gridproof::optimized::cuda
