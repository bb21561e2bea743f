// Grids and maps in the layouts of other libraries: with the components not in the last axis,
// interleaved within a row, or as positions in array-axis order. Tested by packed_test.cc.
#pragma once

#include <string>

#include "reference/contract/tensor.h"
#include "reports/diagnosis/hypotheses.h"

namespace gridproof::reports {

struct Unpacked {
  Tensor tensor;  // its components in the last axis, x first
  diagnosis::Given given = diagnosis::Given::grid;
  // How it was read, without the subject of the sentence: "of shape [1,2,4,5] is read as …"; empty
  // if nothing was changed.
  std::string guess = {};
  // Why grid_sample refuses its layout and what to pass instead, in two sentences; empty if it
  // accepts it.
  std::string layout = {};
};

// A grid for an input of that shape, both as they were given. The shape may be empty, which means
// unknown. For (2, H, W) the numbers decide between a packed grid and positions of
// scipy.ndimage.map_coordinates. Throws InputError if it may be either.
Unpacked unpacked_grid(const Tensor& grid, const Shape& input);

// Positions in pixels, in one array: (2, H, W) or (3, D, H, W), rows first, as in map_coordinates;
// (H, W, 2), as in OpenCV, or (D, H, W, 3), x first. Throws InputError.
Unpacked unpacked_maps(const Tensor& maps);

// The axis from `from` on, other than the last, whose size is the number of axes; -1 if there is
// none. Throws InputError if there are several. `option` is the option that gave the tensor.
int axis_of_components(const std::string& option, const Tensor& tensor, int axes, int from);

// The tensor with that axis moved last.
Tensor with_last(const Tensor& tensor, int axis);

}  // namespace gridproof::reports
