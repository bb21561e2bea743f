// What is expected outside of the input, and of the other options.
#include <algorithm>
#include <cmath>
#include <limits>

#include "reference/semantics/grid_sample.h"
#include "reports/diagnosis/chapters.h"

namespace gridproof::reports::diagnosis {
namespace {

bool outside_the_square(double x, const Place& /*place*/) { return !(std::fabs(x) <= 1); }
bool outside_the_pixels(double x, const Place& place) {
  const double p = position_at(x, place.input, place.align_corners);
  return !(p >= 0 && p <= static_cast<double>(place.input - 1));
}

// The middle one of those that are numbers; NaN where none is.
double middle_of(std::vector<double> values) {
  std::erase_if(values, [](double value) { return std::isnan(value); });
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

// Numbers for what is outside, one for each channel or one for all, at the sites that count as
// outside: `fill` finds a channel's number, and what it makes of a value.
template <class IsOutside, class Fill>
Hypothesis filled(MistakeText words, IsOutside is_outside, Fill fill) {
  Hypothesis result = hypothesis(std::move(words), [=](const Situation& situation) {
    const bool align_corners = situation.options().align_corners;
    const auto batch = static_cast<std::size_t>(situation.test_case.grid.size(0));
    return std::optional(Change{.finish = [=](std::vector<double>& output,
                                              const std::vector<double>& expected,
                                              const Change::Reads& reads) {
      using Numbers = std::optional<std::vector<double>>;
      const std::size_t count = reads.inside.size();
      std::vector<std::size_t> outside;  // sites
      for (std::size_t i = 0; i < count; ++i) {
        if (is_outside(reads, i, align_corners)) outside.push_back(i);
      }
      // A number for nearly everything would explain whatever is expected.
      if (outside.empty() || 10 * outside.size() > 9 * count) return Numbers();
      const std::size_t channels = output.size() / count;
      const std::size_t per_batch = count / batch;
      std::vector<double> fills;
      for (std::size_t c = 0; c < channels; ++c) {
        const auto element = [&](std::size_t i) { return element_of(i, c, channels, per_batch); };
        fills.push_back(fill.number(outside, reads, output, expected, element));
        for (const std::size_t i : outside) {
          double& value = output[element(i)];
          value = fill.value(value, reads.inside[i], fills.back());
        }
      }
      const auto [low, high] = std::ranges::minmax(fills);
      if (high - low <= 1e-6 * std::fabs(high) || std::isnan(low)) fills.resize(1);
      return Numbers(fills);
    }});
  });
  result.is_global = true;
  return result;
}

// Beyond something on some axis.
template <class IsBeyond>
auto beyond(IsBeyond is_beyond) {
  return [is_beyond](const Change::Reads& reads, std::size_t i, bool align_corners) {
    const Site site = reads.sites.site(static_cast<std::int64_t>(i), align_corners);
    for (std::size_t k = 0; k < reads.axes(); ++k) {
      if (is_beyond(reads.coordinates[i * reads.axes() + k], site.places[k])) return true;
    }
    return false;
  };
}

// The number stands for the value.
struct Replaced {
  template <class Element>
  double number(const std::vector<std::size_t>& outside, const Change::Reads& /*reads*/,
                const std::vector<double>& /*output*/, const std::vector<double>& expected,
                Element element) const {
    std::vector<double> there;
    for (const std::size_t i : outside) there.push_back(expected[element(i)]);
    return middle_of(std::move(there));
  }
  double value(double /*value*/, double /*inside*/, double number) const { return number; }
};

// The number has the weight that is outside.
struct Blended {
  template <class Element>
  double number(const std::vector<std::size_t>& outside, const Change::Reads& reads,
                const std::vector<double>& output, const std::vector<double>& expected,
                Element element) const {
    double most = 0;
    for (const std::size_t i : outside) most = std::fmax(most, 1 - reads.inside[i]);
    std::vector<double> there;
    for (const std::size_t i : outside) {
      const double weight = 1 - reads.inside[i];
      if (weight >= most / 2) {
        there.push_back((expected[element(i)] - output[element(i)]) / weight);
      }
    }
    return middle_of(std::move(there));
  }
  double value(double value, double inside, double number) const {
    return value + (1 - inside) * number;
  }
};

}  // namespace

std::vector<Hypothesis> of_options() {
  std::vector<Hypothesis> list;
  for (const auto& padding : names<Padding>) {
    list.push_back(options({"padding." + std::string(padding.name),
                            "values outside the input are expected as padding_mode='" +
                                std::string(padding.name) + "' gives it",
                            "# padding_mode='" + std::string(padding.name) + "'"},
                           [value = padding.value](Options& o) { o.padding = value; }));
  }
  list.push_back(
      filled({"padding.square-filled",
              "one number, or one per channel, is expected wherever a coordinate is outside -1 … "
              "1; padding_mode='zeros' mixes border pixels with zeros there",
              "outside = (abs(grid) > 1).any(-1)\n"
              "output = where(outside[:, None], fill, output)"},
             beyond(outside_the_square), Replaced()));
  list.push_back(filled(
      {"padding.pixels-filled",
       "one number, or one per channel, is expected wherever a position is beyond the centers of "
       "the outer pixels; padding_mode='zeros' mixes border pixels with zeros there",
       "pixel = (grid + 1) * unit - half\n"
       "outside = ((pixel < 0) | (pixel > size - 1)).any(-1)\n"
       "output = where(outside[:, None], fill, output)"},
      beyond(outside_the_pixels), Replaced()));
  list.push_back(filled(
      {"padding.blended",
       "pixels outside the input are expected to count as one number, or one per channel; "
       "padding_mode='zeros' counts them as 0",
       "input = input - fill\n"
       "output = output + fill"},
      [](const Change::Reads& reads, std::size_t i, bool /*corners*/) {
        return reads.inside[i] < 1 - 1e-6;
      },
      Blended()));
  list.push_back(coordinates(
      {"padding.clamped", "coordinates outside -1 … 1 are expected to be clamped to -1 or 1",
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

}  // namespace gridproof::reports::diagnosis
