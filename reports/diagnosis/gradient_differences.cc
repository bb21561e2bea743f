#include "reports/diagnosis/gradient_differences.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <variant>

#include "reference/semantics/grid_sample.h"

namespace gridproof::reports::diagnosis {
namespace {

// The values with all coordinates of one axis moved, in f64.
std::vector<double> values_at(const BackwardCase& test_case, std::size_t axis, double step) {
  const Case& forward = test_case.forward;
  const auto axes = static_cast<std::size_t>(forward.grid.shape().back());
  std::vector<double> grid = forward.grid.values();
  for (std::size_t i = axis; i < grid.size(); i += axes) grid[i] += step;
  const Tensor input(Dtype::f64, forward.input.shape(), forward.input.values());
  return std::get<Tensor>(
             grid_sample({forward.request, input, Tensor(Dtype::f64, forward.grid.shape(), grid)}))
      .values();
}

// Whether no coordinate moves in its own dtype by this step.
bool is_lost(const Tensor& grid, double step) {
  const Format format = format_of(grid.dtype());
  return std::ranges::all_of(grid.values(), [&](double x) {
    return round_to(format, x + step) == x && round_to(format, x - step) == x;
  });
}

struct Magnitudes {
  double least = std::numeric_limits<double>::infinity();  // that is not 0
  double largest = 0;
};
Magnitudes magnitudes_of(const std::vector<double>& values) {
  Magnitudes magnitudes;
  for (const double value : values) {
    if (value == 0 || !std::isfinite(value)) continue;
    magnitudes.least = std::min(magnitudes.least, std::fabs(value));
    magnitudes.largest = std::max(magnitudes.largest, std::fabs(value));
  }
  return magnitudes;
}

}  // namespace

std::vector<double> differences(const BackwardCase& test_case, Difference difference, double step) {
  const auto axes = static_cast<std::size_t>(test_case.forward.grid.shape().back());
  const double above = difference == Difference::backward ? 0 : step;
  const double below = difference == Difference::forward ? 0 : step;
  const std::vector<double> grads = test_case.grad_output.contiguous().values();
  const Shape& shape = test_case.grad_output.shape();
  const auto channels = static_cast<std::size_t>(shape[1]);
  const std::size_t locations =
      static_cast<std::size_t>(element_count({shape.begin() + 2, shape.end()}));
  std::vector<double> result(static_cast<std::size_t>(test_case.forward.grid.element_count()));
  for (std::size_t axis = 0; axis < axes; ++axis) {
    const std::vector<double> right = values_at(test_case, axis, above);
    const std::vector<double> left = values_at(test_case, axis, -below);
    for (std::size_t i = 0; i < grads.size(); ++i) {
      const std::size_t sample = i / (channels * locations) * locations + i % locations;
      result[sample * axes + axis] += grads[i] * (right[i] - left[i]) / (above + below);
    }
  }
  return result;
}

std::optional<double> step_below_rounding(const BackwardCase& test_case,
                                          const std::vector<double>& grid,
                                          const std::vector<double>& right) {
  constexpr std::array steps = {1e-8, 1e-7, 1e-6, 0x1p-20, 1e-5, 1e-4, 0x1p-10, 1e-3, 1e-2};
  constexpr double few = 0x1p14;
  constexpr std::size_t enough = 6;
  const Dtype dtype = test_case.forward.grid.dtype();
  const std::vector<double> grads = test_case.grad_output.contiguous().values();
  const bool is_even = !grads.empty() && grads.front() != 0 && std::isfinite(grads.front()) &&
                       std::ranges::count(grads, grads.front()) == std::ssize(grads);
  if (!is_even || dtype == Dtype::f64) return std::nullopt;
  if (std::ranges::count(grid, 0.0) == std::ssize(grid)) {
    const auto lost = std::ranges::find_if(
        steps, [&](double step) { return is_lost(test_case.forward.grid, step); });
    return lost == steps.end() ? std::nullopt : std::optional(*lost);
  }
  const double grad = std::fabs(grads.front());
  const auto channels = static_cast<double>(test_case.forward.input.size(1));
  const Magnitudes values =
      magnitudes_of(std::get<Tensor>(grid_sample(test_case.forward)).values());
  if (values.largest == 0) return std::nullopt;
  const int bits = format_of(dtype).precision - 1;
  const double finest = std::ldexp(1, std::ilogb(values.least) - bits);
  const double coarsest = std::ldexp(1, std::ilogb(values.largest) - bits);
  const std::vector<double> coordinates = test_case.forward.grid.values();
  for (const double step : steps) {
    for (const double width : {step, 2 * step}) {
      std::size_t counted = 0;
      const auto fits = [&](std::size_t i) {
        const double moved = grid[i] * width / grad;
        const double bits_moved = moved / finest;
        if (!(std::fabs(bits_moved) < few)) return false;
        if (std::fabs(bits_moved - std::round(bits_moved)) > 0x1p-5) return false;
        counted += moved == 0 ? 0 : 1;
        const double of_coordinate =
            std::ldexp(std::max(1.0, std::fabs(coordinates[i])), 1 - bits) / step;
        const double room =
            4 * channels * grad * coarsest / width + std::fabs(right[i]) * of_coordinate;
        return std::fabs(grid[i] - right[i]) <= room;
      };
      bool all = true;
      for (std::size_t i = 0; i < grid.size() && all; ++i) all = fits(i);
      if (all && counted >= enough) return step;
    }
  }
  return std::nullopt;
}

}  // namespace gridproof::reports::diagnosis
