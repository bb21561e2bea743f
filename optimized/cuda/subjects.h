// The kernels of CUDA devices as subjects: "cuda-host", which runs them on the CPU, and "cuda".
#pragma once

#include <functional>
#include <vector>

#include "optimized/cuda/device.h"
#include "optimized/cuda/model.h"
#include "reference/contract/subject.h"

namespace gridproof::optimized::cuda {

// Picks one of the kernels that can answer; without it, the first is taken.
using Choose = std::function<Kernel(const std::vector<Kernel>& possible)>;

// An answer computed on the CPU. If the channels of the input are neighbors, the kernels write
// them as neighbors too. Lost where a kernel does something that only happens to be right.
Answer answer_on_host(const Case& test_case, const Choose& choose, Order order);

// The gradients, likewise; `limits` are for tests.
BackwardAnswer backward_on_host(const BackwardCase& test_case, const Limits& limits, Order order);

// Answers computed on a device. Keeps its memory from one to the next.
class Device {
 public:
  Answer answer(const Case& test_case, const Choose& choose);
  BackwardAnswer backward(const BackwardCase& test_case);

 private:
  DeviceMemory input_;
  DeviceMemory grid_;
  DeviceMemory output_;  // or its gradient
  DeviceMemory grad_input_;
  DeviceMemory grad_grid_;
  DeviceMemory scratch_;
};

// Both; `open` of "cuda" throws and says why nothing can be computed on a device here.
std::vector<SubjectEntry> subjects();

}  // namespace gridproof::optimized::cuda
