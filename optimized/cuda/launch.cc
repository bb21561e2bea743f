#include "optimized/cuda/launch.h"

#include <algorithm>
#include <bit>
#include <cstddef>

#include "optimized/kernels/kernels.h"

namespace gridproof::optimized::cuda {
namespace {

std::int64_t reach(const PerAxis& size, const PerAxis& stride) {
  const auto along = [](std::int64_t n, std::int64_t step) {
    return (n - 1) * (step < 0 ? -step : step);
  };
  return along(size.x, stride.x) + along(size.y, stride.y) + along(size.z, stride.z);
}

// Also the number of the location after the last step of a thread.
bool fits_32_bits(const Problem& problem) {
  constexpr std::int64_t most = std::int64_t{1} << 30;
  return fits_vectors(problem) && problem.locations() < most &&
         reach(problem.out_size, problem.grid_stride) < most &&
         reach(problem.out_size, problem.output_stride) < most;
}

// Whether packs of so many channels are whole and aligned. (The elements themselves are.)
bool fits_packs(const Problem& problem, int width) {
  const auto element = static_cast<std::int64_t>(size_of(problem.dtype));
  const auto aligned = [&](const void* data, std::initializer_list<std::int64_t> strides) {
    return std::bit_cast<std::uintptr_t>(data) % static_cast<std::uintptr_t>(width * element) ==
               0 &&
           std::ranges::all_of(strides, [&](std::int64_t n) { return n % width == 0; });
  };
  const PerAxis& in = problem.input_stride;
  const PerAxis& out = problem.output_stride;
  return problem.input_channel == 1 && problem.channels % width == 0 &&
         aligned(problem.input, {problem.input_batch, in.x, in.y, in.z}) &&
         (problem.output_channel != 1 ||
          aligned(problem.output, {problem.output_batch, out.x, out.y, out.z}));
}

}  // namespace

Problem flattened(Problem problem) {
  const PerAxis& size = problem.out_size;
  const auto is_row = [&](const PerAxis& stride) {
    return (size.y == 1 || stride.y == size.x * stride.x) &&
           (size.z == 1 || stride.z == size.x * size.y * stride.x);
  };
  if (is_row(problem.grid_stride) && is_row(problem.output_stride)) {
    problem.out_size = {problem.locations(), 1, 1};
  }
  return problem;
}

std::string to_string(const Kernel& kernel) {
  return std::to_string(kernel.offset_bits) + "-bit offsets, " +
         (kernel.width == 1 ? "single channels" : "packs of " + std::to_string(kernel.width));
}

std::vector<Kernel> possible_kernels(const Problem& problem) {
  const int whole = 16 / static_cast<int>(size_of(problem.dtype));
  std::vector<int> widths = {whole, 2, 1};
  if (!is_16_bit(problem.dtype)) widths = {whole, 1};
  std::vector<Kernel> kernels;
  for (const int offset_bits : {32, 64}) {
    if (offset_bits == 32 && !fits_32_bits(problem)) continue;
    for (const int width : widths) {
      if (width == 1 || fits_packs(problem, width)) kernels.push_back({offset_bits, width});
    }
  }
  return kernels;
}

Launch launch_of(const Problem& problem, const Kernel& kernel) {
  // A device has room for about so many threads; with fewer, channels are worth a thread each.
  constexpr std::int64_t enough_threads = 1 << 18;
  constexpr std::int64_t max_lanes = 32;
  constexpr std::int64_t max_blocks = 65535;  // along y and z
  const std::int64_t packs = std::max<std::int64_t>(1, problem.channels / kernel.width);
  // A few channels side by side share the coordinates of one thread.
  const bool side_by_side = problem.input_channel == 1 && (kernel.width > 1 || packs >= 16);
  const std::int64_t lanes = side_by_side ? std::min(packs, max_lanes) : 1;
  const std::int64_t rows = max_threads / lanes;
  const std::int64_t samples = std::max<std::int64_t>(1, problem.batches * problem.locations());
  const std::int64_t shares =
      std::clamp<std::int64_t>(enough_threads / (samples * lanes), 1, divide_up(packs, lanes));
  return {.problem = flattened(problem),
          .kernel = kernel,
          .lanes = static_cast<int>(lanes),
          .rows = static_cast<int>(rows),
          .blocks = {std::min(divide_up(problem.locations(), rows), (std::int64_t{1} << 31) - 1),
                     std::min(shares, max_blocks), std::min(problem.batches, max_blocks)},
          .locations = problem.locations()};
}

}  // namespace gridproof::optimized::cuda
