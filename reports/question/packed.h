// Grids and maps as other libraries pack them: with their components in another axis than the last,
// in turns within a row, or as positions in the order of the array's axes. Tested by
// packed_test.cc.
#pragma once

#include <string>

#include "reference/contract/tensor.h"
#include "reports/diagnosis/hypotheses.h"

namespace gridproof::reports {

struct Unpacked {
  Tensor tensor;  // its components in the last axis, x first
  diagnosis::Given given = diagnosis::Given::grid;
  // What was read as what, without "the grid is read as": "the grid of shape [1,2,4,5] is read …";
  // empty: nothing was changed.
  std::string guess = {};
  // How it lay, which grid_sample refuses, and what it takes, in two sentences; empty where it
  // takes it.
  std::string layout = {};
};

// A grid for an input of that shape, both as they were given; the shape may be empty, which is of
// nothing that is known. Of (2, H, W) the numbers say whether it is a
// packed grid or positions of scipy.ndimage.map_coordinates. Throws InputError where it may be one
// thing or another.
Unpacked unpacked_grid(const Tensor& grid, const Shape& input);

// Positions in pixels, in one array: (2, H, W) or (3, D, H, W), rows first, as map_coordinates has
// them; (H, W, 2), as OpenCV has them, or (D, H, W, 3), x first. Throws InputError.
Unpacked unpacked_maps(const Tensor& maps);

// The one axis but the last, from that on, that has a component for each of so many axes; -1 where
// there is none, and InputError where there are several. `option` is what it was given by.
int axis_of_components(const std::string& option, const Tensor& tensor, int axes, int from);

// The axis as the last.
Tensor with_last(const Tensor& tensor, int axis);

}  // namespace gridproof::reports
