#include "reports/diagnosis/gradient_theta.h"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>

#include "oracle/gradients/gradient_judge.h"
#include "reference/contract/unravel.h"
#include "reference/semantics/affine_grid.h"

namespace gridproof::reports::diagnosis {
namespace {

// Calls `visit(number of theta, number of the grid, factor)` for all that is summed.
void for_each_term(const BackwardCase& test_case, bool align_corners,
                   const std::function<void(std::size_t, std::size_t, double)>& visit) {
  const Shape& grid = test_case.forward.grid.shape();
  const Shape sizes(grid.begin(), grid.end() - 1);  // N, (D,) H, W
  const auto axes = static_cast<std::size_t>(grid.back());
  const std::int64_t samples = element_count(sizes);
  for (std::int64_t sample = 0; sample < samples; ++sample) {
    const Shape index = unravel(sample, sizes);
    std::vector<double> base;
    for (std::size_t k = 0; k < axes; ++k) {
      const std::size_t at = sizes.size() - 1 - k;
      base.push_back(semantics::base_coordinate<double>(index[at], sizes[at], align_corners));
    }
    base.push_back(1);
    for (std::size_t row = 0; row < axes; ++row) {
      for (std::size_t column = 0; column <= axes; ++column) {
        const auto batch = static_cast<std::size_t>(index[0]);
        visit((batch * axes + row) * (axes + 1) + column,
              static_cast<std::size_t>(sample) * axes + row, base[column]);
      }
    }
  }
}

}  // namespace

Shape theta_shape(const BackwardCase& test_case) {
  const Shape& grid = test_case.forward.grid.shape();
  return {grid.front(), grid.back(), grid.back() + 1};
}

std::vector<double> theta_of(const std::vector<double>& grid, const BackwardCase& test_case,
                             bool align_corners) {
  std::vector<double> theta(static_cast<std::size_t>(element_count(theta_shape(test_case))));
  for_each_term(test_case, align_corners, [&](std::size_t to, std::size_t from, double factor) {
    theta[to] += grid[from] * factor;
  });
  return theta;
}

std::vector<std::pair<double, double>> admissible_thetas(const BackwardCase& test_case,
                                                         bool align_corners) {
  constexpr double unknown = std::numeric_limits<double>::infinity();
  const Tensor& grid = test_case.forward.grid;
  const GradientJudge judge;
  std::vector<double> middles(static_cast<std::size_t>(grid.element_count()));
  std::vector<double> radii = middles;
  for (std::size_t i = 0; i < middles.size(); ++i) {
    const auto range = judge.admissible(test_case, Gradient::grid, static_cast<std::int64_t>(i));
    middles[i] = range ? (range->first + range->second) / 2 : 0;
    radii[i] = range ? (range->second - range->first) / 2 : unknown;
    if (!std::isfinite(middles[i])) middles[i] = 0, radii[i] = unknown;
  }
  // A sum of so many terms, each of which may be rounded to the dtype before.
  const Dtype dtype = test_case.forward.input.dtype();
  const double unit = std::ldexp(1, 1 - format_of(dtype).precision);
  const double unit_of_sums = dtype == Dtype::f64 ? unit : 0x1p-23;
  const double slack = 8 * unit + static_cast<double>(middles.size()) * unit_of_sums;
  const std::vector<double> sums = theta_of(middles, test_case, align_corners);
  std::vector<double> rooms(sums.size());
  for_each_term(test_case, align_corners, [&](std::size_t to, std::size_t from, double factor) {
    if (factor == 0) return;
    rooms[to] += std::fabs(factor) * (radii[from] + slack * std::fabs(middles[from]));
  });
  std::vector<std::pair<double, double>> ranges;
  for (std::size_t i = 0; i < sums.size(); ++i) {
    ranges.emplace_back(sums[i] - rooms[i], sums[i] + rooms[i]);
  }
  return ranges;
}

}  // namespace gridproof::reports::diagnosis
