#include "reports/displacement/pictures.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <optional>
#include <pugixml.hpp>
#include <span>
#include <sstream>

#include "reference/encoding/base64.h"
#include "reports/displacement/drawing.h"

namespace gridproof::reports::displacement {
namespace {

constexpr Color white = {255, 255, 255};
constexpr Color black = {0, 0, 0};
constexpr Color gray = {150, 150, 150};

std::vector<Slice> slices_of(const Field& field) {
  const Shape& shape = field.positions.shape();
  return displacement::slices_of(Shape(shape.begin() + 1, shape.end() - 1));
}

// The number of an output location of the first item.
std::size_t location_at(const Field& field, const Slice& slice, std::int64_t across,
                        std::int64_t down) {
  std::array<std::int64_t, 3> index{};
  index[static_cast<std::size_t>(slice.across)] = across;
  index[static_cast<std::size_t>(slice.down)] = down;
  if (slice.fixed) index[static_cast<std::size_t>(*slice.fixed)] = slice.at;
  std::int64_t place = 0;
  for (int axis = field.dimensions(); axis-- > 0;) {
    place = place * field.outputs(axis) + index[static_cast<std::size_t>(axis)];
  }
  return static_cast<std::size_t>(place);
}

// The numbers of a location in a tensor of k numbers for each.
std::span<const double> numbers_at(const Tensor& tensor, std::size_t location) {
  const auto count = static_cast<std::size_t>(tensor.size(tensor.rank() - 1));
  return tensor.elements<double>().subspan(location * count, count);
}

// ---- Writing SVG ----

constexpr double top_of_pictures = 48;  // below the heading
constexpr double least_width = 150;     // of a picture, whose own title stands above it

struct Svg {
  pugi::xml_document document;
  pugi::xml_node root = document.append_child("svg");

  // The first text is what a screen reader says.
  explicit Svg(const std::string& title) {
    set(root, "xmlns", "http://www.w3.org/2000/svg");
    set(root, "role", "img");
    set(root, "font-family", "DejaVu Sans,Verdana,sans-serif");
    set(root, "font-size", 11);
    root.append_child("title").text().set(title.c_str());
  }
  void head(double x, const std::string& text) const {
    pugi::xml_node heading = add_text(root, x, 20, text);
    set(heading, "font-size", 15);
    set(heading, "font-weight", "bold");
  }
  void resize(double width, double height) {
    set(root, "width", fmt::format("{:.0f}", std::ceil(width)));
    set(root, "height", fmt::format("{:.0f}", std::ceil(height)));
    pugi::xml_node background = root.insert_child_after("rect", root.first_child());
    set(background, "width", "100%");
    set(background, "height", "100%");
    set(background, "fill", "#ffffff");
  }
  [[nodiscard]] std::string text() const {
    std::ostringstream out;
    document.save(out, " ", pugi::format_indent | pugi::format_no_declaration, pugi::encoding_utf8);
    return out.str();
  }
};

// Round numbers from 0 to a greatest one, at most some six.
std::vector<double> ticks_to(double greatest) {
  std::vector<double> ticks = {0};
  if (!(greatest > 0)) return ticks;
  const double step = round_number(greatest / 2.5);
  for (int i = 1; i * step <= greatest * (1 + 1e-9); ++i) ticks.push_back(i * step);
  return ticks;
}

void add_axes(pugi::xml_node parent, const Box& box, const Slice& slice, const Scale& across,
              const Scale& down) {
  constexpr double length = 4;
  const double bottom = box.y + box.height;
  std::string marks;
  for (const std::int64_t tick :
       ticks_between(across.least, across.least + box.width / across.per_unit)) {
    const double x = across(static_cast<double>(tick));
    marks += fmt::format("M{:.2f} {:.2f}v{:.2f}", x, bottom, length);
    add_text(parent, x, bottom + 16, std::to_string(tick), "middle");
  }
  for (const std::int64_t tick :
       ticks_between(down.least, down.least + box.height / down.per_unit)) {
    const double y = down(static_cast<double>(tick));
    marks += fmt::format("M{:.2f} {:.2f}h{:.2f}", box.x, y, -length);
    add_text(parent, box.x - 7, y + 4, std::to_string(tick), "end");
  }
  add_path(parent, marks, "#444444");
  pugi::xml_node frame = add_rectangle(parent, box.x, box.y, box.width, box.height, "none");
  set(frame, "stroke", "#444444");
  add_text(parent, box.x, box.y - 7, title_of(slice));
}

// ---- Arrows ----

constexpr const char* inside_color = "#0072b2";   // blue and vermilion, which nobody
constexpr const char* outside_color = "#d55e00";  // takes for one another

// How the arrows of a field are drawn: `most` of them along an axis, each `magnified` times as long
// as it is.
struct ArrowStyle {
  std::int64_t most = 40;
  double magnified = 1;

