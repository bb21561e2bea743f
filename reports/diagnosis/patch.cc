#include "reports/diagnosis/patch.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <optional>
#include <regex>
#include <utility>
#include <vector>

#include "reports/diagnosis/affine.h"

namespace gridproof::reports::diagnosis {
namespace {

using Strings = std::vector<std::string>;

std::string list_of(const std::vector<double>& values) {
  Strings texts;
  for (const double value : values) texts.push_back(fmt::format("{:.9g}", value));
  for (std::string& text : texts) {
    if (text.find_first_of(".en") == std::string::npos) text += ".0";
  }
  return fmt::format("{}", fmt::join(texts, ", "));
}

// Comments apart.
bool mentions(const std::string& code, const std::string& word) {
  const std::string bare = std::regex_replace(code, std::regex("(#|//)[^\n]*"), "");
  return std::regex_search(bare, std::regex("\\b" + word + "\\b"));
}

Strings lines_of(const std::string& text) {
  Strings lines;
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t end = std::min(text.find('\n', from), text.size());
    lines.push_back(text.substr(from, end - from));
    from = end + 1;
  }
  return lines;
}

// ---- The three languages ----

std::string number_of(double value, Language language) {
  if (std::isfinite(value)) return list_of({value});
  const std::string text = std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
  if (language != Language::cpp) return "float('" + text + "')";
  return std::isnan(value) ? "NAN" : value > 0 ? "INFINITY" : "-INFINITY";
}

std::string vector_of(const std::vector<double>& values, Language language) {
  switch (language) {
    case Language::pytorch:
      return "torch.tensor([" + list_of(values) + "])";
    case Language::cpp:
      return "torch::tensor({" + list_of(values) + "})";
    case Language::numpy:
    case Language::onnx:
      break;
  }
  return "np.array([" + list_of(values) + "])";
}

std::string matrix_of(const std::vector<std::vector<double>>& rows, Language language) {
  const bool is_cpp = language == Language::cpp;
  Strings texts;
  for (const std::vector<double>& row : rows) {
    texts.push_back((is_cpp ? "{" : "[") + list_of(row) + (is_cpp ? "}" : "]"));
  }
  const std::string all = fmt::format("{}", fmt::join(texts, ", "));
  if (is_cpp) return "torch::tensor({" + all + "})";
  return (language == Language::pytorch ? "torch.tensor([" : "np.array([") + all + "])";
}

std::string matrix_of(const Affine& theta, Language language) {
  std::vector<std::vector<double>> rows;
  for (int k = 0; k < theta.axes; ++k) {
    const auto& linear = theta.linear[static_cast<std::size_t>(k)];
    rows.emplace_back(linear.begin(), linear.begin() + theta.axes);
    rows.back().push_back(theta.translation[static_cast<std::size_t>(k)]);
    // It was measured in a grid.
    std::ranges::replace_if(rows.back(), [](double x) { return std::fabs(x) < 1e-12; }, 0.0);
  }
  return matrix_of(rows, language);
}

// A square matrix from its elements, row by row; empty where so many make none.
std::string square_of(const std::vector<double>& numbers, Language language) {
  const std::int64_t size = std::lround(std::sqrt(numbers.size()));
  if (size * size != std::ssize(numbers)) return "";
  std::vector<std::vector<double>> rows;
  for (auto row = numbers.begin(); row != numbers.end(); row += size) {
    rows.emplace_back(row, row + size);
  }
  return matrix_of(rows, language);
}

// The identity as a matrix.
std::string ones_of(std::size_t axes, Language language) {
  const char* const library = language == Language::pytorch ? "torch."
                              : language == Language::cpp   ? "torch::"
                                                            : "np.";
  return fmt::format("{}eye({})", library, axes);
}

std::string shape_of(const Shape& shape, Language language) {
  const bool is_cpp = language == Language::cpp;
  return fmt::format("{}{}{}", is_cpp ? "{" : "(", fmt::join(shape, ", "), is_cpp ? "}" : ")");
}

// A line of Python, as the fixes are written, in the language.
std::string translated(std::string line, Language language) {
  const auto replace = [&](const char* what, const char* by) {
    line = std::regex_replace(line, std::regex(what), by);
  };
  if (language == Language::numpy || language == Language::onnx) {
    replace(R"((\w+)\.flip\(0\)\.movedim\(0, -1\))", "np.moveaxis($1[::-1], 0, -1)");
    replace(R"(\.flip\(-1\))", "[..., ::-1]");
    replace(R"(\.flip\(1\))", "[:, ::-1]");
    replace(R"(\.transpose\()", ".swapaxes(");
    replace(R"(\.permute\()", ".transpose(");
    replace(R"(\bwhere\()", "np.where(");
    replace(R"(torch\.flip\()", "np.flip(");
    replace(R"(torch\.stack\()", "np.stack(");
    replace(R"(torch\.cat\()", "np.concatenate(");
    replace(R"(torch\.linalg\.)", "np.linalg.");
    if (line.starts_with("grid = F.affine_grid")) {
      const auto axes = std::ranges::count(line, ',') - 3;
      return fmt::format(
          "grid = np.stack([{}identity[0] @ t[:, :-1].T + t[:, -1] "
          "for t in np.reshape(theta, (-1, {}, {}))])",
          line.find("other_corners") == std::string::npos ? "" : "other_", axes, axes + 1);
    }
    return line;
  }
  if (language == Language::pytorch) {
    replace(R"(\bwhere\()", "torch.where(");
    return line;
  }
  std::string comment;
  if (const std::size_t at = line.find('#'); at != std::string::npos) {
    comment = "//" + line.substr(at + 1);
    line = line.substr(0, at);
    while (line.ends_with(' ')) line.pop_back();
  }
  replace(R"(^for _ in range\((\d+)\): (.*)$)", "for (int i = 0; i < $1; ++i) $2");
  replace(R"(F\.grid_sample\((.*), padding_mode='border', align_corners=corners\))",
          "F::grid_sample($1, F::GridSampleFuncOptions().padding_mode(torch::kBorder)"
          ".align_corners(corners))");
  replace(R"(\[\.\.\., \[(.*?)\]\])", R"(.index({"...", torch::tensor({$1})}))");
  replace(R"(torch\.flip\((.*), \((.*?),?\)\))", "torch::flip($1, {$2})");
  replace(R"(outside\[:, None\])", "outside.unsqueeze(1)");
  replace(R"(abs\(grid\))", "grid.abs()");
  replace(R"(\bwhere\()", "torch::where(");
  replace(R"(torch\.stack\(\[(.*)\], -1\)\[None\])", "torch::stack({$1}, -1).unsqueeze(0)");
  replace(R"(\[None\]$)", ".unsqueeze(0)");
  replace(R"(F\.affine_grid\((.*), \((.*)\), align_corners=(\w+)\))",
          "F::affine_grid($1, {$2}, $3)");
  replace(R"(^linear, translation = .*$)",
          "auto linear = theta.slice(-1, 0, -1);\nauto translation = theta.slice(-1, -1)");
  replace(R"(torch\.cat\(\[(.*)\], -1\))", "torch::cat({$1}, -1)");
  replace(R"((torch\.linalg\.inv\(\w+\)|\w+) @ (translation|c_out|c)\b)", "$1.matmul($2)");
  replace(R"(torch\.linalg\.)", "torch::linalg_");
  replace(R"(\[:, None\])", ".unsqueeze(1)");
  replace(R"(\[\.\.\., None\])", ".unsqueeze(-1)");
  replace(R"( \*\* 0\.5)", ".sqrt()");
  replace(R"((\w+|\(\w+ - \w+\)|\(\(grid - identity\) \* unit\)) @ (\w+)\.T)", "$1.matmul($2.t())");
  replace(R"(torch\.)", "torch::");
  for (const char* name : {"c", "c_out", "d", "f", "lengths", "maps", "outside", "pixel"}) {
    replace(("^" + std::string(name) + " = ").c_str(),
            ("auto " + std::string(name) + " = ").c_str());
  }
  if (!line.empty()) line += ';';
  return line + (line.empty() || comment.empty() ? "" : "  ") + comment;
}

// ---- What the fixes speak of ----

struct Sizes {
  std::vector<double> size, size_out, unit, unit_out, half_out;
  double half = 0;
};

Sizes sizes_of(const Case& test_case, bool align_corners) {
  Sizes sizes;
  sizes.half = align_corners ? 0 : 0.5;
  for (int axis = test_case.input.rank() - 1; axis >= 2; --axis) {
    const auto in = static_cast<double>(test_case.input.size(axis));
    const auto out = static_cast<double>(test_case.grid.size(axis - 1));
    sizes.size.push_back(in);
    sizes.size_out.push_back(out);
    // Where align_corners leaves nothing to divide by, any number will do.
    sizes.unit.push_back(!align_corners ? in / 2 : in == 1 ? 1 : (in - 1) / 2);
    sizes.unit_out.push_back(!align_corners ? out / 2 : out == 1 ? 1 : (out - 1) / 2);
    sizes.half_out.push_back(!align_corners ? 0.5 : out == 1 ? 1 : 0);
  }
  return sizes;
}

std::vector<double> signs_of(const Attempt& attempt, std::size_t axes) {
  std::vector<double> signs(axes, 1);
  for (const Hypothesis* change : attempt.changes) {
    const std::string family = change->family();
    const std::string letters = change->name == "world.signs" ? "xy"
                                : family == "sign" || family == "mirror"
                                    ? change->name.substr(family.size() + 1)
                                    : "";
    for (std::size_t k = 0; k < axes; ++k) {
      if (letters.find("xyz"[k]) != std::string::npos) signs[k] = -1;
    }
  }
  return signs;
}

// 2 on the axis that a member of the family doubles or halves.
std::vector<double> doubled_of(const Attempt& attempt, std::size_t axes) {
  std::vector<double> factors(axes, 1);
  for (const Hypothesis* change : attempt.changes) {
    if (change->family() != "half-range" && change->family() != "double-range") continue;
    for (std::size_t k = 0; k < axes; ++k) {
      if (change->name.back() == "xyz"[k]) factors[k] = 2;
    }
  }
  return factors;
}

// What a world's map has of a convention: where the first pixel is, and the matrix that makes
// displacements in millimeters of those in pixels, or the other way. Empty where it is not known.
std::vector<double> origin_of(const std::optional<Affine>& to_millimeters, Convention convention) {
  if (!to_millimeters) return {};
  const auto origin = to_world(*to_millimeters, convention).translation;
  std::vector<double> numbers(origin.begin(), origin.begin() + to_millimeters->axes);
  for (double& number : numbers) number += 0.0;  // no -0
  return numbers;
}
std::string matrix_of_world(const std::optional<Affine>& to_millimeters, Convention convention,
                            bool is_inverse, Language language) {
  if (!to_millimeters) return "";
  std::optional<Affine> map = to_world(*to_millimeters, convention);
  if (is_inverse) map = map->inverse();
  if (!map) return "";
  std::vector<double> numbers;
  for (std::size_t row = 0; std::cmp_less(row, map->axes); ++row) {
    for (std::size_t column = 0; std::cmp_less(column, map->axes); ++column) {
      numbers.push_back(map->linear[row][column] + 0.0);  // no -0
    }
  }
  return square_of(numbers, language);
}

// A number for all channels, or one for each in a shape that suits the output.
std::string of_channels(const std::vector<double>& numbers, std::size_t axes, Language language) {
  if (numbers.size() == 1) return number_of(numbers.front(), language);
  const bool is_array = language == Language::numpy || language == Language::onnx;
  return vector_of(numbers, language) + (is_array ? ".reshape(" : ".view(") +
         shape_of(Shape(axes + 1, 1), language).replace(1, 1, "-1") + ")";
}

// The indices of the output locations, x first, in the shape of the grid.
std::string index_of(const std::vector<double>& sizes, Language language) {
  Strings ranges;
  for (std::size_t k = sizes.size(); k-- > 0;) ranges.push_back(fmt::format("{:.0f}", sizes[k]));
  if (language == Language::pytorch) {
    for (std::string& range : ranges) range = "torch.arange(" + range + ")";
    return fmt::format("torch.stack(torch.meshgrid({}, indexing='ij')[::-1], -1)[None]",
                       fmt::join(ranges, ", "));
  }
  if (language == Language::cpp) {
    for (std::string& range : ranges) range = "torch::arange(" + range + ".0)";
    return fmt::format("torch::stack(torch::meshgrid({{{}}}, \"ij\"), -1).flip(-1).unsqueeze(0)",
                       fmt::join(ranges, ", "));
  }
  return fmt::format("np.stack(np.meshgrid({}, indexing='ij')[::-1], -1)[None]",
                     "*map(np.arange, (" + fmt::format("{}", fmt::join(ranges, ", ")) + "))");
}

const char* truth_of(bool value, Language language) {
  if (language == Language::cpp) return value ? "true" : "false";
  return value ? "True" : "False";
}

std::string assignment(const std::string& name, const std::string& value, Language language) {
  return language == Language::cpp ? "const auto " + name + " = " + value + ";"
                                   : name + " = " + value;
}
std::string shape_assignment(const std::string& name, const Shape& shape, Language language) {
  return language == Language::cpp
             ? "const std::vector<int64_t> " + name + " = " + shape_of(shape, language) + ";"
             : name + " = " + shape_of(shape, language);
}

// The definitions of the words that the code uses, in an order in which they can be made.
Strings definitions(const std::string& code, const Attempt& attempt, const Situation& situation,
                    bool align_corners, Language language) {
  const Case& test_case = situation.test_case;
  const Sizes sizes = sizes_of(test_case, align_corners);
  const Sizes other = sizes_of(test_case, !align_corners);
  const World& world = situation.world;
  const std::vector<double>& spacing = world.spacing;
  const auto of_world = [&](const std::optional<Affine>& map, Convention convention,
                            bool is_inverse) {
    return matrix_of_world(map, convention, is_inverse, language);
  };
  const std::size_t axes = sizes.size.size();
  constexpr double pi = std::numbers::pi;
  std::vector<double> exchanged = sizes.unit;
  std::swap(exchanged[0], exchanged[1]);
  std::vector<double> other_exchanged = other.unit;
  std::swap(other_exchanged[0], other_exchanged[1]);
  const auto numbers = [&](const std::vector<double>& values) {
    return vector_of(values, language);
  };
  const auto only = [axes](std::size_t axis) {
    std::vector<double> ones(axes, 0);
    if (axis < axes) ones[axis] = 1;
    return ones;
  };
  // Where there are two numbers for each channel.
  const auto half = attempt.numbers.begin() + std::ssize(attempt.numbers) / 2;
  const std::vector<double> scales(attempt.numbers.begin(), half);
  const std::vector<double> biases(half, attempt.numbers.end());
  const std::string index = index_of(sizes.size_out, language);
  // Dense shapes and the orders in which their axes are read.
  const auto k = static_cast<std::int64_t>(axes);
  Shape planes = test_case.grid.shape();
  planes.pop_back();
  Shape columns(planes.rbegin(), planes.rend() - 1);
  columns.insert(columns.begin(), planes[0]);
  columns.push_back(k);
  planes.insert(planes.begin() + 1, k);
  Shape channels_last = test_case.input.shape();
  channels_last.push_back(channels_last[1]);
  channels_last.erase(channels_last.begin() + 1);
  Shape planes_last = {0};
  Shape columns_last = {0};
  Shape channels_first = {0, k + 1};
  for (std::int64_t axis = 1; axis <= k; ++axis) {
    planes_last.push_back(axis + 1);
    columns_last.push_back(k + 1 - axis);
    channels_first.push_back(axis);
  }
  planes_last.push_back(1);
  columns_last.push_back(k + 1);

  // From the last word to the first: each may need those that stand below it.
  const std::vector<std::pair<std::string, std::string>> words = {
      {"other_identity",
       assignment("other_identity", "(index + other_half_out) / other_unit_out - 1", language)},
      {"identity", assignment("identity", "(index + half_out) / unit_out - 1", language)},
      {"index", assignment("index", index, language)},
      {"half_out", assignment("half_out", numbers(sizes.half_out), language)},
      {"half", assignment("half", fmt::format("{:.1f}", sizes.half), language)},
      {"unit_out", assignment("unit_out", numbers(sizes.unit_out), language)},
      {"unit", assignment("unit", numbers(sizes.unit), language)},
      {"size", assignment("size", numbers(sizes.size), language)},
      {"width", assignment("width", fmt::format("{:.1f}", sizes.size[0]), language)},
      {"height", assignment("height", fmt::format("{:.1f}", sizes.size[1]), language)},
      {"size_out", assignment("size_out", numbers(sizes.size_out), language)},
      {"other_half_out", assignment("other_half_out", numbers(other.half_out), language)},
      {"other_half", assignment("other_half", fmt::format("{:.1f}", other.half), language)},
      {"other_unit_out", assignment("other_unit_out", numbers(other.unit_out), language)},
      {"other_unit", assignment("other_unit", numbers(other.unit), language)},
      {"ones", assignment("ones", ones_of(axes, language), language)},
      {"x_only", assignment("x_only", numbers(only(0)), language)},
      {"y_only", assignment("y_only", numbers(only(1)), language)},
      {"z_only", assignment("z_only", numbers(only(2)), language)},
      {"doubled", assignment("doubled", numbers(doubled_of(attempt, axes)), language)},
      {"exchanged", assignment("exchanged", numbers(exchanged), language)},
      {"other_exchanged", assignment("other_exchanged", numbers(other_exchanged), language)},
      {"sign", assignment("sign", numbers(signs_of(attempt, axes)), language)},
      {"largest",
       assignment("largest", numbers({*std::ranges::max_element(sizes.unit)}), language)},
      {"numbers", assignment("numbers", numbers(attempt.changes.front()->numbers), language)},
      {"matrix",
       assignment("matrix", square_of(attempt.changes.front()->numbers, language), language)},
      {"offsets", assignment("offsets", numbers(attempt.changes.front()->offsets), language)},
      {"spacing",
       assignment("spacing",
                  numbers({spacing.begin(), spacing.begin() + static_cast<std::ptrdiff_t>(
                                                                  std::min(axes, spacing.size()))}),
                  language)},
      {"from_ras",
       assignment("from_ras", of_world(world.to_millimeters, Convention::ras, true), language)},
      {"from_lps",
       assignment("from_lps", of_world(world.to_millimeters, Convention::lps, true), language)},
      {"out_ras",
       assignment("out_ras", of_world(world.output_to_millimeters, Convention::ras, false),
                  language)},
      {"out_lps",
       assignment("out_lps", of_world(world.output_to_millimeters, Convention::lps, false),
                  language)},
      {"origin_ras",
       assignment("origin_ras", numbers(origin_of(world.to_millimeters, Convention::ras)),
                  language)},
      {"origin_lps",
       assignment("origin_lps", numbers(origin_of(world.to_millimeters, Convention::lps)),
                  language)},
      {"start_ras",
       assignment("start_ras", numbers(origin_of(world.output_to_millimeters, Convention::ras)),
                  language)},
      {"start_lps",
       assignment("start_lps", numbers(origin_of(world.output_to_millimeters, Convention::lps)),
                  language)},
      {"degrees", assignment("degrees",
                             numbers(axes == 2 ? std::vector<double>{180, 90}
                                               : std::vector<double>{180, 90, 90}),
                             language)},
      {"radians", assignment("radians",
                             numbers(axes == 2 ? std::vector<double>{pi, pi / 2}
                                               : std::vector<double>{pi, pi / 2, pi / 2}),
                             language)},
      {"corners", assignment("corners", truth_of(align_corners, language), language)},
      {"other_corners", assignment("other_corners", truth_of(!align_corners, language), language)},
      {"fill", assignment("fill", of_channels(attempt.numbers, axes, language), language)},
      {"scales", assignment("scales", of_channels(scales, axes, language), language)},
      {"biases", assignment("biases", of_channels(biases, axes, language), language)},
      {"planes", shape_assignment("planes", planes, language)},
      {"planes_last", shape_assignment("planes_last", planes_last, language)},
      {"columns", shape_assignment("columns", columns, language)},
      {"columns_last", shape_assignment("columns_last", columns_last, language)},
      {"channels_last", shape_assignment("channels_last", channels_last, language)},
      {"channels_first", shape_assignment("channels_first", channels_first, language)}};
  Strings lines;
  std::string known = code;
  for (const auto& [word, definition] : words) {
    if (!mentions(known, word)) continue;
    lines.insert(lines.begin(), definition);
    known += definition.substr(definition.find('=')) + '\n';
  }
  return lines;
}

// The changes of theta, which come first.
Changes of_theta(const Attempt& attempt) {
  return {attempt.changes.begin(),
          std::ranges::find_if_not(attempt.changes, &Hypothesis::is_of_theta)};
}

// The thetas that were meant, where the first hypotheses are about them.
std::vector<Affine> meant_thetas(const Attempt& attempt, const Situation& situation) {
  const Changes changes = of_theta(attempt);
  if (changes.empty()) return {};
  const auto meant = meant_question(changes, situation);
  if (!meant) return {};
  return affine_of(*meant, meant->grid.values(), dictionary::options_of(*meant).align_corners)
      .value_or(std::vector<Affine>{});
}

// The grid of thetas, one for each n; `identity` is its word.
std::string grid_of(const std::vector<Affine>& thetas, const std::string& identity,
                    Language language) {
  Strings matrices;
  for (const Affine& theta : thetas) matrices.push_back(matrix_of(theta, language));
  const std::size_t count = matrices.size();
  const bool are_same =
      std::ranges::adjacent_find(matrices, std::not_equal_to<>()) == matrices.end();
  if (are_same) matrices.resize(1);
  const std::string list = fmt::format("{}", fmt::join(matrices, ", "));
  if (language != Language::cpp) {
    return fmt::format(
        "thetas = [{}]{}\ngrid = {}.stack([{}[0] @ theta[:, :-1].T + "
        "theta[:, -1] for theta in thetas])\n",
        list, are_same && count > 1 ? fmt::format(" * {}", count) : "",
        language == Language::numpy ? "np" : "torch", identity);
  }
  return fmt::format(
      "const std::vector<torch::Tensor> thetas{0};\n"
      "std::vector<torch::Tensor> grids;\n"
      "for (const auto& theta : thetas) {{\n"
      "  grids.push_back({2}[0].matmul(theta.slice(1, 0, {1}).t()) + theta.select(1, {1}));\n"
      "}}\n"
      "grid = torch::stack(grids);\n",
      are_same ? fmt::format("({}, {})", count, list) : " = {" + list + "}", thetas.front().axes,
      identity);
}

// ---- What the user has ----

const char* variable_of(Given given) { return are_positions(given) ? "maps" : "displacement"; }

// The maps, x first and in the last axis, of what the user has.
const char* maps_of(Given given) {
  switch (given) {
    case Given::joined_maps:
      return "maps = joined_maps[None]\n";
    case Given::coordinates:
      return "maps = coordinates.flip(0).movedim(0, -1)[None]\n";
    default:
      return "maps = torch.stack([map_x, map_y], -1)[None]\n";
  }
}

// A line about the grid as one about the displacement or the maps that it is made of; none where it
// is no such line.
std::optional<std::string> of_given(std::string line, Given given) {
  const auto replace = [&](const char* what, const char* by) {
    const std::string after = std::regex_replace(line, std::regex(what), by);
    const bool has_changed = after != line;
    line = after;
    return has_changed;
  };
  const bool is_of_displacement =
      given == Given::displacement &&
      (replace(R"(^grid = 2 \* identity - grid$)", "given = -given") ||
       replace(R"(^grid = identity \+ torch\.flip\(grid - identity, )",
               "given = torch.flip(given, ") ||
       replace(R"(^grid = identity \+ \(\(grid - identity\) \* unit\)(.*) / unit$)",
               "given = given$1") ||
       replace(R"(^grid = identity \+ (.*)\(grid - identity\)(.*)$)", "given = $1given$2"));
  const bool is_of_maps =
      are_positions(given) &&
      (replace(R"(^grid = \(\(grid \+ 1\) \* unit\)(.*) / unit - 1$)", "given = given$1") ||
       replace(R"(^grid = torch\.flip\(grid, )", "given = torch.flip(given, ") ||
       replace(R"(^grid = grid ([-+] .*) / unit$)", "given = given $1"));
  if (!is_of_displacement && !is_of_maps && !mentions(line, "given") && mentions(line, "grid")) {
    return std::nullopt;
  }
  return std::regex_replace(line, std::regex("\\bgiven\\b"), variable_of(given));
}

// ---- Thetas ----

// The theta that the user has; none where the grid is no affine one.
std::optional<std::vector<Affine>> given_thetas(const Attempt& attempt,
                                                const Situation& situation) {
  const bool align_corners = situation.options().align_corners;
  const bool is_of_other_flag = attempt.changes.front()->name == "align_corners.of-affine-grid";
  return situation.thetas[align_corners != is_of_other_flag ? 1 : 0];
}

// Whether the fix is code about `linear` and `translation`, the parts of theta.
bool is_of_parts(const std::string& fix) {
  return mentions(fix, "linear") || mentions(fix, "translation");
}

// Whether what the user has to change is the theta that he has, or the flag of affine_grid alone:
// then no other theta has to be written down in numbers.
bool changes_given_theta(const Attempt& attempt, const Situation& situation) {
  const Changes changes = of_theta(attempt);
  if (changes.empty() || !given_thetas(attempt, situation)) return false;
  return std::ranges::all_of(changes, [&](const Hypothesis* change) {
    const bool is_of_grid_only =
        change->name == "align_corners.of-affine-grid" && situation.given == Given::theta;
    return is_of_parts(change->fix) || (change->family() == "align_corners" && !is_of_grid_only);
  });
}

// Thetas as one tensor, and in C++ as a variable.
std::string theta_of(const std::vector<Affine>& thetas, Language language) {
  Strings matrices;
  for (const Affine& theta : thetas) matrices.push_back(matrix_of(theta, language));
  const std::string list = fmt::format("{}", fmt::join(matrices, ", "));
  if (language == Language::cpp) return "auto theta = torch::stack({" + list + "});\n";
  return fmt::format("theta = {}.stack([{}])\n", language == Language::pytorch ? "torch" : "np",
                     list);
}

// The fixes, with the line that makes the grid of theta where these are done with it. `corners` is
// the word for the flag that affine_grid gets.
std::string with_theta(const std::string& fixes, const Situation& situation,
                       const std::string& corners) {
  Shape size = {situation.test_case.grid.size(0), 1};
  for (int axis = 1; axis < situation.test_case.grid.rank() - 1; ++axis) {
    size.push_back(situation.test_case.grid.size(axis));
  }
  const std::string made = fmt::format("grid = F.affine_grid(theta, {}, align_corners={})\n",
                                       shape_of(size, Language::pytorch), corners);
  const Strings lines = lines_of(fixes);
  const auto past = std::ranges::find_if(lines.rbegin(), lines.rend(), is_of_parts).base();
  if (past == lines.begin()) return made + fixes;
  std::string text = "linear, translation = theta[..., :-1], theta[..., -1:]\n";
  for (auto line = lines.begin(); line != past; ++line) text += *line + '\n';
  text += "theta = torch.cat([linear, translation], -1)\n" + made;
  for (auto line = past; line != lines.end(); ++line) text += *line + '\n';
  return text;
}

// The flag that affine_grid is called with: a later change may set another for grid_sample.
bool flag_of_theta(const Attempt& attempt, const Situation& situation, const Sites& sites) {
  const auto so_far = corrected(of_theta(attempt), situation, sites);
  return (so_far ? so_far->options : situation.options()).align_corners;
}

// The fixes, with the lines that make the grid of what the user has; about that alone, as far as
// they can be.
std::string with_given(const std::string& fixes, const Situation& situation) {
  const Given given = situation.given;
  if (given == Given::grid) return fixes;
  const bool is_map = are_positions(given);
  std::string text = is_map ? maps_of(given) : "";
  const std::string made =
      is_map ? "grid = (maps + half) / unit - 1\n" : "grid = identity + displacement / unit\n";
  const std::string unmade =
      is_map ? "maps = (grid + 1) * unit - half\n" : "displacement = (grid - identity) * unit\n";
  bool is_made = false;  // what is right so far is the grid, not what is given
  for (const std::string& line : lines_of(fixes)) {
    if (line.empty()) continue;
    const auto of_own = of_given(line, given);
    const bool is_of_given = of_own && mentions(*of_own, variable_of(given));
    const bool is_of_grid = !of_own;
    if (is_of_given && is_made) text += unmade;
    if (is_of_grid && !is_made) text += made;
    text += of_own.value_or(line) + '\n';
    if (is_of_given || is_of_grid) is_made = is_of_grid || of_own->starts_with("grid =");
  }
  return text + (is_made ? "" : made);
}

// A fix in the words of the other value of align_corners.
std::string with_other_words(const std::string& fix) {
  std::string text = std::regex_replace(
      fix, std::regex(R"(\b(identity|unit_out|unit|half_out|half|exchanged|corners)\b)"),
      "own_other_$1");
  text = std::regex_replace(text, std::regex("\\bother_own_other_"), "");
  return std::regex_replace(text, std::regex("\\bown_other_"), "other_");
}

// The fix of a change among others: a later one may set another align_corners.
std::string fix_of(const Attempt& attempt, std::size_t at, const Situation& situation,
                   const Sites& sites, bool align_corners, Language language) {
  const Hypothesis& change = *attempt.changes[at];
  const std::string& fix =
      language == Language::numpy && !change.numpy.empty() ? change.numpy : change.fix;
  const auto end = attempt.changes.begin() + static_cast<std::ptrdiff_t>(at) + 1;
  const auto so_far = corrected({attempt.changes.begin(), end}, situation, sites);
  const Options options = so_far ? so_far->options : situation.options();
  return options.align_corners == align_corners ? fix : with_other_words(fix);
}

// ---- The call, and ONNX ----

std::string call(const Options& options, Language language) {
  const std::string mode(name(options.mode));
  const std::string padding(name(options.padding));
  const auto kind = [](std::string text) {
    text[0] = static_cast<char>(text[0] - 'a' + 'A');
    return "torch::k" + text;
  };
  switch (language) {
    case Language::pytorch:
      return fmt::format(
          "output = F.grid_sample(input, grid, mode='{}', padding_mode='{}', align_corners={})",
          mode, padding, options.align_corners ? "True" : "False");
    case Language::cpp:
      return fmt::format(
          "auto output = F::grid_sample(input, grid, F::GridSampleFuncOptions().mode({})"
          ".padding_mode({}).align_corners({}));",
          kind(mode), kind(padding), options.align_corners);
    case Language::numpy:
      return fmt::format("# grid_sample: mode='{}', padding_mode='{}', align_corners={}", mode,
                         padding, options.align_corners ? "True" : "False");
    case Language::onnx:
      break;
  }
  const std::string newer = options.mode == Mode::bilinear  ? "linear"
                            : options.mode == Mode::bicubic ? "cubic"
                                                            : mode;
  return fmt::format(
      "GridSample<mode = \"{}\", padding_mode = \"{}\", align_corners = {}>(input, grid)  "
      "# opset 20; in opset 16 the mode is \"{}\"",
      newer, padding, options.align_corners ? 1 : 0, mode);
}

// The slope and intercept of each component, if the meant coordinate of every site is that of the
// same component by one line.
std::optional<std::vector<std::pair<double, double>>> lines_of(const Correction& meant,
                                                               const Sites& sites,
                                                               std::size_t axes) {
  std::vector<std::pair<double, double>> lines;
  const std::vector<double>& before = sites.coordinates();
  const std::vector<double>& after = meant.coordinates;
  for (std::size_t k = 0; k < axes; ++k) {
    std::size_t low = k;
    std::size_t high = k;
    for (std::size_t i = k; i < before.size(); i += axes) {
      if (before[i] < before[low]) low = i;
      if (before[i] > before[high]) high = i;
    }
    if (!(before[high] > before[low])) return std::nullopt;
    const double slope = (after[high] - after[low]) / (before[high] - before[low]);
    const double intercept = after[low] - slope * before[low];
    for (std::size_t i = k; i < before.size(); i += axes) {
      if (!(std::fabs(slope * before[i] + intercept - after[i]) <=
            1e-9 * (1 + std::fabs(after[i])))) {
        return std::nullopt;
      }
    }
    lines.emplace_back(slope, intercept);
  }
  return lines;
}

std::string onnx_patch(const Attempt& attempt, const Situation& situation, const Correction& meant,
                       const Sites& sites) {
  std::string text;
  if (meant.coordinates != sites.coordinates()) {
    const auto axes = static_cast<std::size_t>(situation.test_case.input.rank() - 2);
    if (const auto lines = lines_of(meant, sites, axes)) {
      std::vector<double> slopes;
      std::vector<double> intercepts;
      for (const auto& [slope, intercept] : *lines) {
        slopes.push_back(slope);
        intercepts.push_back(intercept);
      }
      text +=
          fmt::format("grid = Add(Mul(grid, [{}]), [{}])\n", list_of(slopes), list_of(intercepts));
    } else {
      text += "# the grid must be another before it reaches the node:\n";
      for (const Hypothesis* change : attempt.changes) {
        text += "#   " + std::regex_replace(change->fix, std::regex("\n"), "\n#   ") + '\n';
      }
    }
  }
  text += call(meant.options, Language::onnx) + '\n';
  const auto fill = [&] {
    const auto axes = static_cast<std::size_t>(situation.test_case.input.rank() - 2);
    return of_channels(attempt.numbers, axes, Language::onnx);
  };
  for (const Hypothesis* change : attempt.changes) {
    for (const std::string& line : lines_of(change->fix)) {
      if (line == "input = input - fill") text.insert(0, "input = Sub(input, " + fill() + ")\n");
      if (line == "output = output + fill") text += "output = Add(output, " + fill() + ")\n";
      if (line.starts_with("output = where")) {
        text += "output = Where(outside, " + fill() + ", output)\n";
      }
      if (line.starts_with("input =") && line.find("fill") == std::string::npos) {
        text.insert(0, "# the input must be another before it reaches the node: " + line + '\n');
      }
    }
  }
  return text;
}

}  // namespace

