// x86's long double in software: 64 bits of significand, each operation rounded to nearest, ties to
// even, and the same bits as there, except that the exponent is an int: nothing that is calculated
// from a few doubles overflows or is subnormal. For platforms whose long double is no wider than
// double (wide.h).
//
// Not Boost's cpp_bin_float: that of 1.74 rounds one sum in 5000 to the wrong neighbor, its
// nearbyint takes ties away from zero, its fmod rounds and its fma is a product and a sum.
// Tested by float80_test.cc.
#pragma once

#include <bit>
#include <compare>
#include <concepts>
#include <cstdint>
#include <limits>

namespace gridproof::exact {

class Float80 {
 public:
  constexpr Float80() = default;
  template <std::integral T>
  constexpr Float80(T value);
  constexpr Float80(double value);
  explicit Float80(__int128 value);  // rounded

  // Rounded to nearest, ties to even.
  explicit operator double() const;
  explicit operator float() const;
  // Towards zero; beyond the range the nearest end of it.
  explicit operator std::int64_t() const;

  // A number other than 0 is significand x 2^exponent, and the significand at least 2^63.
  [[nodiscard]] constexpr std::uint64_t significand() const { return significand_; }
  [[nodiscard]] constexpr int exponent() const { return exponent_; }
  [[nodiscard]] constexpr bool is_zero() const {
    return significand_ == 0 && kind_ == Kind::number;
  }

  constexpr Float80 operator-() const {
    Float80 result = *this;
    result.negative_ = !negative_;
    return result;
  }
  friend Float80 operator+(const Float80& a, const Float80& b);
  friend Float80 operator-(const Float80& a, const Float80& b) { return a + -b; }
  friend Float80 operator*(const Float80& a, const Float80& b);
  friend Float80 operator/(const Float80& a, const Float80& b);
  Float80& operator+=(const Float80& other) { return *this = *this + other; }
  Float80& operator-=(const Float80& other) { return *this = *this - other; }
  Float80& operator*=(const Float80& other) { return *this = *this * other; }
  Float80& operator++() { return *this += 1; }

  friend bool operator==(const Float80& a, const Float80& b) { return (a <=> b) == 0; }
  friend std::partial_ordering operator<=>(const Float80& a, const Float80& b);

  // As in <cmath>.
  friend constexpr bool isnan(const Float80& a) { return a.kind_ == Kind::nan; }
  friend constexpr bool isinf(const Float80& a) { return a.kind_ == Kind::infinity; }
  friend constexpr bool isfinite(const Float80& a) { return a.kind_ == Kind::number; }
  friend constexpr bool signbit(const Float80& a) { return a.negative_; }
  friend constexpr Float80 fabs(const Float80& a) { return a.negative_ ? -a : a; }
  friend Float80 floor(const Float80& a);
  friend Float80 ceil(const Float80& a);
  friend Float80 nearbyint(const Float80& a);
  friend constexpr Float80 ldexp(Float80 a, int power) {
    a.exponent_ += power;
    return a;
  }
  friend constexpr int ilogb(const Float80& a) { return a.exponent_ + 63; }  // of a number but 0
  friend std::int64_t llround(const Float80& a);
  friend Float80 fmod(const Float80& a, const Float80& b);
  // Whether a * b is rounded.
  friend bool is_inexact_product(const Float80& a, const Float80& b);

 private:
  using Uint128 = unsigned __int128;
  enum class Kind : std::uint8_t { number, infinity, nan };
  friend std::numeric_limits<Float80>;

  constexpr Float80(Kind kind, bool negative) : kind_(kind), negative_(negative) {}
  // magnitude x 2^exponent, rounded; `more`: and less than 2^exponent beyond that, where the
  // magnitude has more than 65 bits.
  static Float80 rounded(bool negative, Uint128 magnitude, int exponent, bool more = false);
  // The significand `shift` bits to the right, 1 or more: its integer, one more for the rest that
  // the arguments say.
  [[nodiscard]] std::uint64_t shifted(int shift, bool upwards, bool to_nearest) const;
  [[nodiscard]] Float80 integer(bool away, bool to_nearest) const;
  template <class Real>
  [[nodiscard]] Real to() const;

  std::uint64_t significand_ = 0;
  int exponent_ = 0;
  Kind kind_ = Kind::number;
  bool negative_ = false;
};

}  // namespace gridproof::exact

template <>
class std::numeric_limits<gridproof::exact::Float80> {
  using Float80 = gridproof::exact::Float80;

 public:
  static constexpr bool is_specialized = true;
  static constexpr int digits = 64;
  static constexpr int max_exponent = std::numeric_limits<int>::max() / 2;
  static constexpr int min_exponent = -max_exponent;
  static constexpr Float80 infinity() { return {Float80::Kind::infinity, false}; }
};

namespace gridproof::exact {

template <std::integral T>
constexpr Float80::Float80(T value) : negative_(value < 0) {
  const auto bits = static_cast<std::uint64_t>(value);
  const std::uint64_t magnitude = value < 0 ? -bits : bits;
  if (magnitude == 0) return;
  const int zeros = std::countl_zero(magnitude);
  significand_ = magnitude << zeros;
  exponent_ = -zeros;
}

constexpr Float80::Float80(double value) {
  const auto pattern = std::bit_cast<std::uint64_t>(value);
  const auto field = static_cast<int>((pattern >> 52U) & 0x7ffU);
  const std::uint64_t fraction = pattern & ((std::uint64_t{1} << 52U) - 1);
  if (field == 0x7ff) {
    kind_ = fraction == 0 ? Kind::infinity : Kind::nan;
  } else if (field != 0) {
    significand_ = (fraction | (std::uint64_t{1} << 52U)) << 11U;
    exponent_ = field - 1075 - 11;
  } else if (fraction != 0) {
    const int zeros = std::countl_zero(fraction);
    significand_ = fraction << zeros;
    exponent_ = -1074 - zeros;
  }
  negative_ = (pattern >> 63U) != 0;
}

}  // namespace gridproof::exact
