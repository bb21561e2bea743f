// The operations of core-inl.h on single numbers, for the host and for CUDA devices.
#pragma once

#include <cmath>
#include <cstdint>

#include "optimized/kernels/axis.h"

// What runs on a device is inlined there, loops of a few steps included, so that its small arrays
// become registers.
#ifdef __CUDACC__
#define GRIDPROOF_HOST_DEVICE __host__ __device__ __forceinline__
#define GRIDPROOF_UNROLL _Pragma("unroll")
#define GRIDPROOF_KEEP_ROLLED _Pragma("unroll 1")
#else
#define GRIDPROOF_HOST_DEVICE inline
#define GRIDPROOF_UNROLL
#define GRIDPROOF_KEEP_ROLLED
#endif

namespace gridproof::optimized::scalar {

// `Count` counts pixels: a double every one that memory can hold, a float those of short axes.
template <class T, class Count = double>
struct Operations {
  using Number = T;
  using Real = T;
  using Index = Count;

  GRIDPROOF_HOST_DEVICE T real(double value) const { return static_cast<T>(value); }
  GRIDPROOF_HOST_DEVICE Count count(std::int64_t n) const { return static_cast<Count>(n); }
  GRIDPROOF_HOST_DEVICE Count index(T whole) const { return static_cast<Count>(whole); }
  template <class V>
  GRIDPROOF_HOST_DEVICE V select(bool condition, V yes, V no) const {
    return condition ? yes : no;
  }
  GRIDPROOF_HOST_DEVICE bool both(bool a, bool b) const { return a && b; }
  GRIDPROOF_HOST_DEVICE T at_least(T x, T low) const { return x < low ? low : x; }
  GRIDPROOF_HOST_DEVICE T at_most(T x, T high) const { return x > high ? high : x; }
  GRIDPROOF_HOST_DEVICE bool is_nan(T x) const { return std::isnan(x); }
  GRIDPROOF_HOST_DEVICE bool is_infinite(T x) const { return std::fabs(x) == T{INFINITY}; }
  GRIDPROOF_HOST_DEVICE T floor(T x) const { return std::floor(x); }
  GRIDPROOF_HOST_DEVICE T round_to_even(T x) const { return std::rint(x); }
  GRIDPROOF_HOST_DEVICE T remainder(T x, T period) const {
    return std::fabs(x) < period ? x : std::fmod(x, period);
  }
  GRIDPROOF_HOST_DEVICE Count remainder_of_count(Count x, std::int64_t period) const {
    const auto whole = static_cast<Count>(period);
    return std::fabs(x) < whole ? x : std::fmod(x, whole);
  }
  GRIDPROOF_HOST_DEVICE T with_signs_of(T value, T one, T other) const {
    return std::signbit(one) || std::signbit(other) ? T{-0.0} : value;
  }
};

}  // namespace gridproof::optimized::scalar

#define GRIDPROOF_CORE scalar
#define GRIDPROOF_CORE_FUNCTION GRIDPROOF_HOST_DEVICE
#include "optimized/kernels/core-inl.h"
