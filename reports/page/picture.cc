#include "reports/page/picture.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "reference/contract/unravel.h"
#include "reference/semantics/coordinates.h"
#include "reference/semantics/grid_sample.h"
#include "reference/semantics/trace.h"
#include "reports/page/shapes.h"
#include "reports/report/notation.h"

namespace gridproof::reports {
namespace {

using semantics::Trace;
using semantics::TracedAxis;

constexpr std::int64_t around = 2;  // pixels of padding at each side

class Picture {
 public:
  Picture(const Case& test_case, const Element& element)
      : case_(test_case),
        element_(element),
        trace_(semantics::trace(test_case, element.sample, element.channel)),
        options_(trace_.axes.front().axis.options),
        output_(std::get<Tensor>(grid_sample(test_case))) {
    const Shape& input = case_.input.shape();
    const Shape& grid = case_.grid.shape();
    place_ = unravel(element.sample, Shape(grid.begin(), grid.end() - 1));
    columns_ = window(input.back(), middle(trace_.axes[0]));
    rows_ = window(input[input.size() - 2], middle(trace_.axes[1]));
    slices_ = trace_.axes.size() > 2 ? slices(trace_.axes[2]) : std::vector{slice_};
    output_columns_ = window(grid[grid.size() - 2], static_cast<double>(place_.back()));
    output_rows_ = window(grid[grid.size() - 3], static_cast<double>(place_[place_.size() - 2]));
    for (const std::optional<std::int64_t> slice : slices_) {
      slice_ = slice;
      for (std::int64_t y = rows_.first; y <= rows_.last; ++y) {
        for (std::int64_t x = columns_.first; x <= columns_.last; ++x) shades_.include(texel(x, y));
      }
    }
  }

  [[nodiscard]] std::string text() {
    std::string inputs;
    for (const std::optional<std::int64_t> slice : slices_) {
      slice_ = slice;
      inputs += input();
    }
    return inputs + drawing("output", R"(aria-label="The output")",
                            static_cast<double>(output_columns_.size()) * pixel,
                            caption + static_cast<double>(output_rows_.size()) * pixel,
                            output_caption(), output());
  }

 private:
  [[nodiscard]] std::string input() const {
    const double width = static_cast<double>(columns_.size() + 2 * around) * pixel;
    const double height = caption + static_cast<double>(rows_.size() + 2 * around) * pixel;
    return drawing(
        "input",
        fmt::format(R"(aria-label="{}" data-pixel="{:.0f}" data-left="{:.2f}" data-top="{:.2f}")",
                    label(), pixel, center_x(0), center_y(0)),
        width, height, "input" + part(), padding() + pixels() + taps() + frames() + points());
  }

  static double middle(const TracedAxis& axis) {
    return std::isfinite(axis.padded) ? axis.padded : axis.position;
  }
  // The slices that are read, in their order; where none is, the nearest one.
  static std::vector<std::optional<std::int64_t>> slices(const TracedAxis& axis) {
    std::vector<std::optional<std::int64_t>> all;
    for (const semantics::TracedTap& tap : axis.taps) {
      if (tap.index != semantics::outside && tap.weight != 0) all.emplace_back(tap.index);
    }
    if (all.empty()) all.emplace_back(nearest(middle(axis), axis));
    std::ranges::sort(all);
    all.erase(std::ranges::unique(all).begin(), all.end());
    return all;
  }
  static std::int64_t nearest(double position, const TracedAxis& axis) {
    const auto last = static_cast<double>(axis.axis.size - 1);
    return std::isnan(position) ? 0 : std::llround(std::clamp(position, 0.0, last));
  }
  // The weight of the slice that is drawn.
  [[nodiscard]] double slice_weight() const {
    double weight = slice_ ? 0 : 1;
    for (std::size_t i = 0; slice_ && i < trace_.axes[2].taps.size(); ++i) {
      const semantics::TracedTap& tap = trace_.axes[2].taps[i];
      if (tap.index == *slice_) weight += tap.weight;
    }
    return weight;
  }

  [[nodiscard]] double texel(std::int64_t x, std::int64_t y) const {
    Shape index = {place_[0], element_.channel};
    if (slice_) index.push_back(*slice_);
    index.push_back(y);
    index.push_back(x);
    return case_.input.at(index);
  }

