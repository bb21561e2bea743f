// The admissible set on a number line, with the reference's value and those of others. Tested by
// number_line_test.cc.
#pragma once

#include <span>
#include <string>

#include "oracle/judge/judge.h"

namespace gridproof::reports {

// SVG. A unit of the line is the spacing of `dtype` at the reference's value; where values lie too
// far away for that, a coarser one, which the line says. Empty where there is nothing to draw: a
// value or a set that is not finite, or no interval.
std::string number_line(const Admissible& admissible, double reference,
                        std::span<const double> given, Dtype dtype);

}  // namespace gridproof::reports
