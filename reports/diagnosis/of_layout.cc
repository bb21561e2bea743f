// Numbers in the right memory and read in the wrong order.
#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <regex>
#include <string>

#include "reports/diagnosis/chapters.h"

namespace gridproof::reports::diagnosis {
namespace {

// What the numbers of a grid were before they became coordinates.
struct Made {
  double (*undo)(double x, const Place& place);
  double (*make)(double value, const Place& place);
};
constexpr Made as_they_are = {[](double x, const Place&) { return x; },
                              [](double x, const Place&) { return x; }};
constexpr Made of_positions = {
    [](double x, const Place& place) { return position_at(x, place.input, place.align_corners); },
    [](double p, const Place& place) {
      return coordinate_at(p, place.input, place.align_corners);
    }};
constexpr Made of_displacements = {
    [](double x, const Place& place) {
      return (x - identity_at(place)) * pixels_per_unit(place.input, place.align_corners);
    },
    [](double d, const Place& place) {
      const double unit = pixels_per_unit(place.input, place.align_corners);
      return identity_at(place) + (unit == 0 ? 0 : d / unit);
    }};

// The place of a component of the grid, by its number in the dense array.
Place place_of(std::int64_t number, const Site& site, std::size_t axes) {
  const auto k = static_cast<std::size_t>(number) % axes;
  std::int64_t location = number / static_cast<std::int64_t>(axes);
  for (std::size_t axis = 0; axis < k; ++axis) location /= site.places[axis].output;
  Place place = site.places[k];
  place.index = location % place.output;
  return place;
}

// The numbers that the grid was made of, read from elsewhere among them: `from(site, k, axes)`
// counts them.
template <class From>
Hypothesis reread(MistakeText words, const Made& made, From from) {
  Hypothesis result = hypothesis(std::move(words), [from, made](const Situation& situation) {
    return std::optional(
        Change{.move = [from, made, grid = situation.grid](std::span<double> x, const Site& site) {
          for (std::size_t k = 0; k < x.size(); ++k) {
            const std::int64_t at = from(site, k, x.size());
            const double number =
                made.undo((*grid)[static_cast<std::size_t>(at)], place_of(at, site, x.size()));
            x[k] = made.make(number, site.places[k]);
          }
        }});
  });
  result.is_global = true;
  return result;
}

std::int64_t locations_of(const Site& site, std::size_t axes) {
  std::int64_t count = 1;
  for (std::size_t k = 0; k < axes; ++k) count *= site.places[k].output;
  return count;
}

// The input read in another order. `arrange` gives it, dense, or nothing.
template <class Arrange>
Hypothesis rearranged(MistakeText words, Arrange arrange) {
  Hypothesis result =
      hypothesis(std::move(words), [arrange](const Situation& situation) -> std::optional<Change> {
        const std::optional<Tensor> input = arrange(situation.test_case.input);
        if (!input) return std::nullopt;
        return Change{.input = input};
      });
  result.is_global = true;
  return result;
}

// The output with something done to it: `finish(output, batch, channels)` says whether it can.
template <class Finish>
Hypothesis finished(MistakeText words, Finish finish) {
  return hypothesis(std::move(words), [finish](const Situation& situation) {
    const auto batch = static_cast<std::size_t>(situation.test_case.grid.size(0));
    return std::optional(
        Change{.finish = [finish, batch](
                             std::vector<double>& output, const std::vector<double>& /*expected*/,
                             const Change::Reads& reads) -> std::optional<std::vector<double>> {
          if (!finish(output, batch, output.size() / reads.inside.size())) return std::nullopt;
          return std::vector<double>();
        }});
  });
}

// Of three channels only.
bool reverse_channels(std::vector<double>& output, std::size_t batch, std::size_t channels) {
  if (channels != 3) return false;
  const auto plane = static_cast<std::ptrdiff_t>(output.size() / (batch * channels));
  for (std::size_t n = 0; n < batch; ++n) {
    const auto first = output.begin() + static_cast<std::ptrdiff_t>(n) * 3 * plane;
    std::swap_ranges(first, first + plane, first + 2 * plane);
  }
  return true;
}

// The grid of another entry of the batch.
Hypothesis batch_reversed() {
  Hypothesis result = hypothesis(
      {"layout.batch-reversed",
       "the grids of the batch are in reverse order: the first grid belongs to the last entry",
       "grid = torch.flip(grid, (0,))"},
      [](const Situation& situation) -> std::optional<Change> {
        const std::int64_t batch = situation.test_case.grid.size(0);
        if (batch == 1) return std::nullopt;
        return Change{
            .move = [batch, grid = situation.grid](std::span<double> x, const Site& site) {
              const auto axes = static_cast<std::int64_t>(x.size());
              const std::int64_t from =
                  (batch - 1 - site.n) * locations_of(site, x.size()) + site.location;
              std::copy_n(grid->begin() + from * axes, axes, x.begin());
            }};
      });
  result.is_global = true;
  return result;
}

// The factor and the number that make of the values of some elements those that are expected there,
// by least squares; `weights` say how much of the number counts. Nothing where that is none.
std::optional<std::pair<double, double>> line_through(const std::vector<double>& values,
                                                      const std::vector<double>& weights,
                                                      const std::vector<double>& expected) {
  double vv = 0;
  double vw = 0;
  double ww = 0;
  double ve = 0;
  double we = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i]) || !std::isfinite(expected[i])) continue;
    vv += values[i] * values[i];
    vw += values[i] * weights[i];
    ww += weights[i] * weights[i];
    ve += values[i] * expected[i];
    we += weights[i] * expected[i];
  }
  const double determinant = vv * ww - vw * vw;
  if (!(determinant > 1e-9 * vv * ww)) return std::nullopt;
  const double factor = (ve * ww - we * vw) / determinant;
  // What is expected has to depend on what is there.
  if (!(factor > 1e-6)) return std::nullopt;
  return std::pair(factor, (we * vv - ve * vw) / determinant);
}

