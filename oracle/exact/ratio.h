// Quotients of dyadic numbers, with no error either: what is divided by a size is a dyadic number
// no more. It implements no clause. Derivation: exact.md, "Quotients". Tested by ratio_test.cc.
#pragma once

#include <utility>

#include "oracle/exact/dyadic.h"

namespace gridproof::exact {

// Not in lowest terms: a few operations on sizes and one coordinate need no more than some hundred
// bits, and common factors change no rounding.
struct Ratio {
  Dyadic numerator;
  Dyadic denominator = 1;  // positive

  Ratio() = default;
  Ratio(Dyadic value) : numerator(std::move(value)) {}  // NOLINT: nothing is lost
  Ratio(Dyadic above, Dyadic below) : numerator(std::move(above)), denominator(std::move(below)) {}

  friend Ratio operator+(const Ratio& a, const Ratio& b) {
    return {a.numerator * b.denominator + b.numerator * a.denominator,
            a.denominator * b.denominator};
  }
  friend Ratio operator-(const Ratio& a, const Ratio& b) { return a + Ratio(-1) * b; }
  friend Ratio operator*(const Ratio& a, const Ratio& b) {
    return {a.numerator * b.numerator, a.denominator * b.denominator};
  }
  friend bool operator==(const Ratio& a, const Ratio& b) {
    return a.numerator * b.denominator == b.numerator * a.denominator;
  }
};

// The value rounded once, to nearest, to `format`, which must be no wider than double.
double round_to(const Format& format, const Ratio& value);

}  // namespace gridproof::exact
