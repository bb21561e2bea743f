// LibTorch as a subject: a program that answers cases by the process protocol with the grid_sample
// of the LibTorch that it was built against (2.15.0, 2.8.0, 1.13.1: one source for all).
//
// It calls torch::nn::functional::grid_sample, which is what a user of C++ calls, and leaves out
// what the request leaves out, so that LibTorch's own defaults are on trial. Its options cannot say
// a name that is no mode or padding; those checks exist in Python only, and are unsupported here.
// Those of 1.13.1 cannot say bicubic either, though the operator has it: there the operator itself
// is called, at::grid_sampler, as Python does in every version. The gradients are those of
// autograd.
//
// The tensors lie over the case's own storage with its strides and offset: the layout that is asked
// is the layout that LibTorch sees, and the pages beyond it are guarded. Tested by torch_test.cc.
#include <ATen/Parallel.h>
#include <c10/util/Exception.h>
// grid_sample, which is inline, warns each time that align_corners is left out. Nobody is there to
// read it, and it takes longer than a small case.
#undef TORCH_WARN
#define TORCH_WARN(...) static_cast<void>(0)
#include <torch/csrc/autograd/autograd.h>
#include <torch/nn/functional/vision.h>

#include <cstdlib>
#include <initializer_list>
#include <string_view>
#include <type_traits>
#include <vector>

#include "oracle/subjects/serve/fork_server.h"
#include "oracle/subjects/serve/serve.h"

