#include "optimized/backward.h"

#include <algorithm>
#include <span>
#include <string>
#include <type_traits>
#include <utility>

#include "optimized/checks.h"
#include "optimized/run.h"
#include "optimized/run_backward.h"
#include "optimized/subjects.h"

namespace gridproof::optimized {
namespace {

template <class View>
std::span<const std::int64_t> shape_of(const View& view) {
  return {view.shape.data(), static_cast<std::size_t>(view.rank)};
}

// [grad.shape]
std::optional<Refusal> refuse_grads(std::span<const std::int64_t> grads,
                                    std::span<const std::int64_t> input,
                                    std::span<const std::int64_t> grid) {
  const Shape expected = output_shape(input, grid);
  if (std::ranges::equal(expected, grads)) return std::nullopt;
  return Refusal{"grad.shape", "grad_output has shape " +
                                   to_string(Shape(grads.begin(), grads.end())) + ": expected " +
                                   to_string(expected) + ", the shape of the output"};
}

}  // namespace
}  // namespace gridproof::optimized

namespace gridproof {

template <class T>
void grid_sample_backward(const View<T>& grad_output, const View<T>& input, const View<T>& grid,
                          const Options& options, T* grad_input, T* grad_grid,
                          const Settings& settings) {
  using optimized::shape_of;
  if (auto refusal = optimized::refuse_shapes(shape_of(input), shape_of(grid), options)) {
    throw RefusedError(*std::move(refusal));
  }
  if (auto refusal =
          optimized::refuse_grads(shape_of(grad_output), shape_of(input), shape_of(grid))) {
    throw RefusedError(*std::move(refusal));
  }
  const OutputView<T> output{nullptr, grad_output.rank, grad_output.shape, grad_output.strides};
  optimized::run_backward({.forward = optimized::problem_of(input, grid, options, output),
                           .grads = grad_output.data,
                           .grad_input = grad_input,
                           .grad_grid = grad_grid},
                          optimized::target_of(settings), settings.threads);
}

template void grid_sample_backward(const View<float>&, const View<float>&, const View<float>&,
                                   const Options&, float*, float*, const Settings&);
template void grid_sample_backward(const View<double>&, const View<double>&, const View<double>&,
                                   const Options&, double*, double*, const Settings&);
template void grid_sample_backward(const View<Half>&, const View<Half>&, const View<Half>&,
                                   const Options&, Half*, Half*, const Settings&);
template void grid_sample_backward(const View<BFloat16>&, const View<BFloat16>&,
                                   const View<BFloat16>&, const Options&, BFloat16*, BFloat16*,
                                   const Settings&);

std::optional<Refusal> optimized::refuse(const BackwardCase& test_case) {
  const auto& [forward, grads, mask] = test_case;
  if (auto refusal = refuse(forward)) return refusal;
  if (auto refusal = refuse_grads(grads.shape(), forward.input.shape(), forward.grid.shape())) {
    return refusal;
  }
  if (grads.dtype() == forward.input.dtype()) return std::nullopt;
  return Refusal{"grad.dtype", "grad_output is " + std::string(name(grads.dtype())) +
                                   ": expected " + std::string(name(forward.input.dtype())) +
                                   ", the dtype of the output"};
}

BackwardAnswer optimized::backward_answer(const BackwardCase& test_case, Target target,
                                          int threads) {
  if (auto refusal = refuse(test_case)) return *std::move(refusal);
  const auto& [forward, grads, mask] = test_case;
  Gradients gradients;
  const Dtype dtype = forward.input.dtype();
  if (mask.input) gradients.input = Tensor(dtype, forward.input.shape());
  if (mask.grid) gradients.grid = Tensor(dtype, forward.grid.shape());
  visit(dtype, [&]<class T>(T) {
    if constexpr (!std::is_integral_v<T>) {
      const auto data = [](std::optional<Tensor>& tensor) {
        return tensor ? tensor->elements<T>().data() : nullptr;
      };
      grid_sample_backward(
          test_case.grad_output.view<T>(), test_case.forward.input.view<T>(),
          test_case.forward.grid.view<T>(), resolve(test_case.forward.request).value_or(Options{}),
          data(gradients.input), data(gradients.grid), {.target = target, .threads = threads});
    }
  });
  return gradients;
}

}  // namespace gridproof