// The values of each channel times a number plus another, as after a mean was subtracted and a
// deviation divided by. Zeros outside stay zeros: it is the picture that was restated.
Hypothesis restated() {
  Hypothesis result =
      hypothesis({"values.restated",
                  "the values are expected scaled and shifted, as after subtracting a mean or "
                  "dividing by a deviation (both numbers were found from the values)",
                  "input = input * scales + biases"},
                 [](const Situation& situation) {
                   const auto batch = static_cast<std::size_t>(situation.test_case.grid.size(0));
                   const bool has_zeros = situation.options().padding == Padding::zeros;
                   return std::optional(Change{.finish = [=](std::vector<double>& output,
                                                             const std::vector<double>& expected,
                                                             const Change::Reads& reads) {
                     using Numbers = std::optional<std::vector<double>>;
                     const std::size_t plane = reads.inside.size() / batch;
                     const std::size_t channels = output.size() / reads.inside.size();
                     std::vector<double> scales;
                     std::vector<double> biases;
                     for (std::size_t c = 0; c < channels; ++c) {
                       std::vector<double> values;
                       std::vector<double> weights;
                       std::vector<double> wanted;
                       for (std::size_t i = 0; i < reads.inside.size(); ++i) {
                         const std::size_t at = element_of(i, c, channels, plane);
                         values.push_back(output[at]);
                         weights.push_back(has_zeros ? reads.inside[i] : 1);
                         wanted.push_back(expected[at]);
                       }
                       const auto line = line_through(values, weights, wanted);
                       if (!line) return Numbers();
                       scales.push_back(line->first);
                       biases.push_back(line->second);
                       for (std::size_t i = 0; i < reads.inside.size(); ++i) {
                         const std::size_t at = element_of(i, c, channels, plane);
                         output[at] = line->first * values[i] + line->second * weights[i];
                       }
                     }
                     const auto are_alike = [](const std::vector<double>& numbers) {
                       const auto [low, high] = std::ranges::minmax(numbers);
                       return high - low <= 1e-5 * std::max(std::fabs(low), std::fabs(high));
                     };
                     if (are_alike(scales) && are_alike(biases)) {
                       scales.resize(1);
                       biases.resize(1);
                     }
                     scales.insert(scales.end(), biases.begin(), biases.end());
                     return Numbers(scales);
                   }});
                 });
  result.is_global = true;
  result.is_rare = true;
  return result;
}

