// The kernels on a CUDA device. device.cu has the code, and device_missing.cc what a build without
// CUDA says instead.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "optimized/cuda/backward.h"
#include "optimized/cuda/launch.h"

namespace gridproof::optimized::cuda {

// Why nothing can be computed on a device, in one sentence.
std::optional<std::string> obstacle();

// Memory of the device. Its functions and run_on_device throw std::runtime_error.
class DeviceMemory {
 public:
  DeviceMemory() = default;
  DeviceMemory(const DeviceMemory&) = delete;
  DeviceMemory& operator=(const DeviceMemory&) = delete;
  ~DeviceMemory();

  // Makes room if there is too little. What is returned stays valid until the next call.
  void* copy_from(const void* host, std::size_t bytes);
  // The same without anything in it.
  void* room(std::size_t bytes);
  void copy_to(void* host, std::size_t bytes) const;

 private:
  void* data_ = nullptr;
  std::size_t bytes_ = 0;
};

// Computes a problem whose tensors lie in the device's memory, and waits for the end. Returns the
// seconds that the device took.
double run_on_device(const Launch& launch);
// The same for all launches of a backward pass.
double run_on_device(const std::vector<BackwardLaunch>& launches);

std::string device_name();
// Read and written, from one place of its memory to another.
double copy_bytes_per_second();

// One of them in each kernels_<dtype>.cu.
void start_f16(const Launch& launch);
void start_bf16(const Launch& launch);
void start_f32(const Launch& launch);
void start_f64(const Launch& launch);
// One of them in each backward_<dtype>.cu, and the steps of a sort in backward_sort.cu.
void start_f16(const BackwardLaunch& launch);
void start_bf16(const BackwardLaunch& launch);
void start_f32(const BackwardLaunch& launch);
void start_f64(const BackwardLaunch& launch);
void start_sort(const BackwardLaunch& launch);

}  // namespace gridproof::optimized::cuda
