#include "oracle/exact/float80.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace gridproof::exact {
namespace {

int width(unsigned __int128 value) {
  const auto high = static_cast<std::uint64_t>(value >> 64U);
  return high != 0 ? 64 + std::bit_width(high) : std::bit_width(static_cast<std::uint64_t>(value));
}

}  // namespace

Float80::Float80(__int128 value)
    : Float80(rounded(value < 0, value < 0 ? -static_cast<Uint128>(value) : value, 0)) {}

Float80 Float80::rounded(bool negative, Uint128 magnitude, int exponent, bool more) {
  Float80 result(Kind::number, negative);
  if (magnitude == 0) return result;
  const int excess = width(magnitude) - 64;
  result.exponent_ = exponent + excess;
  if (excess <= 0) {
    result.significand_ = static_cast<std::uint64_t>(magnitude) << -excess;
    return result;
  }
  result.significand_ = static_cast<std::uint64_t>(magnitude >> excess);
  const Uint128 rest = magnitude & ((Uint128{1} << excess) - 1);
  const Uint128 half = Uint128{1} << (excess - 1);
  const bool is_odd = (result.significand_ & 1U) != 0;
  if (rest > half || (rest == half && (more || is_odd))) {
    if (++result.significand_ == 0) {
      result.significand_ = std::uint64_t{1} << 63U;
      ++result.exponent_;
    }
  }
  return result;
}

Float80 operator+(const Float80& a, const Float80& b) {
  using Kind = Float80::Kind;
  using Uint128 = Float80::Uint128;
  if (a.kind_ != Kind::number || b.kind_ != Kind::number) {
    const bool opposed = isinf(a) && isinf(b) && a.negative_ != b.negative_;
    if (opposed || isnan(a) || isnan(b)) return {Kind::nan, false};
    return isinf(a) ? a : b;
  }
  if (b.significand_ == 0) {
    return a.significand_ != 0 ? a : Float80(Kind::number, a.negative_ && b.negative_);
  }
  if (a.significand_ == 0) return b;
  const Float80& coarse = a.exponent_ >= b.exponent_ ? a : b;
  const Float80& fine = a.exponent_ >= b.exponent_ ? b : a;
  // In units of the last of 63 more bits of the coarse one.
  const auto shift = static_cast<std::int64_t>(coarse.exponent_) - fine.exponent_;
  const Uint128 whole = Uint128{coarse.significand_} << 63U;
  Uint128 part = 0;
  bool more = false;
  if (shift < 127) {
    const Uint128 units = Uint128{fine.significand_} << 63U;
    part = units >> shift;
    more = part << shift != units;
  } else {
    more = true;
  }
  const int exponent = coarse.exponent_ - 63;
  if (coarse.negative_ == fine.negative_) {
    return Float80::rounded(coarse.negative_, whole + part, exponent, more);
  }
  if (more) return Float80::rounded(coarse.negative_, whole - part - 1, exponent, true);
  if (whole == part) return {};
  return whole > part ? Float80::rounded(coarse.negative_, whole - part, exponent)
                      : Float80::rounded(fine.negative_, part - whole, exponent);
}

Float80 operator*(const Float80& a, const Float80& b) {
  using Kind = Float80::Kind;
  const bool negative = a.negative_ != b.negative_;
  if (a.kind_ != Kind::number || b.kind_ != Kind::number) {
    const bool is_nan = isnan(a) || isnan(b) || a.is_zero() || b.is_zero();
    return {is_nan ? Kind::nan : Kind::infinity, negative};
  }
  return Float80::rounded(negative, Float80::Uint128{a.significand_} * b.significand_,
                          a.exponent_ + b.exponent_);
}

Float80 operator/(const Float80& a, const Float80& b) {
  using Kind = Float80::Kind;
  using Uint128 = Float80::Uint128;
  const bool negative = a.negative_ != b.negative_;
  if (isnan(a) || isnan(b) || (isinf(a) && isinf(b)) || (a.is_zero() && b.is_zero())) {
    return {Kind::nan, negative};
  }
  if (isinf(a) || b.is_zero()) return {Kind::infinity, negative};
  if (isinf(b) || a.is_zero()) return {Kind::number, negative};
  // 62 more bits than the 64 or 65 of the first quotient.
  const Uint128 first = Uint128{a.significand_} << 64U;
  const Uint128 second = first % b.significand_ << 62U;
  const Uint128 quotient = (first / b.significand_ << 62U) + second / b.significand_;
  return Float80::rounded(negative, quotient, a.exponent_ - b.exponent_ - 126,
                          second % b.significand_ != 0);
}

