// What the judge of gradients adds up, and what rounding can make of it: judging-gradients.md,
// sections 2 and 4. Tested by gradient_judge_test.cc.
#pragma once

#include <algorithm>
#include <climits>
#include <cmath>
#include <cstdint>

#include "oracle/judge/case_view.h"
#include "oracle/judge/interpolate.h"

namespace gridproof::judging {

// The numbers of a sum of products, if they are so short that nothing rounds: the last bit of the
// finest term, and of the finest product of some of its factors, in whatever order they come.
class LastBit {
 public:
  static constexpr int none = INT_MIN / 4;

  // A factor's last bit, times that of others.
  [[nodiscard]] LastBit times(int bit) const {
    LastBit result = *this;
    if (term_ > none) {
      result.term_ += bit;
      result.partial_ += std::min(0, bit);
    }
    return result;
  }
  static LastBit of_one() {
    LastBit one;
    one.term_ = one.partial_ = 0;
    return one;
  }
  void include(const LastBit& other) {
    term_ = std::min(term_, other.term_);
    partial_ = std::min(partial_, other.partial_);
  }
  void forget() { term_ = none; }
  // Whether all sums of some of these terms, of `magnitude` together, are numbers of the type.
  template <class Wide>
  [[nodiscard]] bool is_exact(Wide magnitude, const Budget& budget) const {
    if (magnitude == 0) return true;
    if (term_ <= none || partial_ < ilogb(std::max(budget.smallest, budget.flush))) return false;
    const Wide step = ldexp(Wide{1}, term_);
    return magnitude * static_cast<Wide>(budget.unit) <= step &&
           magnitude <= static_cast<Wide>(budget.largest);
  }

 private:
  int term_ = INT_MAX / 4;
  int partial_ = INT_MAX / 4;
};

// The bits behind the point that the weights of one axis have, or LastBit::none (as a count: too
// many for a sum that does not round).
template <class Wide>
int bits_of_axis(const CellRange<Wide>& cell, const Budget& budget, int degree) {
  const Box<Wide, 1> box{cell};
  const auto bits = bits_of_weights<Wide, 1>(box, budget, degree);
  return bits ? *bits : LastBit::none;
}

// gamma_n, or 1 and more where it bounds nothing.
inline double growth(double operations, double unit) {
  const double all = operations * unit;
  return all < 0.25 ? all / (1 - all) * (1 + 0x1p-40) : 1e300;
}

}  // namespace gridproof::judging
