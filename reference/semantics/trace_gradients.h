// One number of a gradient with all that is added up to it: the backward pass as data, as trace.h
// is for the forward pass. It is the reference that computes. No clause of its own; tested by
// trace_gradients_test.cc.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "reference/contract/backward.h"

namespace gridproof::semantics {

// What one tap adds to the gradient of a coordinate.
struct TracedSlope {
  std::array<std::int64_t, 3> pixel;  // x, y, z
  double channel_sum;                 // of grad_output times texel
  double slope;                       // the derivative of its weight by the position on the axis
  double product;
  double so_far;
};

struct CoordinateTrace {
  Dtype arithmetic = Dtype::f32;  // the type of all these numbers but the element
  std::vector<TracedSlope> taps;  // those inside, x fastest; none in mode nearest
  double slope = 0;               // the sum
  double pixels_per_unit = 0;     // of the coordinate
  double padding_slope = 0;       // 1, -1 or 0
  double factor = 0;              // by which the sum is multiplied
  double value = 0;               // before it becomes an element
  double element = 0;
};

// What one tap of a sample adds to the gradient of a texel.
struct TracedHit {
  std::int64_t sample;
  double weight;
  double grad_output;
  double product;
  double so_far;
};

struct TexelTrace {
  Dtype arithmetic = Dtype::f32;
  std::vector<TracedHit> hits;  // in the order of the sum
  double value = 0;
  double element = 0;
};

// Of a case that is not refused. `sample` counts (N, output locations) in row-major order,
// `component` 0 is x; `texel` counts all of the input.
CoordinateTrace trace_coordinate(const BackwardCase& test_case, std::int64_t sample, int component);
TexelTrace trace_texel(const BackwardCase& test_case, std::int64_t texel);

}  // namespace gridproof::semantics
