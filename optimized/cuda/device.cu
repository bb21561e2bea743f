#include <stdexcept>

#include "optimized/cuda/device.h"

namespace gridproof::optimized::cuda {
namespace {

void check(cudaError_t error) {
  if (error != cudaSuccess)
    throw std::runtime_error(std::string("CUDA: ") + cudaGetErrorString(error));
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

void* DeviceMemory::copy_from(const void* host, std::size_t bytes) {
  if (bytes > bytes_) {
    check(cudaFree(data_));
    data_ = nullptr;
    bytes_ = 0;
    check(cudaMalloc(&data_, bytes));
    bytes_ = bytes;
  }
  if (bytes > 0) check(cudaMemcpy(data_, host, bytes, cudaMemcpyHostToDevice));
  return data_;
}

void DeviceMemory::copy_to(void* host, std::size_t bytes) const {
  if (bytes > 0) check(cudaMemcpy(host, data_, bytes, cudaMemcpyDeviceToHost));
}

void run_on_device(const Launch& launch) {
  switch (launch.problem.dtype) {
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
  check(cudaDeviceSynchronize());
}

}  // namespace gridproof::optimized::cuda
