// Dyadic numbers, integer x 2^k, with no error at all: the ring in which grid_sample is computed
// here. Every binary floating-point number is one; sums, products, halves and remainders of dyadic
// numbers are dyadic again, so nothing is rounded before `round_to`. It implements no clause:
// axis.h and exact.h build on it. Derivations: exact.md, "Numbers". Tested by dyadic_test.cc.
//
// A mantissa of up to 127 bits lies in the object itself, which is where nearly all of them stay; a
// longer one (they reach some 9000 bits) is a Boost.Multiprecision integer that copies share.
#pragma once

#include <algorithm>
#include <bit>
#include <compare>
#include <concepts>
#include <cstdint>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>

#include "oracle/exact/wide.h"
#include "reference/contract/dtype.h"

namespace gridproof::exact {

// To the nearest number of a format (ties to even), to the largest that is not above the value, or
// to the smallest that is not below it.
enum class Rounding : std::uint8_t { nearest, down, up };

class Dyadic {
 public:
  Dyadic() = default;
  // Every integer and every finite floating-point number is a Dyadic, so these lose nothing and
  // need no cast. An infinity or a NaN is none: std::domain_error.
  template <std::integral T>
  Dyadic(T value) : Dyadic(canonical(value, 0)) {}
  template <std::floating_point T>
  Dyadic(T value) : Dyadic(decoded(value)) {}
  Dyadic(const Float80& value) : Dyadic(decoded(value)) {}
  using Int128 = __int128;  // C++20 has no name for it
  // mantissa x 2^exponent.
  static Dyadic canonical(Int128 mantissa, int exponent);

  [[nodiscard]] bool is_zero() const { return mantissa_ == 0 && !wide_; }
  [[nodiscard]] bool is_integer() const { return exponent_ >= 0; }
  [[nodiscard]] int sign() const;  // -1, 0 or 1
  // The exponent of the leading bit, 2^e <= |value| < 2^(e+1), of a value that is not zero.
  [[nodiscard]] int leading_exponent() const;
  // The value, if it is an integer that fits.
  [[nodiscard]] std::optional<std::int64_t> to_int64() const;

  Dyadic operator-() const { return wide_ ? wide_negation() : Dyadic(-mantissa_, exponent_); }
  friend Dyadic operator+(const Dyadic& a, const Dyadic& b);
  friend Dyadic operator-(const Dyadic& a, const Dyadic& b) { return a + -b; }
  friend Dyadic operator*(const Dyadic& a, const Dyadic& b);
  Dyadic& operator+=(const Dyadic& other) { return *this = *this + other; }
  Dyadic& operator-=(const Dyadic& other) { return *this = *this - other; }
  Dyadic& operator*=(const Dyadic& other) { return *this = *this * other; }

  friend bool operator==(const Dyadic& a, const Dyadic& b) { return (a <=> b) == 0; }
  friend std::strong_ordering operator<=>(const Dyadic& a, const Dyadic& b);

  // value x 2^power.
  [[nodiscard]] Dyadic scaled(int power) const {
    Dyadic result = *this;
    if (!is_zero()) result.exponent_ += power;
    return result;
  }
  // The largest integer that is not above the value.
  [[nodiscard]] Dyadic floor() const;
  // The integer nearest to the value; of two, the even one.
  [[nodiscard]] Dyadic nearest_integer() const;
  // value - period * floor(value / period), which lies in [0, period). The period must be positive.
  // No loop: 1e308 costs one division of some thousand bits.
  [[nodiscard]] Dyadic remainder(const Dyadic& period) const;
  // floor(value / divisor). The divisor must be positive.
  [[nodiscard]] Dyadic floor_quotient(const Dyadic& divisor) const;

  friend double round_to(const Format& format, const Dyadic& value, Rounding rounding);
  friend long double to_long_double(const Dyadic& value);
  friend exact::Wide to_wide(const Dyadic& value, Rounding rounding);
  friend std::string to_text(const Dyadic& value);

 private:
  friend class ProductSum;
  using Uint128 = unsigned __int128;
  struct Wide;  // a Boost integer, whose header takes seconds to compile

  static constexpr int narrow_bits = 127;

