#include "optimized/cuda/host.h"

#include <type_traits>

namespace gridproof::optimized::cuda {
namespace {

// What kernels read of a problem.
void add_input(const Problem& problem, Model& model) {
  const PerAxis& in = problem.size;
  const PerAxis& stride = problem.input_stride;
  model.add("input", Use::read, problem.input, size_of(problem.dtype),
            {problem.batches, problem.channels, in.x, in.y, in.z},
            {problem.input_batch, problem.input_channel, stride.x, stride.y, stride.z});
}
void add_grid(const Problem& problem, Model& model) {
  const PerAxis& out = problem.out_size;
  const PerAxis& stride = problem.grid_stride;
  model.add("grid", Use::read, problem.grid, size_of(problem.dtype),
            {problem.batches, problem.axes, out.x, out.y, out.z},
            {problem.grid_batch, problem.grid_component, stride.x, stride.y, stride.z});
}
// The output, or its gradient.
void add_output(const char* name, Use use, const void* data, const Problem& problem, Model& model) {
  const PerAxis& out = problem.out_size;
  const PerAxis& stride = problem.output_stride;
  model.add(name, use, data, size_of(problem.dtype),
            {problem.batches, problem.channels, out.x, out.y, out.z},
            {problem.output_batch, problem.output_channel, stride.x, stride.y, stride.z});
}
void add_row(const char* name, Use use, const void* data, std::size_t size, std::int64_t count,
             Model& model) {
  model.add(name, use, data, size, {count}, {1});
}

// What a pass may use, and nothing else.
void add_tensors(const BackwardLaunch& launch, Model& model) {
  const auto& [problem, grads, grad_input, grad_grid] = launch.backward;
  const std::size_t size = size_of(problem.dtype);
  const std::int64_t tiles = launch.chunks - launch.tiles;
  const std::int64_t chunks = box_numbers(launch.backward) - tiles;
  const auto add_boxes = [&](const char* name, Use use, const std::int64_t* boxes,
                             std::int64_t count) {
    add_row(name, use, boxes, sizeof *boxes, count, model);
  };
  if (launch.pass != Pass::chunks) add_grid(problem, model);
  if (launch.pass == Pass::tiles) add_boxes("tiles", Use::write, launch.tiles, tiles);
  if (launch.pass == Pass::chunks) {
    add_boxes("tiles", Use::read, launch.tiles, tiles);
    add_boxes("chunks", Use::write, launch.chunks, chunks);
  }
  if (launch.pass == Pass::texels) {
    const PerAxis& in = problem.size;
    add_boxes("tiles", Use::read, launch.tiles, tiles);
    add_boxes("chunks", Use::read, launch.chunks, chunks);
    add_output("grad_output", Use::read, grads, problem, model);
    add_row("grad_input", Use::write, grad_input, size,
            problem.batches * problem.channels * in.x * in.y * in.z, model);
  }
  if (launch.pass == Pass::coordinates) {
    add_input(problem, model);
    add_output("grad_output", Use::read, grads, problem, model);
    add_row("grad_grid", Use::write, grad_grid, size,
            problem.batches * problem.locations() * problem.axes, model);
  }
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

template <class Element>
void run(const BackwardLaunch& launch, Order order, Model& model) {
  const auto axis = axes_of<ArithmeticOf<Element>>(launch.backward.forward);
  visit_backward<Element>(launch, [&]<Mode mode, int axes, Pass pass>() {
    constexpr std::uint64_t seed = 1;
    model.run(launch.blocks, max_threads, order, seed, false,
              [&](Thread& thread, std::int64_t block) {
                run_backward_thread<Element, mode, axes, pass>(WatchedMemory(thread), launch, axis,
                                                               block * max_threads + thread.index(),
                                                               launch.blocks * max_threads);
              });
  });
}

}  // namespace

std::optional<std::string> run_on_host(const Launch& launch, Order order) {
  Model model;
  add_input(launch.problem, model);
  add_grid(launch.problem, model);
  add_output("output", Use::write, launch.problem.output, launch.problem, model);
  visit(launch.problem.dtype, [&]<class Element>(Element) {
    if constexpr (!std::is_integral_v<Element>) run<Element>(launch, order, model);
  });
  return model.fault();
}

std::optional<std::string> run_on_host(const BackwardLaunch& launch, Order order) {
  Model model;
  add_tensors(launch, model);
  visit(launch.backward.forward.dtype, [&]<class Element>(Element) {
    if constexpr (!std::is_integral_v<Element>) run<Element>(launch, order, model);
  });
  return model.fault();
}

}  // namespace gridproof::optimized::cuda
