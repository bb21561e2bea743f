// The launches of the backward pass; a backward_<dtype>.cu has the code of an element type.
#include "optimized/cuda/backward.h"
#include "optimized/cuda/device.h"

namespace gridproof::optimized::cuda {
namespace {

template <class Thread>
__global__ __launch_bounds__(max_threads,
                             1) void backward_kernel(const __grid_constant__ BackwardLaunch launch,
                                                     const __grid_constant__ Thread thread) {
  const std::int64_t index = std::int64_t{blockIdx.x} * max_threads + threadIdx.x;
  if (index < launch.threads) thread(OwnMemory(), launch, index);
}

template <class Thread>
void start_threads(const BackwardLaunch& launch, const Thread& thread) {
  const std::int64_t blocks = divide_up(launch.threads, max_threads);
  backward_kernel<<<static_cast<unsigned>(blocks), max_threads>>>(launch, thread);
}

template <class Element>
void start(const BackwardLaunch& launch) {
  visit_task<Element>(launch, [&](const auto& thread) { start_threads(launch, thread); });
}

}  // namespace
}  // namespace gridproof::optimized::cuda
