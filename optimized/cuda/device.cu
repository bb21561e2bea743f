#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <vector>

#include "optimized/cuda/device.h"

namespace gridproof::optimized::cuda {
namespace {

void check(cudaError_t error) {
  if (error != cudaSuccess)
    throw std::runtime_error(std::string("CUDA: ") + cudaGetErrorString(error));
}

template <class AnyLaunch>
void start(Dtype dtype, const AnyLaunch& launch) {
  switch (dtype) {
    case Dtype::f16:
      start_f16(launch);
      break;
    case Dtype::bf16:
      start_bf16(launch);
      break;
    case Dtype::f32:
      start_f32(launch);
      break;
    case Dtype::f64:
      start_f64(launch);
      break;
    case Dtype::i32:
      break;
  }
  check(cudaGetLastError());
}

// Events of the device's clock.
class Event {
 public:
  Event() { check(cudaEventCreate(&event_)); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event() { cudaEventDestroy(event_); }
  void record() { check(cudaEventRecord(event_)); }
  [[nodiscard]] double seconds_since(const Event& earlier) const {
    check(cudaEventSynchronize(event_));
    float milliseconds = 0;
    check(cudaEventElapsedTime(&milliseconds, earlier.event_, event_));
    return milliseconds / 1000.0;
  }

 private:
  cudaEvent_t event_ = nullptr;
};

// How long what `function` starts takes the device.
template <class Function>
double seconds_of(const Function& function) {
  Event begin;
  Event end;
  begin.record();
  function();
  end.record();
  return end.seconds_since(begin);
}

}  // namespace

std::optional<std::string> obstacle() {
  int driver = 0;
  if (cudaDriverGetVersion(&driver) == cudaSuccess && driver == 0) {
    return "there is no CUDA device: this machine has no NVIDIA driver";
  }
  int devices = 0;
  const cudaError_t error = cudaGetDeviceCount(&devices);
  if (error != cudaSuccess)
    return std::string("there is no CUDA device: ") + cudaGetErrorString(error);
  if (devices == 0) return "there is no CUDA device";
  return std::nullopt;
}

DeviceMemory::~DeviceMemory() { cudaFree(data_); }

void* DeviceMemory::room(std::size_t bytes) {
  if (bytes > bytes_) {
    check(cudaFree(data_));
    data_ = nullptr;
    bytes_ = 0;
    check(cudaMalloc(&data_, bytes));
    bytes_ = bytes;
  }
  return data_;
}

void* DeviceMemory::copy_from(const void* host, std::size_t bytes) {
  room(bytes);
  if (bytes > 0) check(cudaMemcpy(data_, host, bytes, cudaMemcpyHostToDevice));
  return data_;
}

void DeviceMemory::copy_to(void* host, std::size_t bytes) const {
  if (bytes > 0) check(cudaMemcpy(host, data_, bytes, cudaMemcpyDeviceToHost));
}

double run_on_device(const Launch& launch) {
  return seconds_of([&] { start(launch.problem.dtype, launch); });
}

double run_on_device(const std::vector<BackwardLaunch>& launches) {
  return seconds_of([&] {
    for (const BackwardLaunch& launch : launches) {
      if (is_sort(launch.task)) {
        start_sort(launch);
        check(cudaGetLastError());
      } else {
        start(launch.backward.forward.dtype, launch);
      }
    }
  });
}

std::string device_name() {
  cudaDeviceProp properties{};
  check(cudaGetDeviceProperties(&properties, 0));
  return properties.name;
}

double copy_bytes_per_second() {
  constexpr std::size_t bytes = std::size_t{256} << 20U;
  const std::vector<char> zeros(bytes);
  DeviceMemory from;
  DeviceMemory to;
  const void* const source = from.copy_from(zeros.data(), bytes);
  void* const target = to.copy_from(zeros.data(), bytes);
  double best = INFINITY;
  for (int i = 0; i < 5; ++i) {
    best = std::min(best, seconds_of([&] {
                      check(cudaMemcpyAsync(target, source, bytes, cudaMemcpyDeviceToDevice));
                    }));
  }
  return 2 * static_cast<double>(bytes) / best;
}

}  // namespace gridproof::optimized::cuda
