// The kernels of a device, run by a CPU: every thread of the launch, one after the other, in the
// same code.
#pragma once

#include "optimized/cuda/launch.h"

namespace gridproof::optimized::cuda {

void run_on_host(const Launch& launch);

}  // namespace gridproof::optimized::cuda
