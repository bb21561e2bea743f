#include "optimized/run.h"

#include <omp.h>

#include <algorithm>
#include <cstdint>
#include <limits>

#include "optimized/generic.h"
#include "optimized/kernels.h"

namespace gridproof::optimized {
namespace {

// Below this much work (outputs, each tap counted as a quarter of one) a thread costs more than it
// brings.
constexpr std::int64_t least_work = 1 << 15;

std::int64_t taps_of(const Problem& problem) {
  switch (problem.options.mode) {
    case Mode::nearest:
      return 1;
    case Mode::bilinear:
      return problem.axes == 2 ? 4 : 8;
    case Mode::bicubic:
      break;
  }
  return 16;
}

void run_part(const Problem& problem, const Part& part, Target target) {
  if (!fits_vectors(problem)) return run_generic(problem, part);
  switch (problem.dtype) {
    case Dtype::f16:
      return run_f16(target, problem, part);
    case Dtype::bf16:
      return run_bf16(target, problem, part);
    case Dtype::f32:
      return run_f32(target, problem, part);
    case Dtype::f64:
      return run_f64(target, problem, part);
    case Dtype::i32:
      break;
  }
}

constexpr std::int64_t divide_up(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

// Batch entries by pieces of locations by groups of channels.
struct Cut {
  std::int64_t pieces;
  std::int64_t piece_size;
  std::int64_t groups;
  std::int64_t group_size;
};
Cut cut_for(const Problem& problem, std::int64_t wanted) {
  constexpr std::int64_t grain = 256;  // the kernels' tile
  Cut cut{1, problem.locations(), 1, problem.channels};
  if (problem.batches >= wanted) return cut;
  const std::int64_t each = divide_up(wanted, problem.batches);
  const std::int64_t tiles = divide_up(problem.locations(), grain);
  cut.piece_size = grain * divide_up(tiles, std::min(tiles, each));
  cut.pieces = divide_up(problem.locations(), cut.piece_size);
  if (cut.pieces < each) {
    cut.group_size = divide_up(problem.channels, std::min(problem.channels, each / cut.pieces));
    cut.groups = divide_up(problem.channels, cut.group_size);
  }
  return cut;
}

}  // namespace

bool fits_vectors(const Problem& problem) {
  constexpr std::int64_t most_pixels = std::int64_t{1} << 22;
  const PerAxis& size = problem.size;
  const PerAxis& stride = problem.input_stride;
  if (std::max({size.x, size.y, size.z}) > most_pixels) return false;
  const auto reach = [](std::int64_t n, std::int64_t step) {
    return static_cast<double>(n) * static_cast<double>(step < 0 ? -step : step);
  };
  return reach(size.x, stride.x) + reach(size.y, stride.y) + reach(size.z, stride.z) <
         std::numeric_limits<std::int32_t>::max();
}

void run(const Problem& problem, Target target, int threads) {
  const std::int64_t outputs = problem.batches * problem.channels * problem.locations();
  if (outputs == 0) return;
  if (threads <= 0) threads = omp_get_max_threads();
  const std::int64_t work = outputs * (4 + taps_of(problem)) / 4;
  threads = static_cast<int>(std::min<std::int64_t>(threads, work / least_work));
  if (threads <= 1) {
    for (std::int64_t n = 0; n < problem.batches; ++n) {
      run_part(problem, {n, 0, problem.locations(), 0, problem.channels}, target);
    }
    return;
  }
  const Cut cut = cut_for(problem, 4 * std::int64_t{threads});
  const std::int64_t parts = problem.batches * cut.pieces * cut.groups;
#pragma omp parallel for schedule(dynamic) num_threads(threads)
  for (std::int64_t i = 0; i < parts; ++i) {
    const std::int64_t begin = i / cut.groups % cut.pieces * cut.piece_size;
    const std::int64_t channel = i % cut.groups * cut.group_size;
    run_part(
        problem,
        {i / cut.groups / cut.pieces, begin, std::min(begin + cut.piece_size, problem.locations()),
         channel, std::min(channel + cut.group_size, problem.channels)},
        target);
  }
}

}  // namespace gridproof::optimized
