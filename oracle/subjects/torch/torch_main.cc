// LibTorch as a subject: a program that answers cases by the process protocol with the grid_sample
// of the LibTorch that it was built against (2.15.0, 2.8.0, 1.13.1: one source for all).
//
// It calls torch::nn::functional::grid_sample, which is what a user of C++ calls, and leaves out
// what the request leaves out, so that LibTorch's own defaults are on trial. Its options cannot say
// a name that is no mode or padding; those checks exist in Python only, and are unsupported here.
// Those of 1.13.1 cannot say bicubic either, though the operator has it: there the operator itself
// is called, at::grid_sampler, as Python does in every version.
//
// The tensors lie over the case's own storage with its strides and offset: the layout that is asked
// is the layout that LibTorch sees, and the pages beyond it are guarded. Tested by torch_test.cc.
#include <ATen/Parallel.h>
#include <c10/util/Exception.h>
// grid_sample, which is inline, warns each time that align_corners is left out. Nobody is there to
// read it, and it takes longer than a small case.
#undef TORCH_WARN
#define TORCH_WARN(...) static_cast<void>(0)
#include <torch/nn/functional/vision.h>

#include <cstdlib>
#include <string_view>
#include <type_traits>

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

at::Tensor sample(const Case& test_case, const Options& resolved) {
  const at::Tensor input = torch_tensor(test_case.input);
  const at::Tensor grid = torch_tensor(test_case.grid);
  const Request& request = test_case.request;
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

Answer answer(const Case& test_case) {
  if (layout_of(test_case.input) == Layout::negative ||
      layout_of(test_case.grid) == Layout::negative) {
    return Unsupported{"negative strides"};
  }
  const auto options = resolve(test_case.request);
  if (!options) return Unsupported{"a name that is no mode or padding mode"};
  try {
    return tensor_of(sample(test_case, *options));
  } catch (const c10::NotImplementedError& error) {
    return Unsupported{first_line(error.what_without_backtrace())};
  } catch (const c10::Error& error) {
    const std::string message = first_line(error.what_without_backtrace());
    if (message.find("not implemented for") != std::string::npos) return Unsupported{message};
    if (is_fault(error.what_without_backtrace())) throw std::runtime_error(message);
    return Refusal{.clause = "", .message = message};
  }
}

}  // namespace
}  // namespace gridproof

int main() {
  at::set_num_threads(1);
  const int status =
      gridproof::serve({.info = {.name = "LibTorch",
                                 .version = GRIDPROOF_TORCH_VERSION,
                                 .language = "C++",
                                 .homepage = "https://pytorch.org/",
                                 .issues = "https://github.com/pytorch/pytorch/issues"}},
                       gridproof::answer);
  std::_Exit(status);  // without LibTorch's destructors, which cost as much as a thousand cases
}
