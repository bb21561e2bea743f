#include "optimized/checks.h"

#include <algorithm>
#include <string>

namespace gridproof::optimized {
namespace {

std::string text(std::span<const std::int64_t> shape) {
  return to_string(Shape(shape.begin(), shape.end()));
}

}  // namespace

std::optional<Refusal> refuse_request(const Request& request) {
  if (request.mode && !parse<Mode>(*request.mode)) {
    return Refusal{"options.mode",
                   "mode is '" + *request.mode + "': expected bilinear, nearest or bicubic"};
  }
  if (request.padding_mode && !parse<Padding>(*request.padding_mode)) {
    return Refusal{"options.padding-mode", "padding_mode is '" + *request.padding_mode +
                                               "': expected zeros, border or reflection"};
  }
  return std::nullopt;
}

std::optional<Refusal> refuse_shapes(std::span<const std::int64_t> input,
                                     std::span<const std::int64_t> grid, const Options& options) {
  // Only of a call that is refused: the others should cost nothing.
  const auto refused = [&](const char* clause, const std::string& message) {
    return Refusal{clause, message + " (input " + text(input) + ", grid " + text(grid) + ')'};
  };
  if ((input.size() != 4 && input.size() != 5) || grid.size() != input.size()) {
    return refused("shape.rank", "input and grid must both be 4-D or both 5-D");
  }
  if (input[0] != grid[0]) {
    return refused("shape.batch", "input and grid must have the same batch size");
  }
  const auto axes = static_cast<std::int64_t>(input.size()) - 2;
  if (grid.back() != axes) {
    return refused("shape.last-dimension", "the last size of grid must be " + std::to_string(axes));
  }
  if (std::ranges::count(input.subspan(2), 0) > 0) {
    return refused("shape.empty-spatial", "input must have a pixel along every axis");
  }
  if (options.mode == Mode::bicubic && axes != 2) {
    return refused("options.bicubic-4d", "mode bicubic needs a 4-D input");
  }
  return std::nullopt;
}

std::optional<Refusal> refuse_dtypes(Dtype input, Dtype grid) {
  for (const Dtype dtype : {input, grid}) {
    if (!is_floating(dtype)) {
      return Refusal{"dtype.supported",
                     "expected f16, bf16, f32 or f64, not " + std::string(name(dtype))};
    }
  }
  if (input != grid) {
    return Refusal{"dtype.same", "grid is " + std::string(name(grid)) + ", but input is " +
                                     std::string(name(input))};
  }
  return std::nullopt;
}

Shape output_shape(std::span<const std::int64_t> input, std::span<const std::int64_t> grid) {
  Shape shape(input.begin(), input.begin() + 2);
  shape.insert(shape.end(), grid.begin() + 1, grid.end() - 1);
  return shape;
}

}  // namespace gridproof::optimized