  // Where the center of a pixel is drawn.
  [[nodiscard]] double center_x(double position) const {
    return (position - static_cast<double>(columns_.first) + around + 0.5) * pixel + 1;
  }
  [[nodiscard]] double center_y(double position) const {
    return caption + (position - static_cast<double>(rows_.first) + around + 0.5) * pixel;
  }

  [[nodiscard]] std::string label() const {
    std::string text = "Where sample " + location(place_) + " reads:";
    for (std::size_t i = 0; i < trace_.axes.size(); ++i) {
      text += fmt::format(" {} = {}", "xyz"[i], number(trace_.axes[i].position));
    }
    return text + " in pixels";
  }
  [[nodiscard]] std::string part() const {
    std::string text;
    if (slice_) text += fmt::format(", z = {}, weight {}", *slice_, weight_text(slice_weight()));
    const Shape& shape = case_.input.shape();
    const Range columns = drawn(columns_, shape.back());
    const Range rows = drawn(rows_, shape[shape.size() - 2]);
    if (columns.size() < shape.back()) {
      text += fmt::format(", columns {} … {}", columns.first, columns.last);
    }
    if (rows.size() < shape[shape.size() - 2]) {
      text += fmt::format(", rows {} … {}", rows.first, rows.last);
    }
    return text;
  }
  [[nodiscard]] std::string output_caption() const {
    const bool all = output_columns_.size() == output_.shape().back() &&
                     output_rows_.size() == output_.shape()[output_.shape().size() - 2];
    return "output" + (place_.size() > 3 ? fmt::format(", d = {}", place_[1]) : "") +
           (all ? "" : ", around this sample");
  }

  // What is read at the pixels around the input: the reference, asked for each in mode nearest.
  [[nodiscard]] std::string padding() const {
    const Axis x_axis = trace_.axes[0].axis;
    const Axis y_axis = trace_.axes[1].axis;
    std::vector<double> grid;
    std::vector<std::array<std::int64_t, 2>> places;
    for (std::int64_t y = rows_.first - around; y <= rows_.last + around; ++y) {
      for (std::int64_t x = columns_.first - around; x <= columns_.last + around; ++x) {
        if (x >= 0 && x < x_axis.size && y >= 0 && y < y_axis.size) continue;
        places.push_back({x, y});
        grid.push_back(semantics::coordinate(static_cast<double>(x), x_axis));
        grid.push_back(semantics::coordinate(static_cast<double>(y), y_axis));
        if (slice_) {
          grid.push_back(semantics::coordinate(static_cast<double>(*slice_), trace_.axes[2].axis));
        }
      }
    }
    if (places.empty()) return "";
    Case around_it{case_.request, one_plane(), {}};
    around_it.request.mode = "nearest";
    Shape shape = {1, 1, static_cast<std::int64_t>(places.size())};
    if (slice_) shape.push_back(1);
    shape.push_back(slice_ ? 3 : 2);
    if (slice_) std::swap(shape[2], shape[3]);
    around_it.grid = Tensor(Dtype::f64, shape, grid);
    const auto read = std::get<Tensor>(grid_sample(around_it)).values();
    std::string text;
    for (std::size_t i = 0; i < places.size(); ++i) {
      text += cell("padding", static_cast<double>(places[i][0]), static_cast<double>(places[i][1]),
                   read[i]);
    }
    return text;
  }
  // The plane or volume of this element alone, in f64, so that its grid may be so, too.
  [[nodiscard]] Tensor one_plane() const {
    const Shape& shape = case_.input.shape();
    Shape one = {1, 1};
    one.insert(one.end(), shape.begin() + 2, shape.end());
    std::vector<double> values(static_cast<std::size_t>(element_count(one)));
    Shape index(shape.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      unravel(static_cast<std::int64_t>(i), one, index);
      index[0] = place_[0];
      index[1] = element_.channel;
      values[i] = case_.input.at(index);
    }
    return {Dtype::f64, one, values};
  }

