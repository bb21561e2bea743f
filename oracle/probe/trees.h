// Families of expression trees: ways to compute the same thing that differ in the last bits. Which
// of them gives all of a subject's weights says how it computes. Tested by trees_test.cc.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "reference/contract/dtype.h"

namespace gridproof::probe {

// From a coordinate and the size of its axis to the position, each step rounded as its name says.
struct PositionTree {
  std::string name;                                                      // "((x + 1) S - 1) / 2"
  std::function<double(double coordinate, std::int64_t size)> position;  // perhaps of more bits
};

// For tensors of the dtype; what computes them at all: f32 for 16-bit ones.
std::vector<PositionTree> position_trees(Dtype dtype, bool align_corners);

// From the fraction to the weights of the taps at -1, 0, 1, 2, with alpha = -3/4.
struct CubicTree {
  std::string name;
  std::function<std::array<double, 4>(double fraction)> weights;
};
std::vector<CubicTree> cubic_trees(Dtype dtype);

}  // namespace gridproof::probe
