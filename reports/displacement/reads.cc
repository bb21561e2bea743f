#include "reports/displacement/reads.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <sstream>

#include "oracle/exact/displacement.h"
#include "reports/displacement/drawing.h"
#include "reports/displacement/field.h"

namespace gridproof::reports::displacement {
namespace {

constexpr double left = 46;     // of the first panel: numbers stand there
constexpr double between = 18;  // panels
constexpr double above = 42;    // the first panel: two lines
constexpr double below = 62;    // a panel, and above the next: numbers, and a line
constexpr const char* text_color = "currentColor";
// As in the other pictures, but to be seen on black, too.
constexpr const char* inside = "#1f83c4";
constexpr const char* outside = "#d55e00";

// A panel before it is drawn: arrows, by how much they are magnified, and what stands above them.
struct Panel {
  std::string title;
  std::vector<Arrow> arrows;
  double magnified = 1;
};

// What is drawn of an axis: every `stride`th of its output locations.
struct Steps {
  std::int64_t first = 0;
  std::int64_t stride = 1;
  std::int64_t count = 1;
};

// A reading of an input: which output locations are drawn, and where they read.
class Question {
 public:
  Question(const Shape& input, const Reading& reading) : input_(input), reading_(reading) {}

  [[nodiscard]] std::int64_t size(int axis) const {
    return input_[input_.size() - 1 - static_cast<std::size_t>(axis)];
  }
  [[nodiscard]] std::int64_t outputs(int axis) const {
    return reading_.grid.size(reading_.grid.rank() - 2 - axis);
  }
  [[nodiscard]] int dimensions() const { return static_cast<int>(input_.size()); }

  // At most `most` locations of an axis, fewer where the input is shorter than `longest`.
  [[nodiscard]] Steps steps(int axis, std::int64_t most, std::int64_t longest) const {
    const auto share = static_cast<double>(size(axis)) / static_cast<double>(longest);
    const auto wanted = std::max<std::int64_t>(std::llround(static_cast<double>(most) * share), 1);
    const std::int64_t stride = (outputs(axis) + wanted - 1) / wanted;
    return {.first = (outputs(axis) - 1) % stride / 2,
            .stride = stride,
            .count = (outputs(axis) + stride - 1) / stride};
  }

  // The arrows of a slice, row by row.
  [[nodiscard]] std::vector<Arrow> arrows(const Slice& slice, std::int64_t most) const {
    const std::int64_t longest = std::max({size(slice.across), size(slice.down), std::int64_t{1}});
    const Steps across = steps(slice.across, most, longest);
    const Steps down = steps(slice.down, most, longest);
    const Tensor positions = positions_at(slice, across, down);
    const auto numbers = positions.elements<double>();
    const auto axes = static_cast<std::size_t>(dimensions());
    std::vector<Arrow> result;
    for (std::int64_t j = 0; j < down.count; ++j) {
      for (std::int64_t i = 0; i < across.count; ++i) {
        const auto read =
            numbers.subspan(static_cast<std::size_t>(j * across.count + i) * axes, axes);
        result.push_back(
            {.from = {place(slice.across, across, i), place(slice.down, down, j)},
             .to = {read[static_cast<std::size_t>(slice.across)],
                    read[static_cast<std::size_t>(slice.down)]},
             .finite = std::ranges::all_of(read, [](double p) { return std::isfinite(p); }),
             .inside = is_inside(read)});
      }
    }
    return result;
  }

 private:
  // Where the identity resize reads at a location.
  [[nodiscard]] double place(int axis, const Steps& steps, std::int64_t i) const {
    return identity_position(size(axis), outputs(axis), reading_.align_corners,
                             static_cast<double>(steps.first + i * steps.stride));
  }

  [[nodiscard]] bool is_inside(std::span<const double> position) const {
    for (int axis = 0; axis < dimensions(); ++axis) {
      const double p = position[static_cast<std::size_t>(axis)];
      if (!(p >= -0.5 && p <= static_cast<double>(size(axis)) - 0.5)) return false;
    }
    return true;
  }

