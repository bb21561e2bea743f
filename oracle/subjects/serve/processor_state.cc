#include "oracle/subjects/serve/processor_state.h"

#include <cfenv>
#include <cstdint>

#if defined __SSE2__
#include <xmmintrin.h>
#endif

namespace gridproof {
namespace {

#if defined __SSE2__
constexpr unsigned flush_to_zero = 1U << 15U;
constexpr unsigned denormals_are_zero = 1U << 6U;
unsigned flags() { return _mm_getcsr(); }
void clear_flags() { _mm_setcsr(flags() & ~(flush_to_zero | denormals_are_zero)); }
#elif defined __aarch64__
constexpr std::uint64_t flush_to_zero = std::uint64_t{1} << 24U;  // of inputs as well
constexpr std::uint64_t denormals_are_zero = 0;
std::uint64_t flags() {
  std::uint64_t control = 0;
  asm volatile("mrs %0, fpcr" : "=r"(control));
  return control;
}
void clear_flags() { asm volatile("msr fpcr, %0" : : "r"(flags() & ~flush_to_zero)); }
#else
constexpr unsigned flush_to_zero = 0;
constexpr unsigned denormals_are_zero = 0;
unsigned flags() { return 0; }
void clear_flags() {}
#endif

const char* direction() {
  switch (std::fegetround()) {
    case FE_UPWARD:
      return "upward";
    case FE_DOWNWARD:
      return "downward";
    case FE_TOWARDZERO:
      return "toward zero";
    default:
      return nullptr;
  }
}

// The rounding of vectors, which the standard library does not look at where it has its own.
const char* direction_of_vectors() {
#if defined __SSE2__
  switch (_MM_GET_ROUNDING_MODE()) {
    case _MM_ROUND_UP:
      return "upward";
    case _MM_ROUND_DOWN:
      return "downward";
    case _MM_ROUND_TOWARD_ZERO:
      return "toward zero";
    default:
      return nullptr;
  }
#else
  return nullptr;
#endif
}

}  // namespace

void restore_processor_state() {
  std::fesetround(FE_TONEAREST);  // of both units
  clear_flags();
}

std::optional<std::string> changed_processor_state() {
  std::string text;
  const auto add = [&text](const std::string& what) { text += (text.empty() ? "" : ", ") + what; };
  const char* const rounding = direction() != nullptr ? direction() : direction_of_vectors();
  if (rounding != nullptr) add(std::string("changed the rounding mode (") + rounding + ")");
  if ((flags() & flush_to_zero) != 0) add("switched on flush-to-zero");
  if ((flags() & denormals_are_zero) != 0) add("switched on denormals-are-zero");
  return text.empty() ? std::nullopt : std::optional(text);
}

}  // namespace gridproof
