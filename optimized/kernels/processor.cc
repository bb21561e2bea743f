#include "optimized/kernels/processor.h"

#include <array>
#include <cstdint>

#ifdef __x86_64__
#include <cpuid.h>
#endif

namespace gridproof {

#ifdef __x86_64__

namespace {

constexpr bool has(std::uint32_t bits, std::uint32_t all) { return (bits & all) == all; }

// Which registers the system keeps for each thread, XCR0.
std::uint32_t registers_kept() {
  std::uint32_t low = 0;
  std::uint32_t high = 0;
  asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

Processor ask() {
  constexpr std::uint32_t avx_registers = 0x6;
  constexpr std::uint32_t avx512_registers = 0xe6;
  constexpr std::uint32_t fma = 1U << 12U;
  constexpr std::uint32_t xgetbv = 1U << 27U;
  constexpr std::uint32_t f16c = 1U << 29U;
  constexpr std::uint32_t avx2 = 1U << 5U;
  constexpr std::uint32_t bmi2 = 1U << 8U;
  constexpr std::uint32_t avx512 =  // f, dq, cd, bw, vl
      1U << 16U | 1U << 17U | 1U << 28U | 1U << 30U | 1U << 31U;
  std::array<std::uint32_t, 4> first{};
  std::array<std::uint32_t, 4> seventh{};
  if (__get_cpuid(1, &first[0], &first[1], &first[2], &first[3]) == 0 ||
      __get_cpuid_count(7, 0, &seventh[0], &seventh[1], &seventh[2], &seventh[3]) == 0 ||
      !has(first[2], xgetbv)) {
    return {};
  }
  const std::uint32_t kept = registers_kept();
  Processor result;
  result.avx2 =
      has(kept, avx_registers) && has(first[2], fma | f16c) && has(seventh[1], avx2 | bmi2);
  result.avx512 = result.avx2 && has(kept, avx512_registers) && has(seventh[1], avx512);
  return result;
}

}  // namespace

// Once: a virtual machine takes microseconds to answer.
Processor this_processor() {
  static const Processor found = ask();
  return found;
}

#elif defined(__aarch64__)

Processor this_processor() { return {.neon = true}; }  // all have it

#else

Processor this_processor() { return {}; }

#endif

}  // namespace gridproof
