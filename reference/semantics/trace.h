// One element of an answer with all that is computed on the way to it: the stages as data. It is
// the reference that computes, with rules that take notes (hooked.h), so that whoever explains an
// answer repeats none of its arithmetic. No clause of its own; tested by trace_test.cc.
#pragma once

#include <cstdint>
#include <vector>

#include "reference/contract/case.h"
#include "reference/semantics/stages.h"

namespace gridproof::semantics {

// An operation on a number, and what it gives.
struct Step {
  enum class Kind : std::uint8_t { add, subtract, multiply, divide, take_off_periods, mirror };
  Kind kind;
  double operand;  // of `take_off_periods` the period, of `mirror` the place of the line
  double value;
};

struct TracedTap {
  std::int64_t wanted;  // the pixel that the mode asks for
  std::int64_t index;   // that which is read in its place, or `outside`
  double weight;
};

struct TracedAxis {
  Axis axis;
  double given = 0;           // the number in the grid
  double coordinate = 0;      // the same, NaN replaced
  std::vector<Step> formula;  // from the coordinate to a position; none from infinity
  double position = 0;        // infinity settled
  double other_position = 0;  // what the formula of the other align_corners gives
  double low_line = 0;        // between which positions are reflected
  double high_line = 0;
  std::vector<Step> reflection;
  double reflected = 0;  // before it is clipped
  double padded = 0;
  double nearest = 0;   // a whole number; of mode nearest
  Cell<double> cell{};  // of the others
  std::vector<TracedTap> taps;
};

// A sum from left to right: the products, and what it is after each of them.
struct TracedSum {
  std::vector<Term<double>> terms;
  std::vector<double> products;
  std::vector<double> so_far;
};

struct Trace {
  Dtype arithmetic = Dtype::f32;  // the type of all these numbers but the element
  std::vector<TracedAxis> axes;   // x, y and where there is one z
  // Of bilinear one: of the taps inside, in the order of x, then y, then z. Of bicubic the four
  // rows along x, and then the sum of these along y.
  std::vector<TracedSum> sums;
  double weight_outside = 0;  // the part of the weights that belongs to taps outside
  double value = 0;           // before it becomes an element
  double element = 0;
};

// Of a case that is not refused; `sample` counts (N, output locations) in row-major order. The
// numbers are those of the computation; double holds them exactly.
Trace trace(const Case& test_case, std::int64_t sample, std::int64_t channel);

}  // namespace gridproof::semantics
