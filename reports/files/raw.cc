#include "reports/files/raw.h"

#include <fmt/core.h>

#include <charconv>
#include <optional>
#include <utility>

#include "reference/contract/limits.h"
#include "reports/files/shape.h"
#include "reports/text/quoting.h"

namespace gridproof::reports::files {
namespace {

constexpr std::string_view prefix = "raw:";

// The sizes of "1,1,4,4"; nothing when it is no shape that a tensor can have.
std::optional<Shape> shape_of(std::string_view text) {
  Shape shape;
  while (!text.empty()) {
    std::int64_t size = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
    if (error != std::errc()) return std::nullopt;
    shape.push_back(size);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (!text.empty() && (!text.starts_with(',') || text.size() == 1)) return std::nullopt;
    if (!text.empty()) text.remove_prefix(1);
  }
  return count_of(shape) ? std::optional(std::move(shape)) : std::nullopt;
}

}  // namespace

bool is_raw_argument(std::string_view argument) { return argument.starts_with(prefix); }

RawArgument parse_raw_argument(std::string_view argument) {
  const std::size_t open = argument.find('[');
  const std::size_t close = argument.find("]:", open);
  if (is_raw_argument(argument) && open < close && close != std::string_view::npos) {
    const auto kind = parse<NumberKind>(argument.substr(prefix.size(), open - prefix.size()));
    const auto shape = shape_of(argument.substr(open + 1, close - open - 1));
    const std::string_view path = argument.substr(close + 2);
    if (kind && shape && !path.empty()) return {*kind, *shape, std::string(path)};
  }
  throw FileError(
      fmt::format("{} does not name a raw file: expected raw:TYPE[SIZE,…]:FILE with f16, bf16, "
                  "f32, f64, u8, i8, u16, i16, u32, i32, u64 or i64, such as raw:f32[1,1,4,4]:FILE",
                  in_quotes(argument)));
}

Tensor read_raw(std::span<const std::byte> file, NumberKind kind, const Shape& shape) {
  if (element_count(shape) > max_elements()) {
    throw FileError(
        fmt::format("{}{} has {}", name(kind), to_string(shape), more_than_most_elements()));
  }
  const std::size_t expected = static_cast<std::size_t>(element_count(shape)) * size_of(kind);
  if (file.size() != expected) {
    throw FileError(fmt::format("it has {} bytes, but {}{} needs {}", file.size(), name(kind),
                                to_string(shape), expected));
  }
  return tensor_of(kind, shape, file);
}

}  // namespace gridproof::reports::files