  // The positions of those locations of the first item, dense: a large grid is not converted for a
  // few arrows.
  [[nodiscard]] Tensor positions_at(const Slice& slice, const Steps& across,
                                    const Steps& down) const {
    const Tensor& grid = reading_.grid;
    Shape shape = grid.shape();
    Shape strides = grid.strides();
    std::int64_t offset = grid.offset();
    shape[0] = 1;
    for (int axis = 0; axis < dimensions(); ++axis) {
      const auto where = static_cast<std::size_t>(grid.rank() - 2 - axis);
      const Steps steps = axis == slice.across ? across
                          : axis == slice.down ? down
                                               : Steps{.first = slice.at};
      offset += steps.first * strides[where];
      shape[where] = steps.count;
      strides[where] *= steps.stride;
    }
    const Tensor some = Tensor::strided(grid.dtype(), shape, strides, offset, grid.shared_storage(),
                                        grid.storage_size());
    return exact::convert_field(some.contiguous(), input_, reading_.align_corners, exact::as_grid,
                                exact::as_maps);
  }

  const Shape& input_;
  const Reading& reading_;
};

double length_of(const Arrow& arrow) {
  const double length = std::hypot(arrow.to[0] - arrow.from[0], arrow.to[1] - arrow.from[1]);
  return arrow.finite && std::isfinite(length) ? length : 0;
}

double longest_of(const std::vector<Arrow>& arrows) {
  double longest = 0;
  for (const Arrow& arrow : arrows) longest = std::max(longest, length_of(arrow));
  return longest;
}

// How long the arrow in the middle is, of all in the order of their lengths.
double median_of(const std::vector<Arrow>& arrows) {
  std::vector<double> lengths;
  for (const Arrow& arrow : arrows) lengths.push_back(length_of(arrow));
  if (lengths.empty()) return 0;
  const auto middle = lengths.begin() + std::ssize(lengths) / 2;
  std::ranges::nth_element(lengths, middle);
  return *middle;
}

// Small arrows are magnified until they can be seen, but do not reach those beside them.
double magnification(double longest, double spacing) {
  constexpr double rounding = 1e-6;  // what is shorter says nothing
  return longest > rounding && 3 * longest < spacing ? round_number(0.9 * spacing / longest) : 1;
}

// From where the first reading reads to where the second does.
std::vector<Arrow> differences(const std::vector<Arrow>& first, const std::vector<Arrow>& second) {
  std::vector<Arrow> result;
  for (std::size_t i = 0; i < first.size(); ++i) {
    if (!first[i].finite || !second[i].finite) continue;
    result.push_back({.from = first[i].to, .to = second[i].to, .inside = second[i].inside});
  }
  return result;
}

// All that is drawn: for each slice one panel for each reading, and what lies between two of them.
struct Contents {
  std::vector<std::vector<Panel>> rows;
  std::vector<Slice> slices;
  std::vector<std::int64_t> strides;  // of the output's locations, by axis
};

// Two readings that look alike, though they are not the same.
bool are_alike(const std::vector<std::vector<Panel>>& rows) {
  double motion = 0;
  double difference = 0;
  for (const std::vector<Panel>& row : rows) {
    for (const Panel& panel : row) motion = std::max(motion, longest_of(panel.arrows));
    difference =
        std::max(difference, longest_of(differences(row.front().arrows, row.back().arrows)));
  }
  constexpr double rounding = 1e-6;
  return difference > rounding && 4 * difference < motion;
}

// How far the arrows stand apart, in input pixels, where that is least.
double spacing_of(const Question& question, const std::vector<std::int64_t>& strides) {
  double spacing = INFINITY;
  for (int axis = 0; axis < question.dimensions(); ++axis) {
    if (question.outputs(axis) < 2) continue;
    spacing = std::min(spacing, static_cast<double>(strides[static_cast<std::size_t>(axis)] *
                                                    question.size(axis)) /
                                    static_cast<double>(question.outputs(axis)));
  }
  return std::isfinite(spacing) ? spacing : 1;
}

void magnify(Contents& contents, double spacing) {
  double motion = 0;
  double difference = 0;
  for (const std::vector<Panel>& row : contents.rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      double& longest = i < 2 ? motion : difference;
      longest = std::max(longest, longest_of(row[i].arrows));
    }
  }
  for (std::vector<Panel>& row : contents.rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      row[i].magnified = magnification(i < 2 ? motion : difference, spacing);
      for (Arrow& arrow : row[i].arrows) {
        for (std::size_t k = 0; k < 2; ++k) {
          arrow.to[k] = arrow.from[k] + row[i].magnified * (arrow.to[k] - arrow.from[k]);
        }
      }
    }
  }
}

