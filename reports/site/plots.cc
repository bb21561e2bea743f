#include "reports/site/plots.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <variant>
#include <vector>

#include "reference/semantics/coordinates.h"
#include "reference/semantics/grid_sample.h"
#include "reference/semantics/trace.h"
#include "reports/page/shapes.h"

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

// Beside each other where there is room.
std::string figures(const std::vector<std::string>& all) {
  return "<div class=\"figures\">" + fmt::format("{}", fmt::join(all, "")) + "</div>";
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

// ---- Figures in the style of a question's picture: pixels as squares ---------------------------

constexpr std::int64_t side = 4;  // a power of two: its half pixels are exact coordinates

double along(double position) { return (position + 1) * pixel; }
double down(double position) { return caption + along(position); }

std::string board(const char* kind, const std::string& label, const std::string& title,
                  const std::string& inside) {
  std::string pixels;
  for (std::int64_t y = 0; y < side; ++y) {
    for (std::int64_t x = 0; x < side; ++x) {
      pixels += square("pixel", along(static_cast<double>(x)) - pixel / 2,
                       down(static_cast<double>(y)) - pixel / 2, pixel, 0.04);
    }
  }
  const double size = static_cast<double>(side + 1) * pixel;
  return drawing(kind, "aria-label=\"" + label + '"', size, caption + size, title, pixels + inside);
}

// Reads at these positions. Each pixel has its number, from 1, as its value; what is outside is 0.
Case question(Mode mode, std::vector<double> positions) {
  std::vector<double> values(static_cast<std::size_t>(side * side));
  std::iota(values.begin(), values.end(), 1.0);
  for (double& position : positions) {
    position = semantics::coordinate(
        position, semantics::Axis{.size = side, .options = {.align_corners = false}});
  }
  const auto count = static_cast<std::int64_t>(positions.size() / 2);
  return {.request = request_for({.mode = mode}),
          .input = Tensor(Dtype::f64, {1, 1, side, side}, values),
          .grid = Tensor(Dtype::f64, {1, 1, count, 2}, positions)};
}

// Who is read where two or four pixels are equally near: each tie with a stroke to its winner.
std::string tie_map() {
  std::vector<double> ties;
  for (int twice_y = -1; twice_y < 2 * side; ++twice_y) {
    for (int twice_x = -1; twice_x < 2 * side; ++twice_x) {
      if (twice_x % 2 == 0 && twice_y % 2 == 0) continue;  // a center
      ties.insert(ties.end(), {twice_x / 2.0, twice_y / 2.0});
    }
  }
  const auto winners = std::get<Tensor>(grid_sample(question(Mode::nearest, ties))).values();
  std::string marks;
  for (std::size_t i = 0; i < ties.size() / 2; ++i) {
    const double x = ties[2 * i];
    const double y = ties[2 * i + 1];
    const auto winner = static_cast<std::int64_t>(winners[i]) - 1;
    if (winner >= 0) {
      constexpr double part = 0.7;  // of the way, so that strokes to one pixel stay apart
      const std::int64_t row = winner / side;
      const double to_x = x + part * (static_cast<double>(winner - row * side) - x);
      const double to_y = y + part * (static_cast<double>(row) - y);
      marks += stroke("winner", along(x), down(y), along(to_x), down(to_y));
    }
    marks += fmt::format(R"(<circle class="point{}" cx="{:.2f}" cy="{:.2f}" r="3.5"/>)",
                         winner < 0 ? " other" : "", along(x), down(y));
  }
  for (std::int64_t i = 0; i < side; ++i) {
    const auto at = static_cast<double>(i);
    marks += words("weight", along(at), caption + 12, std::to_string(i)) +
             words("weight", 8, down(at) + 4, std::to_string(i));
  }
  return figure(board("ties", "Which pixel is read at ties", "who wins a tie", marks),
                "Every point is equally near to two or four pixels; the stroke leads to the one "
                "that is read: the even index along each axis. A ring reads the padding: 3.5 "
                "rounds to 4, which is outside.");
}

// Between which pixels a point lies, and what each of them weighs.
std::string cell_edges() {
  const semantics::Trace trace = semantics::trace(question(Mode::bilinear, {1.25, 1.5}), 0, 0);
  std::string marks;
  for (const semantics::TracedTap& y : trace.axes[1].taps) {
    for (const semantics::TracedTap& x : trace.axes[0].taps) {
      const double left = along(static_cast<double>(x.index));
      const double top = down(static_cast<double>(y.index));
      marks += square("tap", left - pixel / 2 + 1.5, top - pixel / 2 + 1.5, pixel - 3,
                      0.6 * x.weight * y.weight) +
               words("weight", left - (x.index == 1 ? 9 : -9), top - (y.index == 1 ? 9 : -16),
                     fmt::format("×{:.3g}", x.weight * y.weight));
    }
  }
  for (int i = 0; i < side; ++i) {
    marks += stroke("frame other", along(i), down(0), along(i), down(side - 1)) +
             stroke("frame other", along(0), down(i), along(side - 1), down(i));
  }
  marks += fmt::format(R"(<circle class="point chosen" cx="{:.2f}" cy="{:.2f}" r="6.5"/>)",
                       along(trace.axes[0].position), down(trace.axes[1].position));
  return figure(board("cells", "The cells between pixel centers", "cells and their edges", marks),
                "The dashed lines through the centers of the pixels cut the image into cells: a "
                "point reads the four pixels at the corners of its cell. On an edge two of them "
                "weigh nothing, so that the value does not jump from one cell to the next.");
}

}  // namespace

std::string plots_of(std::string_view stem) {
  if (stem == "nearest") {
    return figures({kernel(Mode::nearest,
                           "<code>nearest</code>: a pixel is read as a whole, up to half a pixel "
                           "from its center. On the edges both ends belong to the even index."),
                    tie_map()});
  }
  if (stem == "linear") {
    return figures(
        {kernel(Mode::bilinear, "<code>bilinear</code>: the weight falls to 0 at the next pixel."),
         cell_edges()});
  }
  if (stem == "bicubic") {
    return kernel(
        Mode::bicubic,
        "<code>bicubic</code>: between one and two pixels away the weight is negative, so "
        "that values beyond those of the input can come out.");
  }
  if (stem != "padding") return "";
  std::vector<std::string> all;
  for (const Padding padding : {Padding::zeros, Padding::border, Padding::reflection}) {
    for (const bool align_corners : {false, true}) all.push_back(reading(padding, align_corners));
  }
  return figures(all);
}

}  // namespace gridproof::reports::site
