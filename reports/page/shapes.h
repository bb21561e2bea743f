// What the pictures of pixels are made of. Their colors are classes of style.css.
#pragma once

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace gridproof::reports {

inline constexpr double pixel = 44;       // of the picture
inline constexpr std::int64_t most = 12;  // pixels of the input, or of the output, along an axis
inline constexpr double caption = 26;     // above each of them

// Some consecutive pixels of an axis.
struct Range {
  std::int64_t first = 0;
  std::int64_t last = 0;  // included

  [[nodiscard]] std::int64_t size() const { return last - first + 1; }
};

// At most `most` of `size` pixels, those around `middle`.
inline Range window(std::int64_t size, double middle) {
  if (size <= most) return {0, size - 1};
  const double bounded =
      std::clamp(std::isnan(middle) ? 0 : middle, 0.0, static_cast<double>(size));
  const auto first =
      std::clamp<std::int64_t>(static_cast<std::int64_t>(bounded) - most / 2, 0, size - most);
  return {first, first + most - 1};
}

inline std::string number(double value) { return fmt::format("{:.4g}", value); }

// Values are drawn darker the larger they are.
struct Shades {
  double least = std::numeric_limits<double>::infinity();
  double greatest = -std::numeric_limits<double>::infinity();

  void include(double value) {
    if (!std::isfinite(value)) return;
    least = std::min(least, value);
    greatest = std::max(greatest, value);
  }
  [[nodiscard]] double operator()(double value) const {
    if (!std::isfinite(value) || !(greatest > least)) return 0.06;
    return 0.04 + 0.36 * std::clamp((value - least) / (greatest - least), 0.0, 1.0);
  }
};

// A shape of the picture, at places in its units.
inline std::string square(std::string_view kind, double x, double y, double size, double opacity) {
  return fmt::format(
      R"(<rect class="{}" x="{:.2f}" y="{:.2f}" width="{:.2f}" height="{:.2f}" fill-opacity="{:.3f}"/>)",
      kind, x, y, size, size, opacity);
}
inline std::string words(std::string_view kind, double x, double y, const std::string& text) {
  // A long number is written small, or it would lie over its neighbors.
  const bool is_long = text.size() > 6 && kind != "caption";
  return fmt::format(R"(<text class="{}{}" x="{:.2f}" y="{:.2f}">{}</text>)", kind,
                     is_long ? " long" : "", x, y, text);
}
inline std::string box(std::string_view kind, double x, double y, double width, double height) {
  return fmt::format(R"(<rect class="{}" x="{:.2f}" y="{:.2f}" width="{:.2f}" height="{:.2f}"/>)",
                     kind, x, y, width, height);
}
inline std::string stroke(std::string_view kind, double x, double y, double to_x, double to_y) {
  return fmt::format(R"(<path class="{}" d="M{:.2f} {:.2f}L{:.2f} {:.2f}"/>)", kind, x, y, to_x,
                     to_y);
}

// The picture itself. Its size is in the size of letters, so that a page can choose it.
inline std::string drawing(std::string_view kind, const std::string& attributes, double width,
                           double height, const std::string& title, const std::string& inside) {
  const double least = 8 + 7.2 * static_cast<double>(title.size());  // for the title
  const double full_width = std::max(width, least) + 2;
  return fmt::format(
      R"(<svg class="picture {}" viewBox="0 0 {:.0f} {:.0f}" width="{:.2f}em" role="group" {}>{}{}</svg>)",
      kind, full_width, height + 2, full_width / 12, attributes, words("caption", 1, 16, title),
      inside);
}

}  // namespace gridproof::reports
