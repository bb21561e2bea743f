#include "reports/page/number_line.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "reports/report/notation.h"

namespace gridproof::reports {
namespace {

constexpr double width = 560;
constexpr double edge = 60;
constexpr double axis = 34;  // its height in the picture

// The distance from a value to the next larger one of its size.
double spacing(double value, Dtype dtype) {
  const Format format = format_of(dtype);
  const int exponent = value == 0 ? format.min_exponent : std::ilogb(value);
  return std::ldexp(1.0, std::max(exponent, format.min_exponent) - format.precision + 1);
}

}  // namespace

std::string number_line(const Admissible& admissible, double reference,
                        std::span<const double> given, Dtype dtype) {
  if (admissible.intervals.empty() || !std::isfinite(reference)) return "";
  double least = reference;
  double greatest = reference;
  const auto include = [&](double value) {
    least = std::min(least, value);
    greatest = std::max(greatest, value);
  };
  for (const auto& [low, high] : admissible.intervals) {
    include(low);
    include(high);
  }
  for (const double value : given) {
    if (std::isfinite(value)) include(value);
  }
  if (!std::isfinite(greatest - least)) return "";
  const double ulp = spacing(reference, dtype);
  // A tick for each value of the type, or as many of them as leave room for the eye.
  double step = ulp;
  while ((greatest - least) / step > 24) step *= 2;
  least = std::floor(least / step) * step - step;
  greatest = std::ceil(greatest / step) * step + step;
  const auto at = [&](double value) {
    return edge + (value - least) / (greatest - least) * (width - 2 * edge);
  };
  std::string svg = fmt::format(
      R"(<svg class="number-line" viewBox="0 0 {:.0f} 74" role="img" aria-label="The admissible set on a number line"><path class="axis" d="M{:.2f} {}H{:.2f}"/>)",
      width, edge, axis, width - edge);
  // Counted, not added up: beyond a power of two a step may be too small to move at all.
  const auto ticks = static_cast<int>((greatest - least) / step);
  for (int i = 0; i <= ticks; ++i) {
    svg += fmt::format(R"(<path class="tick" d="M{:.2f} {}v5"/>)", at(least + i * step), axis);
  }
  for (const auto& [low, high] : admissible.intervals) {
    svg += fmt::format(R"(<rect class="set" x="{:.2f}" y="{}" width="{:.2f}" height="12" rx="3"/>)",
                       at(low) - 2, axis - 6, at(high) - at(low) + 4);
  }
  svg += fmt::format(
      R"(<circle class="reference" cx="{:.2f}" cy="{}" r="3.5"/><text x="{:.2f}" y="14">{}</text>)",
      at(reference), axis, at(reference), decimal(reference, dtype));
  for (const double value : given) {
    if (!std::isfinite(value)) continue;
    svg += fmt::format(
        R"(<circle class="given" cx="{:.2f}" cy="{}" r="5"/><text x="{:.2f}" y="56">{}</text>)",
        at(value), axis, at(value), decimal(value, dtype));
  }
  const double spacings = step / ulp;
  const std::string tick = spacings > 1024 ? fmt::format("{:.3g}", step)
                           : spacings == 1
                               ? fmt::format("the spacing of {} here", name(dtype))
                               : fmt::format("{} spacings of {}", spacings, name(dtype));
  svg += fmt::format(R"(<text x="{:.2f}" y="71">a tick: {}</text></svg>)", width / 2, tick);
  return svg;
}

}  // namespace gridproof::reports