Contents contents_of(const Shape& input, const std::vector<Reading>& readings, std::int64_t most) {
  const Shape& grid = readings.front().grid.shape();
  Contents contents{.rows = {},
                    .slices = slices_of(Shape(grid.begin() + 1, grid.end() - 1)),
                    .strides = std::vector<std::int64_t>(input.size(), 1)};
  const Question first(input, readings.front());
  for (const Slice& slice : contents.slices) {
    std::vector<Panel> row;
    for (const Reading& reading : readings) {
      row.push_back({.title = fmt::format("{} (align_corners={})", reading.title,
                                          reading.align_corners ? "True" : "False"),
                     .arrows = Question(input, reading).arrows(slice, most)});
    }
    contents.rows.push_back(std::move(row));
    const std::int64_t longest = std::max(first.size(slice.across), first.size(slice.down));
    for (const int axis : {slice.across, slice.down}) {
      contents.strides[static_cast<std::size_t>(axis)] = first.steps(axis, most, longest).stride;
    }
  }
  if (readings.size() == 2 && are_alike(contents.rows)) {
    for (std::vector<Panel>& row : contents.rows) {
      row.push_back({.title = "from the first to the second",
                     .arrows = differences(row[0].arrows, row[1].arrows)});
    }
  }
  return contents;
}

// What is to be seen along an axis: all of the input, where arrows begin, and where they end unless
// that is far away.
Range view_of(double size, double margin, std::size_t which, const std::vector<Panel>& row) {
  Range range{-0.5, size - 0.5};
  const auto include = [&](double number) {
    if (!std::isfinite(number)) return;
    range.least = std::min(range.least, std::max(number, -0.5 - margin));
    range.greatest = std::max(range.greatest, std::min(number, size - 0.5 + margin));
  };
  for (const Panel& panel : row) {
    for (const Arrow& arrow : panel.arrows) {
      include(arrow.from[which]);
      if (arrow.finite) include(arrow.to[which]);
    }
  }
  return range;
}

// The same range, wider at both ends where it would be too narrow for what stands around it.
Range widened(const Range& range, double least_width) {
  const double missing = std::max(0.0, least_width - (range.greatest - range.least)) / 2;
  return {range.least - missing, range.greatest + missing};
}

struct View {
  Box box;
  Scale across;
  Scale down;
};

void add_axes(pugi::xml_node root, const View& view, bool is_first) {
  const auto& [box, across, down] = view;
  // Numbers that do not run into each other.
  const auto ticks = [](const Scale& scale, double length, double room) {
    return ticks_between(scale.least, scale.least + length / scale.per_unit,
                         std::clamp(length / room, 1.0, 10.0));
  };
  std::string marks;
  for (const std::int64_t tick : ticks(across, box.width, 32)) {
    const double x = across(static_cast<double>(tick));
    marks += fmt::format("M{:.1f} {:.1f}v4", x, box.y + box.height);
    add_text(root, x, box.y + box.height + 16, std::to_string(tick), "middle");
  }
  for (const std::int64_t tick : ticks(down, box.height, 18)) {
    const double y = down(static_cast<double>(tick));
    marks += fmt::format("M{:.1f} {:.1f}h-4", box.x, y);
    if (is_first) add_text(root, box.x - 7, y + 4, std::to_string(tick), "end");
  }
  set(add_path(root, marks, text_color), "stroke-opacity", "0.6");
}

