#include "reports/question/question_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "reference/semantics/affine_grid.h"
#include "reference/semantics/coordinates.h"
#include "reference/semantics/displacement.h"
#include "reports/files/flow.h"
#include "reports/files/tensor_file.h"
#include "reports/question/packed.h"
#include "reports/text/case_reader.h"
#include "reports/text/input_error.h"
#include "reports/text/parse.h"
#include "reports/text/text.h"

namespace gridproof::reports {
namespace {

using Json = nlohmann::ordered_json;

// ---- Tensors ----

// A nested list, as it stands in a bug report, with its shape.
void flatten(const Json& list, std::size_t depth, Shape& shape, std::vector<double>& values) {
  if (!list.is_array()) {
    if (depth != shape.size()) throw std::invalid_argument("its lists have different depths");
    if (!list.is_number()) throw std::invalid_argument("it holds something other than numbers");
    return values.push_back(list.get<double>());
  }
  const auto size = static_cast<std::int64_t>(list.size());
  if (depth == shape.size() && values.empty()) shape.push_back(size);
  if (depth >= shape.size() || shape[depth] != size) {
    throw std::invalid_argument("its lists have different lengths");
  }
  for (const Json& item : list) flatten(item, depth + 1, shape, values);
}

Tensor tensor_of_list(const std::string& text) {
  const Json list = Json::parse(text, nullptr, false);
  if (list.is_discarded()) throw std::invalid_argument("it is not a nested list of numbers");
  Shape shape;
  std::vector<double> values;
  flatten(list, 0, shape, values);
  return {Dtype::f32, shape, values};
}

// Whether it starts as a tensor does in a case line: f32[
bool is_notation(const std::string& text) {
  const std::size_t bracket = text.find('[');
  return bracket != std::string::npos && parse<Dtype>(text.substr(0, bracket)).has_value();
}

files::FileTensor read_any(const std::string& option, const std::string& text) {
  const auto whole = [](Tensor tensor) {
    return files::FileTensor{
        .name = "", .content = files::Content::tensor, .tensor = std::move(tensor)};
  };
  try {
    if (text.starts_with('[')) return whole(tensor_of_list(text));
    if (is_notation(text)) return whole(parse_tensor(text));
    return files::read_tensor_argument(text);
  } catch (const std::exception& error) {
    throw InputError(fmt::format("{} '{}': {}", option, printable(text, 60), error.what()));
  }
}

void say(const std::string& option, const files::FileTensor& file, std::string& guesses) {
  if (!file.note.empty()) guesses += option + ' ' + file.note + '\n';
}

// What a displacement is in a file that may be a picture.
Tensor flow_of(const std::string& option, const std::string& text, const files::FileTensor& file) {
  try {
    return file.content == files::Content::picture ? files::flow_of_picture(file) : file.tensor;
  } catch (const files::FileError& error) {
    throw InputError(fmt::format("{} '{}': {}", option, printable(text, 60), error.what()));
  }
}

Tensor converted(const Tensor& tensor, Dtype dtype) {
  return tensor.dtype() == dtype ? tensor : Tensor(dtype, tensor.shape(), tensor.values());
}

// The axes in another order, dense.
Tensor rearranged(const Tensor& tensor, const std::vector<int>& order) {
  return tensor.permuted(order).contiguous();
}

// The axes from the last to the first, as arrays of Julia, MATLAB and Fortran have them.
Tensor reversed(const Tensor& tensor) {
  std::vector<int> order;
  for (int axis = tensor.rank(); axis-- > 0;) order.push_back(axis);
  return rearranged(tensor, order);
}

// (N, ..., C) as (N, C, ...).
Tensor channels_first(const Tensor& tensor) {
  std::vector<int> order = {0, tensor.rank() - 1};
  for (int axis = 1; axis < tensor.rank() - 1; ++axis) order.push_back(axis);
  return rearranged(tensor, order);
}

// What is to be sampled: also a field of vectors, as a displacement is by another.
Tensor sampled(const std::string& what, const files::FileTensor& file, std::string& guesses) {
  if (file.content != files::Content::vectors) return file.tensor;
  Shape shape = file.tensor.shape();
  shape.insert(shape.begin(), 1);
  const Tensor channels = channels_first(file.tensor.reshaped(shape));
  guesses += fmt::format("the vectors of {} are read as channels, {}\n", what,
                         to_string(channels.shape()));
  return channels;
}

// "f32"; whole numbers of 64 bits are read as f64, and may be either.
std::string kind_of(const Tensor& tensor) {
  const std::vector<double> values = tensor.values();
  const bool is_whole = std::ranges::all_of(values, [](double x) { return x == std::trunc(x); });
  const bool may_be_whole = tensor.dtype() == Dtype::f64 && is_whole;
  return std::string(name(tensor.dtype())) + (may_be_whole ? " (or int64)" : "");
}

// A file of volumes that holds one slice, (N, C, 1, H, W), and that as a picture.
bool is_one_slice(const files::FileTensor& file, const Tensor& tensor) {
  return file.content == files::Content::volume && tensor.rank() == 5 && tensor.size(2) == 1;
}
Tensor as_picture(const Tensor& slice) {
  return slice.reshaped({1, slice.size(1), slice.size(3), slice.size(4)});
}

// ---- The world ----

Shape spatial(const Tensor& input) { return {input.shape().begin() + 2, input.shape().end()}; }

// That of a file, for as many axes as the input has. In a plane there are no directions but those
// in which it lies.
diagnosis::World world_of(const files::Frame& frame, std::size_t axes) {
  diagnosis::World world;
  world.spacing.assign(frame.spacing.begin(),
                       frame.spacing.begin() + static_cast<std::ptrdiff_t>(axes));
  if (frame.source.empty()) return world;
  diagnosis::Affine map{.axes = static_cast<int>(axes)};
  for (std::size_t k = 0; k < 3; ++k) {
    for (std::size_t i = 0; i < axes; ++i) {
      if (k >= axes && frame.to_world[k][i] != 0) return world;
      map.linear[k][i] = k < axes ? frame.to_world[k][i] : 0;
    }
    map.translation[k] = k < axes ? frame.to_world[k][3] : 0;
  }
  if (map.inverse()) world.to_millimeters = map;
  return world;
}

// Where the input is: its own file says it, else that of the grid or displacement. Where both do,
// that of a displacement says where the output is.
void find_world(const files::FileTensor& input, const std::optional<files::FileTensor>& where,
                UserQuestion& result) {
  const auto axes = static_cast<std::size_t>(result.test_case.input.rank() - 2);
  const std::optional<files::Frame> other = where ? where->frame : std::nullopt;
  const std::optional<files::Frame>& frame = input.frame ? input.frame : other;
  if (!frame || axes < 2 || axes > 3) return;
  result.world = world_of(*frame, axes);
  result.guesses += fmt::format("millimeters are tried with the {} from the file of the {}\n",
                                result.world.to_millimeters ? "spacing and directions" : "spacing",
                                input.frame                              ? "input"
                                : result.given == diagnosis::Given::grid ? "grid"
                                                                         : "displacement");
  if (!input.frame || !other || result.given != diagnosis::Given::displacement) return;
  const Shape& grid = result.test_case.grid.shape();
  const bool is_same =
      other->to_world == input.frame->to_world &&
      std::ranges::equal(spatial(result.test_case.input), std::span(grid).subspan(1, axes));
  if (is_same) return;
  result.world.output_to_millimeters = world_of(*other, axes).to_millimeters;
  if (result.world.to_millimeters && result.world.output_to_millimeters) {
    result.guesses +=
        "the file of the displacement gives the place of the output in the world, which is tried "
        "as well\n";
  }
}

// Axes that are left out in short forms: of a batch of one, and of one channel.
Tensor completed(const Tensor& tensor, int rank, const std::string& what, std::string& guesses) {
  if (tensor.rank() >= rank) return tensor;
  Shape shape = tensor.shape();
  shape.insert(shape.begin(), static_cast<std::size_t>(rank - tensor.rank()), 1);
  // Pictures of other libraries have their channels last.
  const bool is_picture = tensor.rank() == 3 && rank == 4 && tensor.size(2) <= 4 &&
                          tensor.size(0) > 4 && tensor.size(1) > 4 && what != "the grid";
  if (is_picture) {
    const Tensor picture = channels_first(tensor.reshaped(shape));
    guesses += fmt::format(
        "{} of shape {} is read as (H, W, C), the order of cv2 and PIL: {} in PyTorch's order\n",
        what, to_string(tensor.shape()), to_string(picture.shape()));
    return picture;
  }
  guesses += fmt::format("{} of shape {} is read as {}\n", what, to_string(tensor.shape()),
                         to_string(shape));
  return tensor.reshaped(shape);
}

// ---- Options ----

// The names that other frameworks have for the options; cv2 has the last ones.
constexpr std::array<std::pair<std::string_view, std::string_view>, 17> aliases = {
    {{"linear", "bilinear"},
     {"trilinear", "bilinear"},
     {"cubic", "bicubic"},
     {"constant", "zeros"},
     {"replicate", "border"},
     {"clamp", "border"},
     {"edge", "border"},
     {"mirror", "reflection"},
     {"reflect", "reflection"},
     {"inter_nearest", "nearest"},
     {"inter_linear", "bilinear"},
     {"inter_cubic", "bicubic"},
     {"border_constant", "zeros"},
     {"border_replicate", "border"},
     {"border_reflect", "reflection"},
     {"border_reflect_101", "reflection"},
     {"border_default", "reflection"}}};

std::optional<std::string> resolved(const std::optional<std::string>& name, bool is_padding,
                                    std::string& guesses) {
  std::string small = lower(name.value_or(""));
  if (small.starts_with("cv2.")) small.erase(0, 4);
  if (is_padding && small == "nearest") {
    guesses += "'nearest' is read as 'border', which is what it means in scipy\n";
    return "border";
  }
  const auto* const alias =
      std::ranges::find(aliases, small, &std::pair<std::string_view, std::string_view>::first);
  if (alias == aliases.end()) {
    if (parse<Mode>(small) || parse<Padding>(small)) return small;
    if (name) {
      std::vector<std::string> known;
      for (const auto& [from, to] : aliases) known.emplace_back(from);
      for (const auto& mode : names<Mode>) known.emplace_back(mode.name);
      for (const auto& padding : names<Padding>) known.emplace_back(padding.name);
      if (const std::vector<std::string> near = similar(small, known); !near.empty()) {
        throw InputError(fmt::format("there is no mode or padding_mode '{}': did you mean {}?",
                                     printable(*name, 60), alternatives(near)));
      }
    }
    return name;
  }
  guesses += fmt::format("'{}' is read as '{}'\n", alias->first, alias->second);
  return std::string(alias->second);
}

// ---- Grids ----

const char* python_name(bool value) { return value ? "True" : "False"; }

// "4,6" as sizes in the order of the axes; those of the input where nothing is said.
Shape output_size(const QuestionArguments& arguments, const Tensor& input) {
  if (!arguments.output_size) return spatial(input);
  constexpr std::int64_t max_locations = std::int64_t{1} << 26U;
  const Shape size = parse_indices("--output-size", *arguments.output_size);
  std::int64_t locations = 1;
  for (const std::int64_t one : size) {
    const bool fits = one >= 1 && one <= max_locations / locations;
    locations = fits ? locations * one : 0;
    if (!fits) break;
  }
  if (std::cmp_not_equal(size.size(), input.rank() - 2) || locations == 0) {
    throw InputError(fmt::format(
        "--output-size is '{}': expected {} sizes of 1 or more, with at most 2^26 locations in all",
        printable(*arguments.output_size, 60), input.rank() - 2));
  }
  return size;
}

// The number of axes that a theta speaks of; 0 where it is none.
int axes_of_theta(const Tensor& theta) {
  if (theta.rank() < 2 || theta.rank() > 3) return 0;
  const std::int64_t rows = theta.size(theta.rank() - 2);
  const std::int64_t columns = theta.size(theta.rank() - 1);
  if (columns == 3 && (rows == 2 || rows == 3)) return 2;
  return columns == 4 && (rows == 3 || rows == 4) ? 3 : 0;
}

Tensor grid_of_theta(const std::string& text, const QuestionArguments& arguments,
                     const Tensor& input, bool align_corners, std::string& guesses) {
  Tensor theta = read_theta(text, input.rank() - 2, guesses);
  if (theta.dtype() != Dtype::f32 && theta.dtype() != Dtype::f64)
    theta = converted(theta, Dtype::f32);
  Shape size = {theta.size(0), 1};
  for (const std::int64_t one : output_size(arguments, input)) size.push_back(one);
  guesses += fmt::format("the grid is affine_grid(theta, {}, align_corners={})\n", to_string(size),
                         python_name(align_corners));
  Answer grid = affine_grid(theta, size, align_corners);
  if (const auto* refusal = std::get_if<Refusal>(&grid))
    throw InputError("--theta: " + refusal->message);
  return std::get<Tensor>(grid);
}

// NIfTI has an axis of time, of size 1, before the components; there may be none of a batch.
Tensor without_time(const Tensor& vectors, int axes, const std::string& what,
                    std::string& guesses) {
  const int time = vectors.rank() - 2;
  const bool has_time =
      time >= axes && vectors.size(time) == 1 &&
      (time == axes + 1 || (time == axes && vectors.size(time + 1) == axes && vectors.size(0) > 1));
  if (!has_time) return vectors;
  Shape shape = vectors.shape();
  shape.erase(shape.end() - 2);
  if (time == axes) shape.insert(shape.begin(), 1);
  guesses += fmt::format("{} of shape {} is read as {}: its axis of size 1 is time, as in NIfTI\n",
                         what, to_string(vectors.shape()), to_string(shape));
  return vectors.contiguous().reshaped(shape);
}

// A field of vectors in the layout of a grid, (N, …, k), also from (N, k, …).
Tensor vectors_last(const Tensor& field, int axes, const std::string& what, std::string& guesses) {
  Tensor vectors = without_time(field, axes, what, guesses);
  if (vectors.rank() == axes + 1) vectors = completed(vectors, axes + 2, what, guesses);
  if (vectors.rank() != axes + 2) {
    throw InputError(fmt::format("{} has the shape {}: expected [N,{}H,W,{}]", what,
                                 to_string(field.shape()), axes == 3 ? "D," : "", axes));
  }
  if (vectors.size(axes + 1) == axes) return vectors;
  const int axis = vectors.size(1) == axes ? 1 : axis_of_components(what, vectors, axes, 2);
  if (axis < 0) {
    throw InputError(fmt::format("{} has the shape {}: expected {} components in its last axis",
                                 what, to_string(field.shape()), axes));
  }
  guesses += fmt::format("{} of shape {} is read with its components in axis {}\n", what,
                         to_string(vectors.shape()), axis);
  return with_last(vectors, axis);
}

// The dtype of a grid that is made here: f64 for an input of f64.
Dtype made_in(const Tensor& input) { return input.dtype() == Dtype::f64 ? Dtype::f64 : Dtype::f32; }

Tensor grid_of_displacement(const Tensor& displacement, const Tensor& input, bool align_corners,
                            std::string& guesses) {
  const int axes = input.rank() - 2;
  const Tensor field = vectors_last(displacement, axes, "--displacement", guesses);
  guesses += fmt::format(
      "the grid is the identity plus the displacement, in pixels and x first (align_corners={})\n",
      python_name(align_corners));
  return displaced_grid(converted(field, made_in(input)), spatial(input), align_corners);
}

// The coordinates of positions in input pixels, (N, …, k), x first.
Tensor grid_of_positions(const Tensor& positions, const Tensor& input, bool align_corners,
                         std::string& guesses) {
  const std::int64_t axes = input.rank() - 2;
  if (positions.size(positions.rank() - 1) != axes || positions.rank() != input.rank()) {
    throw InputError(fmt::format("--maps hold positions along {} axes, but the input has {}",
                                 positions.size(positions.rank() - 1), axes));
  }
  std::vector<double> grid = positions.values();
  for (std::size_t i = 0; i < grid.size(); ++i) {
    const int k = static_cast<int>(i) % static_cast<int>(axes);
    const semantics::Axis axis{.size = input.size(input.rank() - 1 - k),
                               .number = k,
                               .options = {.align_corners = align_corners}};
    grid[i] = semantics::coordinate(grid[i], axis);
  }
  guesses +=
      fmt::format("the grid holds the positions of the maps as coordinates (align_corners={})\n",
                  python_name(align_corners));
  return {made_in(input), positions.shape(), grid};
}

// The rank of the input: what the grid, theta or the displacement says, or it itself; pictures may
// leave axes out.
int rank_of(const Tensor& input, const std::optional<Tensor>& grid,
            const std::optional<Tensor>& displacement, const std::optional<Tensor>& positions,
            int theta_axes) {
  if (positions) return positions->rank();
  if (grid) return grid->rank() > 0 && grid->size(grid->rank() - 1) == 3 ? 5 : 4;
  const auto is_of_volumes = [](const Tensor& field) {
    const int rank = field.rank();
    return rank >= 4 && (field.size(rank - 1) == 3 || field.size(rank - 4) == 3);
  };
  if (displacement && input.rank() == 3 && is_of_volumes(*displacement)) return 5;
  // (C, D, H, W): only a volume has a displacement of five axes, or a theta of three rows.
  const bool is_moved_in_space = theta_axes == 3 || (displacement && displacement->rank() == 5 &&
                                                     is_of_volumes(*displacement));
  if (input.rank() == 4 && is_moved_in_space) return 5;
  // One slice with a displacement in a plane.
  const bool is_in_plane = displacement && input.rank() == 5 && input.size(2) == 1 &&
                           (displacement->rank() == 3 || displacement->rank() == 4) &&
                           displacement->size(displacement->rank() - 1) == 2;
  return input.rank() == 5 && !is_in_plane ? 5 : 4;
}

// Whether all axes of an input and its grid are in the reverse order: (W, H, C, N) and (2, W, H,
// N).
bool are_reversed(const Tensor& input, const Tensor& grid) {
  const int rank = grid.rank();
  const bool may_be = (rank == 4 || rank == 5) && input.rank() == rank &&
                      grid.size(0) == rank - 2 && grid.size(rank - 1) != rank - 2 &&
                      grid.size(rank - 1) == input.size(rank - 1);
  // A batch of as many as there are axes, with its components in axis 1.
  const bool is_batch = may_be && grid.size(1) == rank - 2 && input.size(0) == rank - 2;
  return may_be && !is_batch;
}

UserQuestion question_of_tensors(const QuestionArguments& arguments) {
  UserQuestion result;
  const int ways = (arguments.grid ? 1 : 0) + (arguments.theta ? 1 : 0) +
                   (arguments.displacement ? 1 : 0) + (arguments.maps.empty() ? 0 : 1);
  if (!arguments.input || ways == 0) {
    throw InputError(
        "there is no question: expected a case line, or --input with --grid, --theta, "
        "--displacement or --maps");
  }
  if (ways > 1) throw InputError("--grid, --theta, --displacement and --maps exclude each other");
  if (arguments.output_size && !arguments.theta) throw InputError("--output-size needs --theta");
  std::string& guesses = result.guesses;
  std::optional<files::FileTensor> where;
  std::optional<Tensor> grid;
  if (arguments.grid) {
    where = read_any("--grid", *arguments.grid);
    grid = where->tensor;
    say("--grid", *where, guesses);
  }
  std::optional<Tensor> displacement;
  if (arguments.displacement) {
    where = read_any("--displacement", *arguments.displacement);
    displacement = flow_of("--displacement", *arguments.displacement, *where);
    say("--displacement", *where, guesses);
  }
  const files::FileTensor file = read_any("--input", *arguments.input);
  say("--input", file, guesses);
  if (file.content == files::Content::flow) {
    throw InputError(
        fmt::format("--input '{}' is an optical flow: expected the picture that it moves; pass the "
                    "flow as --displacement",
                    printable(*arguments.input, 60)));
  }
  Tensor input = sampled("the input", file, guesses);
  if (grid && are_reversed(input, *grid)) {
    result.is_reversed = true;
    guesses += fmt::format(
        "the input of shape {} and the grid of shape {} are read in column-major order, (W, H, C, "
        "N), as in Julia and MATLAB\n",
        to_string(input.shape()), to_string(grid->shape()));
    const char* const order = input.rank() == 5 ? "4, 3, 2, 1, 0" : "3, 2, 1, 0";
    result.layout = fmt::format(
        "layout.column-major: the axes of the arrays are in reverse order, (W, H, C, N), which "
        "grid_sample refuses. Pass input.permute({0}) and grid.permute({0}).",
        order);
    input = reversed(input);
    grid = reversed(*grid);
  }
  std::optional<Tensor> positions;  // of maps
  const auto unpack = [&](const std::string& what, Unpacked unpacked) {
    if (!unpacked.guess.empty()) guesses += what + ' ' + unpacked.guess + '\n';
    result.layout += unpacked.layout;
    result.given = unpacked.given;
    return std::move(unpacked.tensor);
  };
  if (grid && !result.is_reversed) {
    grid = unpack("the grid", unpacked_grid(*grid, input.shape()));
    if (diagnosis::are_positions(result.given)) positions = std::exchange(grid, std::nullopt);
  } else if (!arguments.maps.empty()) {
    positions = unpack("--maps", read_maps(arguments.maps, guesses));
  }
  if (input.rank() > 5 || (grid && grid->rank() > 5)) {
    throw InputError(fmt::format("--input has {} axes{}: expected at most 5", input.rank(),
                                 grid ? fmt::format(" and --grid {}", grid->rank()) : ""));
  }
  const int theta_axes =
      arguments.theta ? axes_of_theta(read_any("--theta", *arguments.theta).tensor) : 0;
  const int rank = rank_of(input, grid, displacement, positions, theta_axes);
  if (is_one_slice(file, input) && rank == 4) {
    input = as_picture(input);
    guesses += fmt::format("the single slice of the input is read as a picture, {}\n",
                           to_string(input.shape()));
  }
  input = completed(input, rank, "the input", guesses);
  const bool align_corners = arguments.align_corners.value_or(false);
  if (input.rank() != rank && !grid) {
    throw InputError(
        fmt::format("--input has the shape {}: expected {} axes", to_string(input.shape()), rank));
  }
  if (grid) {
    grid = completed(*grid, rank, "the grid", guesses);
  } else if (arguments.theta) {
    result.given = diagnosis::Given::theta;
    grid = grid_of_theta(*arguments.theta, arguments, input, align_corners, guesses);
  } else if (arguments.displacement) {
    result.given = diagnosis::Given::displacement;
    grid = grid_of_displacement(*displacement, input, align_corners, guesses);
  } else {
    grid = grid_of_positions(positions.value_or(Tensor()), input, align_corners, guesses);
  }
  if (input.dtype() != grid->dtype()) {
    result.mixes_dtypes = is_floating(input.dtype());
    // np.save keeps the f64 in which a grid was made.
    const bool is_f64_by_accident = grid->dtype() == Dtype::f64 && input.dtype() == Dtype::f32;
    const bool of_files = is_floating(input.dtype()) && result.given == diagnosis::Given::grid;
    if (of_files) {
      guesses += fmt::format("PyTorch refuses an input of {} with a grid of {}; ", kind_of(input),
                             kind_of(*grid));
    }
    if (is_f64_by_accident) {
      guesses += "the grid is converted to the input's f32\n";
      grid = converted(*grid, Dtype::f32);
    } else {
      guesses += fmt::format("the input is converted to the grid's {}\n", name(grid->dtype()));
      input = converted(input, grid->dtype());
    }
  }
  result.test_case = {.request = {.mode = resolved(arguments.mode, false, guesses),
                                  .padding_mode = resolved(arguments.padding_mode, true, guesses),
                                  .align_corners = arguments.align_corners},
                      .input = std::move(input),
                      .grid = *std::move(grid)};
  find_world(file, where, result);
  return result;
}

}  // namespace

Tensor read_tensor_argument(const std::string& option, const std::string& text,
                            std::string& guesses) {
  const files::FileTensor file = read_any(option, text);
  say(option, file, guesses);
  return file.tensor;
}

Tensor read_flow_argument(const std::string& option, const std::string& text,
                          std::string& guesses) {
  const files::FileTensor file = read_any(option, text);
  say(option, file, guesses);
  if (file.frame) {
    guesses +=
        option + ": its numbers are read as pixels, or in the unit of --unit, not as millimeters\n";
  }
  const Tensor flow = flow_of(option, text, file);
  const std::int64_t axes = flow.rank() > 0 ? flow.size(flow.rank() - 1) : 0;
  if (axes != 2 && axes != 3) return flow;
  return without_time(flow, static_cast<int>(axes), option, guesses);
}

Tensor read_theta(const std::string& text, std::optional<int> axes, std::string& guesses) {
  Tensor theta = read_tensor_argument("--theta", text, guesses);
  const int found = axes_of_theta(theta);
  if (found == 0 || found != axes.value_or(found)) {
    throw InputError(
        fmt::format("--theta has the shape {}: expected {}", to_string(theta.shape()),
                    axes ? fmt::format("[N,{},{}]", *axes, *axes + 1) : "[N,2,3] or [N,3,4]"));
  }
  theta = completed(theta, 3, "theta", guesses);
  if (theta.size(1) == found) return theta;
  const std::vector<double> row = theta.slice(1, found, found + 1).values();
  for (std::size_t i = 0; i < row.size(); ++i) {
    const bool is_corner =
        i % static_cast<std::size_t>(found + 1) == static_cast<std::size_t>(found);
    if (row[i] != (is_corner ? 1 : 0)) {
      throw InputError(
          "--theta has a last row that is not (0, …, 0, 1), so it is not an affine map");
    }
  }
  return theta.slice(1, 0, found).contiguous();
}

Unpacked read_maps(const std::vector<std::string>& texts, std::string& guesses) {
  if (texts.size() == 1) return unpacked_maps(read_tensor_argument("--maps", texts[0], guesses));
  const Tensor x = read_tensor_argument("--maps", texts.at(0), guesses);
  const Tensor y = read_tensor_argument("--maps", texts.at(1), guesses);
  if (x.rank() != 2 || x.shape() != y.shape()) {
    throw InputError(fmt::format("--maps have the shapes {} and {}: expected two of [H,W]",
                                 to_string(x.shape()), to_string(y.shape())));
  }
  const std::vector<double> columns = x.values();
  const std::vector<double> rows = y.values();
  std::vector<double> both;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    both.insert(both.end(), {columns[i], rows[i]});
  }
  const Dtype dtype = x.dtype() == y.dtype() ? x.dtype() : Dtype::f64;
  return {.tensor = {dtype, {1, x.size(0), x.size(1), 2}, both}, .given = diagnosis::Given::maps};
}

