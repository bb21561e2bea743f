#include "optimized/bench/ours.h"

#include <new>
#include <type_traits>

#include "optimized/backward.h"
#include "optimized/bench/clock.h"
#include "optimized/cuda/device.h"
#include "optimized/run.h"

namespace gridproof::bench {
namespace {

namespace cuda = optimized::cuda;

// A tensor that begins at a cache line, as those of frameworks do.
Tensor aligned_tensor(Dtype dtype, const Shape& shape) {
  constexpr std::align_val_t line{64};
  const std::int64_t count = element_count(shape);
  const std::size_t bytes = static_cast<std::size_t>(count) * size_of(dtype);
  const auto free = [](std::byte* storage) { ::operator delete[](storage, line); };
  return Tensor::strided(dtype, shape, contiguous_strides(shape), 0,
                         std::shared_ptr<std::byte[]>(new (line) std::byte[bytes](), free), count);
}

// Calls `function` with views of the call's tensors, its options and the output.
template <class Function>
void visit_call(const Call& call, Tensor& output, const Function& function) {
  visit(call.dtype(), [&]<class T>(T) {
    if constexpr (!std::is_same_v<T, std::int32_t>) {
      function(call.input.view<T>(), call.grid.view<T>(), call.workload.options,
               dense_output(output.elements<T>().data(), output.shape()));
    }
  });
}

class OnCpu : public Ours {
 public:
  OnCpu(const Call& call, const Settings& settings)
      : call_(call),
        settings_(settings),
        output_(aligned_tensor(call.dtype(), call.workload.output_shape())) {}

  double run() override {
    return seconds_of([&] {
      visit_call(call_, output_, [&](const auto&... views) { grid_sample(views..., settings_); });
    });
  }
  const std::byte* output() override { return output_.storage(); }
  std::string why() override {
    std::string text;
    visit_call(call_, output_,
               [&](const auto&... views) { text = explain_choice(views..., settings_); });
    return text;
  }

 private:
  const Call& call_;
  Settings settings_;
  Tensor output_;
};

class Backward : public Ours {
 public:
  Backward(const Call& call, const Settings& settings) : call_(call), settings_(settings) {
    if (call.mask.input) {
      gradients_.input = aligned_tensor(call.dtype(), call.workload.input);
    }
    if (call.mask.grid) {
      gradients_.grid = aligned_tensor(call.dtype(), call.workload.grid_shape());
    }
  }

  double run() override {
    return seconds_of([&] {
      visit(call_.dtype(), [&]<class T>(T) {
        if constexpr (!std::is_same_v<T, std::int32_t>) {
          const auto data = [](std::optional<Tensor>& tensor) {
            return tensor ? tensor->elements<T>().data() : nullptr;
          };
          grid_sample_backward(call_.grads->view<T>(), call_.input.view<T>(), call_.grid.view<T>(),
                               call_.workload.options, data(gradients_.input),
                               data(gradients_.grid), settings_);
        }
      });
    });
  }
  const std::byte* output() override { return nullptr; }
  GradientBytes gradients() override {
    const auto bytes = [](const std::optional<Tensor>& tensor) {
      return tensor ? tensor->storage() : nullptr;
    };
    return {bytes(gradients_.input), bytes(gradients_.grid)};
  }
  std::string why() override { return "the backward pass"; }

 private:
  const Call& call_;
  Settings settings_;
  Gradients gradients_;
};

class OnDevice : public Ours {
 public:
  explicit OnDevice(const Call& call)
      : output_(call.dtype(), call.workload.output_shape()), bytes_(byte_count(output_)) {
    optimized::Problem problem{};
    visit_call(call, output_,
               [&](const auto&... views) { problem = optimized::problem_of(views...); });
    problem.input = copy(call.input, device_input_);
    problem.grid = copy(call.grid, device_grid_);
    problem.output = device_output_.copy_from(output_.storage(), bytes_);
    launch_ = cuda::launch_of(problem, cuda::possible_kernels(problem).front());
  }

  double run() override { return cuda::run_on_device(launch_); }
  const std::byte* output() override {
    device_output_.copy_to(output_.shared_storage().get(), bytes_);
    return output_.storage();
  }
  std::string why() override {
    const cuda::Blocks& blocks = launch_.blocks;
    return cuda::to_string(launch_.kernel) + "; " + std::to_string(blocks.x) + " x " +
           std::to_string(blocks.y) + " x " + std::to_string(blocks.z) + " blocks of " +
           std::to_string(launch_.lanes) + " x " + std::to_string(launch_.rows) + " threads";
  }

 private:
  static std::size_t byte_count(const Tensor& tensor) {
    return static_cast<std::size_t>(tensor.storage_size()) * size_of(tensor.dtype());
  }
  static const void* copy(const Tensor& tensor, cuda::DeviceMemory& memory) {
    const auto size = static_cast<std::int64_t>(size_of(tensor.dtype()));
    const auto* const data =
        static_cast<std::byte*>(memory.copy_from(tensor.storage(), byte_count(tensor)));
    return data + tensor.offset() * size;
  }

  Tensor output_;
  std::size_t bytes_;
  cuda::DeviceMemory device_input_;
  cuda::DeviceMemory device_grid_;
  cuda::DeviceMemory device_output_;
  cuda::Launch launch_{};
};

}  // namespace

std::unique_ptr<Ours> ours_on_cpu(const Call& call, const Settings& settings) {
  if (call.grads) return std::make_unique<Backward>(call, settings);
  return std::make_unique<OnCpu>(call, settings);
}
std::unique_ptr<Ours> ours_on_device(const Call& call) { return std::make_unique<OnDevice>(call); }

}  // namespace gridproof::bench