  [[nodiscard]] std::string cell(const char* kind, double x, double y, double value) const {
    return square(kind, center_x(x) - pixel / 2, center_y(y) - pixel / 2, pixel, shades_(value)) +
           words(kind, center_x(x), center_y(y) + 4, number(value));
  }
  // Where the picture goes on into the input, that is drawn, too.
  static Range drawn(const Range& range, std::int64_t size) {
    return {std::max<std::int64_t>(range.first - around, 0),
            std::min(range.last + around, size - 1)};
  }
  [[nodiscard]] std::string pixels() const {
    const Shape& shape = case_.input.shape();
    const Range columns = drawn(columns_, shape.back());
    const Range rows = drawn(rows_, shape[shape.size() - 2]);
    std::string text;
    for (std::int64_t y = rows.first; y <= rows.last; ++y) {
      for (std::int64_t x = columns.first; x <= columns.last; ++x) {
        text += cell("pixel", static_cast<double>(x), static_cast<double>(y), texel(x, y));
      }
    }
    return text;
  }

  // The pixels that the element reads: more opaque the heavier they weigh.
  [[nodiscard]] std::string taps() const {
    std::string text;
    for (const semantics::TracedTap& y : trace_.axes[1].taps) {
      for (const semantics::TracedTap& x : trace_.axes[0].taps) text += tap(x, y);
    }
    return text;
  }
  [[nodiscard]] std::string tap(const semantics::TracedTap& x,
                                const semantics::TracedTap& y) const {
    const double weight = x.weight * y.weight * slice_weight();
    if (weight == 0 || std::isnan(weight)) return "";
    const bool is_read = x.index != semantics::outside && y.index != semantics::outside;
    const auto column = static_cast<double>(is_read ? x.index : x.wanted);
    const auto row = static_cast<double>(is_read ? y.index : y.wanted);
    if (!is_drawn(column, row)) return "";
    constexpr double darkest = 0.6;  // or nobody reads the value
    std::string text = square(is_read ? "tap" : "tap outside", center_x(column) - pixel / 2 + 1.5,
                              center_y(row) - pixel / 2 + 1.5, pixel - 3,
                              darkest * std::min(1.0, std::fabs(weight)));
    if (is_read) {
      text += words("value", center_x(column), center_y(row) + 4, number(texel(x.index, y.index)));
    }
    return text + words("weight", center_x(column), center_y(row) + pixel / 2 - 5,
                        fmt::format("×{}", weight_text(weight)));
  }
  static std::string weight_text(double weight) {
    const std::string size = fmt::format("{:.2f}", std::fabs(weight));
    if (size == "0.00") return "≈0";  // of either sign
    return (weight < 0 ? "−" : "") + size;
  }
  [[nodiscard]] bool is_drawn(double x, double y) const {
    return x >= static_cast<double>(columns_.first - around) &&
           x <= static_cast<double>(columns_.last + around) &&
           y >= static_cast<double>(rows_.first - around) &&
           y <= static_cast<double>(rows_.last + around);
  }

  // The boxes that -1 … 1 spans: of the flag of the question, and of the other one.
  [[nodiscard]] std::string frames() const {
    return frame(!options_.align_corners, "frame other") + frame(options_.align_corners, "frame");
  }
  [[nodiscard]] std::string frame(bool corners, const char* kind) const {
    const auto ends = [&](const TracedAxis& traced, bool is_x) {
      Axis axis = traced.axis;
      axis.options.align_corners = corners;
      const double low = semantics::position(-1.0, axis);
      const double high = semantics::position(1.0, axis);
      return is_x ? std::pair{center_x(low), center_x(high)}
                  : std::pair{center_y(low), center_y(high)};
    };
    const auto [left, right] = ends(trace_.axes[0], true);
    const auto [top, bottom] = ends(trace_.axes[1], false);
    return box(kind, left, top, right - left, bottom - top);
  }

