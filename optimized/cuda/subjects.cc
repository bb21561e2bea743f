#include "optimized/cuda/subjects.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

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

Answer Device::answer(const Case& test_case, const Choose& choose) try {
  if (auto refusal = refuse(test_case)) return *std::move(refusal);
  const auto copy = [](const Tensor& tensor, DeviceMemory& memory) {
    void* const data = memory.copy_from(tensor.storage(), storage_bytes(tensor));
    return static_cast<std::byte*>(data) +
           tensor.offset() * static_cast<std::int64_t>(size_of(tensor.dtype()));
  };
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

std::vector<SubjectEntry> subjects() {
  return {{.name = "cuda-host",
           .description = "the CUDA kernels, run thread by thread on the CPU",
           .open =
               [] {
                 return std::make_unique<FunctionSubject>([](const Case& test_case) {
                   return answer_on_host(test_case, {}, Order::forward);
                 });
               }},
          {.name = "cuda", .description = "the CUDA kernels, run on a device", .open = [] {
             if (const auto why = obstacle()) throw std::runtime_error(*why);
             return std::make_unique<FunctionSubject>(
                 [device = std::make_shared<Device>()](const Case& test_case) {
                   return device->answer(test_case, {});
                 });
           }}};
}

}  // namespace gridproof::optimized::cuda