UserQuestion read_question(const QuestionArguments& arguments, std::istream& in) {
  if (!arguments.line) return question_of_tensors(arguments);
  if (arguments.input || arguments.grid || arguments.theta || arguments.displacement ||
      !arguments.maps.empty() || arguments.mode || arguments.padding_mode ||
      arguments.align_corners) {
    throw InputError(
        "a case line is complete: it cannot be combined with --input, --grid or options");
  }
  UserQuestion question;
  question.test_case = read_case(*arguments.line, in);
  return question;
}

InputError with_guesses(const std::string& sentence, const std::string& guesses) {
  std::string text = sentence;
  for (std::size_t from = 0; from < guesses.size();) {
    const std::size_t end = std::min(guesses.find('\n', from), guesses.size());
    text += (from == 0 ? " (" : "; ") + guesses.substr(from, end - from);
    from = end + 1;
  }
  return InputError(guesses.empty() ? text : text + ')');
}

Tensor read_output(const std::string& option, const std::string& text, UserQuestion& question) {
  const files::FileTensor file = read_any(option, text);
  if (file.is_lossy) {
    throw InputError(
        fmt::format("{} '{}' is a JPEG, whose values are only close to those that were written: "
                    "expected a lossless file, such as PNG or .npy",
                    option, printable(text, 60)));
  }
  say(option, file, question.guesses);
  const std::string what = option.substr(2);
  Tensor tensor = sampled(what, file, question.guesses);
  Case& asked = question.test_case;
  if (is_one_slice(file, tensor) && asked.input.rank() == 4) tensor = as_picture(tensor);
  if (question.is_reversed && tensor.rank() == asked.input.rank()) return reversed(tensor);
  tensor = completed(tensor, asked.input.rank(), what, question.guesses);
  // (N, ..., C), of an output or of the input as well.
  if (tensor.rank() != asked.input.rank() || asked.grid.rank() != asked.input.rank()) return tensor;
  const int last = tensor.rank() - 1;
  Shape expected = asked.grid.shape();
  expected.back() = asked.input.size(1);
  const bool has_channels_first = std::ranges::equal(
      std::span(tensor.shape()).subspan(2), std::span(expected).subspan(1, expected.size() - 2));
  if (has_channels_first && tensor.size(1) == asked.input.size(1)) return tensor;
  const auto read_input_as_channels_last = [&] {
    asked.input = channels_first(asked.input);
    question.guesses += fmt::format(
        "the input is read as (N, H, W, C), the order of cv2 and TensorFlow: {} in PyTorch's "
        "order\n",
        to_string(asked.input.shape()));
  };
  // The output is in PyTorch's order, and only the input is not.
  if (has_channels_first && tensor.size(1) == asked.input.size(last)) {
    read_input_as_channels_last();
    question.layout = fmt::format(
        "layout.channels-last: the input has its channels last, and grid_sample takes them for an "
        "axis of the picture. Pass input.permute({}).",
        last == 4 ? "0, 4, 1, 2, 3" : "0, 3, 1, 2");
    return tensor;
  }
  if (tensor.shape() != expected) {
    expected.back() = asked.input.size(last);
    if (tensor.shape() != expected) return tensor;
    read_input_as_channels_last();
  }
  question.guesses += fmt::format("{} of shape {} is read with its channels last\n", what,
                                  to_string(tensor.shape()));
  return channels_first(tensor);
}

}  // namespace gridproof::reports
