// What is expected outside of the input, and of the other options.
#include <algorithm>
#include <cmath>
#include <limits>

#include "reference/semantics/grid_sample.h"
#include "reports/diagnosis/chapters.h"

namespace gridproof::diagnosis {
namespace {

// Whether a location is outside: beyond something on some axis.
using IsOutside = bool (*)(double x, const Place& place);
bool outside_the_square(double x, const Place& /*place*/) { return !(std::fabs(x) <= 1); }
bool outside_the_pixels(double x, const Place& place) {
  const double p = position_at(x, place.input, place.corners);
  return !(p >= 0 && p <= static_cast<double>(place.input - 1));
}

// The middle one of what is expected at the sites that are outside; NaN where none is.
double fill_of(const std::vector<double>& expected, const std::vector<bool>& outside) {
  std::vector<double> fills;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (outside[i]) fills.push_back(expected[i]);
  }
  if (fills.empty()) return std::numeric_limits<double>::quiet_NaN();
  const auto middle = fills.begin() + static_cast<std::ptrdiff_t>(fills.size() / 2);
  std::ranges::nth_element(fills, middle);
  return *middle;
}

// Everything outside is expected to be one number.
Hypothesis filled(Words words, IsOutside is_outside) {
  Hypothesis result = hypothesis(std::move(words), [is_outside](const Situation& situation) {
    const bool corners = situation.options().align_corners;
    return std::optional(
        Change{.finish = [is_outside, corners](std::vector<double>& output,
                                               const std::vector<double>& expected,
                                               const std::vector<double>& x, const Sites& sites) {
          const auto count = static_cast<std::size_t>(sites.count());
          if (count == 0) return std::optional<double>();
          const std::size_t axes = x.size() / count;
          const auto batch = static_cast<std::size_t>(sites.site(sites.count() - 1, corners).n + 1);
          const std::size_t per_batch = count / batch;
          const std::size_t channels = output.size() / count;
          std::vector<bool> outside(output.size());
          for (std::size_t i = 0; i < count; ++i) {
            const Site site = sites.site(static_cast<std::int64_t>(i), corners);
            bool is = false;
            for (std::size_t k = 0; k < axes; ++k)
              is |= is_outside(x[i * axes + k], site.places[k]);
            for (std::size_t c = 0; c < channels; ++c) {
              outside[(i / per_batch * channels + c) * per_batch + i % per_batch] = is;
            }
          }
          // A number for nearly everything would explain whatever is expected.
          const auto filled = static_cast<std::size_t>(std::ranges::count(outside, true));
          if (filled == 0 || 10 * filled > 9 * outside.size()) return std::optional<double>();
          const double fill = fill_of(expected, outside);
          for (std::size_t i = 0; i < output.size(); ++i) {
            if (outside[i]) output[i] = fill;
          }
          return std::optional(fill);
        }});
  });
  result.is_global = true;
  return result;
}

}  // namespace

std::vector<Hypothesis> of_options() {
  std::vector<Hypothesis> list;
  for (const auto& padding : names<Padding>) {
    list.push_back(options(
        {"padding." + std::string(padding.name),
         "what is outside is expected as padding_mode='" + std::string(padding.name) + "' gives it",
         "# padding_mode='" + std::string(padding.name) + "'"},
        [value = padding.value](Options& o) { o.padding = value; }));
  }
  list.push_back(filled({"padding.square-filled",
                         "one number is expected wherever a coordinate is beyond -1 or 1; "
                         "padding_mode='zeros' mixes border pixels with zeros there",
                         "outside = (abs(grid) > 1).any(-1)\n"
                         "output = where(outside[:, None], fill, output)"},
                        outside_the_square));
  list.push_back(filled({"padding.pixels-filled",
                         "one number is expected wherever a position is beyond the centres of the "
                         "outer pixels; padding_mode='zeros' mixes border pixels with zeros there",
                         "pixel = (grid + 1) * unit - half\n"
                         "outside = ((pixel < 0) | (pixel > size - 1)).any(-1)\n"
                         "output = where(outside[:, None], fill, output)"},
                        outside_the_pixels));
  list.push_back(coordinates(
      {"padding.clamped", "coordinates beyond -1 or 1 are expected to be -1 or 1",
       "grid = grid.clip(-1, 1)"},
      [](double x, const Place&) { return std::isnan(x) ? x : std::clamp(x, -1.0, 1.0); }));
  for (const auto& mode : names<Mode>) {
    list.push_back(
        options({"mode." + std::string(mode.name),
                 "values are expected as mode='" + std::string(mode.name) + "' gives them",
                 "# mode='" + std::string(mode.name) + "'"},
                [value = mode.value](Options& o) { o.mode = value; }));
  }
  return list;
}

}  // namespace gridproof::diagnosis
