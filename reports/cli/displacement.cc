#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>
#include <string>

#include "reference/encoding/npy.h"
#include "reports/cli/command.h"
#include "reports/cli/options.h"
#include "reports/cli/question_options.h"
#include "reports/cli/write_files.h"
#include "reports/displacement/field.h"
#include "reports/displacement/pictures.h"
#include "reports/question/packed.h"
#include "reports/question/question_reader.h"
#include "reports/report/notation.h"
#include "reports/text/input_error.h"
#include "reports/text/parse.h"
#include "reports/text/text.h"

namespace gridproof::reports {
namespace {

using displacement::Field;
using displacement::Inverse;
using displacement::Jacobian;
using displacement::Return;
using displacement::Summary;
using exact::Measure;
using Json = nlohmann::ordered_json;

constexpr std::string_view axis_names = "xyz";
constexpr std::int64_t max_numbers = std::int64_t{1} << 26U;  // of a field: half a GiB of f64

struct Arguments {
  // One of these, each a file, a nested list, or f32[1,2]{3,4}.
  std::optional<std::string> grid;
  std::optional<std::string> theta;
  std::vector<std::string> maps;            // OpenCV's two: of x and of y, in pixels
  std::optional<std::string> flow;          // to be added to the pixel's own index; .flo
  std::optional<std::string> displacement;  // by `measure`
  std::optional<Shape> input_size;          // H,W or D,H,W [the output's]
  std::optional<Shape> output_size;         // for theta [the input's]
  std::optional<bool> align_corners;
  Measure measure;
  std::optional<Dtype> dtype;      // of the files [f64 for the displacement, f32 for a grid]
  std::optional<std::string> out;  // the folder for arrays and pictures
  bool wheel = false;              // a picture of the directions as well
  bool json = false;
};

// What was given, and what it means.
struct Given {
  std::string what;  // "a grid"
  Tensor tensor;     // of theta: theta
  Measure measure;   // of all but theta
  bool is_theta = false;
  std::int64_t nans = 0;             // numbers
  std::vector<std::string> guesses;  // what was read as what
};

[[noreturn]] void reject_shape(const std::string& option, const Tensor& tensor,
                               const std::string& expected) {
  throw InputError(
      fmt::format("{} has shape {}: expected {}", option, to_string(tensor.shape()), expected));
}

// A field of shape (N, output sizes …, k), of which the batch may be left out. What is no grid may
// have its components first, as networks have them: (N, k, output sizes …).
Given field_of(const std::string& option, const std::string& what, const Tensor& tensor,
               Measure measure) {
  if (!is_floating(tensor.dtype())) {
    throw InputError(
        fmt::format("{} is {}: expected f16, bf16, f32 or f64", option, name(tensor.dtype())));
  }
  const int rank = tensor.rank();
  const bool may_be_first = measure != exact::as_grid;
  const auto whole = [&](int axis) {
    return (rank == 4 || rank == 5) && tensor.size(axis) == rank - 2;
  };
  const auto without_batch = [&](int axis) {
    return (rank == 3 || rank == 4) && tensor.size(axis) == rank - 1;
  };
  bool has_batch = true;
  int components = rank - 1;
  if (!whole(components)) {
    if (without_batch(components)) {
      has_batch = false;
    } else if (may_be_first && whole(1)) {
      components = 1;
    } else if (may_be_first && without_batch(0)) {
      has_batch = false;
      components = 0;
    } else {
      reject_shape(option, tensor, "(N, H, W, 2) or (N, D, H, W, 3)");
    }
  }
  std::vector<int> axes;
  for (int axis = 0; axis < rank; ++axis) {
    if (axis != components) axes.push_back(axis);
  }
  axes.push_back(components);
  Tensor field = tensor.permuted(axes).contiguous();
  if (!has_batch) {
    Shape shape = field.shape();
    shape.insert(shape.begin(), 1);
    field = field.reshaped(shape);
  }
  Given given{.what = what, .tensor = field, .measure = measure};
  const std::vector<double> values = field.values();
  given.nans = std::ranges::count_if(values, [](double value) { return std::isnan(value); });
  const bool are_whole = std::ranges::all_of(values, [](double x) { return x == std::round(x); });
  const bool are_far = std::ranges::any_of(values, [](double x) { return std::fabs(x) > 1; });
  if (measure == exact::as_grid && are_whole && are_far) {
    given.guesses.emplace_back(
        "every coordinate is a whole number: pixel positions, or cut to integers? A grid has "
        "coordinates from -1 to 1");
  }
  if (field.shape() != tensor.shape()) {
    given.guesses.push_back(fmt::format("{} of shape {} is read as {}", what,
                                        to_string(tensor.shape()), to_string(field.shape())));
  }
  return given;
}

// `notes` are lines about files.
Given given_by(const Arguments& arguments, std::string& notes) {
  const int count = int{arguments.grid.has_value()} + int{arguments.theta.has_value()} +
                    int{!arguments.maps.empty()} + int{arguments.flow.has_value()} +
                    int{arguments.displacement.has_value()};
  if (count != 1) {
    throw InputError(
        fmt::format("{}: expected one of --grid, --theta, --maps, --flow and "
                    "--displacement",
                    count == 0 ? "no field was given" : "more than one field was given"));
  }
  if (arguments.theta) {
    return {.what = "theta",
            .tensor = read_theta(*arguments.theta, std::nullopt, notes),
            .is_theta = true};
  }
  if (arguments.grid) {
    Shape input = arguments.input_size.value_or(Shape{});
    if (!input.empty()) input.insert(input.begin(), 2, 1);
    const Unpacked grid =
        unpacked_grid(read_tensor_argument("--grid", *arguments.grid, notes), input);
    if (!grid.guess.empty()) notes += "the grid " + grid.guess + '\n';
    if (!grid.layout.empty()) notes += grid.layout + '\n';
    return diagnosis::are_positions(grid.given)
               ? field_of("--grid", "maps", grid.tensor, exact::as_maps)
               : field_of("--grid", "grid", grid.tensor, exact::as_grid);
  }
  if (arguments.flow) {
    return field_of("--flow", "flow", read_flow_argument("--flow", *arguments.flow, notes),
                    exact::as_flow);
  }
  if (arguments.displacement) {
    return field_of("--displacement", "displacement",
                    read_flow_argument("--displacement", *arguments.displacement, notes),
                    arguments.measure);
  }
  const Unpacked maps = read_maps(arguments.maps, notes);
  if (!maps.guess.empty()) notes += "--maps " + maps.guess + '\n';
  return field_of("--maps", "maps", maps.tensor, exact::as_maps);
}

// Sizes, one for each axis, that the input or output of such a batch of fields can have.
void check_sizes(const std::string& option, const Shape& sizes, std::int64_t axes,
                 std::int64_t batch) {
  if (std::ssize(sizes) != axes) {
    throw InputError(fmt::format("{} has {}: expected {}, such as {}", option,
                                 counted(std::ssize(sizes), "size"), axes,
                                 axes == 3 ? "16,64,48" : "64,48"));
  }
  std::int64_t numbers = axes * std::max<std::int64_t>(batch, 1);
  for (const std::int64_t size : sizes) {
    if (size > 0 && numbers > max_numbers / size) {
      throw InputError(
          fmt::format("{} is {}: the field would be too large, expected at most 2^26 "
                      "numbers",
                      option, to_string(sizes)));
    }
    numbers *= std::max<std::int64_t>(size, 1);
  }
}

Field make(Given& given, const Arguments& arguments) {
  const Shape& shape = given.tensor.shape();
  if (given.tensor.element_count() > max_numbers) {
    throw InputError(fmt::format("the {} of shape {} is too large: expected at most 2^26 numbers",
                                 given.what, to_string(shape)));
  }
  const std::int64_t axes = given.is_theta ? shape[1] : shape.back();
  if (!given.is_theta && arguments.output_size) {
    throw InputError("--output-size needs --theta: a field has its own size");
  }
  std::optional<Shape> outputs = arguments.output_size;
  if (!given.is_theta) outputs = Shape(shape.begin() + 1, shape.end() - 1);
  if (!outputs && !arguments.input_size) {
    throw InputError("--theta needs --output-size, --input-size, or both");
  }
  const auto taken = [&](const std::string& one, const std::string& other, const Shape& sizes) {
    given.guesses.push_back(
        fmt::format("the {} is taken to be as large as the {}: {}", one, other, to_string(sizes)));
    return sizes;
  };
  if (!outputs) outputs = taken("output", "input", *arguments.input_size);
  const Shape input =
      arguments.input_size ? *arguments.input_size : taken("input", "output", *outputs);
  if (std::ranges::find(input, 0) != input.end()) {
    throw InputError(
        fmt::format("the output {} has no locations: --input-size must say how large "
                    "the input is",
                    to_string(input)));
  }
  if (given.is_theta) check_sizes("--output-size", *outputs, axes, shape[0]);
  check_sizes("--input-size", input, axes, shape[0]);
  try {
    if (given.is_theta) {
      return displacement::make_affine_field(given.tensor, *outputs, input,
                                             arguments.align_corners.value_or(false),
                                             arguments.measure);
    }
    return displacement::make_field(given.tensor, input, arguments.align_corners.value_or(false),
                                    given.measure, arguments.measure);
  } catch (const std::invalid_argument& error) {
    throw InputError(error.what());
  }
}

// What was given by another measure, rounded once.
Tensor converted(const Given& given, const Field& field, Measure measure, Dtype dtype) {
  if (!given.is_theta) {
    return exact::convert_field(given.tensor, field.input, field.align_corners, given.measure,
                                measure, dtype);
  }
  const Shape& shape = field.positions.shape();
  return exact::affine_field(given.tensor, {shape.begin() + 1, shape.end() - 1}, field.input,
                             field.align_corners, measure, dtype);
}

// All that is said about a field.
struct Account {
  Summary summary;
  Jacobian jacobian;
  Inverse inverse;
  std::optional<Return> back;  // of a grid
};

std::string number(double value) { return decimal(value, Dtype::f64); }

// "(1.5, 2)".
std::string pair_of(const Tensor& tensor, std::size_t location) {
  const auto count = static_cast<std::size_t>(tensor.size(tensor.rank() - 1));
  const auto numbers = tensor.elements<double>().subspan(location * count, count);
  std::string text;
  for (const double value : numbers) text += (text.empty() ? "(" : ", ") + number(value);
  return text + ")";
}

std::string locations_text(const Field& field, const Account& account, const Painter& painter) {
  constexpr std::int64_t most = 16;  // that a person looks at
  if (account.summary.locations == 0 || account.summary.locations > most) return "";
  const bool planar = field.dimensions() == 2;
  Table table({{"location"},
               {planar ? "reads at (x, y)" : "reads at (x, y, z)"},
               {"displacement"},
               {"determinant", Table::Align::right}});
  const auto determinants = account.jacobian.determinants.elements<double>();
  for (std::size_t i = 0; i < determinants.size(); ++i) {
    const Shape indices = indices_of(static_cast<std::int64_t>(i), field.positions.shape());
    table.add({location(indices), pair_of(field.positions, i), pair_of(field.displacement, i),
               fmt::format("{:.6g}", determinants[i])});
  }
  return '\n' + table.text(painter);
}

std::string jacobian_text(const Jacobian& jacobian, std::int64_t locations) {
  std::string text = "none";
  if (jacobian.mirrored > 0 && jacobian.mirrored == locations) {
    text = "the grid mirrors: all determinants are negative";
  } else if (jacobian.folds > 0) {
    text = fmt::format("at {} of {}", grouped(jacobian.folds), counted(locations, "location"));
  }
  if (jacobian.not_finite < locations) {
    text += fmt::format(" (determinants {:.6g} … {:.6g}", jacobian.least, jacobian.greatest);
    if (jacobian.axes.empty()) {
      text += ", of no axis";
    } else {
      text += " over ";
      for (const int axis : jacobian.axes) text += axis_names[static_cast<std::size_t>(axis)];
    }
    text += ", by central differences)";
  }
  if (jacobian.not_finite > 0) {
    text += fmt::format("; {} without", counted(jacobian.not_finite, "location"));
  }
  return text;
}

std::string inverse_text(const Inverse& inverse) {
  std::string text = fmt::format("found, by iteration, for {} of {}", grouped(inverse.found),
                                 counted(inverse.pixels, "input pixel"));
  if (inverse.outside > 0) {
    text += fmt::format("; {} read nowhere", grouped(inverse.outside));
  }
  if (inverse.lost > 0) text += fmt::format("; {} without a solution", grouped(inverse.lost));
  return text;
}

std::string back_text(const Return& back) {
  const std::int64_t others = back.coordinates - back.same - back.within_one_ulp;
  std::string text = fmt::format("{} of {} come back with the same bits", grouped(back.same),
                                 counted(back.coordinates, "coordinate"));
  if (back.within_one_ulp > 0)
    text += fmt::format(", {} within one ulp", grouped(back.within_one_ulp));
  if (others > 0)
    text += fmt::format(", {} do not: the displacement cannot hold them", grouped(others));
  return text;
}

std::string text_of(const Given& given, const Field& field, const Account& account,
                    const Painter& painter) {
  std::string text;
  for (const std::string& guess : given.guesses) text += painter(Paint::dim, guess) + '\n';
  const auto entry = [&](std::string_view label, const std::string& value) {
    text += fmt::format("{:<14}{}\n", label, value);
  };
  const Summary& summary = account.summary;
  entry("given", fmt::format("{}, {}{}", given.what, name(given.tensor.dtype()),
                             to_string(given.tensor.shape())));
  const Shape& shape = field.positions.shape();
  entry("sizes", fmt::format("input {}, output {}", to_string(field.input),
                             to_string(Shape(shape.begin() + 1, shape.end() - 1))));
  entry("displacement", painter(Paint::bold, describe(field)) + "; exact, rounded once to f64");
  if (summary.locations > summary.not_finite) {
    for (std::size_t axis = 0; axis < summary.components.size(); ++axis) {
      const displacement::Component& component = summary.components[axis];
      entry(fmt::format("  {}", axis_names[axis]),
            fmt::format("{:.6g} … {:.6g}, mean {:.6g}", component.least, component.greatest,
                        component.mean));
    }
    entry("  longest", fmt::format("{:.6g} at {}", summary.largest, location(summary.largest_at)));
  }
  entry("outside", fmt::format("{} of {} ({}) beyond the outer edges of the input",
                               grouped(summary.outside), counted(summary.locations, "location"),
                               percent(summary.outside, summary.locations)));
  if (given.nans > 0) {
    entry("nan", given.measure == exact::as_grid
                     ? counted(given.nans, "coordinate") + ", which count as -1"
                     : counted(given.nans, "number") + ": it is unknown what is read there");
  }
  if (summary.not_finite > 0) {
    entry("not finite",
          fmt::format("{}, not counted above", counted(summary.not_finite, "location")));
  }
  entry("folds", jacobian_text(account.jacobian, summary.locations));
  entry("inverse", inverse_text(account.inverse));
  if (account.back && account.back->coordinates > 0) {
    entry("round trip", back_text(*account.back));
  }
  return text + locations_text(field, account, painter);
}

Json json_of(const Given& given, const Field& field, const Account& account) {
  const Shape& shape = field.positions.shape();
  Json components = Json::array();
  for (std::size_t axis = 0; axis < account.summary.components.size(); ++axis) {
    const displacement::Component& component = account.summary.components[axis];
    components.push_back({{"axis", std::string(1, axis_names[axis])},
                          {"min", component.least},
                          {"mean", component.mean},
                          {"max", component.greatest}});
  }
  Json axes = Json::array();
  for (const int axis : account.jacobian.axes) {
    axes.push_back(std::string(1, axis_names[static_cast<std::size_t>(axis)]));
  }
  Json json = {
      {"given", given.what},
      {"dtype", name(given.tensor.dtype())},
      {"shape", given.tensor.shape()},
      {"guesses", given.guesses},
      {"input_size", field.input},
      {"output_size", Shape(shape.begin() + 1, shape.end() - 1)},
      {"align_corners", field.align_corners},
      {"unit", name(field.measure.unit)},
      {"relative_to", name(field.measure.origin)},
      {"locations", account.summary.locations},
      {"nan", given.nans},
      {"not_finite", account.summary.not_finite},
      {"outside", account.summary.outside},
      {"components", components},
      {"longest", {{"length", account.summary.largest}, {"at", account.summary.largest_at}}},
      {"jacobian",
       {{"axes", axes},
        {"min", account.jacobian.least},
        {"max", account.jacobian.greatest},
        {"folds", account.jacobian.folds},
        {"negative", account.jacobian.mirrored},
        {"not_finite", account.jacobian.not_finite}}},
      {"inverse",
       {{"pixels", account.inverse.pixels},
        {"found", account.inverse.found},
        {"outside", account.inverse.outside},
        {"lost", account.inverse.lost}}}};
  if (account.back) {
    json["round_trip"] = {{"coordinates", account.back->coordinates},
                          {"same", account.back->same},
                          {"within_one_ulp", account.back->within_one_ulp}};
  }
  return json;
}

void write(const std::string& folder, const Given& given, const Field& field,
           const Account& account, std::optional<Dtype> dtype, bool wheel) {
  std::vector<std::pair<std::string, std::string>> files;
  const Dtype held = dtype.value_or(Dtype::f64);
  const Tensor displacement =
      held == Dtype::f64 ? field.displacement : converted(given, field, field.measure, held);
  files.emplace_back("displacement.npy", npy_of(displacement));
  files.emplace_back("inverse.npy", npy_of(account.inverse.displacement));
  files.emplace_back("jacobian.npy", npy_of(account.jacobian.determinants));
  if (given.is_theta || given.measure != exact::as_grid) {
    const Tensor grid = converted(given, field, exact::as_grid, dtype.value_or(Dtype::f32));
    files.emplace_back("grid.npy", npy_of(grid));
  }
  files.emplace_back("quiver.svg", quiver_svg(field));
  files.emplace_back("magnitude.svg", magnitude_svg(field, account.jacobian));
  files.emplace_back("magnitude.png", encode_png(magnitude_image(field, account.jacobian)));
  if (wheel) files.emplace_back("direction.svg", direction_svg(field));
  write_files(folder, {files.begin(), files.end()});
}

// The value of an enumeration of that name, in any case.
template <class Enum>
Enum parse_one_of(const std::vector<Enum>& values, const std::string& option,
                  const std::string& text) {
  std::vector<std::string> known;
  for (const Enum value : values) {
    if (lower(name(value)) == lower(text)) return value;
    known.emplace_back(name(value));
  }
  reject(option, text, alternatives(known));
}

exact::Unit parse_unit(const std::string& option, const std::string& text) {
  using enum exact::Unit;
  if (lower(text) == "normalised") return normalized;  // as it was spelled once
  return parse_one_of<exact::Unit>({input, output, normalized}, option, text);
}

exact::Origin parse_origin(const std::string& option, const std::string& text) {
  using enum exact::Origin;
  return parse_one_of<exact::Origin>({identity, lattice}, option, text);
}

Dtype parse_dtype(const std::string& option, const std::string& text) {
  return parse_one_of<Dtype>({Dtype::f16, Dtype::f32, Dtype::f64}, option, text);
}

void options(CLI::App& app, Arguments& arguments) {
  app.add_option("--grid", arguments.grid, "The grid: a file, a nested list, or f32[1,2]{3,4}")
      ->type_name("TENSOR");
  app.add_option("--theta", arguments.theta, "An affine matrix, as affine_grid takes it")
      ->type_name("TENSOR");
  add_maps(app, arguments.maps,
           "OpenCV's maps of x and of y, in pixels, or map_coordinates' one array of both");
  app.add_option("--flow", arguments.flow, "Offsets to add to each pixel's index; also a .flo file")
      ->type_name("TENSOR");
  app.add_option("--displacement", arguments.displacement,
                 "A displacement, as --unit and --relative-to define it; its grid is written")
      ->type_name("TENSOR");
  add_parsed(app, "--input-size", arguments.input_size, parse_sizes, "H,W",
             "The input's size, H,W or D,H,W [the output's]");
  add_parsed(app, "--output-size", arguments.output_size, parse_sizes, "H,W",
             "The output's size, for --theta [the input's]");
  add_align_corners(app, arguments.align_corners);
  add_parsed(app, "--unit", arguments.measure.unit, parse_unit, "NAME",
             "The unit of displacements: pixels of the input or output, or normalized [input]");
  add_parsed(
      app, "--relative-to", arguments.measure.origin, parse_origin, "NAME",
      "Where a displacement starts: identity (what an identity resize reads) or lattice (the "
      "pixel with the same index) [identity]");
  add_parsed(app, "--dtype", arguments.dtype, parse_dtype, "NAME",
             "The type of displacement.npy [f64] and grid.npy [f32]");
  CLI::Option* out =
      app.add_option("--out", arguments.out, "A folder for arrays (.npy) and pictures");
  out->type_name("DIR");
  app.add_flag("--wheel", arguments.wheel,
               "With --out: also draw the directions, in the colors of a wheel")
      ->needs(out);
  app.add_flag("--json", arguments.json, "Write JSON");
}

ExitCode execute(const Arguments& arguments, const Context& program) {
  if (arguments.out) {
    prepare_folder(*arguments.out,
                   {"displacement.npy", "inverse.npy", "jacobian.npy", "grid.npy", "quiver.svg",
                    "magnitude.svg", "magnitude.png", "direction.svg"});
  }
  std::string notes;
  Given given = given_by(arguments, notes);
  std::istringstream lines(notes);
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    given.guesses.insert(given.guesses.begin() + static_cast<std::ptrdiff_t>(count), line);
  }
  const Field field = make(given, arguments);
  Account account{
      .summary = summary_of(field), .jacobian = jacobian_of(field), .inverse = inverse_of(field)};
  if (arguments.grid && given.measure == exact::as_grid)
    account.back = return_of(given.tensor, field);
  if (arguments.out) write(*arguments.out, given, field, account, arguments.dtype, arguments.wheel);
  if (arguments.json) {
    program.out
        << json_of(given, field, account).dump(2, ' ', false, Json::error_handler_t::replace)
        << '\n';
  } else {
    program.out << text_of(given, field, account, program.painter);
    if (arguments.out)
      program.out << fmt::format("\nwritten to {}\n", printable(*arguments.out, 200));
  }
  return ExitCode::ok;
}

}  // namespace

namespace commands {
extern const Command displacement = {
    .name = "displacement",
    .group = Group::wrong_values,
    .summary =
        "Measure exactly how far from its own place each output location reads; folds, inverse, "
        "pictures",
    .example = "gridproof displacement --theta '[[1,0,0.5],[0,1,0]]' --input-size 4,4 --out field",
    .prepare = prepare<Arguments, options, execute>};
}  // namespace commands

}  // namespace gridproof::reports
