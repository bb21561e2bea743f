// What is admitted in one channel and one box of positions, and whether an answer is. Derivation:
// judging.md, sections 5 to 8 and 10. Tested by judge_test.cc.
#pragma once

#include <cmath>
#include <cstdint>
#include <string_view>

#include "oracle/judge/box_sums.h"
#include "oracle/judge/last_rounding.h"
#include "oracle/judge/nonfinite.h"

namespace gridproof::judging {

enum class Membership : std::uint8_t { outside, undecided, open, inside };

template <class Wide>
struct ElementSet {
  bool has_numbers = true;  // those of `range`
  Range<Wide> range;
  Specials specials = 0;  // what the clauses demand or allow
  Specials open = 0;      // what is admitted under `clause`
  std::string_view clause;
};

template <class Sums, std::size_t count>
ElementSet<typename Sums::Wide> set_of(Sums& sums,
                                       const TapValues<typename Sums::Wide, count>& values) {
  ElementSet<typename Sums::Wide> set;
  set.range = sums.range(values.texels);
  if (set.range.overflow != 0) {
    set.open = set.range.overflow;
    set.clause = "arith.overflow";
  }
  if (!values.has_nonfinite) return set;
  const NonfiniteSum sum = nonfinite_sum(sums, values.nonfinite);
  set.has_numbers = sum.may_be_finite;
  set.specials = sum.specials;
  set.open |= sum.open;
  if (!sum.clause.empty()) set.clause = sum.clause;
  return set;
}

// The ends of the set as exact numbers: `range` with its extremes evaluated without error.
template <class Sums>
ExactEnds exact_ends(const Sums& sums, const typename Sums::Texels& texels,
                     const Range<typename Sums::Wide>& range) {
  const auto [lo, hi] = sums.exact_interpolant(texels, range);
  return {lo - exact::Dyadic(range.below), hi + exact::Dyadic(range.above)};
}

// Whether an answer lies in the range: in floating point when that is clear, exactly when not.
template <class Element, class Sums>
bool holds(const LastRounding<Element>& rounding, const Sums& sums,
           const typename Sums::Texels& texels, const Range<typename Sums::Wide>& range,
           double got) {
  using Wide = typename Sums::Wide;
  if (range.exact) return got == to_double(from_double<Element>(static_cast<double>(range.lo)));
  const Interval<Wide> from = rounding.preimage(got);
  const Wide lo = range.least();
  const Wide hi = range.most();
  const Wide error = range.evaluation_error + (fabs(lo) + fabs(hi)) * evaluation_unit<Wide>;
  if (from.hi >= lo + error && from.lo <= hi - error) return true;
  if (from.hi < lo - error || from.lo > hi + error) return false;
  const auto [least, most] = exact_ends(sums, texels, range);
  return (isinf(from.hi) || !(exact::Dyadic(from.hi) < least)) &&
         (isinf(from.lo) || !(most < exact::Dyadic(from.lo)));
}

template <class Element, class Sums>
Membership membership(const LastRounding<Element>& rounding, const Sums& sums,
                      const typename Sums::Texels& texels,
                      const ElementSet<typename Sums::Wide>& set, double got) {
  if (got == 0 && set.has_numbers && rounding.may_flush(set.range)) return Membership::inside;
  const bool is_held = set.has_numbers && !isnan(got);
  if (isfinite(got)) {
    return is_held && holds(rounding, sums, texels, set.range, got) ? Membership::inside
                                                                    : Membership::outside;
  }
  const Specials bit = bit_of(got);
  if ((set.specials & bit) != 0) return Membership::inside;
  if (is_held && rounding.rounds()) {
    // A 16-bit tensor rounds once more at the end, and that may be to infinity.
    if (holds(rounding, sums, texels, set.range, got)) return Membership::inside;
  } else if (is_held) {
    // The value itself may lie beyond the largest number.
    const auto limit = overflow_limit<typename Sums::Wide>(sums.budget());
    if (got > 0 ? set.range.most() >= limit : set.range.least() <= -limit) {
      return Membership::inside;
    }
  }
  return (set.open & bit) != 0 ? Membership::open : Membership::outside;
}

}  // namespace gridproof::judging
