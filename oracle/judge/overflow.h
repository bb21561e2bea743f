// What may overflow on the way to a finite answer, [arith.overflow]. Derivation: judging.md,
// section 8. Tested by overflow_test.cc.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "oracle/judge/position.h"

namespace gridproof::judging {

// Answers that are not finite, as a set.
using Specials = std::uint8_t;
inline constexpr Specials nan_bit = 1;
inline constexpr Specials plus_bit = 2;
inline constexpr Specials minus_bit = 4;
inline constexpr Specials all_bits = 7;

// NaN absorbs, and so do two infinities that meet.
inline bool cancels(Specials bits) {
  constexpr Specials both = plus_bit | minus_bit;
  return (bits & nan_bit) != 0 || (bits & both) == both;
}

// The signs that an infinity can have after it is multiplied by weights.
struct Signs {
  bool plus = false;
  bool minus = false;
  bool zero = false;  // a weight may be 0: then the product may be NaN

  template <class Wide>
  void times(const Interval<Wide>& weight) {
    zero = zero || (weight.lo <= 0 && weight.hi >= 0);
    const bool keeps = weight.hi > 0;
    const bool turns = weight.lo < 0;
    const bool was_plus = plus;
    plus = (plus && keeps) || (minus && turns);
    minus = (minus && keeps) || (was_plus && turns);
  }
};

// The sum of the terms above 0 and of those below, each as far from 0 as it can be. No partial sum
// of the terms, in whatever order, is beyond them.
template <class Wide>
struct Halves {
  Wide plus = 0;
  Wide minus = 0;
  int plus_terms = 0;
  int minus_terms = 0;

  void add(const Interval<Wide>& weight, Wide texel) {
    const Wide one = weight.lo * texel;
    const Wide other = weight.hi * texel;
    const Wide most = std::max(one, other);
    const Wide least = std::min(one, other);
    if (most > 0) {
      plus += most;
      ++plus_terms;
    }
    if (least < 0) {
      minus -= least;
      ++minus_terms;
    }
  }
};

// The weights of the taps along one axis, and whether anything rounds there.
template <class Wide, std::size_t taps>
struct WeightRange {
  std::array<Interval<Wide>, taps> weight{};
  bool exact = false;    // they are 0 and 1
  bool exceeds = false;  // they may be above 1
};

// What the sums of terms `weight texel` can give that is not finite: all terms in one sum, or those
// along some of the axes first, whose sums are then multiplied by the other axes' weights.
// `texels[…]`: the first axis varies fastest. `growth` bounds what roundings multiply a sum by;
// what comes to `limit` rounds to infinity. `differences`: the form subtracts texels, the nearer
// from the farther (two taps), or as the slopes of Hermite's form (four).
template <class Wide, std::size_t N, std::size_t taps, std::size_t count>
Specials overflow_of(const std::array<Wide, count>& texels,
                     const std::array<WeightRange<Wide, taps>, N>& axes, Wide growth, Wide limit,
                     bool differences) {
  Specials result = 0;
  const auto tap_of = [](std::size_t tap, std::size_t axis) {
    for (; axis > 0; --axis) tap /= taps;
    return tap % taps;
  };
  bool exceeds = false;
  for (const auto& axis : axes) exceeds = exceeds || axis.exceeds;
  // What a line that is infinite makes of the answer.
  const auto carried = [&](bool plus, bool minus, unsigned mask, std::size_t first) {
    Signs signs{.plus = plus, .minus = minus};
    for (std::size_t axis = 0; axis < N; ++axis) {
      if (((mask >> axis) & 1U) == 0) signs.times(axes[axis].weight[tap_of(first, axis)]);
    }
    Specials bits = 0;
    if (signs.plus) bits |= plus_bit;
    if (signs.minus) bits |= minus_bit;
    if (signs.zero && (plus || minus)) bits |= nan_bit;
    if (plus && minus) bits |= nan_bit;
    return bits;
  };
  // What the sums along the axes of each mask make of the answer; those along most axes first.
  std::array<Specials, 1U << N> of{};
  const auto rounds_along = [&axes](unsigned mask) {
    bool rounds = false;
    for (std::size_t axis = 0; axis < N; ++axis) {
      rounds = rounds || (((mask >> axis) & 1U) != 0 && !axes[axis].exact);
    }
    return rounds;
  };
  for (unsigned mask = (1U << N) - 1; mask > 0; --mask) {
    const bool rounds = rounds_along(mask);
    Specials bits = 0;
    for (std::size_t first = 0; first < count; ++first) {
      bool is_first = true;
      for (std::size_t axis = 0; axis < N; ++axis) {
        is_first = is_first && (((mask >> axis) & 1U) == 0 || tap_of(first, axis) == 0);
      }
      if (!is_first) continue;
      // The taps that differ from `first` along the axes of the mask only.
      Halves<Wide> sum;
      for (std::size_t tap = 0; tap < count; ++tap) {
        bool belongs = true;
        Interval<Wide> weight{1, 1};
        for (std::size_t axis = 0; axis < N; ++axis) {
          if (((mask >> axis) & 1U) == 0) {
            belongs = belongs && tap_of(tap, axis) == tap_of(first, axis);
            continue;
          }
          const Interval<Wide>& w = axes[axis].weight[tap_of(tap, axis)];
          const std::array<Wide, 4> ends = {weight.lo * w.lo, weight.lo * w.hi, weight.hi * w.lo,
                                            weight.hi * w.hi};
          weight = {*std::ranges::min_element(ends), *std::ranges::max_element(ends)};
        }
        if (belongs) sum.add(weight, texels[tap]);
      }
      // One term is at most its texel, which is a number.
      const bool plus = rounds && sum.plus * growth >= limit && (exceeds || sum.plus_terms > 1);
      const bool minus = rounds && sum.minus * growth >= limit && (exceeds || sum.minus_terms > 1);
      bits |= carried(plus, minus, mask, first);
    }
    // An infinite line meets another one, or a sum of lines that was infinite before it came.
    Specials met = bits;
    for (unsigned wider = mask + 1; bits != 0 && wider < of.size(); ++wider) {
      if ((wider & mask) == mask && rounds_along(wider ^ mask)) met |= of[wider];
    }
    if (cancels(met)) bits |= nan_bit;
    of[mask] = bits;
    result |= bits;
  }
  if (!differences) return result;
  // An infinite difference takes its sign with it; where it counts for nothing, or meets an
  // infinite texel of the next axis, it makes NaN. That of two numbers of one sign is a number.
  const bool opposed = std::ranges::min(texels) < 0 && std::ranges::max(texels) > 0;
  std::size_t step = 1;
  for (std::size_t axis = 0; axis < N; ++axis, step *= taps) {
    for (std::size_t tap = 0; tap < count; ++tap) {
      const std::size_t at = tap_of(tap, axis);
      if (at + taps / 2 >= taps) continue;
      const Wide difference = texels[tap + step * (taps / 2)] - texels[tap];
      if (fabs(difference) * (opposed ? growth : 1) < limit) continue;
      const bool turned = at == 1;  // Hermite's second slope has a factor below 0
      const bool plus = (difference > 0) != turned;
      result |= nan_bit;
      if (!axes[axis].exact) result |= carried(plus, !plus, 1U << axis, tap);
    }
  }
  return result;
}

}  // namespace gridproof::judging