  // Where all samples of this item of the batch read, and the element's own in both flags.
  [[nodiscard]] std::string points() const {
    std::string text;
    const Shape& grid = case_.grid.shape();
    const std::int64_t each = sample_count(case_) / grid[0];
    constexpr std::int64_t most_points = 256;
    for (std::int64_t i = 0; i < std::min(each, most_points); ++i) {
      const std::int64_t sample = place_[0] * each + i;
      if (sample == element_.sample) continue;
      const Trace other = semantics::trace(case_, sample, element_.channel);
      // The others are drawn in the slice that they are nearest to.
      if (slice_ && nearest(other.axes[2].position, other.axes[2]) != *slice_) continue;
      text += point("point", other.axes[0].position, other.axes[1].position, sample);
    }
    text += point("point other", trace_.axes[0].other_position, trace_.axes[1].other_position);
    const double x = trace_.axes[0].position;
    const double y = trace_.axes[1].position;
    if (options_.mode != Mode::bicubic && options_.padding != Padding::zeros) {
      text += move(x, y, trace_.axes[0].padded, trace_.axes[1].padded);
    }
    return text + point("point chosen", x, y, element_.sample);
  }
  [[nodiscard]] std::string point(const char* kind, double x, double y,
                                  std::optional<std::int64_t> sample = {}) const {
    if (!std::isfinite(x) || !std::isfinite(y)) return "";
    // What is far outside is drawn at the edge.
    const double left = std::clamp(center_x(x), 4.0, right_edge() - 4);
    const double top = std::clamp(center_y(y), caption + 4, bottom_edge() - 4);
    const bool is_far = left != center_x(x) || top != center_y(y);
    return fmt::format(R"(<circle class="{}{}" cx="{:.2f}" cy="{:.2f}" r="{}"{}/>)", kind,
                       is_far ? " far" : "", left, top,
                       kind == std::string_view("point") ? 3.5 : 6.5,
                       sample ? fmt::format(R"( data-sample="{}")", *sample) : "");
  }
  [[nodiscard]] std::string move(double x, double y, double to_x, double to_y) const {
    if ((x == to_x && y == to_y) || !std::isfinite(x + y + to_x + to_y)) return "";
    const auto across = [&](double at) { return std::clamp(center_x(at), 4.0, right_edge() - 4); };
    const auto down = [&](double at) {
      return std::clamp(center_y(at), caption + 4, bottom_edge() - 4);
    };
    return stroke("move", across(x), down(y), across(to_x), down(to_y)) +
           point("point padded", to_x, to_y);
  }
  [[nodiscard]] double right_edge() const {
    return static_cast<double>(columns_.size() + 2 * around) * pixel;
  }
  [[nodiscard]] double bottom_edge() const {
    return caption + static_cast<double>(rows_.size() + 2 * around) * pixel;
  }

  [[nodiscard]] std::string output() const {
    const auto value_at = [&](std::int64_t x, std::int64_t y) {
      Shape index = {place_[0], element_.channel};
      if (place_.size() > 3) index.push_back(place_[1]);
      index.push_back(y);
      index.push_back(x);
      return output_.at(index);
    };
    std::string text;
    for (std::int64_t y = output_rows_.first; y <= output_rows_.last; ++y) {
      for (std::int64_t x = output_columns_.first; x <= output_columns_.last; ++x) {
        const double value = value_at(x, y);
        const double from_left = 1 + static_cast<double>(x - output_columns_.first) * pixel;
        const double from_top = caption + static_cast<double>(y - output_rows_.first) * pixel;
        const bool is_chosen = x == place_.back() && y == place_[place_.size() - 2];
        text += square("pixel", from_left, from_top, pixel, shades_(value)) +
                words("pixel", from_left + pixel / 2, from_top + pixel / 2 + 4, number(value));
        if (is_chosen) text += box("chosen", from_left + 1, from_top + 1, pixel - 2, pixel - 2);
        const std::int64_t sample = element_.sample + x - place_.back() +
                                    (y - place_[place_.size() - 2]) * output_.shape().back();
        text += fmt::format(
            R"(<rect class="choose" data-sample="{0}" x="{1:.0f}" y="{2:.0f}" width="{3:.0f}" height="{3:.0f}"><title>sample {0}</title></rect>)",
            sample, from_left, from_top, pixel);
      }
    }
    return text;
  }
  using Axis = semantics::Axis;

  const Case& case_;
  Element element_;
  Trace trace_;
  Options options_;
  Tensor output_;
  Shape place_;  // n, (d,) h, w of the sample
  Range columns_;
  Range rows_;
  std::vector<std::optional<std::int64_t>> slices_;  // of a volume those that are read
  std::optional<std::int64_t> slice_;                // the one that is being drawn
  Range output_columns_;
  Range output_rows_;
  Shades shades_;
};

}  // namespace

std::string picture(const Case& test_case, const Element& element) {
  return Picture(test_case, element).text();
}

}  // namespace gridproof::reports