  Dyadic(Int128 odd_mantissa, int exponent) : mantissa_(odd_mantissa), exponent_(exponent) {}
  static Dyadic canonical(Wide mantissa, int exponent);
  // Of (high x 2^128 + low) x 2^exponent, or of that with a minus.
  static Dyadic canonical(Uint128 high, Uint128 low, bool is_negative, int exponent);
  static Dyadic decoded(double value);
  static Dyadic decoded(long double value);
  static Dyadic decoded(const Float80& value);
  static Uint128 magnitude(Int128 value) {
    return value < 0 ? -static_cast<Uint128>(value) : static_cast<Uint128>(value);
  }
  static int width(Int128 value);

  // The mantissa times 2^shift, however long, and what the operators do with such.
  [[nodiscard]] Wide widened(int shift = 0) const;
  [[nodiscard]] Dyadic wide_negation() const;
  [[nodiscard]] Dyadic wide_floor() const;
  [[nodiscard]] int wide_sign() const;
  [[nodiscard]] int wide_width() const;
  static Dyadic wide_sum(const Dyadic& a, const Dyadic& b);
  static Dyadic wide_product(const Dyadic& a, const Dyadic& b);
  [[nodiscard]] Uint128 kept(int gone, Rounding rounding) const;
  template <class Float>
  [[nodiscard]] Float rounded(const Format& format, Rounding rounding) const;

  // value = mantissa x 2^exponent, where the mantissa is odd or both are 0, so that one value has
  // one representation. The mantissa is `*wide_` if and only if it has more than `narrow_bits`.
  Int128 mantissa_ = 0;
  std::shared_ptr<const Wide> wide_;
  int exponent_ = 0;
};

// The value rounded once to `format`, which must be no wider than double; subnormals, overflow and
// the sign of a zero as in IEEE 754-2019, 4.3 and 7.4.
double round_to(const Format& format, const Dyadic& value, Rounding rounding = Rounding::nearest);
// The same in the formats of long double and of the wide type.
long double to_long_double(const Dyadic& value);
Wide to_wide(const Dyadic& value, Rounding rounding = Rounding::nearest);
// The exact value: in decimal where that is short, else as integer*2^k.
std::string to_text(const Dyadic& value);
// A template, so that who prints none needs no stream.
template <class Traits>
std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& out,
                                             const Dyadic& value) {
  return out << to_text(value).c_str();
}

// A sum of products. It lies in 255 bits and a sign as long as they hold it, so that what is
// between two operations need not be a Dyadic.
class ProductSum {
 public:
  void add(const Dyadic& a, const Dyadic& b);
  [[nodiscard]] Dyadic total() const;

 private:
  using Uint128 = unsigned __int128;

  static constexpr int held_bits = 255;

  // Gives up places on the left for new ones on the right. False if there are too few.
  bool align(int exponent);
  void add(Uint128 high, Uint128 low, bool is_negative);

  // The sum is (high x 2^128 + low) x 2^exponent, in two's complement, and what did not fit.
  Uint128 high_ = 0;
  Uint128 low_ = 0;
  int exponent_ = 0;
  int bits_ = 0;  // no partial sum has more; 0 before the first product
  Dyadic beyond_;
};

inline Dyadic abs(const Dyadic& value) { return value.sign() < 0 ? -value : value; }

// The arithmetic of mantissas that fit, in place because it is nearly all that is ever done.

inline int Dyadic::width(Int128 value) {
  const Uint128 bits = magnitude(value);
  const auto high = static_cast<std::uint64_t>(bits >> 64U);
  return high != 0 ? 64 + std::bit_width(high) : std::bit_width(static_cast<std::uint64_t>(bits));
}

inline Dyadic Dyadic::canonical(Int128 mantissa, int exponent) {
  if (mantissa == 0) return {};
  const auto low = static_cast<std::uint64_t>(mantissa);
  const int zeros = low != 0 ? std::countr_zero(low)
                             : 64 + std::countr_zero(static_cast<std::uint64_t>(mantissa >> 64));
  return {mantissa >> zeros, exponent + zeros};
}

inline int Dyadic::sign() const { return wide_ ? wide_sign() : (mantissa_ > 0) - (mantissa_ < 0); }

inline int Dyadic::leading_exponent() const {
  return exponent_ + (wide_ ? wide_width() : width(mantissa_)) - 1;
}

