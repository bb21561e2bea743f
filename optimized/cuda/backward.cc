#include "optimized/cuda/backward.h"

#include <algorithm>

namespace gridproof::optimized::cuda {
namespace {

constexpr std::int64_t numbers_of_a_box = 6;

std::int64_t tiles_of(const Problem& problem) {
  return problem.batches * divide_up(problem.locations(), tile);
}
std::int64_t chunks_of(const Problem& problem) {
  return problem.batches * divide_up(divide_up(problem.locations(), tile), chunk);
}

}  // namespace

std::int64_t box_numbers(const Backward& backward) {
  if (backward.grad_input == nullptr) return 0;
  return numbers_of_a_box * (tiles_of(backward.forward) + chunks_of(backward.forward));
}

std::vector<BackwardLaunch> launches_of(const Backward& backward, std::int64_t* boxes) {
  constexpr std::int64_t max_blocks = 1 << 20;
  const Problem& problem = backward.forward;
  std::int64_t* const chunks =
      boxes == nullptr ? nullptr : boxes + numbers_of_a_box * tiles_of(problem);
  std::vector<BackwardLaunch> launches;
  const auto add = [&](Pass pass, std::int64_t work) {
    if (work == 0) return;
    launches.push_back({.backward = backward,
                        .tiles = boxes,
                        .chunks = chunks,
                        .pass = pass,
                        .locations = problem.locations(),
                        .work = work,
                        .blocks = std::min(divide_up(work, max_threads), max_blocks)});
  };
  if (backward.grad_input != nullptr) {
    const PerAxis& size = problem.size;
    add(Pass::tiles, tiles_of(problem));
    add(Pass::chunks, chunks_of(problem));
    add(Pass::texels,
        problem.batches * divide_up(problem.channels, together) * size.x * size.y * size.z);
  }
  if (backward.grad_grid != nullptr) add(Pass::coordinates, problem.batches * problem.locations());
  return launches;
}

}  // namespace gridproof::optimized::cuda