// An array whose axes run the other way, one for each bit of `axes`, x first. The numbers are
// coordinates, or displacements.
Hypothesis flipped(unsigned axes, bool are_displacements) {
  constexpr std::array<const char*, 3> letters = {"columns", "rows", "slices"};
  std::string name;
  std::string numbers;  // of the array's axes
  const auto has = [axes](std::size_t k) { return (axes >> k & 1U) != 0; };
  for (const std::size_t k : {2U, 1U, 0U}) {
    if (!has(k)) continue;
    name += (name.empty() ? "" : "-and-") + std::string(letters[k]);
    numbers += (numbers.empty() ? "-" : ", -") + std::to_string(k + 2);
  }
  const std::string turned = ", (" + numbers + ",))";
  MistakeText words;
  if (are_displacements) {
    words = {"array.displacement-" + name + "-flipped",
             "the displacement's " + std::regex_replace(name, std::regex("-"), " ") +
                 " run the other way in the array: its first is the picture's last",
             "grid = identity + torch.flip(grid - identity" + turned};
  } else {
    words = {"array." + name + "-flipped",
             "the grid's " + std::regex_replace(name, std::regex("-"), " ") +
                 " run the other way in the array: its first is the output's last",
             "grid = torch.flip(grid" + turned};
  }
  Hypothesis result =
      hypothesis(std::move(words),
                 [has, axes, are_displacements](const Situation& s) -> std::optional<Change> {
                   if (s.test_case.input.rank() == 4 && axes >= 4) return std::nullopt;
                   const bool is_of_other_flag =
                       is_made_here(s.given) && s.options().align_corners != s.flag_of_grid;
                   return Change{.move = [has, are_displacements, is_of_other_flag, given = s.given,
                                          grid = s.grid](std::span<double> x, const Site& site) {
                     std::array<Place, 3> places = site.places;
                     std::int64_t from = site.n;
                     for (std::size_t k = x.size(); k-- > 0;) {
                       if (has(k)) places[k].index = places[k].output - 1 - places[k].index;
                       from = from * places[k].output + places[k].index;
                     }
                     for (std::size_t k = 0; k < x.size(); ++k) {
                       double there = (*grid)[static_cast<std::size_t>(from) * x.size() + k];
                       if (is_of_other_flag) there = made_again(given, there, places[k]);
                       x[k] = are_displacements
                                  ? identity_at(site.places[k]) + (there - identity_at(places[k]))
                                  : there;
                     }
                   }};
                 });
  result.is_global = true;
  result.stage = Stage::array;
  return result;
}

}  // namespace

std::vector<Hypothesis> of_array() {
  std::vector<Hypothesis> list;
  for (const bool are_displacements : {true, false}) {
    for (const unsigned axes : {2U, 1U, 3U, 4U, 5U, 6U, 7U}) {
      list.push_back(flipped(axes, are_displacements));
    }
  }
  return list;
}