std::partial_ordering operator<=>(const Float80& a, const Float80& b) {
  if (isnan(a) || isnan(b)) return std::partial_ordering::unordered;
  const auto sign = [](const Float80& value) {
    if (value.is_zero()) return 0;
    return value.negative_ ? -1 : 1;
  };
  if (sign(a) != sign(b) || sign(a) == 0) return sign(a) <=> sign(b);
  const auto& [less, more] = a.negative_ ? std::pair(b, a) : std::pair(a, b);
  if (less.kind_ != more.kind_) return less.kind_ <=> more.kind_;
  if (less.exponent_ != more.exponent_) return less.exponent_ <=> more.exponent_;
  return less.significand_ <=> more.significand_;
}

std::uint64_t Float80::shifted(int shift, bool upwards, bool to_nearest) const {
  if (shift > 64) return upwards ? 1 : 0;
  const std::uint64_t whole = shift == 64 ? 0 : significand_ >> shift;
  const std::uint64_t rest = shift == 64 ? significand_ : significand_ & ((1ULL << shift) - 1);
  const std::uint64_t half = 1ULL << (shift - 1);
  const bool rounds_up =
      to_nearest ? rest > half || (rest == half && (whole & 1U) != 0) : upwards && rest != 0;
  return whole + (rounds_up ? 1 : 0);
}

Float80 Float80::integer(bool away, bool to_nearest) const {
  if (kind_ != Kind::number || significand_ == 0 || exponent_ >= 0) return *this;
  return rounded(negative_, shifted(-exponent_, away, to_nearest), 0);
}

Float80 floor(const Float80& a) { return a.integer(a.negative_, false); }
Float80 ceil(const Float80& a) { return a.integer(!a.negative_, false); }
Float80 nearbyint(const Float80& a) { return a.integer(false, true); }

template <class Real>
Real Float80::to() const {
  using Limits = std::numeric_limits<Real>;
  const Real direction = negative_ ? -1 : 1;
  if (isnan(*this)) return Limits::quiet_NaN();
  if (isinf(*this)) return direction * Limits::infinity();
  if (significand_ == 0) return direction * 0;
  const int last_place = std::max(ilogb(*this), Limits::min_exponent - 1) - Limits::digits + 1;
  const std::uint64_t places = shifted(last_place - exponent_, false, true);
  return direction * std::ldexp(static_cast<Real>(places), last_place);
}

Float80::operator double() const { return to<double>(); }
Float80::operator float() const { return to<float>(); }

Float80::operator std::int64_t() const {
  using Limits = std::numeric_limits<std::int64_t>;
  if (is_zero()) return 0;
  if (kind_ != Kind::number || exponent_ >= 0) return negative_ ? Limits::min() : Limits::max();
  const auto magnitude = static_cast<std::int64_t>(shifted(-exponent_, false, false));
  return negative_ ? -magnitude : magnitude;
}

std::int64_t llround(const Float80& a) {
  const auto whole = static_cast<std::int64_t>(a);
  return fabs(a - whole) < 0.5 ? whole : whole + (a.negative_ ? -1 : 1);
}

Float80 fmod(const Float80& a, const Float80& b) {
  if (!isfinite(a) || isnan(b) || b.is_zero()) return {Float80::Kind::nan, false};
  if (isinf(b) || fabs(a) < fabs(b)) return a;
  std::uint64_t rest = a.significand_ % b.significand_;
  for (int left = a.exponent_ - b.exponent_; left > 0; left -= 64) {
    const int step = std::min(left, 64);
    rest = static_cast<std::uint64_t>((Float80::Uint128{rest} << step) % b.significand_);
  }
  return Float80::rounded(a.negative_, rest, b.exponent_);
}

bool is_inexact_product(const Float80& a, const Float80& b) {
  if (!isfinite(a) || !isfinite(b) || a.is_zero() || b.is_zero()) return false;
  const Float80::Uint128 product = Float80::Uint128{a.significand_} * b.significand_;
  const int zeros = std::countr_zero(a.significand_) + std::countr_zero(b.significand_);
  return width(product) - zeros > 64;
}

}  // namespace gridproof::exact
