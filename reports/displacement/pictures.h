// Pictures of a field, of the first item of a batch; of three dimensions the three slices through
// the middle. y points down, as rows are counted; the same field gives the same bytes. Tested by
// pictures_test.cc.
#pragma once

#include <string>

#include "reports/displacement/field.h"
#include "reports/displacement/png.h"

namespace gridproof::reports::displacement {

// Dark to bright in the order of `share`, 0 … 1, also for who sees few colors (viridis).
Color color_of(double share);

// Arrows in the input's pixels, from where the identity resize reads (or from the pixel of the same
// index) to where the grid reads, at most some 40 along an axis; small ones magnified, as the
// legend says. Beside them, or below, the lattice of the output where it reads.
std::string quiver_svg(const Field& field);

// Each output location in the color of its displacement's length, folds hatched black and white,
// what is not finite gray, a bar of the colors from 0 to the longest at the right. Large fields
// are shown in blocks: the longest displacement of each, hatched if anything in it folds.
Image magnitude_image(const Field& field, const Jacobian& jacobian);
// The same with axes and numbers: the image is inside.
std::string magnitude_svg(const Field& field, const Jacobian& jacobian);

// Each output location in the color of its displacement's direction, whiter the shorter it is,
// with the wheel of the colors.
Color direction_color(double across, double down);
std::string direction_svg(const Field& field);

}  // namespace gridproof::reports::displacement