std::vector<Hypothesis> of_layout() {
  std::vector<Hypothesis> list;
  const auto in_planes = [](const Site& site, std::size_t k, std::size_t axes) {
    const std::int64_t all = locations_of(site, axes);
    return (site.n * static_cast<std::int64_t>(axes) + static_cast<std::int64_t>(k)) * all +
           site.location;
  };
  const auto in_columns = [](const Site& site, std::size_t k, std::size_t axes) {
    std::int64_t place = 0;
    for (std::size_t i = 0; i < axes; ++i) {
      place = place * site.places[i].output + site.places[i].index;
    }
    return (site.n * locations_of(site, axes) + place) * static_cast<std::int64_t>(axes) +
           static_cast<std::int64_t>(k);
  };
  const std::string planes = ".reshape(planes).permute(planes_last)";
  const std::string columns = ".reshape(columns).permute(columns_last)";
  list.push_back(reread(
      {"layout.grid-view",
       "the grid was made from planes (N, 2, H, W) with view or reshape; permute the axes instead",
       "grid = grid" + planes},
      as_they_are, in_planes));
  list.push_back(
      reread({"layout.positions-view",
              "pixel positions in planes (N, 2, H, W) were turned into (N, H, W, 2) with view or "
              "reshape; permute the axes instead",
              "grid = ((grid + 1) * unit - half)" + planes + "\ngrid = (grid + half) / unit - 1"},
             of_positions, in_planes));
  list.push_back(reread({"layout.displacement-view",
                         "a displacement in planes (N, 2, H, W) was turned into (N, H, W, 2) with "
                         "view or reshape; permute the axes instead",
                         "grid = identity + ((grid - identity) * unit)" + planes + " / unit"},
                        of_displacements, in_planes));
  list.push_back(reread(
      {"layout.grid-columns-first",
       "the grid was built column by column: its axes are (N, W, H, 2)", "grid = grid" + columns},
      as_they_are, in_columns));
  list.push_back(reread({"layout.displacement-columns-first",
                         "the displacement was built column by column: its axes are (N, W, H, 2)",
                         "grid = identity + ((grid - identity) * unit)" + columns + " / unit"},
                        of_displacements, in_columns));
  list.push_back(rearranged(
      {"layout.channels-last", "the input's memory is (N, H, W, C) and was viewed as (N, C, H, W)",
       "input = input.reshape(channels_last).permute(channels_first)"},
      [](const Tensor& input) -> std::optional<Tensor> {
        if (input.size(1) == 1) return std::nullopt;
        Shape last = input.shape();
        last.push_back(last[1]);
        last.erase(last.begin() + 1);
        std::vector<int> order = {0, input.rank() - 1};
        for (int axis = 1; axis < input.rank() - 1; ++axis) order.push_back(axis);
        return input.reshaped(last).permuted(order).contiguous();
      }));
  list.push_back(
      finished({"layout.channels-reversed",
                "the channels are expected in reverse order, BGR for RGB", "input = input.flip(1)"},
               reverse_channels));
  for (const auto& [factor, text] : {std::pair(255.0, "255"), {1 / 255.0, "1/255"}}) {
    const std::string scaled = std::string(" * ") + (factor > 1 ? "255" : "(1 / 255)");
    const auto scale = [factor = factor](std::vector<double>& output) {
      for (double& value : output) value *= factor;
    };
    list.push_back(
        finished({std::string("values.times-") + text,
                  std::string("the values are expected ") + text +
                      " times as large: 8-bit pictures hold 0 to 255, float pictures 0 to 1",
                  "input = input" + scaled},
                 [scale](std::vector<double>& output, std::size_t, std::size_t) {
                   scale(output);
                   return true;
                 }));
    // One mistake: the picture is of another library.
    list.push_back(finished(
        {std::string("values.reversed-times-") + text,
         std::string("the channels are expected in reverse order, BGR for RGB, and the values ") +
             text + " times as large",
         "input = input.flip(1)" + scaled},
        [scale](std::vector<double>& output, std::size_t batch, std::size_t channels) {
          scale(output);
          return reverse_channels(output, batch, channels);
        }));
  }
  // Pictures of networks: from -1 to 1, or a negative.
  const auto rescaled = [](double least, double greatest, double factor, double offset) {
    return [=](const Tensor& input) -> std::optional<Tensor> {
      std::vector<double> texels = input.values();
      for (double& texel : texels) {
        if (!(texel >= least && texel <= greatest)) return std::nullopt;
        texel = factor * texel + offset;
      }
      return Tensor(input.dtype(), input.shape(), texels);
    };
  };
  list.push_back(
      rearranged({"values.from-minus-one-to-one",
                  "the values are expected from -1 to 1, not from 0 to 1", "input = 2 * input - 1"},
                 rescaled(0, 1, 2, -1)));
  list.push_back(rearranged(
      {"values.from-zero-to-one", "the values are expected from 0 to 1, not from -1 to 1",
       "input = (input + 1) / 2"},
      rescaled(-1, 1, 0.5, 0.5)));
  list.push_back(rearranged(
      {"values.negative", "the negative of the picture is expected", "input = 1 - input"},
      rescaled(0, 1, -1, 1)));
  list.push_back(restated());
  list.push_back(batch_reversed());
  list.push_back(rearranged({"layout.input-transposed", "the input's height and width are swapped",
                             "input = input.transpose(-1, -2)"},
                            [](const Tensor& input) -> std::optional<Tensor> {
                              const int last = input.rank() - 1;
                              if (input.size(last) != input.size(last - 1)) return std::nullopt;
                              std::vector<int> order;
                              for (int axis = 0; axis < last - 1; ++axis) order.push_back(axis);
                              order.insert(order.end(), {last, last - 1});
                              return input.permuted(order).contiguous();
                            }));
  return list;
}

}  // namespace gridproof::reports::diagnosis
