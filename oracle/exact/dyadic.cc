#include "oracle/exact/dyadic.h"

#include <algorithm>
#include <bit>
#include <boost/multiprecision/cpp_int.hpp>
#include <cmath>
#include <limits>
#include <ostream>
#include <stdexcept>
#include <string>
#include <utility>

namespace gridproof::exact {
namespace {

namespace mp = boost::multiprecision;

// Signed, of unlimited length, the first 512 bits in place: intermediate results are as a rule
// shorter than that and touch no heap.
using Integer =
    mp::number<mp::cpp_int_backend<512, 0, mp::signed_magnitude, mp::unchecked>, mp::et_off>;
using Int128 = __int128;
using Uint128 = unsigned __int128;

constexpr int small_bits = 127;

// The number of bits of |value|.
int width(Int128 value) {
  const Uint128 magnitude = value < 0 ? -static_cast<Uint128>(value) : static_cast<Uint128>(value);
  const auto high = static_cast<std::uint64_t>(magnitude >> 64U);
  return high != 0 ? 64 + std::bit_width(high)
                   : std::bit_width(static_cast<std::uint64_t>(magnitude));
}

int trailing_zeros(Int128 value) {
  const auto low = static_cast<std::uint64_t>(value);
  return low != 0 ? std::countr_zero(low)
                  : 64 + std::countr_zero(static_cast<std::uint64_t>(value >> 64));
}

}  // namespace

struct Dyadic::Big {
  Integer value;
};

Dyadic Dyadic::canonical(Int128 mantissa, int exponent) {
  if (mantissa == 0) return {};
  const int zeros = trailing_zeros(mantissa);
  return {mantissa >> zeros, exponent + zeros};
}

Dyadic Dyadic::canonical(Big mantissa, int exponent) {
  Integer& value = mantissa.value;
  if (value.is_zero()) return {};
  const auto zeros = static_cast<int>(mp::lsb(mp::abs(value)));
  value >>= zeros;
  Dyadic result(0, exponent + zeros);
  if (mp::msb(mp::abs(value)) < small_bits) {
    result.mantissa_ = static_cast<Int128>(value);
  } else {
    result.big_ = std::make_shared<const Big>(std::move(mantissa));
  }
  return result;
}

Dyadic Dyadic::decoded(double value) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  const auto field = static_cast<int>((bits >> 52U) & 0x7ffU);
  if (field == 0x7ff) throw std::domain_error("infinity and NaN are no dyadic numbers");
  auto magnitude = static_cast<std::int64_t>(bits & ((std::uint64_t{1} << 52U) - 1));
  if (field != 0) magnitude |= std::int64_t{1} << 52U;
  return canonical((bits >> 63U) != 0 ? -magnitude : magnitude, std::max(field, 1) - 1075);
}

Dyadic Dyadic::decoded(long double value) {
  if (!std::isfinite(value)) throw std::domain_error("infinity and NaN are no dyadic numbers");
  constexpr int precision = std::numeric_limits<long double>::digits;
  static_assert(precision <= small_bits);
  int exponent = 0;
  const long double fraction = std::frexp(value, &exponent);
  return canonical(static_cast<Int128>(std::ldexp(fraction, precision)), exponent - precision);
}

Dyadic::Big Dyadic::widened(int shift) const {
  return {(big_ ? big_->value : Integer(mantissa_)) << shift};
}

int Dyadic::sign() const {
  if (big_) return big_->value.sign();
  return (mantissa_ > 0) - (mantissa_ < 0);
}

int Dyadic::leading_exponent() const {
  const int bits = big_ ? static_cast<int>(mp::msb(mp::abs(big_->value))) + 1 : width(mantissa_);
  return exponent_ + bits - 1;
}

std::optional<std::int64_t> Dyadic::to_int64() const {
  if (is_zero()) return 0;
  if (!is_integer() || leading_exponent() >= 64) return std::nullopt;
  const Int128 value = mantissa_ << exponent_;
  const auto narrow = static_cast<std::int64_t>(value);
  return narrow == value ? std::optional(narrow) : std::nullopt;
}

Dyadic Dyadic::operator-() const {
  if (big_) return canonical(Big{-big_->value}, exponent_);
  return {-mantissa_, exponent_};
}

Dyadic operator+(const Dyadic& a, const Dyadic& b) {
  if (a.is_zero()) return b;
  if (b.is_zero()) return a;
  const bool a_first = a.exponent_ >= b.exponent_;
  const Dyadic& coarse = a_first ? a : b;
  const Dyadic& fine = a_first ? b : a;
  const int shift = coarse.exponent_ - fine.exponent_;
  if (!a.big_ && !b.big_ && width(coarse.mantissa_) + shift <= small_bits) {
    Int128 sum = 0;
    if (!__builtin_add_overflow(coarse.mantissa_ << shift, fine.mantissa_, &sum)) {
      return Dyadic::canonical(sum, fine.exponent_);
    }
  }
  return Dyadic::canonical({coarse.widened(shift).value + fine.widened().value}, fine.exponent_);
}

Dyadic operator-(const Dyadic& a, const Dyadic& b) { return a + -b; }

