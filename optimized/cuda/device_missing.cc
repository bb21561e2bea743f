#ifndef GRIDPROOF_HAS_CUDA
#include <stdexcept>

#include "optimized/cuda/device.h"

namespace gridproof::optimized::cuda {

std::optional<std::string> obstacle() {
  return "this build has no CUDA (CMake did not find nvcc, or GRIDPROOF_CUDA is off)";
}

DeviceMemory::~DeviceMemory() = default;
void* DeviceMemory::copy_from(const void* /*host*/, std::size_t /*bytes*/) {
  throw std::runtime_error(*obstacle());
}
void* DeviceMemory::room(std::size_t /*bytes*/) { throw std::runtime_error(*obstacle()); }
void DeviceMemory::copy_to(void* /*host*/, std::size_t /*bytes*/) const {}
double run_on_device(const Launch& /*launch*/) { throw std::runtime_error(*obstacle()); }
double run_on_device(const std::vector<BackwardLaunch>& /*launches*/) {
  throw std::runtime_error(*obstacle());
}
std::string device_name() { throw std::runtime_error(*obstacle()); }
double copy_bytes_per_second() { throw std::runtime_error(*obstacle()); }

}  // namespace gridproof::optimized::cuda
#endif