std::string patch(const Attempt& attempt, const Situation& situation, Language language) {
  const Sites sites(situation.test_case, std::int64_t{1} << 12U);
  const auto meant = corrected(attempt.changes, situation, sites);
  if (!meant) return "";
  if (language == Language::onnx) return onnx_patch(attempt, situation, *meant, sites);
  const bool changes_theta = changes_given_theta(attempt, situation);
  const auto thetas = changes_theta ? std::vector<Affine>{} : meant_thetas(attempt, situation);
  std::string before;
  std::string after;  // the call
  std::string rest;   // what follows numbers for theta
  for (std::size_t i = 0; i < attempt.changes.size(); ++i) {
    const std::string fix =
        fix_of(attempt, i, situation, sites, meant->options.align_corners, language);
    for (const std::string& line : lines_of(fix)) {
      // What is outside is seen when the grid is right.
      const bool is_after =
          line.starts_with("output") || line.starts_with("outside") || line.starts_with("pixel");
      const bool is_rest = !attempt.changes[i]->is_of_theta && !thetas.empty();
      (is_after ? after : is_rest ? rest : before) += line + '\n';
    }
  }
  const bool has_own_flag =
      flag_of_theta(attempt, situation, sites) == meant->options.align_corners;
  if (changes_theta || (thetas.empty() && situation.given == Given::theta)) {
    before = with_theta(before, situation, has_own_flag ? "corners" : "other_corners");
  } else if (thetas.empty()) {
    before = with_given(before, situation);
  }
  for (std::string* const code : {&before, &after, &rest}) {
    std::string all;
    for (const std::string& line : lines_of(*code)) {
      if (!line.empty()) all += translated(line, language) + '\n';
    }
    *code = all;
  }
  const auto own = given_thetas(attempt, situation);
  if (changes_theta && own && situation.given != Given::theta) {
    before.insert(
        0, translated("# the theta of this grid", language) + '\n' + theta_of(*own, language));
  }
  if (!thetas.empty()) {
    before += translated("# which makes of this question's theta:", language) + '\n' +
              grid_of(thetas, has_own_flag ? "identity" : "other_identity", language) + rest;
  }
  const bool is_new = language == Language::cpp && situation.given != Given::grid;
  if (const std::size_t at = before.find("grid = "); is_new && at != std::string::npos) {
    before.insert(at, "auto ");
  }
  // What is written as numbers is f32.
  const bool is_made_f32 =
      mentions(before, "grid") && situation.test_case.grid.dtype() != Dtype::f32;
  if (language != Language::numpy && (is_made_f32 || situation.mixes_dtypes)) {
    before += translated("grid = grid.to(input.dtype" +
                             std::string(language == Language::cpp ? "()" : "") + ")",
                         language) +
              '\n';
  }
  std::string text;
  for (const std::string& line :
       definitions(before + after, attempt, situation, meant->options.align_corners, language)) {
    text += line + '\n';
  }
  return text + before + call(meant->options, language) + '\n' + after;
}

