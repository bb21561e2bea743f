// The vector kernels, one function for each element type; a kernels_<dtype>.cc has its code for
// every target. Internal.
#pragma once

#include "optimized/kernels/problem.h"
#include "optimized/kernels/target.h"

namespace gridproof::optimized {

// Whether vectors can do it: sizes that lanes can count, and planes that 32 bits can address.
bool fits_vectors(const Problem& problem);

enum class Kernel : std::uint8_t {
  generic,   // sample by sample, without vectors (generic.h)
  planes,    // every mode; a channel is a plane of its own
  bordered,  // bilinear and trilinear; copies a small plane with a border of 0
  blocks,    // bilinear and trilinear; block_size channels side by side; not portable
};
// Channels in a block.
std::int64_t block_size(Dtype dtype);

// Runs a part of a problem that fits vectors. The target is possible on this machine.
void run_f16(Target target, Kernel kernel, const Problem& problem, const Part& part);
void run_bf16(Target target, Kernel kernel, const Problem& problem, const Part& part);
void run_f32(Target target, Kernel kernel, const Problem& problem, const Part& part);
void run_f64(Target target, Kernel kernel, const Problem& problem, const Part& part);

}  // namespace gridproof::optimized
