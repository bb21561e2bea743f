// LibTorch as the first rival of the benchmark: the program gridproof-bench-<version>, which
// `gridproof bench` runs.
#include <malloc.h>
#include <torch/torch.h>

#include "optimized/bench/clock.h"
#include "optimized/bench/harness.h"
#include "oracle/subjects/torch/functional_options.h"

namespace {

namespace functional = torch::nn::functional;
using gridproof::bench::Call;

at::ScalarType scalar_type(gridproof::Dtype dtype) {
  switch (dtype) {
    case gridproof::Dtype::f16:
      return torch::kHalf;
    case gridproof::Dtype::bf16:
      return torch::kBFloat16;
    case gridproof::Dtype::f64:
      return torch::kDouble;
    default:
      return torch::kFloat;
  }
}

at::Tensor wrap(const gridproof::Tensor& tensor) {
  std::byte* const data =
      tensor.shared_storage().get() +
      static_cast<std::size_t>(tensor.offset()) * gridproof::size_of(tensor.dtype());
  return torch::from_blob(data, tensor.shape(), tensor.strides(), scalar_type(tensor.dtype()));
}

class LibTorch : public gridproof::bench::Rival {
 public:
  [[nodiscard]] const std::string& name() const override { return name_; }

  std::optional<std::string> prepare(const Call& call, int threads) override {
    at::set_num_threads(threads);
    input_ = wrap(call.input);
    grid_ = wrap(call.grid);
    options_ = gridproof::functional_options(call.workload.options);
    call_ = &call;
    if (call.grads) grads_ = wrap(*call.grads);
    try {
      run();
    } catch (const c10::Error& error) {
      return error.what_without_backtrace();
    }
    return std::nullopt;
  }

  double run() override {
    if (call_->grads) return run_backward();
    return gridproof::bench::seconds_of([this] {
      output_.reset();  // frees the last one first
      output_ = functional::grid_sample(input_, grid_, options_);
    });
  }
  const std::byte* output() override {
    return static_cast<const std::byte*>(output_.const_data_ptr());
  }
  gridproof::bench::GradientBytes gradients() override {
    const auto bytes = [](const at::Tensor& tensor) {
      return tensor.defined() ? static_cast<const std::byte*>(tensor.const_data_ptr()) : nullptr;
    };
    // It makes that of the grid in any case.
    return {call_->mask.input ? bytes(std::get<0>(gradients_)) : nullptr,
            call_->mask.grid ? bytes(std::get<1>(gradients_)) : nullptr};
  }

 private:
  // What autograd calls, without its bookkeeping.
  double run_backward() {
    const auto& options = call_->workload.options;
    const std::array<bool, 2> mask{call_->mask.input, call_->mask.grid};
    const auto backward =
        input_.dim() == 4 ? at::grid_sampler_2d_backward : at::grid_sampler_3d_backward;
    return gridproof::bench::seconds_of([&] {
      gradients_ = {};  // frees the last ones first
      gradients_ =
          backward(grads_, input_, grid_, static_cast<std::int64_t>(options.mode),
                   static_cast<std::int64_t>(options.padding), options.align_corners, mask);
    });
  }

  std::string name_ = "LibTorch " GRIDPROOF_TORCH_VERSION;
  at::Tensor input_;
  at::Tensor grid_;
  at::Tensor output_;
  at::Tensor grads_;
  std::tuple<at::Tensor, at::Tensor> gradients_;
  const Call* call_ = nullptr;
  functional::GridSampleFuncOptions options_;
};

}  // namespace

int main(int argc, char** argv) {
  // LibTorch makes a new output for every call. It gets the same memory each time, already mapped,
  // as ours does: the cost of fresh pages is not grid_sample's.
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, -1);
  const c10::InferenceMode guard;
  LibTorch rival;
  return gridproof::bench::bench_main(argc, argv, rival);
}
