#include "reports/displacement/drawing.h"

#include <algorithm>
#include <cmath>

namespace gridproof::reports::displacement {

std::vector<Slice> slices_of(const Shape& outputs) {
  if (outputs.size() == 2) return {{.across = 0, .down = 1, .fixed = {}}};
  const auto middle = [&](std::size_t axis) { return outputs[outputs.size() - 1 - axis] / 2; };
  return {{.across = 0, .down = 1, .fixed = 2, .at = middle(2)},
          {.across = 0, .down = 2, .fixed = 1, .at = middle(1)},
          {.across = 1, .down = 2, .fixed = 0, .at = middle(0)}};
}

std::string title_of(const Slice& slice) {
  const auto name = [](int axis) { return axis_names[static_cast<std::size_t>(axis)]; };
  std::string title = fmt::format("{} across, {} down", name(slice.across), name(slice.down));
  if (slice.fixed) title += fmt::format(", {} = {}", name(*slice.fixed), slice.at);
  return title;
}

std::string arrow_path(double x, double y, double to_x, double to_y) {
  constexpr double longest = 4000;  // far beyond the picture, whose edge cuts it
  constexpr double shortest = 0.75;
  double dx = to_x - x;
  double dy = to_y - y;
  const double length = std::hypot(dx, dy);
  if (length < shortest) {  // a point
    return fmt::format("M{:.2f} {:.2f}h1", x - 0.5, y);
  }
  dx /= length;
  dy /= length;
  const double reach = std::min(length, longest);
  const double head = std::min(6.0, reach / 2);
  const double tip_x = x + dx * reach;
  const double tip_y = y + dy * reach;
  const auto barb = [&](double side) {
    return fmt::format("{:.2f} {:.2f}", tip_x - head * (dx + side * 0.45 * dy),
                       tip_y - head * (dy - side * 0.45 * dx));
  };
  return fmt::format("M{:.2f} {:.2f}L{:.2f} {:.2f}M{}L{:.2f} {:.2f}L{}", x, y, tip_x, tip_y,
                     barb(1), tip_x, tip_y, barb(-1));
}

std::vector<std::int64_t> ticks_between(double least, double greatest, double most) {
  std::int64_t step = 1;
  const double wanted = (greatest - least) / most;
  for (std::int64_t power = 1; static_cast<double>(step) < wanted; power *= 10) {
    for (const std::int64_t factor : {1, 2, 5, 10}) {
      step = factor * power;
      if (static_cast<double>(step) >= wanted) break;
    }
  }
  std::vector<std::int64_t> ticks;
  const auto first = static_cast<std::int64_t>(std::ceil(least / static_cast<double>(step)));
  for (std::int64_t tick = first * step; static_cast<double>(tick) <= greatest; tick += step) {
    ticks.push_back(tick);
  }
  return ticks;
}

double round_number(double limit) {
  const double power = std::pow(10, std::floor(std::log10(limit) + 1e-9));
  for (const double factor : {5.0, 2.0}) {
    if (factor * power <= limit * (1 + 1e-9)) return factor * power;
  }
  return power;
}

pugi::xml_node add_rectangle(pugi::xml_node parent, double x, double y, double width, double height,
                             const char* fill) {
  pugi::xml_node node = parent.append_child("rect");
  set(node, "x", x);
  set(node, "y", y);
  set(node, "width", width);
  set(node, "height", height);
  set(node, "fill", fill);
  return node;
}

pugi::xml_node add_text(pugi::xml_node parent, double x, double y, const std::string& text,
                        const char* anchor) {
  pugi::xml_node node = parent.append_child("text");
  set(node, "x", x);
  set(node, "y", y);
  if (std::string_view(anchor) != "start") set(node, "text-anchor", anchor);
  node.text().set(text.c_str());
  return node;
}

pugi::xml_node add_path(pugi::xml_node parent, const std::string& d, const char* color) {
  pugi::xml_node node = parent.append_child("path");
  set(node, "d", d);
  set(node, "stroke", color);
  set(node, "fill", "none");
  return node;
}

}  // namespace gridproof::reports::displacement
