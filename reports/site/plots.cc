#include "reports/site/plots.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <variant>
#include <vector>

#include "reference/semantics/grid_sample.h"

namespace gridproof::reports::site {
namespace {

struct Point {
  double x;  // in the numbers of the grid, or in pixels
  double y;  // what the reference answers
};

// What is read from a row of pixels at `count` coordinates from `first` to `last`.
std::vector<Point> sweep(const Options& options, const std::vector<double>& row, double first,
                         double last, std::int64_t count) {
  std::vector<double> grid;
  for (std::int64_t i = 0; i < count; ++i) {
    grid.push_back(first +
                   (last - first) * static_cast<double>(i) / static_cast<double>(count - 1));
    grid.push_back(0);
  }
  const Case test_case{
      .request = request_for(options),
      .input = Tensor(Dtype::f64, {1, 1, 1, static_cast<std::int64_t>(row.size())}, row),
      .grid = Tensor(Dtype::f64, {1, 1, count, 2}, grid)};
  const auto values = std::get<Tensor>(grid_sample(test_case)).values();
  std::vector<Point> points;
  for (std::size_t i = 0; i < values.size(); ++i) points.push_back({grid[2 * i], values[i]});
  return points;
}

struct Frame {
  double left;
  double right;
  double low;
  double high;
  std::string x_name;
  std::string y_name;
};

constexpr double width = 480;
constexpr double height = 190;
constexpr double edge = 34;

// A jump between neighbors breaks the curve: nothing is read in between.
std::string curve(const std::vector<Point>& points, const Frame& frame, bool with_jumps) {
  const auto at_x = [&](double x) {
    return edge + (x - frame.left) / (frame.right - frame.left) * (width - 2 * edge);
  };
  const auto at_y = [&](double y) {
    return height - edge - (y - frame.low) / (frame.high - frame.low) * (height - 2 * edge);
  };
  std::string path;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const bool jumps = with_jumps && i > 0 && std::fabs(points[i].y - points[i - 1].y) > 0.5;
    path += fmt::format("{}{:.2f} {:.2f}", i == 0 || jumps ? 'M' : 'L', at_x(points[i].x),
                        at_y(points[i].y));
  }
  std::string svg = fmt::format(
      R"(<svg class="plot" viewBox="0 0 {:.0f} {:.0f}" role="img" aria-label="{} over {}">)", width,
      height, frame.y_name, frame.x_name);
  const double step = frame.right - frame.left > 8 ? 2 : 1;
  for (double tick = std::ceil(frame.left); tick <= frame.right; tick += step) {
    svg += fmt::format(
        R"(<path class="axis" d="M{0:.2f} {1:.2f}V{2:.2f}"/><text x="{0:.2f}" y="{3:.2f}" text-anchor="middle">{4:.0f}</text>)",
        at_x(tick), edge, height - edge, height - edge + 15, tick + 0.0);
  }
  for (double tick = std::ceil(frame.low); tick <= frame.high; ++tick) {
    svg += fmt::format(
        R"(<path class="axis" d="M{0:.2f} {1:.2f}H{2:.2f}"/><text x="{3:.2f}" y="{4:.2f}" text-anchor="end">{5:.0f}</text>)",
        edge, at_y(tick), width - edge, edge - 6, at_y(tick) + 4, tick + 0.0);
  }
  return svg +
         fmt::format(
             R"(<path class="curve" d="{}"/><text x="{:.2f}" y="{:.2f}" text-anchor="end">{}</text><text x="4" y="14">{}</text></svg>)",
             path, width - edge, height - 4, frame.x_name, frame.y_name);
}

std::string figure(const std::string& svg, const std::string& caption) {
  return fmt::format("<figure>{}<figcaption>{}</figcaption></figure>", svg, caption);
}

// The weight of a pixel by the distance of the position from it: a picture of a single 1.
std::string kernel(Mode mode, const std::string& caption) {
  const std::vector<double> row = {0, 0, 0, 0, 1, 0, 0, 0, 0};
  // With True on 9 pixels, x = p / 4 - 1: 2.5 pixels to each side.
  std::vector<Point> points = sweep({.mode = mode, .align_corners = true}, row, -0.625, 0.625, 401);
  for (Point& point : points) point.x *= 4;
  return figure(
      curve(points, {-2.5, 2.5, -0.25, 1.1, "pixels from its center", "weight of a pixel"},
            mode == Mode::nearest),
      caption);
}

// What is read of the pixels 1 2 3 4 inside and far outside.
std::string reading(Padding padding, bool align_corners) {
  const std::vector<Point> points =
      sweep({.padding = padding, .align_corners = align_corners}, {1, 2, 3, 4}, -5, 5, 801);
  return figure(curve(points, {-5, 5, -0.25, 4.25, "number in the grid", "value read"}, false),
                fmt::format("<code>{}</code>, <code>align_corners={}</code>: the pixels 1 2 3 4, "
                            "bilinear.",
                            name(padding), align_corners ? "True" : "False"));
}

}  // namespace

std::string plots_of(std::string_view stem) {
  if (stem == "nearest") {
    return kernel(Mode::nearest,
                  "<code>nearest</code>: a pixel is read as a whole, up to half a pixel from its "
                  "center. On the edges both ends belong to the even index.");
  }
  if (stem == "linear") {
    return kernel(Mode::bilinear,
                  "<code>bilinear</code>: the weight falls to 0 at the next pixel.");
  }
  if (stem == "bicubic") {
    return kernel(
        Mode::bicubic,
        "<code>bicubic</code>: between one and two pixels away the weight is negative, so "
        "that values beyond those of the input can come out.");
  }
  if (stem != "padding") return "";
  std::string figures;
  for (const Padding padding : {Padding::zeros, Padding::border, Padding::reflection}) {
    figures += reading(padding, false) + reading(padding, true);
  }
  return "<div class=\"figures\">" + figures + "</div>";
}

}  // namespace gridproof::reports::site
