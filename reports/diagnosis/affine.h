// Affine maps of grids: the theta that was passed to affine_grid. Tested by affine_test.cc.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <vector>

#include "reports/diagnosis/sites.h"

namespace gridproof::reports::diagnosis {

// x → A x + t in two or three dimensions.
struct Affine {
  int axes = 2;
  std::array<std::array<double, 3>, 3> linear{};
  std::array<double, 3> translation{};

  // x becomes the image of `from`.
  void apply(std::span<const double> from, std::span<double> x) const;
  [[nodiscard]] std::optional<Affine> inverse() const;  // none where there is none
};

// For each n, the theta whose affine_grid is the grid, for a value of align_corners. Nothing if the
// grid is not affine up to the rounding of its dtype, or if an axis of the output has only one
// location. `grid` holds the question's coordinates, row-major.
std::optional<std::vector<Affine>> affine_of(const Case& test_case, const std::vector<double>& grid,
                                             bool align_corners);

}  // namespace gridproof::reports::diagnosis