inline Dyadic operator+(const Dyadic& a, const Dyadic& b) {
  if (!a.wide_ && !b.wide_) {
    const bool a_first = a.exponent_ >= b.exponent_;
    const Dyadic& coarse = a_first ? a : b;
    const Dyadic& fine = a_first ? b : a;
    const int shift = coarse.exponent_ - fine.exponent_;
    Dyadic::Int128 sum = 0;
    if (Dyadic::width(coarse.mantissa_) + shift <= Dyadic::narrow_bits &&
        !__builtin_add_overflow(coarse.mantissa_ << shift, fine.mantissa_, &sum)) {
      return Dyadic::canonical(sum, fine.exponent_);
    }
  }
  return Dyadic::wide_sum(a, b);
}

inline Dyadic operator*(const Dyadic& a, const Dyadic& b) {
  if (a.wide_ || b.wide_ ||
      Dyadic::width(a.mantissa_) + Dyadic::width(b.mantissa_) > Dyadic::narrow_bits) {
    return Dyadic::wide_product(a, b);
  }
  const Dyadic::Int128 product = a.mantissa_ * b.mantissa_;  // odd times odd is odd
  return product == 0 ? Dyadic() : Dyadic(product, a.exponent_ + b.exponent_);
}

inline Dyadic Dyadic::floor() const {
  if (is_integer()) return *this;
  if (wide_) return wide_floor();
  // A right shift rounds towards minus infinity.
  return canonical(mantissa_ >> (-exponent_ < narrow_bits ? -exponent_ : narrow_bits), 0);
}

inline bool ProductSum::align(int exponent) {
  if (bits_ == 0) exponent_ = exponent;
  const int shift = exponent_ - exponent;
  if (shift <= 0) return true;
  if (bits_ + shift > held_bits) return false;
  const auto left = static_cast<unsigned>(shift);
  high_ = left >= 128 ? low_ << (left - 128) : high_ << left | low_ >> (128 - left);
  low_ = left >= 128 ? 0 : low_ << left;
  exponent_ = exponent;
  bits_ += shift;
  return true;
}

inline void ProductSum::add(Uint128 high, Uint128 low, bool is_negative) {
  if (is_negative) {
    high_ -= high + (low_ < low ? 1 : 0);
    low_ -= low;
  } else {
    low_ += low;
    high_ += high + (low_ < low ? 1 : 0);
  }
}

inline void ProductSum::add(const Dyadic& a, const Dyadic& b) {
  if (a.is_zero() || b.is_zero()) return;
  const int exponent = a.exponent_ + b.exponent_;
  const int bits = Dyadic::width(a.mantissa_) + Dyadic::width(b.mantissa_);
  if (a.wide_ || b.wide_ || !align(exponent) || bits + (exponent - exponent_) >= held_bits ||
      bits_ >= held_bits) {
    beyond_ += a * b;
    return;
  }
  const Uint128 one = Dyadic::magnitude(a.mantissa_);
  const Uint128 other = Dyadic::magnitude(b.mantissa_);
  const auto low_half = [](Uint128 value) -> Uint128 { return static_cast<std::uint64_t>(value); };
  const Uint128 lows = low_half(one) * low_half(other);
  const Uint128 mixed = low_half(one) * (other >> 64U);
  const Uint128 middle = (one >> 64U) * low_half(other) + (lows >> 64U) + low_half(mixed);
  Uint128 high = (one >> 64U) * (other >> 64U) + (mixed >> 64U) + (middle >> 64U);
  Uint128 low = middle << 64U | low_half(lows);
  const auto left = static_cast<unsigned>(exponent - exponent_);
  if (left >= 128) {
    high = low << (left - 128);
    low = 0;
  } else if (left > 0) {
    high = high << left | low >> (128 - left);
    low <<= left;
  }
  add(high, low, (a.mantissa_ < 0) != (b.mantissa_ < 0));
  bits_ = std::max(bits_, bits + exponent - exponent_) + 1;
}

inline Dyadic ProductSum::total() const {
  const bool is_negative = high_ >> 127U != 0;
  const Uint128 low = is_negative ? -low_ : low_;
  const Uint128 high = is_negative ? ~high_ + (low_ == 0 ? 1 : 0) : high_;
  if (high == 0 && low >> 127U == 0) {
    const auto mantissa = static_cast<Dyadic::Int128>(low);
    const Dyadic sum = Dyadic::canonical(is_negative ? -mantissa : mantissa, exponent_);
    return beyond_.is_zero() ? sum : sum + beyond_;
  }
  return Dyadic::canonical(high, low, is_negative, exponent_) + beyond_;
}

}  // namespace gridproof::exact
