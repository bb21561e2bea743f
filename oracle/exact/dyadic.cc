#include "oracle/exact/dyadic.h"

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>

namespace gridproof::exact {
namespace {

namespace mp = boost::multiprecision;

// Signed, of unlimited length, the first 512 bits in place: what lies between two operations is as
// a rule shorter than that and touches no heap.
using Integer =
    mp::number<mp::cpp_int_backend<512, 0, mp::signed_magnitude, mp::unchecked>, mp::et_off>;

template <class Float>
constexpr Format format_of_type() {
  using Limits = std::numeric_limits<Float>;
  return {Limits::digits, Limits::min_exponent - 1, Limits::max_exponent - 1};
}

// Shifts below see no negative number: in Boost 1.74 ++, and with it >>, takes the sign off a
// negative one whose last limb becomes 0 (++ of -2^64-1 is +2^64).

}  // namespace

struct Dyadic::Wide {
  Integer value;
};

Dyadic Dyadic::canonical(Wide mantissa, int exponent) {
  Integer& value = mantissa.value;
  if (value.is_zero()) return {};
  const bool is_negative = value < 0;
  if (is_negative) value.backend().negate();
  const auto zeros = static_cast<int>(mp::lsb(value));
  value >>= zeros;
  Dyadic result(0, exponent + zeros);
  if (static_cast<int>(mp::msb(value)) < narrow_bits) {
    result.mantissa_ = static_cast<Int128>(value);
    if (is_negative) result.mantissa_ = -result.mantissa_;
  } else {
    if (is_negative) value.backend().negate();
    result.wide_ = std::make_shared<const Wide>(std::move(mantissa));
  }
  return result;
}

Dyadic Dyadic::canonical(Uint128 high, Uint128 low, bool is_negative, int exponent) {
  Integer value(high);
  value <<= 128;
  value += low;
  if (is_negative) value.backend().negate();
  return canonical(Wide{std::move(value)}, exponent);
}

Dyadic Dyadic::decoded(double value) {
  const auto pattern = std::bit_cast<std::uint64_t>(value);
  const auto field = static_cast<int>((pattern >> 52U) & 0x7ffU);
  if (field == 0x7ff) throw std::domain_error("infinity and NaN are not dyadic numbers");
  auto magnitude = static_cast<std::int64_t>(pattern & ((std::uint64_t{1} << 52U) - 1));
  if (field != 0) magnitude |= std::int64_t{1} << 52U;
  return canonical((pattern >> 63U) != 0 ? -magnitude : magnitude, std::max(field, 1) - 1075);
}

Dyadic Dyadic::decoded(long double value) {
  if (!std::isfinite(value)) throw std::domain_error("infinity and NaN are not dyadic numbers");
  constexpr int precision = std::numeric_limits<long double>::digits;
  static_assert(precision <= narrow_bits);
  int exponent = 0;
  const long double fraction = std::frexp(value, &exponent);
  return canonical(static_cast<Int128>(std::ldexp(fraction, precision)), exponent - precision);
}

Dyadic::Wide Dyadic::widened(int shift) const {
  return {(wide_ ? wide_->value : Integer(mantissa_)) << shift};
}

Dyadic Dyadic::wide_negation() const { return canonical(Wide{-wide_->value}, exponent_); }

// Of a number that is no integer.
Dyadic Dyadic::wide_floor() const {
  const Integer whole = mp::abs(wide_->value) >> -exponent_;  // towards zero
  return canonical(Wide{wide_->value < 0 ? Integer(-whole - 1) : whole}, 0);
}

int Dyadic::wide_sign() const { return wide_->value.sign(); }

int Dyadic::wide_width() const { return static_cast<int>(mp::msb(mp::abs(wide_->value))) + 1; }

Dyadic Dyadic::wide_sum(const Dyadic& a, const Dyadic& b) {
  if (a.is_zero()) return b;  // and its exponent says nothing
  if (b.is_zero()) return a;
  const int exponent = std::min(a.exponent_, b.exponent_);
  Wide sum = a.widened(a.exponent_ - exponent);
  sum.value += b.widened(b.exponent_ - exponent).value;
  return canonical(std::move(sum), exponent);
}

Dyadic Dyadic::wide_product(const Dyadic& a, const Dyadic& b) {
  return canonical(Wide{a.widened().value * b.widened().value}, a.exponent_ + b.exponent_);
}

std::strong_ordering operator<=>(const Dyadic& a, const Dyadic& b) {
  const int sign = a.sign();
  if (sign == 0 || sign != b.sign()) return sign <=> b.sign();
  // The leading bits may decide without aligning 1e308 with 1e-308.
  const int leading = a.leading_exponent();
  if (leading != b.leading_exponent()) return sign * leading <=> sign * b.leading_exponent();
  return (a - b).sign() <=> 0;
}

std::optional<std::int64_t> Dyadic::to_int64() const {
  if (is_zero()) return 0;
  if (!is_integer() || leading_exponent() >= 64) return std::nullopt;
  const Int128 value = mantissa_ << exponent_;
  const auto narrow = static_cast<std::int64_t>(value);
  return narrow == value ? std::optional(narrow) : std::nullopt;
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
  return canonical(Wide{std::move(rest)}, exponent);
}

Dyadic Dyadic::floor_quotient(const Dyadic& divisor) const {
  const int exponent = std::min(exponent_, divisor.exponent_);
  const auto fits = [&](const Dyadic& d) {
    return !d.wide_ && width(d.mantissa_) + d.exponent_ - exponent <= narrow_bits;
  };
  if (fits(*this) && fits(divisor)) {
    const Int128 value = mantissa_ << (exponent_ - exponent);
    const Int128 whole = divisor.mantissa_ << (divisor.exponent_ - exponent);
    const Int128 quotient = value / whole;  // towards zero
    return canonical(value < 0 && quotient * whole != value ? quotient - 1 : quotient, 0);
  }
  const Integer whole = divisor.widened(divisor.exponent_ - exponent).value;
  const Integer value = widened(exponent_ - exponent).value;
  Integer quotient = value / whole;  // towards zero
  if (value < 0 && quotient * whole != value) quotient -= 1;
  return canonical(Wide{std::move(quotient)}, 0);
}

// The bits of the magnitude that stay when so many go, rounded: at most 64. The mantissa is odd: so
// where a bit goes something is lost, and of half a unit nothing but a single bit.
Dyadic::Uint128 Dyadic::kept(int gone, Rounding rounding) const {
  if (gone == 0) return magnitude(mantissa_);
  Uint128 whole = 0;
  bool is_half = false;  // or more
  const int bits = wide_ ? wide_width() : width(mantissa_);
  if (gone <= bits && wide_) {
    const Integer value = mp::abs(wide_->value);
    whole = static_cast<std::uint64_t>(value >> gone);
    is_half = mp::bit_test(value, static_cast<unsigned>(gone - 1));
  } else if (gone <= bits) {
    whole = magnitude(mantissa_) >> static_cast<unsigned>(gone);
    is_half = (magnitude(mantissa_) >> static_cast<unsigned>(gone - 1) & 1U) != 0;
  }
  const bool is_away = rounding == Rounding::nearest ? is_half && (gone > 1 || (whole & 1U) != 0)
                                                     : (rounding == Rounding::down) == (sign() < 0);
  return is_away ? whole + 1 : whole;
}

template <class Float>
Float Dyadic::rounded(const Format& format, Rounding rounding) const {
  using std::ldexp;
  if (is_zero()) return 0;
  const int leading = std::max(leading_exponent(), format.min_exponent);
  const int last_place = std::max(leading - format.precision + 1, exponent_);
  const auto whole = static_cast<Int128>(kept(last_place - exponent_, rounding));
  const Float direction = sign() < 0 ? -1 : 1;
  if (whole == 0) return direction * 0;
  if (width(whole) - 1 + last_place > format.max_exponent) {
    const bool towards_zero = rounding == (sign() < 0 ? Rounding::up : Rounding::down);
    if (!towards_zero) return direction * std::numeric_limits<Float>::infinity();
    const Float significand = 2 - ldexp(Float{1}, 1 - format.precision);
    return direction * ldexp(significand, format.max_exponent);
  }
  return direction * ldexp(static_cast<Float>(whole), last_place);
}

double round_to(const Format& format, const Dyadic& value, Rounding rounding) {
  return value.rounded<double>(format, rounding);
}

long double to_long_double(const Dyadic& value) {
  return value.rounded<long double>(format_of_type<long double>(), Rounding::nearest);
}

Wide to_wide(const Dyadic& value, Rounding rounding) {
  return value.rounded<Wide>(format_of_type<Wide>(), rounding);
}

Dyadic Dyadic::decoded(const Float80& value) {
  if (!isfinite(value)) throw std::domain_error("infinity and NaN are not dyadic numbers");
  const auto magnitude = static_cast<Int128>(value.significand());
  return canonical(signbit(value) ? -magnitude : magnitude, value.exponent());
}

std::string to_text(const Dyadic& value) {
  constexpr int max_bits = 64;    // of an integer that is written out
  constexpr int max_places = 24;  // after the decimal point
  if (value.is_zero()) return "0";
  const int places = -value.exponent_;
  if (places == 0 || (places < 0 && value.leading_exponent() < max_bits))
    return value.widened(-places).value.str();
  const Integer magnitude = mp::abs(value.widened().value);
  const std::string minus = value.sign() < 0 ? "-" : "";
  if (places <= 0 || places > max_places) {
    return minus + magnitude.str() + "*2^" + std::to_string(-places);
  }
  // m / 2^k = m 5^k / 10^k.
  std::string digits = Integer(magnitude * mp::pow(Integer(5), places)).str();
  const auto point = static_cast<std::size_t>(places);
  if (digits.size() <= point) digits.insert(0, point + 1 - digits.size(), '0');
  return minus + digits.insert(digits.size() - point, 1, '.');
}

}  // namespace gridproof::exact
