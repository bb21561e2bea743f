// The options of grid_sample and the names by which the documentation calls them.
// This is the only place where these names are written down. Tested by case_test.cc.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gridproof {

enum class Mode : std::uint8_t { bilinear, nearest, bicubic };
enum class Padding : std::uint8_t { zeros, border, reflection };

template <class Enum>
struct Named {
  Enum value;
  std::string_view name;
};

template <class Enum>
inline constexpr std::array<Named<Enum>, 0> names{};
template <>
inline constexpr auto names<Mode> = std::to_array<Named<Mode>>(
    {{Mode::bilinear, "bilinear"}, {Mode::nearest, "nearest"}, {Mode::bicubic, "bicubic"}});
template <>
inline constexpr auto names<Padding> = std::to_array<Named<Padding>>(
    {{Padding::zeros, "zeros"}, {Padding::border, "border"}, {Padding::reflection, "reflection"}});

template <class Enum>
constexpr std::string_view name(Enum value) {
  for (const auto& entry : names<Enum>) {
    if (entry.value == value) return entry.name;
  }
  return "?";
}

template <class Enum>
constexpr std::optional<Enum> parse(std::string_view text) {
  for (const auto& entry : names<Enum>) {
    if (entry.name == text) return entry.value;
  }
  return std::nullopt;
}

// What a caller passes: names as text, so that a question can hold a wrong name, and nothing where
// the caller leaves an argument out.
struct Request {
  std::optional<std::string> mode;
  std::optional<std::string> padding_mode;
  std::optional<bool> align_corners;

  friend bool operator==(const Request&, const Request&) = default;
};

// What a valid request means. The values here are the documented defaults, [options.defaults].
struct Options {
  Mode mode = Mode::bilinear;
  Padding padding = Padding::zeros;
  bool align_corners = false;

  friend bool operator==(const Options&, const Options&) = default;
};

// The options that a request means, or nothing when a name is unknown (then `[options.mode]` or
// `[options.padding-mode]` names the refusal).
inline std::optional<Options> resolve(const Request& request) {
  Options options;
  if (request.mode) {
    const auto mode = parse<Mode>(*request.mode);
    if (!mode) return std::nullopt;
    options.mode = *mode;
  }
  if (request.padding_mode) {
    const auto padding = parse<Padding>(*request.padding_mode);
    if (!padding) return std::nullopt;
    options.padding = *padding;
  }
  options.align_corners = request.align_corners.value_or(options.align_corners);
  return options;
}

// The request that spells out every option.
inline Request request_for(const Options& options) {
  return {.mode = std::string(name(options.mode)),
          .padding_mode = std::string(name(options.padding)),
          .align_corners = options.align_corners};
}

}  // namespace gridproof
