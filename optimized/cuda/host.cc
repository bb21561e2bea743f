#include "optimized/cuda/host.h"

#include <memory>
#include <type_traits>
#include <vector>

namespace gridproof::optimized::cuda {
namespace {

void add_grid(const Problem& problem, Model& model) {
  const PerAxis& out = problem.out_size;
  const PerAxis& stride = problem.grid_stride;
  model.add("grid", Use::read, problem.grid, size_of(problem.dtype),
            {problem.batches, problem.axes, out.x, out.y, out.z},
            {problem.grid_batch, problem.grid_component, stride.x, stride.y, stride.z});
}

void add_input(const Problem& problem, Model& model) {
  const PerAxis& in = problem.size;
  const PerAxis& stride = problem.input_stride;
  model.add("input", Use::read, problem.input, size_of(problem.dtype),
            {problem.batches, problem.channels, in.x, in.y, in.z},
            {problem.input_batch, problem.input_channel, stride.x, stride.y, stride.z});
}

// The problem's tensors, as its kernels may use them.
void add_tensors(const Problem& problem, Model& model) {
  add_input(problem, model);
  add_grid(problem, model);
  const PerAxis& out = problem.out_size;
  const PerAxis& stride = problem.output_stride;
  model.add("output", Use::write, problem.output, size_of(problem.dtype),
            {problem.batches, problem.channels, out.x, out.y, out.z},
            {problem.output_batch, problem.output_channel, stride.x, stride.y, stride.z});
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

// ---- The backward pass ----

void add_numbers(const char* name, Use use, const std::uint32_t* numbers, std::int64_t count,
                 Model& model) {
  model.add(name, use, numbers, sizeof *numbers, {count}, {1});
}

void add_grads(const Backward& backward, Model& model) {
  const Problem& problem = backward.forward;
  const PerAxis& out = problem.out_size;
  const PerAxis& stride = problem.output_stride;
  model.add("grad_output", Use::read, backward.grads, size_of(problem.dtype),
            {problem.batches, problem.channels, out.x, out.y, out.z},
            {problem.output_batch, problem.output_channel, stride.x, stride.y, stride.z});
}

// What a launch adds to: of each batch entry and channel of its chunk, the band of pixels.
void add_sums(const BackwardLaunch& launch, Model& model) {
  const Problem& problem = launch.backward.forward;
  const Chunk& chunk = launch.chunk;
  const std::size_t size = size_of(problem.dtype);
  const std::size_t number = problem.dtype == Dtype::f64 ? sizeof(double) : sizeof(float);
  const std::int64_t plane = problem.size.x * problem.size.y * problem.size.z;
  const auto add = [&](const char* name, Use use, const void* begin, std::size_t element) {
    model.add(name, use,
              static_cast<const std::byte*>(begin) +
                  static_cast<std::size_t>(chunk.first_pixel) * element,
              element, {chunk.batches, problem.channels, chunk.pixels},
              {problem.channels * plane, plane, 1});
  };
  const bool in_place = size == number;  // the sums are the gradient
  if (!in_place && !(launch.begins && launch.ends)) {
    add("sums", launch.begins ? Use::write : Use::update, launch.sums, number);
  }
  if (in_place || launch.ends) {
    add("grad_input", in_place && !launch.begins ? Use::update : Use::write,
        static_cast<std::byte*>(launch.backward.grad_input) +
            static_cast<std::size_t>(chunk.batch * problem.channels * plane) * size,
        size);
  }
}

// What the threads of a launch may use.
void add_tensors(const BackwardLaunch& launch, Model& model) {
  const Problem& problem = launch.backward.forward;
  const std::size_t number = problem.dtype == Dtype::f64 ? sizeof(double) : sizeof(float);
  const auto add_weights = [&](Use use) {
    model.add("weights", use, launch.weights, number, {launch.count}, {1});
  };
  const std::int64_t count = launch.count;
  const Sort& sort = launch.sort;
  const Counters& counters = launch.counters;
  switch (launch.task) {
    case Task::plan:
      add_grid(problem, model);
      add_numbers("keys", Use::write, launch.entries.key, count, model);
      add_weights(Use::write);
      break;
    case Task::count:
      add_numbers("keys", Use::read, sort.from.key, count, model);
      add_numbers("counters", Use::write, sort.counters, digits * launch.threads, model);
      break;
    case Task::sum:
      add_numbers("counters", Use::read, counters.counter, counters.count, model);
      add_numbers("sums", Use::write, counters.sum, launch.threads, model);
      break;
    case Task::scan:
      add_numbers("counters", Use::update, counters.counter, counters.count, model);
      if (counters.sum) add_numbers("sums", Use::read, counters.sum, launch.threads, model);
      break;
    case Task::place:
      add_numbers("keys", Use::read, sort.from.key, count, model);
      if (sort.from.number) add_numbers("numbers", Use::read, sort.from.number, count, model);
      add_numbers("places", Use::read, sort.counters, digits * launch.threads, model);
      add_numbers("sorted keys", Use::write, sort.to.key, count, model);
      add_numbers("sorted numbers", Use::write, sort.to.number, count, model);
      break;
    case Task::gather:
      if (count > 0) {
        add_numbers("keys", Use::read, launch.entries.key, count, model);
        add_numbers("numbers", Use::read, launch.entries.number, count, model);
        add_weights(Use::read);
        add_grads(launch.backward, model);
      }
      add_sums(launch, model);
      break;
    case Task::grid:
      add_grid(problem, model);
      if (problem.channels > 0) {
        add_input(problem, model);
        add_grads(launch.backward, model);
      }
      model.add("grad_grid", Use::write, launch.backward.grad_grid, size_of(problem.dtype),
                {launch.threads * problem.axes}, {1});
      break;
  }
}

std::optional<std::string> run(const BackwardLaunch& launch, Order order) {
  Model model;
  add_tensors(launch, model);
  const auto run_threads = [&](const auto& thread) {
    constexpr std::uint64_t seed = 1;
    model.run(divide_up(launch.threads, max_threads), max_threads, order, seed, false,
              [&](Thread& one, std::int64_t block) {
                const std::int64_t index = block * max_threads + one.index();
                if (index < launch.threads) thread(WatchedMemory(one), launch, index);
              });
  };
  if (is_sort(launch.task)) {
    visit_sort(launch, run_threads);
  } else {
    visit(launch.backward.forward.dtype, [&]<class Element>(Element) {
      if constexpr (!std::is_integral_v<Element>) visit_task<Element>(launch, run_threads);
    });
  }
  return model.fault();
}

}  // namespace

std::optional<std::string> run_backward_on_host(const Backward& backward, const Limits& limits,
                                                Order order) {
  constexpr std::size_t alignment = 256;
  const std::size_t bytes = scratch_bytes(backward, limits);
  std::vector<std::byte> scratch(bytes + alignment, std::byte{0x55});
  void* begin = scratch.data();
  std::size_t room = scratch.size();
  std::align(alignment, bytes, begin, room);
  for (const BackwardLaunch& launch :
       launches_of(backward, static_cast<std::byte*>(begin), limits)) {
    if (auto fault = run(launch, order)) return fault;
  }
  return std::nullopt;
}

std::optional<std::string> run_on_host(const Launch& launch, Order order) {
  Model model;
  add_tensors(launch.problem, model);
  visit(launch.problem.dtype, [&]<class Element>(Element) {
    if constexpr (!std::is_integral_v<Element>) run<Element>(launch, order, model);
  });
  return model.fault();
}

}  // namespace gridproof::optimized::cuda
