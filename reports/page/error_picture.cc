#include "reports/page/error_picture.h"

#include <cmath>
#include <variant>

#include "reference/contract/ulp.h"
#include "reference/contract/unravel.h"
#include "reference/semantics/grid_sample.h"
#include "reports/page/shapes.h"

namespace gridproof::reports {
namespace {

// Infinite where one of them is no number and the other is not the same.
double error_of(double got, double right, Dtype dtype) {
  if (got == right || (std::isnan(got) && std::isnan(right))) return 0;
  if (!std::isfinite(got) || !std::isfinite(right)) return INFINITY;
  return std::fabs(got - right) / ulp_of(right, dtype);
}

// The darker the more bits are wrong.
double shade_of(double error, Dtype dtype) {
  const double bits = std::isinf(error) ? INFINITY : std::log2(1 + error);
  return 0.7 * std::min(1.0, bits / format_of(dtype).precision);
}

std::string cell(double error, double left, double top, Dtype dtype) {
  const std::string text = std::isinf(error) ? "≠"
                           : error < 0.005   ? "0"
                           : error < 1'000   ? fmt::format("{:.3g}", error)
                                             : fmt::format("{:.0e}", error);
  return square("pixel", left, top, pixel, 0) +
         square("off", left, top, pixel, shade_of(error, dtype)) +
         words("pixel", left + pixel / 2, top + pixel / 2 + 4, text);
}

}  // namespace

std::string error_picture(const Case& test_case, const Answer& answer, const Element& element) {
  const Answer expected = grid_sample(test_case);
  const auto* const right = std::get_if<Tensor>(&expected);
  const auto* const got = std::get_if<Tensor>(&answer);
  if (right == nullptr || got == nullptr || got->shape() != right->shape()) return "";
  const Shape& shape = right->shape();
  const Shape& grid = test_case.grid.shape();
  Shape index = unravel(element.sample, Shape(grid.begin(), grid.end() - 1));  // n, (d,) h, w
  index.insert(index.begin() + 1, element.channel);
  const std::size_t last = shape.size() - 1;
  const std::int64_t row = index[last - 1];
  const std::int64_t column = index[last];
  const Range rows = window(shape[last - 1], static_cast<double>(row));
  const Range columns = window(shape[last], static_cast<double>(column));
  std::string text;
  for (index[last - 1] = rows.first; index[last - 1] <= rows.last; ++index[last - 1]) {
    for (index[last] = columns.first; index[last] <= columns.last; ++index[last]) {
      const double left = 1 + static_cast<double>(index[last] - columns.first) * pixel;
      const double top = caption + static_cast<double>(index[last - 1] - rows.first) * pixel;
      text += cell(error_of(got->at(index), right->at(index), right->dtype()), left, top,
                   right->dtype());
    }
  }
  text += box("chosen", 2 + static_cast<double>(column - columns.first) * pixel,
              caption + 1 + static_cast<double>(row - rows.first) * pixel, pixel - 2, pixel - 2);
  return drawing("errors", R"(aria-label="How far each element is off")",
                 static_cast<double>(columns.size()) * pixel,
                 caption + static_cast<double>(rows.size()) * pixel, "error in ulp", text);
}

}  // namespace gridproof::reports