namespace gridproof {
namespace {

namespace functional = torch::nn::functional;

at::ScalarType torch_type(Dtype dtype) {
  switch (dtype) {
    case Dtype::f16:
      return at::kHalf;
    case Dtype::bf16:
      return at::kBFloat16;
    case Dtype::f32:
      return at::kFloat;
    case Dtype::f64:
      return at::kDouble;
    case Dtype::i32:
      break;
  }
  return at::kInt;
}

Dtype dtype_of_torch(at::ScalarType type) {
  for (const auto& entry : names<Dtype>) {
    if (torch_type(entry.value) == type) return entry.value;
  }
  throw std::runtime_error(std::string("the output is of type ") + at::toString(type));
}

at::Tensor torch_tensor(const Tensor& tensor) {
  std::byte* const first = tensor.shared_storage().get() +
                           tensor.offset() * static_cast<std::ptrdiff_t>(size_of(tensor.dtype()));
  return at::from_blob(first, tensor.shape(), tensor.strides(),
                       at::TensorOptions(torch_type(tensor.dtype())));
}

// The elements of `output`, dense, in the memory that LibTorch put them in.
Tensor tensor_of(const at::Tensor& output) {
  const at::Tensor dense = output.contiguous();
  const Shape shape = dense.sizes().vec();
  std::shared_ptr<std::byte[]> storage(static_cast<std::byte*>(dense.data_ptr()),
                                       [dense](const std::byte*) {});
  return Tensor::strided(dtype_of_torch(dense.scalar_type()), shape, contiguous_strides(shape), 0,
                         std::move(storage), dense.numel());
}

// Sets the mode, if these options can say it.
template <class Options>
bool set_mode(Options& options, Mode mode) {
  using Said = std::decay_t<decltype(options.mode())>;
  switch (mode) {
    case Mode::bilinear:
      options.mode(torch::kBilinear);
      return true;
    case Mode::nearest:
      options.mode(torch::kNearest);
      return true;
    case Mode::bicubic:
      if constexpr (std::is_constructible_v<Said, torch::enumtype::kBicubic>) {
        options.mode(torch::kBicubic);
        return true;
      }
  }
  return false;
}

void set_padding(functional::GridSampleFuncOptions& options, Padding padding) {
  switch (padding) {
    case Padding::zeros:
      options.padding_mode(torch::kZeros);
      break;
    case Padding::border:
      options.padding_mode(torch::kBorder);
      break;
    case Padding::reflection:
      options.padding_mode(torch::kReflection);
      break;
  }
}

// The numbers of the operator are those of our enumerations.
static_assert(static_cast<int>(Mode::bicubic) == 2 && static_cast<int>(Padding::reflection) == 2);

at::Tensor sample(const at::Tensor& input, const at::Tensor& grid, const Request& request,
                  const Options& resolved) {
  functional::GridSampleFuncOptions options;
  if (request.mode && !set_mode(options, resolved.mode)) {
    return at::grid_sampler(input, grid, static_cast<std::int64_t>(resolved.mode),
                            static_cast<std::int64_t>(resolved.padding), resolved.align_corners);
  }
  if (request.padding_mode) set_padding(options, resolved.padding);
  if (request.align_corners) options.align_corners(resolved.align_corners);
  return functional::grid_sample(input, grid, options);
}

std::string first_line(std::string_view text) {
  return std::string(text.substr(0, text.find('\n')));
}

// Whether this says nothing about the question: LibTorch lacks memory, or found a fault of its own.
bool is_fault(std::string_view message) {
  return message.find("DefaultCPUAllocator") != std::string_view::npos ||
         message.find("INTERNAL ASSERT FAILED") != std::string_view::npos;
}

// What `compute` returns of the options, or why LibTorch does not.
template <class AnswerTo>
AnswerTo answer_by(const Request& request, std::initializer_list<const Tensor*> tensors,
                   const auto& compute) {
  for (const Tensor* const tensor : tensors) {
    if (layout_of(*tensor) == Layout::negative) return Unsupported{"negative strides"};
  }
  const auto options = resolve(request);
  if (!options) return Unsupported{"a name that is no mode or padding mode"};
  try {
    return compute(*options);
  } catch (const c10::NotImplementedError& error) {
    return Unsupported{first_line(error.what_without_backtrace())};
  } catch (const c10::Error& error) {
    const std::string message = first_line(error.what_without_backtrace());
    if (message.find("not implemented for") != std::string::npos) return Unsupported{message};
    if (is_fault(error.what_without_backtrace())) throw std::runtime_error(message);
    return Refusal{.clause = "", .message = message};
  }
}

Answer answer(const Case& test_case) {
  const auto& [request, input, grid] = test_case;
  return answer_by<Answer>(request, {&input, &grid}, [&](const Options& options) {
    return tensor_of(sample(torch_tensor(input), torch_tensor(grid), request, options));
  });
}

// The gradients by the operator itself, first of the input, then of the grid.
std::vector<at::Tensor> by_operator(const at::Tensor& grad_output, const at::Tensor& input,
                                    const at::Tensor& grid, const Options& options,
                                    OutputMask wanted) {
  const auto of_rank =
      input.dim() == 4 ? at::grid_sampler_2d_backward : at::grid_sampler_3d_backward;
  auto [grad_input, grad_grid] =
      of_rank(grad_output, input, grid, static_cast<std::int64_t>(options.mode),
              static_cast<std::int64_t>(options.padding), options.align_corners,
              {wanted.input, wanted.grid});
  std::vector<at::Tensor> gradients;
  if (wanted.input) gradients.push_back(grad_input);
  if (wanted.grid) gradients.push_back(grad_grid);
  return gradients;
}

// Those of the tensors whose gradients are wanted, by autograd, which is told of no others. A
// gradient of another shape or dtype than the output is for the operator: autograd would sum or
// convert some of them, and the operator not see what it is asked.
Gradients gradients(const BackwardCase& test_case, const Options& options) {
  const OutputMask wanted = test_case.output_mask;
  const at::Tensor input = torch_tensor(test_case.forward.input).set_requires_grad(wanted.input);
  const at::Tensor grid = torch_tensor(test_case.forward.grid).set_requires_grad(wanted.grid);
  const at::Tensor grad_output = torch_tensor(test_case.grad_output);
  const at::Tensor output = sample(input, grid, test_case.forward.request, options);
  const bool fits = grad_output.sizes() == output.sizes() && grad_output.dtype() == output.dtype();
  std::vector<at::Tensor> differentiable;
  if (wanted.input) differentiable.push_back(input);
  if (wanted.grid) differentiable.push_back(grid);
  if (differentiable.empty()) return {};
  const std::vector<at::Tensor> computed =
      fits ? torch::autograd::grad({output}, differentiable, {grad_output})
           : by_operator(grad_output, input.detach(), grid.detach(), options, wanted);
  Gradients gradients;
  if (wanted.input) gradients.input = tensor_of(computed.front());
  if (wanted.grid) gradients.grid = tensor_of(computed.back());
  return gradients;
}

BackwardAnswer backward(const BackwardCase& test_case) {
  const auto& [request, input, grid] = test_case.forward;
  return answer_by<BackwardAnswer>(
      request, {&input, &grid, &test_case.grad_output},
      [&](const Options& options) { return gradients(test_case, options); });
}

}  // namespace
}  // namespace gridproof

int main(int argc, char** argv) {
  at::set_num_threads(1);
  gridproof::serve_copies({argv, static_cast<std::size_t>(argc)});
  const int status = gridproof::serve(
      {.info = {.name = "LibTorch",
                .version = GRIDPROOF_TORCH_VERSION,
                .language = "C++",
                .homepage = "https://pytorch.org/",
                .issues = "https://github.com/pytorch/pytorch/issues"},
       .supports = {.gradients = {{gridproof::GradientOf::input, gridproof::GradientOf::grid}}}},
      gridproof::answer, gridproof::backward);
  std::_Exit(status);  // without LibTorch's destructors, which cost as much as a thousand cases
}
