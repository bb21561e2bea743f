// A displacement field looked at: how far, how much of it outside, where it folds, and the field
// that leads back. The positions come from the exact oracle, each rounded once; what is made of
// them here is numerical: differences, determinants and an equation solved by iteration. Tested by
// field_test.cc.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "oracle/exact/displacement.h"
#include "reference/contract/tensor.h"

namespace gridproof::reports::displacement {

// Tensors have the axes (N, output sizes …, k) and are f64; components and `axes` below are in the
// order x, y, z, sizes in that of the input (…, D, H, W).
struct Field {
  Tensor positions;     // what is read, in input pixels
  Tensor displacement;  // the same by `measure`
  Shape input;
  bool align_corners = false;
  exact::Measure measure;

  [[nodiscard]] int dimensions() const { return static_cast<int>(input.size()); }
  [[nodiscard]] std::int64_t batch() const { return positions.size(0); }
  // The number of input pixels, and of output locations, along an axis (0 is x).
  [[nodiscard]] std::int64_t size(int axis) const {
    return input[input.size() - 1 - static_cast<std::size_t>(axis)];
  }
  [[nodiscard]] std::int64_t outputs(int axis) const {
    return positions.size(positions.rank() - 2 - axis);
  }
  // Where the displacement of an output location is counted from, in input pixels: a straight line
  // over the index, which need not be whole.
  [[nodiscard]] double origin(int axis, double index) const;
  // Input pixels for one step of the index, by that line. 0 where the axis has one output and
  // align_corners, or one pixel and align_corners.
  [[nodiscard]] double step(int axis) const;
  // The number of the measure for so many input pixels.
  [[nodiscard]] double measured(int axis, double input_pixels) const;
};

// Where the identity resize reads at an output location, in input pixels; the index need not be
// whole. And how far that moves with each step of the index; 0 where nothing can move.
double identity_position(std::int64_t size, std::int64_t outputs, bool align_corners, double index);
double identity_step(std::int64_t size, std::int64_t outputs, bool align_corners);

// "input pixels, relative to the identity resize, align_corners=False".
std::string describe(const Field& field);

// A field of any measure (exact::as_grid for a grid) as one of `measure`, of at most 3 axes. Throws
// std::invalid_argument as exact::convert_field does.
Field make_field(const Tensor& given, const Shape& input, bool align_corners, exact::Measure from,
                 exact::Measure measure);
// The field of affine maps, likewise.
Field make_affine_field(const Tensor& theta, const Shape& outputs, const Shape& input,
                        bool align_corners, exact::Measure measure);

// How the coordinates of a grid come back from their displacements in f64, rounded once to the
// grid's dtype. Exact.md, "Forth and back", says which must.
struct Return {
  std::int64_t coordinates = 0;  // finite ones
  std::int64_t same = 0;
  std::int64_t within_one_ulp = 0;  // and not the same
};
Return return_of(const Tensor& grid, const Field& field);

struct Component {
  double least = 0;
  double mean = 0;
  double greatest = 0;
};

struct Summary {
  std::int64_t locations = 0;
  std::int64_t not_finite = 0;        // locations with a number that is not; not counted below
  std::vector<Component> components;  // x, y, z
  double largest = 0;                 // the length of the longest displacement
  Shape largest_at;                   // where that is: n, (d,) h, w
  std::int64_t outside = 0;           // reads beyond the outer edges of the input
};
Summary summary_of(const Field& field);

// Determinants of the Jacobian of output index → position, of the shape (N, output sizes …), by
// central differences, one-sided at the rim. Axes along which nothing can change, of one output or
// of one pixel with align_corners, are left out; of no axes the determinant is 1.
struct Jacobian {
  Tensor determinants;
  std::vector<int> axes;        // that are in it
  std::int64_t folds = 0;       // determinants of 0 or less
  std::int64_t mirrored = 0;    // those below 0
  std::int64_t not_finite = 0;  // locations beside a position that is not
  double least = 0;
  double greatest = 0;
};
Jacobian jacobian_of(const Field& field);

// The field that leads back, of the shape (N, input sizes …, k): at input pixel q the displacement
// f with f(q) = -d(q + f(q)), by the same measure, the field between its locations being linear
// along each axis. Found by Newton's iteration; the only solution where no determinant is 0 or
// less. NaN where q is farther than half an output pixel from all that is read, or nothing was
// found.
struct Inverse {
  Tensor displacement;
  std::int64_t pixels = 0;
  std::int64_t found = 0;
  std::int64_t outside = 0;  // the solution is not in the field
  std::int64_t lost = 0;     // the iteration found none
};
Inverse inverse_of(const Field& field);

}  // namespace gridproof::reports::displacement