void add_panel(pugi::xml_node root, const Panel& panel, const View& view, double columns,
               double rows) {
  const auto& [box, across, down] = view;
  pugi::xml_node title = add_text(root, box.x, box.y - 8, panel.title);
  set(title, "font-weight", "bold");
  // What is outside of it is cut off.
  pugi::xml_node inner = root.append_child("svg");
  set(inner, "x", box.x);
  set(inner, "y", box.y);
  set(inner, "width", box.width);
  set(inner, "height", box.height);
  set(inner, "viewBox",
      fmt::format("{:.2f} {:.2f} {:.2f} {:.2f}", box.x, box.y, box.width, box.height));
  pugi::xml_node frame = add_rectangle(inner, across(-0.5), down(-0.5), columns * across.per_unit,
                                       rows * down.per_unit, text_color);
  set(frame, "fill-opacity", "0.1");
  std::string not_finite;
  for (const Arrow& arrow : panel.arrows) {
    if (arrow.finite) continue;
    not_finite += fmt::format("M{:.1f} {:.1f}l6 6m0 -6l-6 6", across(arrow.from[0]) - 3,
                              down(arrow.from[1]) - 3);
  }
  const auto add = [&](const std::string& path, const char* color, const char* width) {
    if (path.empty()) return;
    pugi::xml_node node = add_path(inner, path, color);
    set(node, "stroke-width", width);
    set(node, "stroke-linecap", "round");
  };
  for (const bool is_inside : {false, true}) {
    std::string tails;
    std::string arrows;
    for (const Arrow& arrow : panel.arrows) {
      if (!arrow.finite || arrow.inside != is_inside) continue;
      const double x = across(arrow.from[0]);
      const double y = down(arrow.from[1]);
      tails += fmt::format("M{:.1f} {:.1f}h0", x, y);
      arrows += arrow_path(x, y, across(arrow.to[0]), down(arrow.to[1]));
    }
    add(tails, is_inside ? inside : outside, "3.6");
    add(arrows, is_inside ? inside : outside, "1.4");
  }
  add(not_finite, text_color, "1.4");
  pugi::xml_node border = add_rectangle(root, box.x, box.y, box.width, box.height, "none");
  set(border, "stroke", text_color);
  set(border, "stroke-opacity", "0.5");
}

// The lines below the panels. Returns where they end.
double add_legend(pugi::xml_node root, const Contents& contents, std::int64_t batch, double y) {
  double x = left;
  const auto any = [&](auto is_so) {
    return std::ranges::any_of(contents.rows, [&](const std::vector<Panel>& row) {
      return std::ranges::any_of(
          row, [&](const Panel& panel) { return std::ranges::any_of(panel.arrows, is_so); });
    });
  };
  const auto key = [&](const char* color, const std::string& text, double width) {
    set(add_path(root, arrow_path(x, y - 4, x + 20, y - 4), color), "stroke-width", "1.4");
    add_text(root, x + 26, y, text);
    x += width;
  };
  key(inside, "reads inside the input", 165);
  if (any([](const Arrow& arrow) { return arrow.finite && !arrow.inside; })) {
    key(outside, "reads outside", 120);
  }
  if (any([](const Arrow& arrow) { return !arrow.finite; })) add_text(root, x, y, "×  not finite");
  const auto line = [&](const std::string& text) {
    y += 16;
    add_text(root, left, y, text);
  };
  line("Arrows: from the place of an output location to where it reads.");
  line("Axes: input pixels, y down. The input is shaded.");
  const std::vector<Panel>& row = contents.rows.front();
  if (row.front().magnified != 1) {
    line(fmt::format("Arrows are drawn {:.6g} times as long as they are.", row.front().magnified));
  }
  if (row.size() == 3) {
    line(
        fmt::format("Third panel: from where the first reads to where the second does, {:.6g} "
                    "times as long.",
                    row[2].magnified));
  }
  std::string shown;
  for (std::size_t axis = 0; axis < contents.strides.size(); ++axis) {
    if (contents.strides[axis] == 1) continue;
    shown += fmt::format("{}one of {} along {}", shown.empty() ? "" : ", ", contents.strides[axis],
                         axis_names[axis]);
  }
  if (!shown.empty()) line("Output locations that are shown: " + shown + ".");
  if (batch > 1) line(fmt::format("The first of {} grids.", batch));
  return y;
}