  [[nodiscard]] std::int64_t stride(std::int64_t outputs) const {
    return (outputs + most - 1) / most;
  }
};

std::vector<Arrow> arrows_of(const Field& field, const Slice& slice, const ArrowStyle& style) {
  std::vector<Arrow> arrows;
  const std::int64_t step_down = style.stride(field.outputs(slice.down));
  const std::int64_t step_across = style.stride(field.outputs(slice.across));
  for (std::int64_t j = step_down / 2; j < field.outputs(slice.down); j += step_down) {
    for (std::int64_t i = step_across / 2; i < field.outputs(slice.across); i += step_across) {
      const auto position = numbers_at(field.positions, location_at(field, slice, i, j));
      Arrow arrow;
      arrow.from = {field.origin(slice.across, static_cast<double>(i)),
                    field.origin(slice.down, static_cast<double>(j))};
      const std::array<double, 2> read = {position[static_cast<std::size_t>(slice.across)],
                                          position[static_cast<std::size_t>(slice.down)]};
      for (std::size_t k = 0; k < 2; ++k) {
        arrow.to[k] = style.magnified == 1
                          ? read[k]
                          : arrow.from[k] + style.magnified * (read[k] - arrow.from[k]);
      }
      for (int axis = 0; axis < field.dimensions(); ++axis) {
        const double p = position[static_cast<std::size_t>(axis)];
        arrow.finite = arrow.finite && std::isfinite(p);
        arrow.inside =
            arrow.inside && p >= -0.5 && p <= static_cast<double>(field.size(axis)) - 0.5;
      }
      arrows.push_back(arrow);
    }
  }
  return arrows;
}

double longest_of(const Field& field, const ArrowStyle& style) {
  double longest = 0;
  for (const Slice& slice : slices_of(field)) {
    for (const Arrow& arrow : arrows_of(field, slice, style)) {
      const double length = std::hypot(arrow.to[0] - arrow.from[0], arrow.to[1] - arrow.from[1]);
      if (arrow.finite && std::isfinite(length)) longest = std::max(longest, length);
    }
  }
  return longest;
}

// How far the arrows stand apart, in input pixels, where that is least.
double spacing_of(const Field& field, const ArrowStyle& style) {
  double spacing = INFINITY;
  for (int axis = 0; axis < field.dimensions(); ++axis) {
    const std::int64_t outputs = field.outputs(axis);
    if (outputs < 2) continue;
    spacing = std::min(spacing, static_cast<double>(field.size(axis) * style.stride(outputs)) /
                                    static_cast<double>(outputs));
  }
  return std::isfinite(spacing) ? spacing : 1;
}

// Of long arrows fewer are drawn, and small ones are magnified, so that they can be seen and do not
// run into each other.
ArrowStyle style_of(const Field& field) {
  ArrowStyle style;
  const double longest = longest_of(field, style);
  if (longest > 2 * spacing_of(field, style)) style.most = 24;
  const double wanted = 1.2 * spacing_of(field, style);
  constexpr double least = 1e-6;  // what is shorter is rounding
  if (longest > least && 4 * longest < wanted) style.magnified = round_number(wanted / longest);
  return style;
}

// What is to be seen along an axis of the input: all of it, where the arrows begin, and where they
// end unless that is farther away than the input is wide.
Range view_of(const Field& field, int axis, std::size_t which, const std::vector<Arrow>& arrows) {
  const auto size = static_cast<double>(field.size(axis));
  Range range{-0.5, size - 0.5};
  const auto include = [&](double number) {
    range.least = std::min(range.least, number - 0.5);
    range.greatest = std::max(range.greatest, number + 0.5);
  };
  for (const Arrow& arrow : arrows) {
    include(arrow.from[which]);
    if (arrow.finite) include(std::clamp(arrow.to[which], -0.5 - size, 2 * size - 0.5));
  }
  return range;
}

// A picture of a slice in the input's pixels, with the input in it.
struct View {
  Box box;
  Scale across;
  Scale down;
};

View view_in(const Field& field, const Slice& slice, const std::vector<Arrow>& arrows, double left,
             double top) {
  constexpr double extent = 480;  // of the longer side
  const Range x_view = view_of(field, slice.across, 0, arrows);
  const Range y_view = view_of(field, slice.down, 1, arrows);
  const double width = x_view.greatest - x_view.least;
  const double height = y_view.greatest - y_view.least;
  const double per_pixel = extent / std::max(width, height);
  const Scale across{x_view.least, left, per_pixel};
  const Scale down{y_view.least, top, per_pixel};
  return {{left, top, width * per_pixel, height * per_pixel}, across, down};
}

// The input, with lines between its pixels where they are large enough. Returns the group of what
// is drawn in the view.
pugi::xml_node add_input(Svg& svg, const Field& field, const Slice& slice, const View& view,
                         const std::string& id) {
  const auto& [box, across, down] = view;
  const double per_pixel = across.per_unit;
  const auto columns = static_cast<double>(field.size(slice.across));
  const auto rows = static_cast<double>(field.size(slice.down));
  add_rectangle(svg.root, across(-0.5), down(-0.5), columns * per_pixel, rows * per_pixel,
                "#ececec");
  if (per_pixel >= 8) {
    std::string lines;
    for (double x = 0.5; x < columns - 1; ++x) {
      lines += fmt::format("M{:.2f} {:.2f}v{:.2f}", across(x), down(-0.5), rows * per_pixel);
    }
    for (double y = 0.5; y < rows - 1; ++y) {
      lines += fmt::format("M{:.2f} {:.2f}h{:.2f}", across(-0.5), down(y), columns * per_pixel);
    }
    add_path(svg.root, lines, "#ffffff");
  }
  pugi::xml_node clip = svg.root.append_child("clipPath");
  set(clip, "id", id);
  add_rectangle(clip, box.x, box.y, box.width, box.height, "none");
  pugi::xml_node group = svg.root.append_child("g");
  set(group, "clip-path", "url(#" + id + ")");
  return group;
}

View add_quiver(Svg& svg, const Field& field, const Slice& slice, const ArrowStyle& style,
                double left, double top) {
  const std::vector<Arrow> arrows = arrows_of(field, slice, style);
  const View view = view_in(field, slice, arrows, left, top);
  const auto& [box, across, down] = view;
  pugi::xml_node group =
      add_input(svg, field, slice, view, fmt::format("panel-{}-{}", slice.across, slice.down));
  for (const Arrow& arrow : arrows) {
    const double x = across(arrow.from[0]);
    const double y = down(arrow.from[1]);
    if (arrow.finite) {
      add_path(group, arrow_path(x, y, across(arrow.to[0]), down(arrow.to[1])),
               arrow.inside ? inside_color : outside_color);
    } else {
      add_path(group, fmt::format("M{:.2f} {:.2f}l6 6m0 -6l-6 6", x - 3, y - 3), "#000000");
    }
  }
  add_axes(svg.root, box, slice, across, down);
  return view;
}

// The lattice of the output where it reads: rows and columns of output locations, in the view of
// the arrows.
void add_mesh(Svg& svg, const Field& field, const Slice& slice, View view, double left,
              double top) {
  constexpr std::int64_t max_lines = 24;
  constexpr std::int64_t max_points = 200;
  constexpr double limit = 1e5;  // far beyond the picture, whose edge cuts it
  view.across.start += left - view.box.x;
  view.down.start += top - view.box.y;
  view.box.x = left;
  view.box.y = top;
  pugi::xml_node group =
      add_input(svg, field, slice, view, fmt::format("mesh-{}-{}", slice.across, slice.down));
  const auto line = [&](bool is_row, std::int64_t at) {
    const std::int64_t count = field.outputs(is_row ? slice.across : slice.down);
    const std::int64_t step = std::max<std::int64_t>((count - 1) / max_points, 1);
    std::string path;
    bool is_broken = true;
    for (std::int64_t i = 0; i < count;
         i = i == count - 1 ? count : std::min(i + step, count - 1)) {
      const auto position =
          numbers_at(field.positions, location_at(field, slice, is_row ? i : at, is_row ? at : i));
      const double x = view.across(position[static_cast<std::size_t>(slice.across)]);
      const double y = view.down(position[static_cast<std::size_t>(slice.down)]);
      const bool is_finite = std::isfinite(x) && std::isfinite(y);
      if (is_finite) {
        path += fmt::format("{}{:.2f} {:.2f}", is_broken ? 'M' : 'L', std::clamp(x, -limit, limit),
                            std::clamp(y, -limit, limit));
      }
      is_broken = !is_finite;
    }
    if (!path.empty()) add_path(group, path, inside_color);
  };
  for (const bool is_row : {true, false}) {
    const std::int64_t count = field.outputs(is_row ? slice.down : slice.across);
    const std::int64_t step = std::max<std::int64_t>((count + max_lines - 1) / max_lines, 1);
    for (std::int64_t at = 0; at < count;
         at = at == count - 1 ? count : std::min(at + step, count - 1)) {
      line(is_row, at);
    }
  }
  add_axes(svg.root, view.box, slice, view.across, view.down);
}

// ---- Magnitude ----

// What one cell of the picture says: the longest displacement in it.
struct Cell {
  double length = 0;
  bool finite = true;
  bool folds = false;
};

// A slice in the image: `columns` x `rows` cells of `cell` pixels, each of `block` locations along
// both axes.
struct Panel {
  Slice slice;
  int x;  // in the image
  int y;
  int columns;
  int rows;
  int cell;
  std::int64_t block;
};

constexpr int margin = 8;    // of the image
constexpr int between = 40;  // its parts, where numbers stand
constexpr int bar_width = 16;

std::vector<Panel> panels_of(const Field& field) {
  constexpr std::int64_t max_cells = 1024;
  constexpr std::int64_t wanted = 384;  // pixels
  std::vector<Panel> panels;
  int x = margin;
  for (const Slice& slice : slices_of(field)) {
    const std::int64_t longest =
        std::max({field.outputs(slice.across), field.outputs(slice.down), std::int64_t{1}});
    const std::int64_t block = (longest + max_cells - 1) / max_cells;
    const std::int64_t cell = std::clamp<std::int64_t>(wanted * block / longest, 1, 64);
    const auto cells = [&](int axis) {
      return static_cast<int>((field.outputs(axis) + block - 1) / block);
    };
    panels.push_back({.slice = slice,
                      .x = x,
                      .y = margin,
                      .columns = cells(slice.across),
                      .rows = cells(slice.down),
                      .cell = static_cast<int>(cell),
                      .block = block});
    const int width = panels.back().columns * panels.back().cell;
    x += std::max(width, static_cast<int>(least_width)) + between;
  }
  return panels;
}

Cell cell_at(const Field& field, const Jacobian& jacobian, const Panel& panel, int column,
             int row) {
  const auto determinants = jacobian.determinants.elements<double>();
  Cell cell;
  const std::int64_t first_across = column * panel.block;
  const std::int64_t first_down = row * panel.block;
  const std::int64_t end_across =
      std::min(first_across + panel.block, field.outputs(panel.slice.across));
  const std::int64_t end_down = std::min(first_down + panel.block, field.outputs(panel.slice.down));
  for (std::int64_t j = first_down; j < end_down; ++j) {
    for (std::int64_t i = first_across; i < end_across; ++i) {
      const std::size_t location = location_at(field, panel.slice, i, j);
      double length = 0;
      for (const double number : numbers_at(field.displacement, location)) {
        length = std::hypot(length, number);
      }
      cell.finite = cell.finite && std::isfinite(length);
      if (std::isfinite(length)) cell.length = std::max(cell.length, length);
      cell.folds = cell.folds || determinants[location] <= 0;
    }
  }
  return cell;
}

double longest_in(const Field& field, const Jacobian& jacobian, const std::vector<Panel>& panels) {
  double longest = 0;
  for (const Panel& panel : panels) {
    for (int row = 0; row < panel.rows; ++row) {
      for (int column = 0; column < panel.columns; ++column) {
        longest = std::max(longest, cell_at(field, jacobian, panel, column, row).length);
      }
    }
  }
  return longest;
}

int height_of(const std::vector<Panel>& panels) {
  int height = 64;  // a bar that can be read
  for (const Panel& panel : panels) height = std::max(height, panel.rows * panel.cell);
  return height;
}

void add_image(Svg& svg, const Image& image, double x, double y) {
  const std::string png = encode_png(image);
  std::string href = "data:image/png;base64,";
  append_base64(href, std::as_bytes(std::span(png)));
  pugi::xml_node picture = svg.root.append_child("image");
  set(picture, "x", x);
  set(picture, "y", y);
  set(picture, "width", image.width());
  set(picture, "height", image.height());
  set(picture, "style", "image-rendering:pixelated");
  set(picture, "href", href);
}

void add_panel_axes(Svg& svg, const std::vector<Panel>& panels, double left, double top) {
  for (const Panel& panel : panels) {
    const Box box{left + panel.x, top + panel.y, static_cast<double>(panel.columns * panel.cell),
                  static_cast<double>(panel.rows * panel.cell)};
    const double per_location = static_cast<double>(panel.cell) / static_cast<double>(panel.block);
    add_axes(svg.root, box, panel.slice, {-0.5, box.x, per_location}, {-0.5, box.y, per_location});
  }
}

void paint(Image& image, const Field& field, const Jacobian& jacobian, const Panel& panel,
           double longest) {
  for (int row = 0; row < panel.rows; ++row) {
    for (int column = 0; column < panel.columns; ++column) {
      const Cell cell = cell_at(field, jacobian, panel, column, row);
      const Color color = !cell.finite ? gray : color_of(longest > 0 ? cell.length / longest : 0);
      for (int v = 0; v < panel.cell; ++v) {
        for (int u = 0; u < panel.cell; ++u) {
          const int x = panel.x + column * panel.cell + u;
          const int y = panel.y + row * panel.cell + v;
          const int stripe = (x + y) % 8;
          const bool hatched = cell.folds && (panel.cell < 4 || stripe < 4);
          image.set(x, y, !hatched ? color : stripe % 4 < 2 ? black : white);
        }
      }
    }
  }
}

}  // namespace

// Nine colors of viridis (S. van der Walt and N. Smith, CC0), linear in between.
Color color_of(double share) {
  static constexpr std::array<Color, 9> colors = {{{0x44, 0x01, 0x54},
                                                   {0x47, 0x2d, 0x7b},
                                                   {0x3b, 0x52, 0x8b},
                                                   {0x2c, 0x72, 0x8e},
                                                   {0x21, 0x90, 0x8c},
                                                   {0x27, 0xad, 0x81},
                                                   {0x5d, 0xc8, 0x63},
                                                   {0xaa, 0xdc, 0x32},
                                                   {0xfd, 0xe7, 0x25}}};
  const double place = std::clamp(share, 0.0, 1.0) * (colors.size() - 1);
  const auto below = std::min(static_cast<std::size_t>(place), colors.size() - 2);
  const double t = place - static_cast<double>(below);
  Color color{};
  for (std::size_t i = 0; i < color.size(); ++i) {
    color[i] = static_cast<std::uint8_t>(
        std::lround((1 - t) * colors[below][i] + t * colors[below + 1][i]));
  }
  return color;
}

std::string quiver_svg(const Field& field) {
  constexpr double left = 56;
  Svg svg("Displacement: " + describe(field));
  svg.head(left, "Where each output location reads");
  const ArrowStyle style = style_of(field);
  double bottom = top_of_pictures;
  double right = 560;  // of the legend
  double per_pixel = 0;
  if (field.positions.element_count() > 0) {
    double x = left;
    std::vector<std::pair<Slice, View>> views;
    for (const Slice& slice : slices_of(field)) {
      const View view = add_quiver(svg, field, slice, style, x, top_of_pictures);
      views.emplace_back(slice, view);
      if (per_pixel == 0) per_pixel = view.across.per_unit;
      x += std::max(view.box.width, least_width) + left;
      bottom = std::max(bottom, view.box.y + view.box.height);
    }
    // The mesh stands beside the arrows of a picture, and below those of a volume.
    const bool is_below = views.size() > 1;
    const double top = is_below ? bottom + 60 : top_of_pictures;
    for (const auto& [slice, view] : views) {
      const double mesh_left = is_below ? view.box.x : x;
      add_mesh(svg, field, slice, view, mesh_left, top);
      bottom = std::max(bottom, top + view.box.height);
      right = std::max(right, mesh_left + std::max(view.box.width, least_width) + left);
    }
  }
  const bool identity = field.measure.origin == exact::Origin::identity;
  double y = bottom + 44;
  const auto line = [&](const std::string& text) {
    add_text(svg.root, left, y, text);
    y += 17;
  };
  line(fmt::format(
      "Axes, arrows and mesh: input pixels, y down. The input is in gray. align_corners={}.",
      field.align_corners ? "True" : "False"));
  line(fmt::format("Arrow: from {} to where the grid reads.",
                   identity ? "where the identity resize reads" : "the pixel of the same index"));
  line(
      "Content moves against the arrows: the output shows at the tail of an arrow what lies at its "
      "tip.");
  line("Mesh: rows and columns of output locations, drawn where they read.");
  if (per_pixel > 0) {
    constexpr double longest_key = 72;
    const double length = round_number(longest_key / (per_pixel * style.magnified));
    const double drawn = length * per_pixel * style.magnified;
    add_path(svg.root, arrow_path(left, y - 4, left + drawn, y - 4), "#000000");
    add_text(svg.root, left + drawn + 8, y,
             fmt::format("{:.6g} px{}", length,
                         style.magnified == 1
                             ? std::string()
                             : fmt::format("; arrows are drawn {:.6g} times their true length",
                                           style.magnified)));
    y += 17;
  }
  const auto key = [&](const char* color, const std::string& text) {
    add_path(svg.root, arrow_path(left, y - 4, left + 24, y - 4), color);
    add_text(svg.root, left + 32, y, text);
    y += 17;
  };
  key(inside_color, "reads inside the outer edges of the input");
  key(outside_color, "reads outside");
  line("×  not finite");
  if (field.dimensions() == 3) {
    line("Slices through the middle of the output, without the third component.");
  }
  std::string omitted;
  for (int axis = 0; axis < field.dimensions(); ++axis) {
    if (const std::int64_t stride = style.stride(field.outputs(axis)); stride > 1) {
      omitted += fmt::format("{}one of {} along {}", omitted.empty() ? "" : ", ", stride,
                             axis_names[static_cast<std::size_t>(axis)]);
    }
  }
  if (!omitted.empty()) line("Arrows shown: " + omitted + ".");
  if (field.batch() > 1) line(fmt::format("The first of {} grids.", field.batch()));
  svg.resize(right, y);
  return svg.text();
}

Image magnitude_image(const Field& field, const Jacobian& jacobian) {
  const std::vector<Panel> panels =
      field.positions.element_count() > 0 ? panels_of(field) : std::vector<Panel>();
  const double longest = longest_in(field, jacobian, panels);
  const int height = height_of(panels);
  const int bar = panels.empty()
                      ? margin
                      : panels.back().x + panels.back().columns * panels.back().cell + between;
  Image image(bar + bar_width + margin, height + 2 * margin, white);
  for (const Panel& panel : panels) paint(image, field, jacobian, panel, longest);
  for (int y = 0; y < height; ++y) {
    const Color color = color_of(1 - (y + 0.5) / height);
    for (int x = 0; x < bar_width; ++x) image.set(bar + x, margin + y, color);
  }
  return image;
}

std::string magnitude_svg(const Field& field, const Jacobian& jacobian) {
  constexpr double left = 48;
  constexpr double top = top_of_pictures - margin;
  const Image image = magnitude_image(field, jacobian);
  const std::vector<Panel> panels =
      field.positions.element_count() > 0 ? panels_of(field) : std::vector<Panel>();
  Svg svg("Length of the displacement: " + describe(field));
  svg.head(left + margin, "How far each output location reads from its own place");
  add_image(svg, image, left, top);
  add_panel_axes(svg, panels, left, top);
  const double longest = longest_in(field, jacobian, panels);
  const double bar_right = left + image.width() - margin;
  const double bar_height = image.height() - 2 * margin;
  std::string marks;
  for (const double tick : ticks_to(longest)) {
    const double tick_y = top + margin + (longest > 0 ? 1 - tick / longest : 1) * bar_height;
    marks += fmt::format("M{:.2f} {:.2f}h4", bar_right, tick_y);
    add_text(svg.root, bar_right + 7, tick_y + 4, fmt::format("{:.6g}", tick));
  }
  add_path(svg.root, marks, "#444444");
  double y = top + image.height() + 28;
  const auto line = [&](const std::string& text) {
    add_text(svg.root, left + margin, y, text);
    y += 17;
  };
  line("Length of the displacement in " + describe(field) + ".");
  line("Axes: output locations, y down. Black and white hatching: folds (determinant 0 or less).");
  line("Gray: not finite.");
  if (!panels.empty() && panels.front().block > 1) {
    line(fmt::format("Each block of {0} x {0} locations shows its longest displacement.",
                     panels.front().block));
  }
  if (field.batch() > 1) line(fmt::format("The first of {} grids.", field.batch()));
  svg.resize(std::max(left + image.width() + 64, 620.0), y);
  return svg.text();
}

// The hue is the direction, from red at the right to yellow-green below; the less there is of it,
// up to 1, the whiter.
Color direction_color(double across, double down) {
  const double length = std::hypot(across, down);
  if (!std::isfinite(length)) return gray;
  const double share = std::min(length, 1.0);
  const double sixth = std::fmod(std::atan2(down, across) / std::numbers::pi * 3 + 6, 6);
  Color color{};
  for (std::size_t i = 0; i < color.size(); ++i) {
    // How far the hue is from that of the channel, in sixths of a turn.
    const double apart = std::fabs(std::remainder(sixth - 2 * static_cast<double>(i), 6));
    const double full = std::clamp(2 - apart, 0.0, 1.0);
    color[i] = static_cast<std::uint8_t>(std::lround(255 * (1 - share + share * full)));
  }
  return color;
}

std::string direction_svg(const Field& field) {
  constexpr double left = 48;
  constexpr double top = top_of_pictures - margin;
  constexpr int wheel = 120;
  const std::vector<Panel> panels =
      field.positions.element_count() > 0 ? panels_of(field) : std::vector<Panel>();
  const double longest = longest_of(field, {.most = std::int64_t{1} << 9U});
  Svg svg("Direction of the displacement: " + describe(field));
  svg.head(left + margin, "In which direction each output location reads from its own place");
  const int width = panels.empty()
                        ? margin
                        : panels.back().x + panels.back().columns * panels.back().cell + between;
  Image image(width + wheel + margin, std::max(height_of(panels), wheel) + 2 * margin, white);
  for (const Panel& panel : panels) {
    for (int y = 0; y < panel.rows * panel.cell; ++y) {
      for (int x = 0; x < panel.columns * panel.cell; ++x) {
        // The first location of a block.
        const std::size_t location = location_at(field, panel.slice, x / panel.cell * panel.block,
                                                 y / panel.cell * panel.block);
        const auto moved = numbers_at(field.displacement, location);
        const double scale = longest > 0 ? 1 / longest : 0;
        image.set(panel.x + x, panel.y + y,
                  direction_color(scale * moved[static_cast<std::size_t>(panel.slice.across)],
                                  scale * moved[static_cast<std::size_t>(panel.slice.down)]));
      }
    }
  }
  for (int y = 0; y < wheel; ++y) {
    for (int x = 0; x < wheel; ++x) {
      const double across = 2 * (x + 0.5) / wheel - 1;
      const double down = 2 * (y + 0.5) / wheel - 1;
      if (std::hypot(across, down) > 1) continue;
      image.set(width + x, margin + y, direction_color(across, down));
    }
  }
  add_image(svg, image, left, top);
  add_panel_axes(svg, panels, left, top);
  const double x = left + width;
  add_text(svg.root, x + wheel / 2.0, top + margin + wheel + 16,
           fmt::format("edge: {:.4g}", longest), "middle");
  double y = top + image.height() + 28;
  const auto line = [&](const std::string& text) {
    add_text(svg.root, left + margin, y, text);
    y += 17;
  };
  line("Displacement in " + describe(field) + ".");
  line(
      "Axes: output locations, y down. Each point of the wheel has the color of the displacement "
      "from the center to it.");
  line("Gray: not finite.");
  if (!panels.empty() && panels.front().block > 1) {
    line(fmt::format("Each block of {0} x {0} locations shows its first displacement.",
                     panels.front().block));
  }
  if (field.batch() > 1) line(fmt::format("The first of {} grids.", field.batch()));
  svg.resize(std::max(left + image.width() + 64, 620.0), y);
  return svg.text();
}

}  // namespace gridproof::reports::displacement
