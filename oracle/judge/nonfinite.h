// Texels that are NaN or infinite, and what sums with them are, [texel.nonfinite],
// [texel.zero-weight]. Tested by judge_test.cc and lines_test.cc.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <string_view>

#include "oracle/judge/overflow.h"
#include "oracle/judge/taps.h"

namespace gridproof::judging {

struct NonfiniteSum {
  bool may_be_finite = true;
  Specials specials = 0;    // what the clauses demand or allow
  Specials open = 0;        // what is admitted under `clause`
  std::string_view clause;  // if something is
};

inline Specials bit_of(double value) {
  if (isfinite(value)) return 0;
  return isnan(value) ? nan_bit : value < 0 ? minus_bit : plus_bit;
}

// What the texels that are not finite do to a sum: those under a weight that is surely not zero,
// and those under one that may be zero or not.
struct NonfiniteTerms {
  Specials sure = 0;
  Specials possible = 0;
  bool may_be_zero = false;  // some weight
};

template <class Sums>
NonfiniteTerms nonfinite_terms(
    Sums& sums, const std::array<double, tap_count(Sums::taps, Sums::axes)>& texels) {
  std::array<std::array<Interval<typename Sums::Wide>, Sums::taps>, Sums::axes> weight{};
  for (std::size_t axis = 0; axis < Sums::axes; ++axis) weight[axis] = sums.weights(axis);
  NonfiniteTerms terms;
  for (std::size_t tap = 0; tap < texels.size(); ++tap) {
    const double texel = texels[tap];
    if (texel == 0) continue;
    // The signs that the product can have, if it is not zero times the texel.
    Signs signs{.plus = !(texel < 0), .minus = texel < 0};
    for (std::size_t axis = 0; axis < Sums::axes; ++axis) {
      signs.times(weight[axis][tap_along<Sums::taps>(tap, axis)]);
    }
    terms.may_be_zero = terms.may_be_zero || signs.zero;
    Specials& bits = signs.zero ? terms.possible : terms.sure;
    if (isnan(texel)) {
      if (signs.plus || signs.minus) bits |= nan_bit;
    } else {
      if (signs.plus) bits |= plus_bit;
      if (signs.minus) bits |= minus_bit;
    }
  }
  return terms;
}

// Texels under a weight that is surely not zero decide the answer, those under one that may be zero
// or not may decide it; and under a weight that is zero they make NaN or nothing.
template <class Sums>
NonfiniteSum nonfinite_sum(Sums& sums,
                           const std::array<double, tap_count(Sums::taps, Sums::axes)>& texels) {
  const auto [sure, possible, may_be_zero] = nonfinite_terms(sums, texels);
  NonfiniteSum sum;
  sum.may_be_finite = sure == 0;
  if (cancels(sure)) {
    sum.specials = nan_bit;  // and whatever a doubtful tap adds, NaN stays NaN
    return sum;
  }
  sum.specials = sure != 0 ? sure : possible;
  if (cancels(sure | possible)) sum.specials |= nan_bit;
  // What a + t (b - a) makes of an infinite a is NaN, whatever t is; so do Hermite's slopes.
  const bool subtracts = sums.subtracts() && sure != 0;
  if ((may_be_zero || subtracts) && (sum.specials & nan_bit) == 0) {
    sum.open = nan_bit;
    sum.clause = may_be_zero ? "texel.zero-weight" : "texel.nonfinite";
  }
  return sum;
}

}  // namespace gridproof::judging
