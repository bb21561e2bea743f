// The kernels of a device, run by a CPU: every thread of the launch, one after the other, in the
// same code, with every access watched (model.h).
#pragma once

#include <optional>
#include <string>

#include "optimized/cuda/backward.h"
#include "optimized/cuda/launch.h"
#include "optimized/cuda/model.h"

namespace gridproof::optimized::cuda {

// Returns what a kernel does that only happens to be right, or nothing.
std::optional<std::string> run_on_host(const Launch& launch, Order order);
// All launches of a backward pass.
std::optional<std::string> run_backward_on_host(const Backward& backward, const Limits& limits,
                                                Order order);

}  // namespace gridproof::optimized::cuda
