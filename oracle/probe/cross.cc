#include "oracle/probe/cross.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "oracle/probe/one_hot.h"
#include "reference/contract/unravel.h"

namespace gridproof::probe {
namespace {

// The index of the pixel that all lines go through.
std::int64_t middle_of(std::int64_t size) { return size > 1 ? 1 : 0; }

// Whether there are pixels of no line. Else no channel is for them, and a single pixel is 1 in all.
bool has_others(const Cross& cross) {
  return std::ranges::count_if(cross.sizes, [](std::int64_t size) { return size > 1; }) > 1;
}

// The first channel of each axis, and the number of all channels.
std::vector<std::size_t> channels_of(const Cross& cross) {
  std::vector<std::size_t> first = {0};
  for (const std::int64_t size : cross.sizes) {
    first.push_back(first.back() + static_cast<std::size_t>(size));
  }
  if (has_others(cross)) ++first.back();
  return first;
}

std::size_t samples_of(const Cross& cross) {
  std::size_t samples = 0;
  for (const auto& along : cross.coordinates) samples += along.size();
  return samples;
}

}  // namespace

Case cross_case(const Cross& cross) {
  const std::size_t axes = cross.axes();
  const std::vector<std::size_t> first = channels_of(cross);
  const std::size_t channels = first.back();
  const auto pixels = static_cast<std::size_t>(element_count(cross.sizes));
  std::vector<double> texels(channels * pixels);
  const Shape sizes(cross.sizes.rbegin(), cross.sizes.rend());
  for (std::size_t i = 0; i < pixels; ++i) {
    Shape pixel = unravel(static_cast<std::int64_t>(i), sizes);
    std::ranges::reverse(pixel);  // x first
    std::size_t leaves = 0;       // along so many axes it is not in the middle
    for (std::size_t k = 0; k < axes; ++k) leaves += pixel[k] == middle_of(cross.sizes[k]) ? 0 : 1;
    if (leaves > 1) texels[(channels - 1) * pixels + i] = 1;
    for (std::size_t k = 0; leaves < 2 && k < axes; ++k) {
      const bool is_on_line = leaves == 0 || pixel[k] != middle_of(cross.sizes[k]);
      if (is_on_line) texels[(first[k] + static_cast<std::size_t>(pixel[k])) * pixels + i] = 1;
    }
  }
  std::vector<double> middle;
  for (const std::int64_t size : cross.sizes) {
    const auto n = static_cast<double>(size);
    middle.push_back(size == 1 ? 0 : cross.kind.align_corners ? 2 / (n - 1) - 1 : 3 / n - 1);
  }
  std::vector<double> grid;
  for (std::size_t k = 0; k < axes; ++k) {
    for (const double x : cross.coordinates[k]) {
      for (std::size_t other = 0; other < axes; ++other) {
        grid.push_back(other == k ? x : middle[other]);
      }
    }
  }
  Shape input = {1, static_cast<std::int64_t>(channels)};
  input.insert(input.end(), sizes.begin(), sizes.end());
  Shape locations(axes, 1);
  locations.push_back(static_cast<std::int64_t>(samples_of(cross)));
  locations.push_back(static_cast<std::int64_t>(axes));
  const Kind& kind = cross.kind;
  return {.request = request_for({kind.mode, kind.padding, kind.align_corners}),
          .input = Tensor(kind.dtype, input, texels),
          .grid = Tensor(kind.dtype, locations, grid)};
}

std::vector<std::vector<Seen>> lines_in(const Cross& cross, const Answer& answer) {
  const std::vector<std::size_t> first = channels_of(cross);
  const std::size_t channels = first.back();
  const std::size_t samples = samples_of(cross);
  std::vector<std::vector<Seen>> all;
  const std::string instead = word_instead(answer, channels * samples);
  if (!instead.empty()) {
    for (const auto& along : cross.coordinates) all.emplace_back(along.size(), Seen(instead));
    return all;
  }
  const std::vector<double> values = std::get<Tensor>(answer).values();
  std::size_t sample = 0;
  for (std::size_t axis = 0; axis < cross.axes(); ++axis) {
    std::vector<Seen>& of_axis = all.emplace_back();
    for (std::size_t i = 0; i < cross.coordinates[axis].size(); ++i, ++sample) {
      const auto of_channel = [&](std::size_t channel) {
        return values[channel * samples + sample];
      };
      Line line;
      bool is_nan = false;
      bool is_stray = has_others(cross) && of_channel(channels - 1) != 0;
      for (std::size_t k = 0; k < cross.axes(); ++k) {
        for (std::int64_t pixel = 0; pixel < cross.sizes[k]; ++pixel) {
          const double weight = of_channel(first[k] + static_cast<std::size_t>(pixel));
          if (k == axis) {
            line.push_back(weight);
            is_nan = is_nan || std::isnan(weight);
          } else {
            is_stray = is_stray || (pixel != middle_of(cross.sizes[k]) && weight != 0);
          }
        }
      }
      // NaN spreads to everything that is read.
      of_axis.push_back(is_stray && !is_nan ? Seen("pixels of other lines")
                                            : Seen(std::move(line)));
    }
  }
  return all;
}

}  // namespace gridproof::probe
