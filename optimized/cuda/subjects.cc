#include "optimized/cuda/subjects.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

#include "optimized/backward.h"
#include "optimized/checks.h"
#include "optimized/cuda/host.h"
#include "optimized/run.h"
#include "optimized/subjects.h"

namespace gridproof::optimized::cuda {
namespace {

std::size_t storage_bytes(const Tensor& tensor) {
  return static_cast<std::size_t>(tensor.storage_size()) * size_of(tensor.dtype());
}

// Channels that are neighbors in the input are neighbors in the output.
Shape output_strides(const Tensor& input, const Shape& shape) {
  Shape strides = contiguous_strides(shape);
  if (input.size(1) > 1 && input.strides()[1] == 1) {
    std::for_each(strides.begin() + 2, strides.end(),
                  [&](std::int64_t& stride) { stride *= shape[1]; });
    strides[1] = 1;
  }
  return strides;
}

// Its first element, in the device's memory.
std::byte* copy(const Tensor& tensor, DeviceMemory& memory) {
  void* const data = memory.copy_from(tensor.storage(), storage_bytes(tensor));
  return static_cast<std::byte*>(data) +
         tensor.offset() * static_cast<std::int64_t>(size_of(tensor.dtype()));
}

// The answer to a question that is not refused, computed by compute(problem, output, bytes).
template <class Compute>
Tensor answer_with(const Case& test_case, const Compute& compute) {
  const auto& [request, input, grid] = test_case;
  const Shape shape = output_shape(input.shape(), grid.shape());
  const std::int64_t elements = element_count(shape);
  const std::size_t bytes = static_cast<std::size_t>(elements) * size_of(input.dtype());
  std::shared_ptr<std::byte[]> storage(new std::byte[bytes]);
  // What no thread writes must not look like the answer that was in this place before.
  std::fill_n(storage.get(), bytes, std::byte{0x55});
  const Tensor output =
      Tensor::strided(input.dtype(), shape, output_strides(input, shape), 0, storage, elements);
  if (elements == 0) return output.contiguous();
  const Options options = resolve(request).value_or(Options{});
  visit(input.dtype(), [&]<class T>(T) {
    if constexpr (!std::is_integral_v<T>) {
      const View<T> view = output.view<T>();
      compute(problem_of(test_case.input.view<T>(), test_case.grid.view<T>(), options,
                         OutputView<T>{reinterpret_cast<T*>(storage.get()), view.rank, view.shape,
                                       view.strides}),
              storage.get(), bytes);
    }
  });
  return output.contiguous();
}

// The gradients of a question that is not refused, computed by compute(backward): all of both that
// are wanted.
template <class Compute>
Gradients gradients_with(const BackwardCase& test_case, const Compute& compute) {
  const auto& [forward, grads, mask] = test_case;
  Gradients gradients;
  visit(forward.input.dtype(), [&]<class T>(T) {
    if constexpr (!std::is_integral_v<T>) {
      // What no thread writes must not look like an answer.
      const auto marked = [&](std::optional<Tensor>& gradient, const Shape& shape) {
        gradient = Tensor(forward.input.dtype(), shape);
        const std::span<T> elements = gradient->elements<T>();
        std::ranges::fill(std::as_writable_bytes(elements), std::byte{0x55});
        return elements.data();
      };
      const View<T> view = grads.view<T>();
      Backward backward{
          .forward = problem_of(forward.input.view<T>(), forward.grid.view<T>(),
                                resolve(forward.request).value_or(Options{}),
                                OutputView<T>{nullptr, view.rank, view.shape, view.strides}),
          .grads = view.data,
          .grad_input = nullptr,
          .grad_grid = nullptr};
      if (mask.input) backward.grad_input = marked(gradients.input, forward.input.shape());
      if (mask.grid) backward.grad_grid = marked(gradients.grid, forward.grid.shape());
      compute(backward);
    }
  });
  return gradients;
}

Launch launch_with(const Problem& problem, const Choose& choose) {
  const std::vector<Kernel> possible = possible_kernels(problem);
  return launch_of(problem, choose ? choose(possible) : possible.front());
}

}  // namespace

Answer answer_on_host(const Case& test_case, const Choose& choose, Order order) {
  if (auto refusal = refuse(test_case)) return *std::move(refusal);
  std::optional<std::string> fault;
  Tensor output = answer_with(
      test_case, [&](const Problem& problem, std::byte* /*output*/, std::size_t /*bytes*/) {
        fault = run_on_host(launch_with(problem, choose), order);
      });
  if (fault) return Lost{*fault};
  return output;
}

BackwardAnswer backward_on_host(const BackwardCase& test_case, const Limits& limits, Order order) {
  if (auto refusal = refuse(test_case)) return *std::move(refusal);
  std::optional<std::string> fault;
  Gradients gradients = gradients_with(test_case, [&](const Backward& backward) {
    fault = run_backward_on_host(backward, limits, order);
  });
  if (fault) return Lost{*fault};
  return gradients;
}

Answer Device::answer(const Case& test_case, const Choose& choose) try {
  if (auto refusal = refuse(test_case)) return *std::move(refusal);
  return answer_with(test_case, [&](Problem problem, std::byte* output, std::size_t bytes) {
    problem.input = copy(test_case.input, input_);
    problem.grid = copy(test_case.grid, grid_);
    problem.output = output_.copy_from(output, bytes);
    run_on_device(launch_with(problem, choose));
    output_.copy_to(output, bytes);
  });
} catch (const std::runtime_error& error) {
  return Lost{error.what()};
}

BackwardAnswer Device::backward(const BackwardCase& test_case) try {
  if (auto refusal = refuse(test_case)) return *std::move(refusal);
  return gradients_with(test_case, [&](Backward backward) {
    const auto bytes_of = [&](const Tensor& like) {
      return static_cast<std::size_t>(like.element_count()) * size_of(like.dtype());
    };
    const std::size_t input_bytes = bytes_of(test_case.forward.input);
    const std::size_t grid_bytes = bytes_of(test_case.forward.grid);
    void* const grad_input = backward.grad_input;
    void* const grad_grid = backward.grad_grid;
    backward.forward.input = copy(test_case.forward.input, input_);
    backward.forward.grid = copy(test_case.forward.grid, grid_);
    backward.grads = copy(test_case.grad_output, output_);
    if (grad_input) backward.grad_input = grad_input_.copy_from(grad_input, input_bytes);
    if (grad_grid) backward.grad_grid = grad_grid_.copy_from(grad_grid, grid_bytes);
    void* const scratch = scratch_.room(scratch_bytes(backward));
    run_on_device(launches_of(backward, static_cast<std::byte*>(scratch)));
    if (grad_input) grad_input_.copy_to(grad_input, input_bytes);
    if (grad_grid) grad_grid_.copy_to(grad_grid, grid_bytes);
  });
} catch (const std::runtime_error& error) {
  return Lost{error.what()};
}

std::vector<SubjectEntry> subjects() {
  return {{.name = "cuda-host",
           .description = "the CUDA kernels, run thread by thread on the CPU",
           .open =
               [] {
                 return std::make_unique<FunctionSubject>(
                     [](const Case& test_case) {
                       return answer_on_host(test_case, {}, Order::forward);
                     },
                     [](const BackwardCase& test_case) {
                       return backward_on_host(test_case, {}, Order::forward);
                     });
               }},
          {.name = "cuda", .description = "the CUDA kernels, run on a device", .open = [] {
             if (const auto why = obstacle()) throw std::runtime_error(*why);
             const auto device = std::make_shared<Device>();
             return std::make_unique<FunctionSubject>(
                 [device](const Case& test_case) { return device->answer(test_case, {}); },
                 [device](const BackwardCase& test_case) { return device->backward(test_case); });
           }}};
}

}  // namespace gridproof::optimized::cuda
