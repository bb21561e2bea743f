#include "optimized/cuda/host.h"

#include <type_traits>

namespace gridproof::optimized::cuda {
namespace {

// The problem's tensors, as its kernels may use them.
void add_tensors(const Problem& problem, Model& model) {
  const std::size_t size = size_of(problem.dtype);
  const PerAxis& in = problem.size;
  const PerAxis& in_stride = problem.input_stride;
  model.add("input", Use::read, problem.input, size,
            {problem.batches, problem.channels, in.x, in.y, in.z},
            {problem.input_batch, problem.input_channel, in_stride.x, in_stride.y, in_stride.z});
  const PerAxis& out = problem.out_size;
  const PerAxis& grid_stride = problem.grid_stride;
  model.add(
      "grid", Use::read, problem.grid, size, {problem.batches, problem.axes, out.x, out.y, out.z},
      {problem.grid_batch, problem.grid_component, grid_stride.x, grid_stride.y, grid_stride.z});
  const PerAxis& out_stride = problem.output_stride;
  model.add(
      "output", Use::write, problem.output, size,
      {problem.batches, problem.channels, out.x, out.y, out.z},
      {problem.output_batch, problem.output_channel, out_stride.x, out_stride.y, out_stride.z});
}

template <class Element>
void run(const Launch& launch, Order order, Model& model) {
  const auto axis = axes_of<ArithmeticOf<Element>>(launch.problem);
  visit_kernel<Element>(launch, [&]<Mode mode, int axes, class Offset, int width>() {
    const auto& [x, y, z] = launch.blocks;
    constexpr std::uint64_t seed = 1;
    model.run(x * y * z, launch.lanes * launch.rows, order, seed, false,
              [&](Thread& thread, std::int64_t block) {
                run_thread<Element, mode, axes, Offset, width>(
                    WatchedMemory(thread), launch, axis, {block % x, block / x % y, block / x / y},
                    thread.index() % launch.lanes, thread.index() / launch.lanes);
              });
  });
}

}  // namespace

std::optional<std::string> run_on_host(const Launch& launch, Order order) {
  Model model;
  add_tensors(launch.problem, model);
  visit(launch.problem.dtype, [&]<class Element>(Element) {
    if constexpr (!std::is_integral_v<Element>) run<Element>(launch, order, model);
  });
  return model.fault();
}

}  // namespace gridproof::optimized::cuda