// The panels of a slice. Returns where they end, to the right and below.
std::array<double, 2> add_row(pugi::xml_node root, const Question& question, const Slice& slice,
                              const std::vector<Panel>& row, double extent, double top) {
  constexpr double least_width = 190;  // of a title
  constexpr double least_height = 60;
  const auto columns = static_cast<double>(question.size(slice.across));
  const auto rows = static_cast<double>(question.size(slice.down));
  const double margin = 0.3 * std::max(columns, rows);
  Range across = view_of(columns, margin, 0, row);
  Range down = view_of(rows, margin, 1, row);
  const double per_pixel =
      extent / std::max(across.greatest - across.least, down.greatest - down.least);
  across = widened(across, least_width / per_pixel);
  down = widened(down, least_height / per_pixel);
  double x = left;
  const double width = (across.greatest - across.least) * per_pixel;
  const double height = (down.greatest - down.least) * per_pixel;
  for (const Panel& panel : row) {
    const View view{
        {x, top, width, height}, {across.least, x, per_pixel}, {down.least, top, per_pixel}};
    add_panel(root, panel, view, columns, rows);
    add_axes(root, view, &panel == &row.front());
    x += width + between;
  }
  return {x, top + height};
}

}  // namespace

std::string reads_svg(const Shape& input, const std::vector<Reading>& readings) {
  const bool is_empty =
      element_count(input) == 0 || std::ranges::any_of(readings, [](const Reading& reading) {
        return reading.grid.element_count() == 0;
      });
  if (readings.empty() || is_empty) return "";
  const bool is_volume = input.size() == 3;
  const Question question(input, readings.front());
  std::int64_t most = is_volume ? 8 : 12;
  Contents contents = contents_of(input, readings, most);
  // Long arrows run into each other: fewer are drawn.
  if (median_of(contents.rows.front().front().arrows) >
      2 * spacing_of(question, contents.strides)) {
    most /= 2;
    contents = contents_of(input, readings, most);
  }
  const std::size_t panels = contents.rows.front().size();
  magnify(contents, spacing_of(question, contents.strides));
  pugi::xml_document document;
  pugi::xml_node root = document.append_child("svg");
  root.append_child("title").text().set("Where each output location reads");
  double right = left + 440;  // of the legend
  double y = above;
  for (std::size_t i = 0; i < contents.rows.size(); ++i) {
    const Slice& slice = contents.slices[i];
    if (is_volume) add_text(root, left, y - 24, title_of(slice));
    const double extent = is_volume ? 200 : panels == 3 ? 240 : 300;
    const auto ends = add_row(root, question, slice, contents.rows[i], extent, y);
    right = std::max(right, ends[0]);
    y = ends[1] + below;
  }
  y = add_legend(root, contents, readings.front().grid.size(0), y - below + 40);
  const double height = y + 10;
  set(root, "xmlns", "http://www.w3.org/2000/svg");
  set(root, "role", "img");
  set(root, "viewBox", fmt::format("0 0 {:.0f} {:.0f}", std::ceil(right), std::ceil(height)));
  set(root, "width", fmt::format("{:.0f}", std::ceil(right)));
  set(root, "style", "max-width:100%;height:auto");
  set(root, "font-family", "DejaVu Sans,Verdana,sans-serif");
  set(root, "font-size", 11);
  set(root, "fill", text_color);
  std::ostringstream out;
  document.save(out, " ", pugi::format_indent | pugi::format_no_declaration, pugi::encoding_utf8);
  return out.str();
}

}  // namespace gridproof::reports::displacement
