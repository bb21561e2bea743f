// Elements as they lie in memory, and the numbers in which they are computed, [dtype.16-bit]. In
// integers and one addition, so that every CPU does the same. CUDA devices have instructions for
// it, which round to nearest even and know subnormal numbers as well. Tested by element_test.cc:
// every f16 and bf16, every boundary of rounding.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <type_traits>

#include "optimized/kernels/scalar.h"
#include "reference/contract/dtype.h"

namespace gridproof::optimized {

// 16-bit elements are computed in float and rounded once, at the end.
template <class Element>
using ArithmeticOf = std::conditional_t<std::is_same_v<Element, double>, double, float>;

GRIDPROOF_HOST_DEVICE float to_number(float element) { return element; }
GRIDPROOF_HOST_DEVICE double to_number(double element) { return element; }
GRIDPROOF_HOST_DEVICE float to_number(BFloat16 element) {
  return std::bit_cast<float>(std::uint32_t{element.bits} << 16U);
}
GRIDPROOF_HOST_DEVICE float to_number(Half element) {
#ifdef __CUDA_ARCH__
  float number;
  asm("cvt.f32.f16 %0, %1;" : "=f"(number) : "h"(element.bits));
  return number;
#else
  const std::uint32_t sign = (element.bits & 0x8000U) << 16U;
  const std::uint32_t magnitude = element.bits & 0x7fffU;
  if (magnitude >= 0x7c00U) return std::bit_cast<float>(sign | 0x7f800000U | magnitude << 13U);
  if (magnitude >= 0x400U) {
    return std::bit_cast<float>(sign | ((magnitude << 13U) + (112U << 23U)));
  }
  const float value = static_cast<float>(magnitude) * 0x1p-24F;
  return sign != 0 ? -value : value;
#endif
}

template <class Element>
GRIDPROOF_HOST_DEVICE Element to_element(ArithmeticOf<Element> number) {
  if constexpr (sizeof(Element) > 2) {
    return number;
  } else {
    Element element;
#ifdef __CUDA_ARCH__
    if constexpr (std::is_same_v<Element, BFloat16>) {
      asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(element.bits) : "f"(number));
    } else {
      asm("cvt.rn.f16.f32 %0, %1;" : "=h"(element.bits) : "f"(number));
    }
#else
    const auto bits = std::bit_cast<std::uint32_t>(number);
    const std::uint32_t sign = bits >> 16U & 0x8000U;
    std::uint32_t magnitude = bits & 0x7fffffffU;
    if constexpr (std::is_same_v<Element, BFloat16>) {
      // Half of the last place that stays, and 1 more if that place is odd: ties go to even.
      magnitude = magnitude > 0x7f800000U ? 0x7fc0U
                                          : (magnitude + 0x7fffU + (magnitude >> 16U & 1U)) >> 16U;
    } else if (magnitude > 0x7f800000U) {
      magnitude = 0x7e00U;
    } else if (magnitude >= 0x477ff000U) {  // 65520 is halfway to the first that does not exist
      magnitude = 0x7c00U;
    } else if (magnitude < 0x38800000U) {
      // Below 2^-14 the last place is 2^-24, that of 1/2: the addition rounds.
      magnitude =
          std::bit_cast<std::uint32_t>(std::bit_cast<float>(magnitude) + 0.5F) - 0x3f000000U;
    } else {
      magnitude = (magnitude - (112U << 23U) + 0xfffU + (magnitude >> 13U & 1U)) >> 13U;
    }
    element.bits = static_cast<std::uint16_t>(sign | magnitude);
#endif
    return element;
  }
}

}  // namespace gridproof::optimized
