// The element types of tensors, and the two 16-bit formats that C++20 lacks.
// Tested by dtype_test.cc (every f16 and bf16 pattern, every rounding boundary between them).
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "reference/contract/options.h"

namespace gridproof {

// i32 is no type of grid_sample; it is here so that a case can ask for it and be refused.
enum class Dtype : std::uint8_t { f16, bf16, f32, f64, i32 };

template <>
inline constexpr auto names<Dtype> = std::to_array<Named<Dtype>>({{Dtype::f16, "f16"},
                                                                  {Dtype::bf16, "bf16"},
                                                                  {Dtype::f32, "f32"},
                                                                  {Dtype::f64, "f64"},
                                                                  {Dtype::i32, "i32"}});

constexpr bool is_floating(Dtype dtype) { return dtype != Dtype::i32; }
constexpr bool is_16_bit(Dtype dtype) { return dtype == Dtype::f16 || dtype == Dtype::bf16; }

constexpr std::size_t size_of(Dtype dtype) {
  switch (dtype) {
    case Dtype::f16:
    case Dtype::bf16:
      return 2;
    case Dtype::f32:
    case Dtype::i32:
      return 4;
    case Dtype::f64:
      return 8;
  }
  return 0;
}

// A binary floating-point format in the words of IEEE 754: p bits of precision, the exponent of the
// smallest normal and of the largest finite number.
struct Format {
  int precision;
  int min_exponent;
  int max_exponent;

  [[nodiscard]] constexpr int min_subnormal_exponent() const {
    return min_exponent - precision + 1;
  }
};

constexpr Format format_of(Dtype dtype) {
  switch (dtype) {
    case Dtype::f16:
      return {11, -14, 15};
    case Dtype::bf16:
      return {8, -126, 127};
    case Dtype::f32:
      return {24, -126, 127};
    case Dtype::f64:
      return {53, -1022, 1023};
    case Dtype::i32:
      break;
  }
  return {};
}

// An unsigned integer of as many bits as an element has.
template <class T>
using BitsOf = std::conditional_t<sizeof(T) == 2, std::uint16_t,
                                  std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>>;

// value * 2^exponent, as std::ldexp gives it, without its cost.
inline double scaled(double value, int exponent) {
  if (exponent < -1022 || exponent > 1023) return std::ldexp(value, exponent);
  return value * std::bit_cast<double>(static_cast<std::uint64_t>(exponent + 1023) << 52U);
}

// The value nearest to `value` in `format`, ties to even, as a double; exact, subnormals and
// overflow to infinity included. `format` must be no wider than double.
inline double round_to(const Format& format, double value) {
  if (value == 0 || !std::isfinite(value)) return value;
  const int exponent = std::max(std::ilogb(value), format.min_exponent);
  const int ulp = exponent - format.precision + 1;
  // Scaling by a power of two is exact here: the scaled value is below 2^53, and a result too
  // small for `format` is brought back as one of its own subnormals, which double holds.
  const double rounded = scaled(std::nearbyint(scaled(value, -ulp)), ulp);
  const double largest = scaled(2.0 - scaled(1.0, 1 - format.precision), format.max_exponent);
  if (std::fabs(rounded) > largest) return std::copysign(INFINITY, value);
  return rounded;
}

// The smallest number of a binary format that is at least `count`, which is at most 2^62: `count`
// itself, unless it needs more bits than T has.
template <class T>
T at_least_as_large(std::int64_t count) {
  const T nearest = static_cast<T>(count);
  return static_cast<std::int64_t>(nearest) < count ? std::nextafter(nearest, T{INFINITY})
                                                    : nearest;
}

// IEEE binary16.
struct Half {
  std::uint16_t bits = 0;

  Half() = default;
  explicit Half(double value);
  explicit operator float() const;
  explicit operator double() const { return static_cast<float>(*this); }
};

// The upper half of an IEEE binary32.
struct BFloat16 {
  std::uint16_t bits = 0;

