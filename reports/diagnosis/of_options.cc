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

// The middle one of so many; NaN where there is none.
double middle_of(std::vector<double> values) {
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

// Everything outside is expected to be one number, or one for each channel.
Hypothesis filled(Words words, IsOutside is_outside) {
  Hypothesis result = hypothesis(std::move(words), [is_outside](const Situation& situation) {
    const bool corners = situation.options().align_corners;
    return std::optional(
        Change{.finish = [is_outside, corners](std::vector<double>& output,
                                               const std::vector<double>& expected,
                                               const std::vector<double>& x, const Sites& sites) {
          using Numbers = std::optional<std::vector<double>>;
          const auto count = static_cast<std::size_t>(sites.count());
          if (count == 0) return Numbers();
          const std::size_t axes = x.size() / count;
          const auto batch = static_cast<std::size_t>(sites.site(sites.count() - 1, corners).n + 1);
          const std::size_t per_batch = count / batch;
          std::vector<std::size_t> outside;  // sites
          for (std::size_t i = 0; i < count; ++i) {
            const Site site = sites.site(static_cast<std::int64_t>(i), corners);
            bool is = false;
            for (std::size_t k = 0; k < axes; ++k)
              is |= is_outside(x[i * axes + k], site.places[k]);
            if (is) outside.push_back(i);
          }
          // A number for nearly everything would explain whatever is expected.
          if (outside.empty() || 10 * outside.size() > 9 * count) return Numbers();
          const std::size_t channels = output.size() / count;
          std::vector<double> fills;
          for (std::size_t c = 0; c < channels; ++c) {
            const auto element = [&](std::size_t i) {
              return (i / per_batch * channels + c) * per_batch + i % per_batch;
            };
            std::vector<double> there;
            for (const std::size_t i : outside) there.push_back(expected[element(i)]);
            fills.push_back(middle_of(std::move(there)));
            for (const std::size_t i : outside) output[element(i)] = fills.back();
          }
          if (std::ranges::adjacent_find(fills, std::not_equal_to<>()) == fills.end())
            fills.resize(1);
          return Numbers(fills);
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
  list.push_back(filled(
      {"padding.square-filled",
       "one number, or one for each channel, is expected wherever a coordinate is beyond -1 or 1; "
       "padding_mode='zeros' mixes border pixels with zeros there",
       "outside = (abs(grid) > 1).any(-1)\n"
       "output = where(outside[:, None], fill, output)"},
      outside_the_square));
  list.push_back(filled({"padding.pixels-filled",
                         "one number, or one for each channel, is expected wherever a position is "
                         "beyond the centres of the "
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
