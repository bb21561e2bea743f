#include "reports/question/packed.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "reports/text/input_error.h"

namespace gridproof::reports {
namespace {

using diagnosis::Given;

const char* letters(int axes) { return axes == 2 ? "x and y" : "x, y and z"; }
const char* usual(int axes) { return axes == 2 ? "[N,H,W,2]" : "[N,D,H,W,3]"; }

// How many axes a grid speaks of, if its components are not the last.
int axes_of(const Tensor& grid, const Shape& input) {
  if (input.size() == 5) return 3;
  if (input.size() == 4) return 2;
  return grid.rank() == 5 || (grid.rank() == 4 && grid.size(0) == 3) ? 3 : 2;
}

Tensor in_batch(const Tensor& tensor) {
  Shape shape = tensor.shape();
  shape.insert(shape.begin(), 1);
  return tensor.reshaped(shape);
}

std::string read_as(const Tensor& from, const Tensor& to) {
  return fmt::format("of shape {} is read as {}", to_string(from.shape()), to_string(to.shape()));
}

// ---- In turns ----

// Whether numbers that stand so far apart are nearer to each other than neighbors are: along a row
// x grows by little, and y hardly at all.
bool are_in_turns(const Tensor& grid, std::int64_t axes) {
  const std::vector<double> values = grid.values();
  const auto row = static_cast<std::size_t>(grid.size(grid.rank() - 1));
  const auto step = static_cast<std::size_t>(axes);
  double of_neighbors = 0;
  double of_turns = 0;
  for (std::size_t i = 0; i + step < values.size(); ++i) {
    if (i % row + step >= row) continue;
    const double near = std::fabs(values[i + 1] - values[i]);
    const double far = std::fabs(values[i + step] - values[i]);
    if (!std::isfinite(near) || !std::isfinite(far)) continue;
    of_neighbors += near;
    of_turns += far;
  }
  return of_turns < of_neighbors / 2;
}

// (N, H, 2 W) or (H, 2 W): x and y in turns.
std::optional<Unpacked> of_turns(const Tensor& grid, const Shape& input, int axes) {
  const bool has_batch = grid.rank() == axes + 1;
  if (!has_batch && grid.rank() != axes) return std::nullopt;
  const std::int64_t row = grid.size(grid.rank() - 1);
  const std::int64_t batch = std::cmp_equal(input.size(), axes + 2) ? input[0] : 1;
  constexpr std::int64_t least = 3;  // locations of a row that tell
  const bool fits = row % axes == 0 && row >= least * axes && (!has_batch || grid.size(0) == batch);
  if (!fits || !are_in_turns(grid, axes)) return std::nullopt;
  Shape shape = grid.shape();
  shape.back() = row / axes;
  shape.push_back(axes);
  if (!has_batch) shape.insert(shape.begin(), 1);
  Unpacked result{.tensor = grid.contiguous().reshaped(shape)};
  result.guess = fmt::format("{}: {} are interleaved", read_as(grid, result.tensor), letters(axes));
  result.layout = fmt::format(
      "layout.in-turns: the grid has {} interleaved along its rows, which grid_sample refuses. "
      "Pass grid.reshape({}).",
      letters(axes), fmt::join(shape, ", "));
  return result;
}

// ---- Components in an axis of their own ----

Unpacked of_components(const Tensor& grid, int axis, int axes) {
  const bool has_batch = grid.rank() == axes + 2;
  const Tensor last = with_last(grid, axis);
  Unpacked result{.tensor = has_batch ? last : in_batch(last)};
  result.guess =
      fmt::format("{}: {} are in axis {}", read_as(grid, result.tensor), letters(axes), axis);
  result.layout = fmt::format(
      "layout.components: the grid has {} in axis {}, which grid_sample refuses. Pass "
      "grid.movedim({}, -1){}.",
      letters(axes), axis, axis, has_batch ? "" : "[None]");
  return result;
}

// ---- Positions of map_coordinates ----

enum class Looks : std::uint8_t { coordinates, positions, either };

Looks looks_of(const Tensor& grid, const Shape& input) {
  const auto longest =
      static_cast<double>(*std::ranges::max_element(input.empty() ? grid.shape() : input));
  std::int64_t numbers = 0;
  std::int64_t beyond = 0;    // where no coordinate has to be
  std::int64_t negative = 0;  // which a position is at the rim only
  std::int64_t inside = 0;    // of the input, in pixels
  for (const double value : grid.values()) {
    if (!std::isfinite(value)) continue;
    ++numbers;
    beyond += std::fabs(value) > 1.5 ? 1 : 0;
    negative += value < -0.25 ? 1 : 0;
    inside += value > -1.5 && value < longest + 0.5 ? 1 : 0;
  }
  if (beyond == 0 && negative > 0) return Looks::coordinates;
  return 4 * beyond >= numbers && 4 * inside >= 3 * numbers && beyond > 0 ? Looks::positions
                                                                          : Looks::either;
}

// (2, H, W), rows first.
Unpacked of_map_coordinates(const Tensor& maps, int axes) {
  std::vector<int> order;
  for (int axis = 1; axis <= axes; ++axis) order.push_back(axis);
  order.push_back(0);
  const Tensor rows_first = maps.permuted(order);
  std::vector<double> values = rows_first.values();
  for (auto at = values.begin(); at != values.end(); at += axes) std::reverse(at, at + axes);
  return {.tensor = in_batch(Tensor(rows_first.dtype(), rows_first.shape(), values)),
          .given = Given::coordinates,
          .guess = fmt::format("of shape {} is read in the form of scipy.ndimage.map_coordinates: "
                               "positions in pixels, {} (x last)",
                               to_string(maps.shape()),
                               axes == 2 ? "row, column" : "slice, row, column")};
}

}  // namespace

Tensor with_last(const Tensor& tensor, int axis) {
  std::vector<int> order;
  for (int k = 0; k < tensor.rank(); ++k) {
    if (k != axis) order.push_back(k);
  }
  order.push_back(axis);
  return tensor.permuted(order).contiguous();
}

int axis_of_components(const std::string& option, const Tensor& tensor, int axes, int from) {
  int found = -1;
  for (int axis = from; axis < tensor.rank() - 1; ++axis) {
    if (tensor.size(axis) != axes) continue;
    if (found >= 0) {
      throw InputError(
          fmt::format("{} has the shape {}, and axes {} and {} may both hold {}: give it as {}",
                      option, to_string(tensor.shape()), found, axis, letters(axes), usual(axes)));
    }
    found = axis;
  }
  return found;
}

Unpacked unpacked_grid(const Tensor& grid, const Shape& input) {
  const int axes = axes_of(grid, input);
  const int rank = grid.rank();
  if (rank > 0 && grid.size(rank - 1) == axes) return {.tensor = grid};
  if (rank == axes + 1 || rank == axes + 2) {
    const int axis = axis_of_components("--grid", grid, axes, rank - axes - 1);
    if (axis == 0 && rank == axes + 1) {
      const Looks looks = looks_of(grid, input);
      if (looks == Looks::either) {
        throw InputError(
            fmt::format("--grid has the shape {}, and its numbers may be coordinates or positions: "
                        "pass positions in pixels, rows first, with --maps, or coordinates as {}",
                        to_string(grid.shape()), usual(axes)));
      }
      if (looks == Looks::positions) {
        Unpacked result = of_map_coordinates(grid, axes);
        result.layout =
            "layout.map-coordinates: the grid has the form that scipy.ndimage.map_coordinates "
            "takes, positions in pixels with rows first. grid_sample refuses it and takes "
            "coordinates from -1 to 1, x first, as " +
            std::string(usual(axes)) + '.';
        return result;
      }
    }
    if (axis >= 0) return of_components(grid, axis, axes);
  }
  return of_turns(grid, input, axes).value_or(Unpacked{.tensor = grid});
}

Unpacked unpacked_maps(const Tensor& maps) {
  const int rank = maps.rank();
  const int axes = rank - 1;
  const bool is_field = axes == 2 || axes == 3;
  const bool are_first = is_field && maps.size(0) == axes;
  const bool are_last = is_field && maps.size(rank - 1) == axes;
  if (are_first && are_last) {
    throw InputError(
        fmt::format("--maps has the shape {}, and its first and last axes may both hold {}: give "
                    "two maps, of x and of y, or a grid",
                    to_string(maps.shape()), letters(axes)));
  }
  if (are_first) return of_map_coordinates(maps, axes);
  if (are_last) {
    return {.tensor = in_batch(maps.contiguous()),
            .given = Given::joined_maps,
            .guess = fmt::format("of shape {} is read as positions in pixels, x first",
                                 to_string(maps.shape()))};
  }
  throw InputError(
      fmt::format("--maps has the shape {}: expected two maps [H,W], or one array [2,H,W], "
                  "[3,D,H,W], [H,W,2] or [D,H,W,3]",
                  to_string(maps.shape())));
}

}  // namespace gridproof::reports