  BFloat16() = default;
  explicit BFloat16(double value);
  explicit operator float() const { return std::bit_cast<float>(std::uint32_t{bits} << 16U); }
  explicit operator double() const { return static_cast<float>(*this); }
};

inline Half::operator float() const {
  const std::uint32_t sign = (bits & 0x8000U) << 16U;
  const std::uint32_t magnitude = bits & 0x7fffU;
  if (magnitude >= 0x7c00U) {  // infinity and NaN keep their payload
    return std::bit_cast<float>(sign | 0x7f800000U | ((magnitude & 0x3ffU) << 13U));
  }
  if (magnitude >= 0x400U) {  // normal: the exponent bias differs by 112
    return std::bit_cast<float>(sign | ((magnitude << 13U) + (112U << 23U)));
  }
  const float value = static_cast<float>(magnitude) * 0x1p-24F;
  return (sign != 0) ? -value : value;
}

// Rounds once, to nearest, ties to even. A float argument widens exactly to double first.
inline Half::Half(double value) {
  const auto wide = std::bit_cast<std::uint64_t>(value);
  const auto sign = static_cast<std::uint16_t>((wide >> 48U) & 0x8000U);
  const double magnitude = std::fabs(value);
  if (std::isnan(value)) {
    bits = sign | 0x7e00U;
  } else if (magnitude >= 65520.0) {  // halfway to the first number that does not exist
    bits = sign | 0x7c00U;
  } else if (magnitude < 0x1p-14) {
    // Adding 2^28 leaves a last place of 2^-24, the smallest subnormal: the sum is rounded there.
    bits = sign |
           static_cast<std::uint16_t>(std::bit_cast<std::uint64_t>(magnitude + 0x1p28) & 0xffffU);
  } else {
    std::uint64_t m = std::bit_cast<std::uint64_t>(magnitude) - (std::uint64_t{1008} << 52U);
    m += ((m >> 42U) & 1U) + ((std::uint64_t{1} << 41U) - 1);
    bits = sign | static_cast<std::uint16_t>(m >> 42U);
  }
}

inline BFloat16::BFloat16(double value) {
  const auto wide = std::bit_cast<std::uint64_t>(value);
  const auto sign = static_cast<std::uint16_t>((wide >> 48U) & 0x8000U);
  const double magnitude = std::fabs(value);
  if (std::isnan(value)) {
    bits = sign | 0x7fc0U;
  } else if (magnitude < 0x1p-126) {
    bits = sign | static_cast<std::uint16_t>(std::nearbyint(magnitude * 0x1p133));
  } else {
    std::uint64_t m = std::bit_cast<std::uint64_t>(magnitude) - (std::uint64_t{896} << 52U);
    m += ((m >> 45U) & 1U) + ((std::uint64_t{1} << 44U) - 1);
    m >>= 45U;
    bits = sign | static_cast<std::uint16_t>(m > 0x7f80U ? 0x7f80U : m);
  }
}

static_assert(sizeof(Half) == 2 && sizeof(BFloat16) == 2);

// The C++ type that holds one element.
template <class T>
struct DtypeOf;
template <>
struct DtypeOf<Half> : std::integral_constant<Dtype, Dtype::f16> {};
template <>
struct DtypeOf<BFloat16> : std::integral_constant<Dtype, Dtype::bf16> {};
template <>
struct DtypeOf<float> : std::integral_constant<Dtype, Dtype::f32> {};
template <>
struct DtypeOf<double> : std::integral_constant<Dtype, Dtype::f64> {};
template <>
struct DtypeOf<std::int32_t> : std::integral_constant<Dtype, Dtype::i32> {};
template <class T>
inline constexpr Dtype dtype_of = DtypeOf<T>::value;

// Calls `visitor` with a value of the C++ type of `dtype`; the one switch over element types.
template <class Visitor>
decltype(auto) visit(Dtype dtype, Visitor&& visitor) {
  switch (dtype) {
    case Dtype::f16:
      return visitor(Half{});
    case Dtype::bf16:
      return visitor(BFloat16{});
    case Dtype::f32:
      return visitor(float{});
    case Dtype::f64:
      return visitor(double{});
    case Dtype::i32:
      break;
  }
  return visitor(std::int32_t{});
}

// An element as a double, which holds every value of every dtype, and back with one rounding.
template <class T>
double to_double(T value) {
  return static_cast<double>(value);
}
template <class T>
T from_double(double value) {
  return static_cast<T>(value);
}

// The same number, the same sign of zero; any NaN equals any NaN.
template <class T>
bool same_bits(T a, T b) {
  const double x = to_double(a);
  const double y = to_double(b);
  if (x != x || y != y) return x != x && y != y;
  return x == y && std::signbit(x) == std::signbit(y);
}

}  // namespace gridproof
