// How an answer comes out of the arithmetic that it was calculated in: a 16-bit tensor rounds once
// more, judging.md, section 7. Tested by judge_test.cc.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

#include "oracle/judge/case_view.h"

namespace gridproof::judging {

template <class Element>
class LastRounding {
 public:
  using Real = RealOf<Element>;
  using Wide = WideOf<Element>;

  // What flushing makes of a result: the last step of a 16-bit tensor flushes in its own type.
  static constexpr double smallest_normal =
      dtype_of<Element> == Dtype::f16 ? 0x1p-14
                                      : static_cast<double>(std::numeric_limits<Real>::min());

  explicit LastRounding(const Profile& profile)
      : rounds_(profile.kind != Profile::Kind::narrow_arithmetic ||
                profile.type != dtype_of<Element>),
        flushes_(profile.kind == Profile::Kind::flush) {}

  // Whether the answer is rounded from a wider arithmetic type.
  [[nodiscard]] bool rounds() const { return !std::is_same_v<Element, Real> && rounds_; }

  // Whether the result may be so small that it is flushed.
  [[nodiscard]] bool may_flush(const Range<Wide>& range) const {
    return flushes_ && range.least() < smallest_normal && range.most() > -smallest_normal;
  }
  // Whether the texel is so small that a copy of it may be flushed.
  [[nodiscard]] bool may_flush(Element texel) const {
    return flushes_ && to_double(texel) != 0 && fabs(to_double(texel)) < smallest_normal;
  }

  // The numbers that the answer may be rounded from.
  [[nodiscard]] Interval<Wide> preimage(double got) const {
    if (!rounds()) return {got, got};
    const Format format = format_of(dtype_of<Element>);
    const double largest = scaled(2.0 - scaled(1.0, 1 - format.precision), format.max_exponent);
    const double top = largest + scaled(1.0, format.max_exponent - format.precision);
    const double magnitude = fabs(got);
    if (isinf(got)) {
      const Wide end = std::numeric_limits<Wide>::infinity();
      return got > 0 ? Interval<Wide>{top, end} : Interval<Wide>{-end, -top};
    }
    const int exponent =
        magnitude == 0 ? format.min_exponent : std::max(ilogb(magnitude), format.min_exponent);
    const double ulp = scaled(1.0, exponent - format.precision + 1);
    const bool power = magnitude == scaled(1.0, exponent) && exponent > format.min_exponent;
    const double in = power ? ulp / 4 : ulp / 2;  // numbers stand closer below a power of two
    const double out = ulp / 2;
    return got < 0 ? Interval<Wide>{got - out, got + in} : Interval<Wide>{got - in, got + out};
  }

 private:
  bool rounds_;
  bool flushes_;
};

}  // namespace gridproof::judging