std::string self_check(const Situation& situation, const Options& options, Language language) {
  const bool is_3d = situation.test_case.input.rank() == 5;
  const std::string sizes = is_3d ? "4, 5, 7" : "5, 7";
  const bool moves = situation.given == Given::displacement;
  const std::string components = is_3d ? "3" : "2";
  const std::string comment =
      moves ? "to_grid is your code: no displacement must give the identity."
            : "make_grid is your code: with no motion it must give the identity.";
  const char* flag = options.align_corners ? "True" : "False";
  switch (language) {
    case Language::cpp:
      return fmt::format(
          "// {}\n"
          "const auto x = torch::rand({{1, 1, {}}});  // sizes that differ, texels that differ\n"
          "const auto y = F::grid_sample(x, {}, "
          "F::GridSampleFuncOptions().align_corners({}));\n"
          "assert(torch::allclose(y, x, 1e-4, 1e-5));\n",
          comment, sizes,
          moves ? fmt::format("to_grid(torch::zeros({{1, {}, {}}}))", sizes, components)
                : "make_grid(x)",
          options.align_corners);
    case Language::pytorch:
      return fmt::format(
          "# {}\n"
          "x = torch.rand(1, 1, {})  # sizes that differ, texels that differ\n"
          "y = F.grid_sample(x, {}, align_corners={})\n"
          "torch.testing.assert_close(y, x, rtol=1e-4, atol=1e-5)\n",
          comment, sizes,
          moves ? fmt::format("to_grid(torch.zeros(1, {}, {}))", sizes, components)
                : "make_grid(x)",
          flag);
    default:
      break;
  }
  return fmt::format(
      "# {}\n"
      "x = np.random.rand(1, 1, {}).astype(np.float32)  # sizes that differ, texels that differ\n"
      "grid = {}\n"
      "{}\n"
      "np.testing.assert_allclose(y, x, rtol=1e-4, atol=1e-5)\n",
      comment, sizes,
      moves ? fmt::format("to_grid(np.zeros((1, {}, {}), np.float32))", sizes, components)
            : "make_grid(x)",
      language == Language::onnx
          ? "y = session.run(None, {\"X\": x, \"grid\": grid})[0]  # your model of one GridSample"
          : fmt::format("y = F.grid_sample(torch.from_numpy(x), torch.from_numpy(grid), "
                        "align_corners={}).numpy()",
                        flag));
}

}  // namespace gridproof::reports::diagnosis
