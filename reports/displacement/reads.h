// The picture of a diagnosis: where a grid reads, beside where it was meant to. Tested by
// reads_test.cc.
#pragma once

#include <string>
#include <vector>

#include "reference/contract/tensor.h"

namespace gridproof::reports::displacement {

struct Reading {
  std::string title;  // "as asked"
  Tensor grid;        // (N, output sizes …, k)
  bool align_corners = false;
};

// One panel for each reading, side by side, of the first item of a batch; of three dimensions the
// three slices through the middle, one below the other. Arrows lead from the places of some output
// locations, at most some 400 in all, to where they read. Two readings that differ by little have a
// third panel, of what lies between them. `input` is (H, W) or (D, H, W).
//
// The picture can stand in a page of any colors: it has no background, text has the color of the
// text around it, and nothing in it has an identifier.
std::string reads_svg(const Shape& input, const std::vector<Reading>& readings);

}  // namespace gridproof::reports::displacement
