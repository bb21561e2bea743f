// Mistakes by a number that nobody knows beforehand: a scale, a size, an offset.
#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "reports/diagnosis/chapters.h"

namespace gridproof::reports::diagnosis {
namespace {

// How much a factor is above the one before.
constexpr double apart = 0.0025;

// Factors from 1/most to most.
std::vector<std::vector<double>> factors(double most) {
  const double step = std::log1p(apart);
  const auto steps = static_cast<int>(std::log(most) / step);
  std::vector<std::vector<double>> list;
  for (int i = -steps; i <= steps; ++i) list.push_back({std::exp(i * step)});
  return list;
}

// Whole pixels on each axis, the nearest first.
std::vector<std::vector<double>> offsets(std::size_t axes) {
  const int most = axes == 2 ? 12 : 4;
  std::vector<std::vector<double>> list;
  for (int x = -most; x <= most; ++x) {
    for (int y = -most; y <= most; ++y) {
      for (int z = axes == 2 ? 0 : -most; z <= (axes == 2 ? 0 : most); ++z) {
        list.push_back({static_cast<double>(x), static_cast<double>(y), static_cast<double>(z)});
        list.back().resize(axes);
      }
    }
  }
  const auto length = [](const std::vector<double>& offset) {
    double sum = 0;
    for (const double x : offset) sum += x * x;
    return sum;
  };
  std::ranges::stable_sort(list, std::less<>(), length);
  return list;
}

// Factors of each axis, not all of them the same: from 1/8 to 8, where there is time for it in
// steps of less than 2.
std::vector<std::vector<double>> factors_of_axes(std::size_t axes) {
  const int steps = axes == 2 ? 4 : 1;  // from a factor to twice as much
  std::vector<std::vector<double>> list;
  const auto factor = [steps](int i) { return std::exp2(static_cast<double>(i) / steps); };
  const int most = 3 * steps;
  for (int x = -most; x <= most; ++x) {
    for (int y = -most; y <= most; ++y) {
      for (int z = axes == 2 ? y : -most; z <= (axes == 2 ? y : most); ++z) {
        if (x == y && y == z) continue;
        list.push_back({factor(x), factor(y), factor(z)});
        list.back().resize(axes);
      }
    }
  }
  return list;
}

Hypothesis with_numbers(Hypothesis hypothesis, std::vector<double> numbers) {
  hypothesis.numbers = std::move(numbers);
  return hypothesis;
}

// Coordinates around one that stays: `center(place)`.
template <class Center>
Fit scale(MistakeText words, double most, Center center) {
  return {.candidates = factors(most),
          .apart = apart,
          .is_relative = true,
          .make = [words = std::move(words), center](const std::vector<double>& numbers) {
            MistakeText with_number = words;
            with_number.sentence =
                fmt::format(fmt::runtime(words.sentence), fmt::format("{:.6g}", numbers[0]));
            const double factor = numbers[0];
            return with_numbers(coordinates(with_number,
                                            [factor, center](double x, const Place& place) {
                                              return center(place) + factor * (x - center(place));
                                            }),
                                numbers);
          }};
}

}  // namespace

Hypothesis offset_by(const Situation& situation, const std::vector<double>& pixels) {
  return fits(situation).back().make(pixels);
}

std::vector<Fit> fits(const Situation& situation) {
  const auto axes = static_cast<std::size_t>(situation.test_case.input.rank() - 2);
  const bool has_no_motion = situation.holds_no_motion;
  std::vector<Fit> list;
  list.push_back(
      scale({"fitted.displacement",
             "the displacement must be {} times as large (the factor was found by search)",
             "grid = identity + numbers * (grid - identity)"},
            64, [](const Place& place) { return identity_at(place); }));
  list.push_back(scale({"fitted.size",
                        "positions were divided by the size of another image, which is {} times "
                        "the size of this one (the factor was found by search)",
                        "grid = (grid + 1) * numbers - 1"},
                       16, [](const Place& /*place*/) { return -1.0; }));
  list.push_back(
      {.candidates = factors_of_axes(axes),
       .apart = axes == 2 ? 0.2 : 0.5,
       .is_relative = true,
       .make = [](const std::vector<double>& numbers) {
         std::string along;
         for (std::size_t k = 0; k < numbers.size(); ++k) {
           along += fmt::format("{}{:.6g} along {}", k == 0 ? "" : " and ", numbers[k], "xyz"[k]);
         }
         return with_numbers(coordinates({"fitted.displacement-by-axis",
                                          "the displacement must be scaled: " + along +
                                              " (the factors were found by search)",
                                          "grid = identity + numbers * (grid - identity)"},
                                         [numbers](double x, const Place& place) {
                                           return displaced(x, place, numbers[place.component]);
                                         }),
                             numbers);
       }});
  list.push_back(scale(
      {"fitted.zoom", "the coordinates must be {} times as large (the factor was found by search)",
       "grid = grid * numbers"},
      16, [](const Place& /*place*/) { return 0.0; }));
  const auto words = [has_no_motion](const std::vector<double>& numbers) {
    std::string moved;
    for (std::size_t k = 0; k < numbers.size(); ++k) {
      if (numbers[k] == 0) continue;
      moved += fmt::format("{}{:.6g} px {}", moved.empty() ? "" : " and ", std::fabs(numbers[k]),
                           where_to(numbers[k], k));
    }
    return MistakeText{has_no_motion ? "units.min-max" : "fitted.offset",
                       has_no_motion
                           ? "the grid is the identity, and every position must be " + moved +
                                 ": the motion is missing, or scaling a map by its own minimum and "
                                 "maximum removed it"
                           : "every position must be " + moved +
                                 ", as after a crop or padding (the offset was found by search)",
                       "grid = grid + numbers / unit"};
  };
  list.push_back({.candidates = offsets(axes),
                  .apart = 1,
                  .make = [words](const std::vector<double>& numbers) {
                    const auto move = [numbers](std::span<double> x, const Site& site) {
                      for (std::size_t k = 0; k < x.size(); ++k) {
                        const double unit =
                            pixels_per_unit(site.places[k].input, site.places[k].align_corners);
                        if (unit != 0) x[k] += numbers[k] / unit;
                      }
                    };
                    return with_numbers(moves(words(numbers), move), numbers);
                  }});
  return list;
}

}  // namespace gridproof::reports::diagnosis
