// Displacement without error: where an output location reads, said in any of the ways in which
// people write it down, and one way said as another with a single rounding at the end. It
// implements the clauses of displacement.md and shares no arithmetic with them. Derivations:
// exact.md, "Displacements". Tested by displacement_test.cc.
#pragma once

#include <array>
#include <cstdint>

#include "oracle/exact/ratio.h"
#include "reference/contract/options.h"
#include "reference/contract/tensor.h"

namespace gridproof::exact {

// What is counted: pixels of the input, pixels of the output, or coordinates of the grid.
enum class Unit : std::uint8_t { input, output, normalized };
// From where: from what the identity resize reads, from the pixel of the same index (input and
// output share one lattice of pixels), or from nowhere: the point itself.
enum class Origin : std::uint8_t { identity, lattice, none };
}  // namespace gridproof::exact

template <>
inline constexpr auto gridproof::names<gridproof::exact::Unit> =
    std::to_array<gridproof::Named<gridproof::exact::Unit>>(
        {{gridproof::exact::Unit::input, "input"},
         {gridproof::exact::Unit::output, "output"},
         {gridproof::exact::Unit::normalized, "normalized"}});
template <>
inline constexpr auto gridproof::names<gridproof::exact::Origin> =
    std::to_array<gridproof::Named<gridproof::exact::Origin>>(
        {{gridproof::exact::Origin::identity, "identity"},
         {gridproof::exact::Origin::lattice, "lattice"},
         {gridproof::exact::Origin::none, "none"}});

namespace gridproof::exact {

// What the numbers of a field mean. Only the identity resize makes pixels of the output differ from
// those of the input; with the other origins they count the same.
struct Measure {
  Unit unit = Unit::input;
  Origin origin = Origin::identity;

  friend bool operator==(const Measure&, const Measure&) = default;
};
inline constexpr Measure as_grid{Unit::normalized, Origin::none};  // of grid_sample
inline constexpr Measure as_maps{Unit::input, Origin::none};       // of OpenCV's remap
inline constexpr Measure as_flow{Unit::input, Origin::lattice};    // of optical flow

// One axis of `size` input pixels and `outputs` output locations.
class DisplacementAxis {
 public:
  DisplacementAxis(std::int64_t size, std::int64_t outputs, bool align_corners);

  // The coordinate of the identity resize, which does not depend on the size of the input.
  [[nodiscard]] Ratio identity_coordinate(std::int64_t index) const {
    return center(index, outputs_);
  }
  // What one measure says at an output location, said by another. On an axis of one pixel with
  // align_corners all coordinates are one position: there a position becomes coordinate 0, while
  // coordinates that stay coordinates stay what they are.
  [[nodiscard]] Ratio converted(const Ratio& value, std::int64_t index, Measure from,
                                Measure to) const;

 private:
  [[nodiscard]] Ratio center(std::int64_t index, std::int64_t count) const;
  [[nodiscard]] Ratio origin_coordinate(std::int64_t index, Origin origin) const;
  [[nodiscard]] Ratio origin_position(std::int64_t index, Origin origin) const;
  [[nodiscard]] Ratio position(const Ratio& coordinate) const;
  [[nodiscard]] Ratio coordinate(const Ratio& position) const;

  std::int64_t size_;
  std::int64_t outputs_;
  bool align_corners_;
  // The distance of the outermost places, in pixels: between their outer edges, or with
  // align_corners their centers.
  std::int64_t size_span_;
  std::int64_t outputs_span_;
};

// Whole fields. A field has shape (N, output sizes …, k), its last axis in the order x, y, z;
// `input` gives the k sizes of the input in the order of its axes (…, D, H, W). Each number of the
// result is rounded once, to `dtype`. An infinite number stays infinite. NaN stays NaN, except that
// a coordinate that is NaN counts as -1, [coord.nan]. Throws std::invalid_argument when the shapes
// do not fit.
Tensor convert_field(const Tensor& field, const Shape& input, bool align_corners, Measure from,
                     Measure to, Dtype dtype = Dtype::f64);

// The field that affine maps mean, theta of shape (N, k, k + 1), each applied to the identity's
// coordinates of `outputs` without any rounding; only the result is rounded. A theta that is not
// finite is no map: std::invalid_argument.
Tensor affine_field(const Tensor& theta, const Shape& outputs, const Shape& input,
                    bool align_corners, Measure to, Dtype dtype = Dtype::f64);

}  // namespace gridproof::exact
