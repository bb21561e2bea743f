#include "reports/diagnosis/affine.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace gridproof::reports::diagnosis {
namespace {

// What rounding to a type leaves of an affine map.
double tolerance(Dtype dtype) {
  if (dtype == Dtype::f64) return 1e-9;
  if (dtype == Dtype::f16) return 2e-3;
  if (dtype == Dtype::bf16) return 1.6e-2;
  return 1e-5;
}

// One n's grid: from the first output location and the last ones along each axis.
std::optional<Affine> affine_of_one(std::span<const double> grid, const Sites& sites,
                                    std::size_t axes, bool align_corners) {
  Affine affine{.axes = static_cast<int>(axes)};
  std::size_t stride = 1;
  for (std::size_t i = 0; i < axes; ++i) {
    const Place first = sites.site(0, align_corners).places[i];
    Place last = first;
    last.index = last.output - 1;
    const double length = dictionary::identity_at(last) - dictionary::identity_at(first);
    if (last.output < 2) return std::nullopt;
    const std::size_t there = stride * static_cast<std::size_t>(last.output - 1);
    for (std::size_t k = 0; k < axes; ++k) {
      affine.linear[k][i] = (grid[there * axes + k] - grid[k]) / length;
    }
    stride *= static_cast<std::size_t>(last.output);
  }
  for (std::size_t k = 0; k < axes; ++k) {
    affine.translation[k] = grid[k];
    for (std::size_t i = 0; i < axes; ++i) {
      affine.translation[k] -=
          affine.linear[k][i] * dictionary::identity_at(sites.site(0, align_corners).places[i]);
    }
  }
  return affine;
}

bool fits(const Affine& affine, const Sites& sites, std::size_t n, Dtype dtype,
          bool align_corners) {
  const auto axes = static_cast<std::size_t>(affine.axes);
  double largest = 1;
  for (std::size_t k = 0; k < axes; ++k) {
    for (std::size_t i = 0; i < axes; ++i)
      largest = std::max(largest, std::fabs(affine.linear[k][i]));
    largest = std::max(largest, std::fabs(affine.translation[k]));
  }
  const double most = largest * tolerance(dtype);
  std::array<double, 3> from{};
  std::array<double, 3> x{};
  for (std::int64_t i = 0; i < sites.count(); ++i) {
    const Site site = sites.site(i, align_corners);
    if (std::cmp_not_equal(site.n, n)) continue;
    for (std::size_t k = 0; k < axes; ++k) from[k] = dictionary::identity_at(site.places[k]);
    affine.apply(std::span(from).first(axes), std::span(x).first(axes));
    const double* const given = sites.coordinates().data() + static_cast<std::size_t>(i) * axes;
    for (std::size_t k = 0; k < axes; ++k) {
      if (!(std::fabs(x[k] - given[k]) <= most)) return false;
    }
  }
  return true;
}

}  // namespace

void Affine::apply(std::span<const double> from, std::span<double> x) const {
  for (std::size_t k = 0; k < x.size(); ++k) {
    x[k] = translation[k];
    for (std::size_t i = 0; i < from.size(); ++i) x[k] += linear[k][i] * from[i];
  }
}

std::optional<Affine> Affine::inverse() const {
  // Gauss and Jordan, with the largest pivot.
  const auto n = static_cast<std::size_t>(axes);
  auto left = linear;
  Affine result{.axes = axes};
  for (std::size_t k = 0; k < n; ++k) result.linear[k][k] = 1;
  for (std::size_t column = 0; column < n; ++column) {
    std::size_t pivot = column;
    for (std::size_t row = column + 1; row < n; ++row) {
      if (std::fabs(left[row][column]) > std::fabs(left[pivot][column])) pivot = row;
    }
    if (!(std::fabs(left[pivot][column]) > 1e-12)) return std::nullopt;
    std::swap(left[pivot], left[column]);
    std::swap(result.linear[pivot], result.linear[column]);
    const double by = left[column][column];
    for (std::size_t k = 0; k < n; ++k) {
      left[column][k] /= by;
      result.linear[column][k] /= by;
    }
    for (std::size_t row = 0; row < n; ++row) {
      if (row == column) continue;
      const double times = left[row][column];
      for (std::size_t k = 0; k < n; ++k) {
        left[row][k] -= times * left[column][k];
        result.linear[row][k] -= times * result.linear[column][k];
      }
    }
  }
  for (std::size_t k = 0; k < n; ++k) {
    for (std::size_t i = 0; i < n; ++i)
      result.translation[k] -= result.linear[k][i] * translation[i];
  }
  return result;
}

std::optional<std::vector<Affine>> affine_of(const Case& test_case, const std::vector<double>& grid,
                                             bool align_corners) {
  const Sites sites(test_case, std::int64_t{1} << 12U);
  if (sites.count() == 0) return std::nullopt;
  const auto axes = static_cast<std::size_t>(test_case.input.rank() - 2);
  const std::size_t batch = static_cast<std::size_t>(test_case.grid.size(0));
  const std::size_t of_one = grid.size() / batch;
  std::vector<Affine> list;
  for (std::size_t n = 0; n < batch; ++n) {
    const auto affine =
        affine_of_one(std::span(grid).subspan(n * of_one, of_one), sites, axes, align_corners);
    if (!affine || !fits(*affine, sites, n, test_case.grid.dtype(), align_corners)) {
      return std::nullopt;
    }
    list.push_back(*affine);
  }
  return list;
}

}  // namespace gridproof::reports::diagnosis