Dyadic operator*(const Dyadic& a, const Dyadic& b) {
  if (a.is_zero() || b.is_zero()) return {};
  const int exponent = a.exponent_ + b.exponent_;
  if (!a.big_ && !b.big_ && width(a.mantissa_) + width(b.mantissa_) <= small_bits) {
    return {a.mantissa_ * b.mantissa_, exponent};  // odd times odd is odd
  }
  return Dyadic::canonical(Dyadic::Big{a.widened().value * b.widened().value}, exponent);
}

bool operator==(const Dyadic& a, const Dyadic& b) {
  if (a.exponent_ != b.exponent_ || a.mantissa_ != b.mantissa_) return false;
  return a.big_ && b.big_ ? a.big_->value == b.big_->value : a.big_ == b.big_;
}

std::strong_ordering operator<=>(const Dyadic& a, const Dyadic& b) {
  const int sign = a.sign();
  if (sign == 0 || sign != b.sign()) return sign <=> b.sign();
  // The leading bits decide without aligning 1e308 with 1e-308.
  const int leading = a.leading_exponent();
  if (leading != b.leading_exponent()) return sign * leading <=> sign * b.leading_exponent();
  return (a - b).sign() <=> 0;
}

Dyadic Dyadic::scaled(int power) const {
  Dyadic result = *this;
  if (!is_zero()) result.exponent_ += power;
  return result;
}

Dyadic Dyadic::floor() const {
  if (is_integer()) return *this;
  // A right shift rounds towards minus infinity, in the machine and in Boost.
  if (big_) return canonical(Big{big_->value >> -exponent_}, 0);
  return canonical(mantissa_ >> std::min(-exponent_, small_bits), 0);
}

Dyadic Dyadic::nearest_integer() const {
  const Dyadic above = *this + 0.5;
  const Dyadic whole = above.floor();
  const bool is_tie = above.is_integer();
  const bool is_odd = whole.exponent_ == 0 && !whole.is_zero();
  return is_tie && is_odd ? whole - 1 : whole;
}

Dyadic Dyadic::remainder(const Dyadic& period) const {
  if (sign() >= 0 && *this < period) return *this;
  const int exponent = std::min(exponent_, period.exponent_);
  const Integer divisor = period.widened(period.exponent_ - exponent).value;
  Integer rest = widened(exponent_ - exponent).value % divisor;  // has the sign of the value
  if (rest < 0) rest += divisor;
  return canonical(Big{std::move(rest)}, exponent);
}

template <class Float>
Float Dyadic::rounded(const Format& format, Rounding rounding) const {
  if (is_zero()) return 0;
  const int leading = std::max(leading_exponent(), format.min_exponent);
  const int last_place = leading - format.precision + 1;
  const Dyadic places = scaled(-last_place);
  const Dyadic whole = rounding == Rounding::nearest ? places.nearest_integer()
                       : rounding == Rounding::down  ? places.floor()
                                                     : -(-places).floor();
  const Float direction = sign() < 0 ? -1 : 1;
  if (whole.is_zero()) return std::copysign(Float{0}, direction);
  const Dyadic result = whole.scaled(last_place);
  if (result.leading_exponent() > format.max_exponent) {
    const bool towards_zero = rounding == (sign() < 0 ? Rounding::up : Rounding::down);
    if (!towards_zero) return direction * std::numeric_limits<Float>::infinity();
    const Float significand = 2 - std::ldexp(Float{1}, 1 - format.precision);
    return direction * std::ldexp(significand, format.max_exponent);
  }
  return std::ldexp(static_cast<Float>(result.mantissa_), result.exponent_);
}

double round_to(const Format& format, const Dyadic& value, Rounding rounding) {
  return value.rounded<double>(format, rounding);
}

long double to_long_double(const Dyadic& value, Rounding rounding) {
  using Limits = std::numeric_limits<long double>;
  constexpr Format format{Limits::digits, Limits::min_exponent - 1, Limits::max_exponent - 1};
  return value.rounded<long double>(format, rounding);
}

std::string to_text(const Dyadic& value) {
  constexpr int most_bits = 64;    // of an integer that is written out
  constexpr int most_places = 24;  // after the decimal point
  if (value.is_zero()) return "0";
  const int places = -value.exponent_;
  if (places <= 0 && value.leading_exponent() < most_bits)
    return value.widened(-places).value.str();
  std::string digits = mp::abs(value.widened().value).str();
  const std::string minus = value.sign() < 0 ? "-" : "";
  if (places <= 0 || places > most_places) return minus + digits + "*2^" + std::to_string(-places);
  // m / 2^k = m 5^k / 10^k.
  digits = Integer(mp::abs(value.widened().value) * mp::pow(Integer(5), places)).str();
  const auto point = static_cast<std::size_t>(places);
  if (digits.size() <= point) digits.insert(0, point + 1 - digits.size(), '0');
  return minus + digits.insert(digits.size() - point, 1, '.');
}

std::ostream& operator<<(std::ostream& out, const Dyadic& value) { return out << to_text(value); }

}  // namespace gridproof::exact
