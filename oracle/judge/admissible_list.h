// The admissible set of one element as a person reads it. Tested by judge_test.cc.
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <string_view>
#include <utility>

#include "oracle/judge/element_set.h"
#include "oracle/judge/judge.h"

namespace gridproof::judging {

template <class Element>
class AdmissibleList {
 public:
  AdmissibleList(const LastRounding<Element>& rounding, std::string_view clause)
      : rounding_(rounding) {
    list_.clause = clause;
  }

  [[nodiscard]] const Admissible& list() const { return list_; }

  void add_zero() { add(0, 0); }

  // A texel, with its bits; or zeros, if it is flushed. Returns whether more is worth listing.
  bool add_copy(Element texel) {
    add(to_double(texel), to_double(texel));
    if (rounding_.may_flush(texel)) {
      add(0.0, 0.0);
      add(-0.0, -0.0);
    }
    return list_.intervals.size() < max_copies;
  }

  // The numbers of the type that lie between the ends, or that numbers there round to.
  void add_numbers(const ExactEnds& ends) {
    using exact::Rounding;
    const Format format = format_of(dtype_of<Element>);
    const bool rounds = rounding_.rounds();
    double first = round_to(format, ends.first, rounds ? Rounding::nearest : Rounding::up);
    double last = round_to(format, ends.second, rounds ? Rounding::nearest : Rounding::down);
    if (first > last) {
      if (isfinite(first) && isfinite(last)) return;  // between two numbers of the type
      first = last = ends.second.sign() * infinity;
    }
    add(first + 0.0, last + 0.0);  // one zero stands for both
  }

  template <class Sums>
  void add_set(const Sums& sums, const typename Sums::Texels& texels,
               const ElementSet<typename Sums::Wide>& set) {
    if (set.has_numbers) {
      add_numbers(exact_ends(sums, texels, set.range));
      if (rounding_.may_flush(set.range)) add_zero();
    }
    if ((set.specials & nan_bit) != 0) add(std::nan(""), std::nan(""));
    if ((set.specials & plus_bit) != 0) add(infinity, infinity);
    if ((set.specials & minus_bit) != 0) add(-infinity, -infinity);
    add_open(set.open, set.clause);
  }

  void add_open(Specials bits, std::string_view clause) {
    for (const auto& [bit, value] :
         {std::pair{nan_bit, std::nan("")}, {plus_bit, infinity}, {minus_bit, -infinity}}) {
      if ((bits & bit) != 0) list_.latitude.emplace_back(value, clause);
    }
  }

  // The position is not known to within a pixel: because a clause leaves it open, or otherwise so
  // that being inside says nothing.
  void leave_open(std::string_view clause) {
    list_.undecided = list_.undecided || clause.empty();
    if (!clause.empty()) list_.clause = clause;
  }

 private:
  static constexpr double infinity = std::numeric_limits<double>::infinity();
  static constexpr std::size_t max_copies = 64;

  void add(double first, double last) { list_.intervals.emplace_back(first, last); }

  const LastRounding<Element>& rounding_;
  Admissible list_;
};

}  // namespace gridproof::judging
