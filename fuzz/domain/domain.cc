#include "fuzz/domain/domain.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

#include "fuzz/domain/coordinates.h"
#include "fuzz/domain/random.h"
#include "fuzz/domain/texels.h"

namespace gridproof {
namespace {

// The kind of place that the special coordinates of a stratum are at.
Where special_place(Stratum stratum, Random& random) {
  switch (stratum) {
    case Stratum::cell_edges:
      return Where::center;
    case Stratum::ties:
      return Where::tie;
    case Stratum::ends:
      return Where::rim;
    case Stratum::outside:
      return Where::outside;
    case Stratum::far:
      return Where::far;
    case Stratum::huge:
      return Where::huge;
    case Stratum::tiny:
      return Where::tiny;
    case Stratum::nan:
      return random.of(std::array{Where::nan, Where::nan, Where::negative_nan, Where::nan_payload});
    case Stratum::infinity:
      return random.of(std::array{Where::plus_infinity, Where::minus_infinity});
    default:
      return Where::inside;
  }
}

// A random affine map of the output square to the input, as D rows of D + 1 numbers.
std::vector<double> affine_map(std::size_t axes, bool identity, Random& random) {
  std::vector<double> map(axes * (axes + 1), 0);
  for (std::size_t row = 0; row < axes; ++row) {
    for (std::size_t column = 0; column < axes; ++column) {
      double& value = map[row * (axes + 1) + column];
      value = row == column ? 1 : 0;
      if (!identity) value = value * random.between(0.3, 1.5) + random.between(-0.5, 0.5);
    }
    if (!identity) map[row * (axes + 1) + axes] = random.between(-0.7, 0.7);
  }
  return map;
}

Tensor make_grid(const Recipe& recipe, std::int64_t batches, bool align, Random& random) {
  const std::size_t axes = recipe.output_shape.size();
  const std::int64_t locations = element_count(recipe.output_shape);
  Shape shape = {batches};
  shape.insert(shape.end(), recipe.output_shape.begin(), recipe.output_shape.end());
  shape.push_back(static_cast<std::int64_t>(axes));
  Tensor grid(recipe.dtype, shape);
  if (recipe.stratum == Stratum::identity || recipe.stratum == Stratum::affine) {
    const bool grid_align = random.one_in(4) ? !align : align;
    visit(recipe.dtype, [&]<class T>(T) {
      auto out = grid.elements<T>().begin();
      for (std::int64_t batch = 0; batch < batches; ++batch) {
        const std::vector<double> map =
            affine_map(axes, recipe.stratum == Stratum::identity, random);
        for (std::int64_t location = 0; location < locations; ++location) {
          for (const double x : mapped(map, recipe.output_shape, location, grid_align)) {
            *out++ = from_double<T>(rounded_finite(x, recipe.dtype));
          }
        }
      }
    });
    return grid;
  }
  visit(recipe.dtype, [&]<class T>(T) {
    auto out = grid.elements<T>().begin();
    for (std::int64_t i = 0; i < batches * locations; ++i) {
      // At least one axis is special; the others are for half of the samples.
      const auto chosen = static_cast<std::size_t>(random.below(static_cast<std::int64_t>(axes)));
      const bool every = random.one_in(2);
      for (std::size_t axis = 0; axis < axes; ++axis) {
        const Where where =
            axis == chosen || every ? special_place(recipe.stratum, random) : Where::inside;
        const std::int64_t size = recipe.input_shape[recipe.input_shape.size() - 1 - axis];
        *out++ = stored<T>(where, coordinate_in(where, size, align, recipe.dtype, random), random);
      }
    }
  });
  return grid;
}

// --- recipes ------------------------------------------------------------------------------------

rc::Gen<std::int64_t> axis_sizes() {
  return rc::gen::weightedOneOf<std::int64_t>(
      {{2, rc::gen::inRange<std::int64_t>(1, 5)},
       {4, rc::gen::element<std::int64_t>(1, 2, 3, 4, 5, 7, 8, 11, 13, 16, 17, 31, 32, 33, 64)},
       {2, rc::gen::inRange<std::int64_t>(5, 40)},
       {1, rc::gen::element<std::int64_t>(63, 64, 65, 100, 127, 128, 255, 256, 257)}});
}

// Spatial sizes whose product stays small.
Shape spatial_sizes(std::size_t axes, std::int64_t most) {
  Shape sizes(axes);
  for (std::int64_t& size : sizes) size = *axis_sizes();
  while (element_count(sizes) > most) {
    std::int64_t& largest = *std::ranges::max_element(sizes);
    largest = (largest + 1) / 2;
  }
  return sizes;
}

Texels any_texels() {
  return *rc::gen::weightedElement<Texels>({{6, Texels::noise},
                                            {2, Texels::integers},
                                            {1, Texels::ramp},
                                            {1, Texels::one_hot},
                                            {1, Texels::checkerboard}});
}

Shape any_input(std::size_t axes) { return spatial_sizes(axes, 4096); }

Shape input_with_unit_sizes(std::size_t axes) {
  Shape spatial = any_input(axes);
  spatial[static_cast<std::size_t>(*rc::gen::inRange<int>(0, static_cast<int>(axes)))] = 1;
  if (*rc::gen::inRange(0, 3) == 0) std::ranges::fill(spatial, 1);
  return spatial;
}

Shape large_plane(std::size_t axes) {
  // 2^24 texels are many megabytes, so they are rare.
  const auto log2 = *rc::gen::weightedElement<int>({{12, 15}, {12, 16}, {1, 24}});
  const std::int64_t count = (std::int64_t{1} << log2) + *rc::gen::inRange<std::int64_t>(-2, 3);
  Shape sizes(axes, 1);
  switch (*rc::gen::inRange(0, 3)) {
    case 0:  // one long row
      sizes[axes - 1] = count;
      break;
    case 1:  // one long column
      sizes[axes - 2] = count;
      break;
    default: {
      const auto side = static_cast<std::int64_t>(std::sqrt(static_cast<double>(count)));
      sizes[axes - 1] = side + 1;
      sizes[axes - 2] = side;
      break;
    }
  }
  return sizes;
}

// Beside a multiple of a vector's or a tile's length: what is left over is done by other code.
std::int64_t left_over() {
  const auto length = *rc::gen::element<std::int64_t>(4, 8, 16, 32);
  return length * *rc::gen::inRange<std::int64_t>(1, 1 + 32 / length) +
         *rc::gen::element<std::int64_t>(-1, 1, 1, 3);
}

// Of a vector's, a block's, and beyond.
std::int64_t any_length() { return *rc::gen::inRange<std::int64_t>(1, 68); }

void change_nothing(Recipe& /*recipe*/) {}

void take_many_channels(Recipe& recipe) {
  if (*rc::gen::inRange(0, 3) == 0) recipe.input_shape[1] = any_length();
}

void leave_tails(Recipe& recipe) {
  using rc::gen::inRange;
  Shape& output = recipe.output_shape;
  const std::size_t axes = output.size();
  std::ranges::fill(output, 1);
  const auto axis = static_cast<std::size_t>(*inRange<int>(0, static_cast<int>(axes)));
  output[axis] = any_length();
  if (*inRange(0, 2) == 0) recipe.input_shape[1] = any_length();
  if (*inRange(0, 8) == 0) recipe.input_shape[0] = any_length();
  // Something left over along two axes and of the channels, all at once.
  if (*inRange(0, 4) == 0) {
    output[axis] = left_over();
    output[axis == 0 ? axes - 1 : 0] = left_over();
    recipe.input_shape[1] = *rc::gen::element<std::int64_t>(1, 3, 5, 7, 9, 11, 15, 17);
    recipe.input_shape[0] = *inRange<std::int64_t>(1, 4);
  }
}

void keep_the_size(Recipe& recipe) {
  const Shape spatial(recipe.input_shape.begin() + 2, recipe.input_shape.end());
  if (*rc::gen::inRange(0, 2) == 0 && element_count(spatial) <= 4096) recipe.output_shape = spatial;
}

void ask_little(Recipe& recipe) {
  recipe.input_shape[0] = recipe.input_shape[1] = 1;
  recipe.output_shape = spatial_sizes(recipe.output_shape.size(), 64);
}

void leave_empty(Recipe& recipe) {
  using rc::gen::inRange;
  switch (*inRange(0, 3)) {
    case 0:
      recipe.input_shape[0] = 0;
      break;
    case 1:
      recipe.input_shape[1] = 0;
      break;
    default: {
      Shape& output = recipe.output_shape;
      output[static_cast<std::size_t>(*inRange<int>(0, static_cast<int>(output.size())))] = 0;
      break;
    }
  }
}

void be_refused(Recipe& recipe) {
  recipe.flaw = *rc::gen::element(Flaw::unknown_mode, Flaw::unknown_padding, Flaw::bicubic_5d,
                                  Flaw::unbatched, Flaw::rank_3, Flaw::rank_6, Flaw::grid_rank,
                                  Flaw::batch, Flaw::last_dimension, Flaw::empty_spatial,
                                  Flaw::integer_dtype, Flaw::mixed_dtypes);
  for (std::int64_t& size : recipe.output_shape) size = std::min<std::int64_t>(size, 3);
  for (std::size_t axis = 2; axis < recipe.input_shape.size(); ++axis) {
    recipe.input_shape[axis] = std::min<std::int64_t>(recipe.input_shape[axis], 4);
  }
  if (recipe.flaw == Flaw::bicubic_5d) {
    recipe.request.mode = "bicubic";
    if (recipe.output_shape.size() == 2) {
      recipe.input_shape.push_back(2);
      recipe.output_shape.push_back(2);
    }
  }
}

// Which tensors are laid out otherwise than dense.
enum class Layouts : std::uint8_t { seldom, seldom_of_the_grid, always };

// What a stratum draws in its own way.
struct Ways {
  Stratum stratum;
  Shape (*input)(std::size_t axes) = any_input;  // its spatial sizes
  void (*sizes)(Recipe& recipe) = change_nothing;
  Texels (*texels)() = any_texels;
  Layouts layouts = Layouts::seldom;
  void (*flaw)(Recipe& recipe) = change_nothing;
};
constexpr auto ways = std::to_array<Ways>({
    {.stratum = Stratum::identity, .sizes = keep_the_size},
    {.stratum = Stratum::structured_texels,
     .texels =
         [] {
           return *rc::gen::element(Texels::ramp, Texels::one_hot, Texels::checkerboard,
                                    Texels::constant, Texels::integers);
         }},
    {.stratum = Stratum::extreme_texels,
     .texels =
         [] {
           return *rc::gen::element(Texels::huge, Texels::tiny, Texels::mixed_exponents,
                                    Texels::canceling);
         }},
    {.stratum = Stratum::nonfinite_texels, .texels = [] { return Texels::nonfinite; }},
    {.stratum = Stratum::layouts, .sizes = take_many_channels, .layouts = Layouts::always},
    {.stratum = Stratum::tails, .sizes = leave_tails},
    {.stratum = Stratum::unit_sizes, .input = input_with_unit_sizes},
    {.stratum = Stratum::large_planes,
     .input = large_plane,
     .sizes = ask_little,
     .texels = [] { return *rc::gen::element(Texels::integers, Texels::ramp); },
     .layouts = Layouts::seldom_of_the_grid},
    {.stratum = Stratum::empty, .flaw = leave_empty},
    {.stratum = Stratum::refusals, .flaw = be_refused},
});
Ways ways_of(Stratum stratum) {
  const auto* const found = std::ranges::find(ways, stratum, &Ways::stratum);
  return found == ways.end() ? Ways{.stratum = stratum} : *found;
}

Arrangement any_arrangement() {
  return *rc::gen::element(Arrangement::channels_last, Arrangement::sliced,
                           Arrangement::channels_last_sliced, Arrangement::expanded,
                           Arrangement::reversed, Arrangement::transposed, Arrangement::spread);
}

void arrange(Recipe& recipe, Layouts layouts) {
  using rc::gen::inRange;
  if (layouts != Layouts::always && *inRange(0, 16) != 0) return;
  if (layouts != Layouts::seldom_of_the_grid) recipe.input_arrangement = any_arrangement();
  if (*inRange(0, 2) != 0) return;
  recipe.grid_arrangement = *inRange(0, 3) == 0
                                ? *rc::gen::element(Arrangement::planar, Arrangement::planar_sliced)
                                : any_arrangement();
}

// What a caller may leave out is sometimes left out.
void leave_out_options(Request& request, const Options& options) {
  using rc::gen::inRange;
  if (request.mode == "bilinear" && *inRange(0, 8) == 0) request.mode.reset();
  if (options.padding == Padding::zeros && *inRange(0, 8) == 0) request.padding_mode.reset();
  if (!options.align_corners && *inRange(0, 8) == 0) request.align_corners.reset();
}

Recipe draw(Stratum stratum) {
  using rc::gen::element;
  using rc::gen::weightedElement;
  const Ways own = ways_of(stratum);
  Recipe recipe;
  recipe.stratum = stratum;
  recipe.seed = *rc::gen::noShrink(rc::gen::arbitrary<std::uint64_t>());
  recipe.dtype = *weightedElement<Dtype>(
      {{6, Dtype::f32}, {2, Dtype::f64}, {1, Dtype::f16}, {1, Dtype::bf16}});
  const std::size_t axes = *weightedElement<std::size_t>({{7, 2}, {3, 3}});
  Options options;
  options.mode =
      axes == 3
          ? *element(Mode::bilinear, Mode::nearest)
          : *weightedElement<Mode>({{2, Mode::bilinear}, {1, Mode::nearest}, {2, Mode::bicubic}});
  options.padding = *element(Padding::zeros, Padding::border, Padding::reflection);
  options.align_corners = *element(0, 1) == 1;
  recipe.request = request_for(options);

  const std::int64_t batches = *weightedElement<std::int64_t>({{6, 1}, {2, 2}, {1, 3}});
  const std::int64_t channels = *weightedElement<std::int64_t>({{4, 1}, {2, 2}, {2, 3}, {1, 5}});
  const Shape spatial = own.input(axes);
  recipe.input_shape = {batches, channels};
  recipe.input_shape.insert(recipe.input_shape.end(), spatial.begin(), spatial.end());
  recipe.output_shape = spatial_sizes(axes, 1024);
  own.sizes(recipe);
  recipe.texels = own.texels();
  arrange(recipe, own.layouts);
  own.flaw(recipe);
  leave_out_options(recipe.request, options);
  return recipe;
}

// Turns a sound question into one that the operator refuses.
void spoil(Case& test_case, Flaw flaw) {
  const auto reshaped = [](const Tensor& tensor, const Shape& shape) {
    return Tensor(tensor.dtype(), shape);
  };
  Shape input = test_case.input.shape();
  Shape grid = test_case.grid.shape();
  switch (flaw) {
    case Flaw::none:
    case Flaw::bicubic_5d:
      return;
    case Flaw::unknown_mode:
      test_case.request.mode = "lanczos";
      return;
    case Flaw::unknown_padding:
      test_case.request.padding_mode = "wrap";
      return;
    case Flaw::rank_3:
      test_case.input = reshaped(test_case.input, {input[0], input[1], input.back()});
      return;
    case Flaw::unbatched:
      input.erase(input.begin());
      grid.erase(grid.begin());
      break;
    case Flaw::rank_6:
      input.resize(6, 1);
      grid = {input[0], 1, 1, 1, 1, 4};
      break;
    case Flaw::grid_rank:
      grid.insert(grid.begin() + 1, 1);
      break;
    case Flaw::batch:
      grid[0] += 1;
      break;
    case Flaw::last_dimension:
      grid.back() += 1;
      break;
    case Flaw::empty_spatial:
      input.back() = 0;
      break;
    case Flaw::integer_dtype:
      test_case.input = Tensor(Dtype::i32, input);
      test_case.grid = Tensor(Dtype::i32, grid);
      return;
    case Flaw::mixed_dtypes:
      test_case.grid =
          Tensor(test_case.input.dtype() == Dtype::f64 ? Dtype::f32 : Dtype::f64, grid);
      return;
  }
  test_case.input = reshaped(test_case.input, input);
  test_case.grid = reshaped(test_case.grid, grid);
}

// The strata of a campaign and how often each comes.
constexpr std::array<std::pair<int, Stratum>, names<Stratum>.size()> proportions = {
    {{12, Stratum::interior},
     {10, Stratum::cell_edges},
     {10, Stratum::ties},
     {8, Stratum::ends},
     {6, Stratum::outside},
     {4, Stratum::far},
     {3, Stratum::huge},
     {2, Stratum::tiny},
     {3, Stratum::nan},
     {3, Stratum::infinity},
     {6, Stratum::identity},
     {6, Stratum::affine},
     {5, Stratum::structured_texels},
     {5, Stratum::extreme_texels},
     {3, Stratum::nonfinite_texels},
     {6, Stratum::layouts},
     {6, Stratum::tails},
     {4, Stratum::unit_sizes},
     {1, Stratum::large_planes},
     {1, Stratum::empty},
     {2, Stratum::refusals}}};

}  // namespace

rc::Gen<Recipe> recipes(Stratum stratum) {
  return rc::gen::exec([stratum] { return draw(stratum); });
}

rc::Gen<Recipe> recipes() {
  return rc::gen::exec([] {
    int total = 0;
    for (const auto& [weight, stratum] : proportions) total += weight;
    int ticket = *rc::gen::inRange(0, total);
    for (const auto& [weight, stratum] : proportions) {
      if (ticket < weight) return draw(stratum);
      ticket -= weight;
    }
    return draw(Stratum::interior);
  });
}

Recipe recipe_of(std::uint64_t seed, std::uint64_t ordinal) {
  static const rc::Gen<Recipe> generator = recipes();
  return generator(rc::Random(mix(seed, ordinal)), rc::kNominalSize).value();
}

namespace {

// Recipes of each form that the part has, in f32 where it has that, with options of it.
class OfEachForm {
 public:
  OfEachForm(const Part& part, std::uint64_t seed) : seed_(seed) {
    for (const Form& form : forms) {
      std::vector<std::size_t> kinds = part.usual_kinds(form);
      if (!kinds.empty()) kinds_.push_back(std::move(kinds));
    }
  }

  // Calls `add(recipe, form, source)` for each form, which completes the recipe: its shapes are all
  // of 1. It is dropped where `add` says no.
  template <class Add>
  void operator()(std::vector<Recipe>& recipes, const Add& add) {
    for (const std::vector<std::size_t>& kinds : kinds_) {
      Random random(mix(seed_, drawn_++));
      const auto at = static_cast<std::size_t>(random.below(std::ssize(kinds)));
      const auto [form, padding, align_corners, dtype] = kind_at(kinds[at]);
      const std::size_t axes = form.rank == 5 ? 3 : 2;
      Recipe recipe{.stratum = Stratum::interior,
                    .request = request_for({form.mode, padding, align_corners}),
                    .dtype = dtype,
                    .input_shape = Shape(axes + 2, 1),
                    .output_shape = Shape(axes, 1),
                    .seed = random.bits()};
      if (add(recipe, form, random)) recipes.push_back(std::move(recipe));
    }
  }

 private:
  std::uint64_t seed_;
  std::uint64_t drawn_ = 0;
  std::vector<std::vector<std::size_t>> kinds_;  // of each form
};

// Of the axes from one on.
void set_small(std::size_t first, Shape& shape, Random& random) {
  for (std::size_t axis = first; axis < shape.size(); ++axis) shape[axis] = random.from(2, 9);
}

// An axis has two or three, and those behind it are small.
void set_outermost(std::size_t axis, Shape& shape, Random& random) {
  shape[axis] = random.from(2, 3);
  set_small(axis + 1, shape, random);
}

}  // namespace

std::vector<Recipe> rare_layouts(const Part& part, std::uint64_t seed) {
  std::vector<Recipe> recipes;
  if (!part.has(Layout::strided)) return recipes;
  OfEachForm of_each_form(part, seed);
  // Where the axis is the outermost of the input: the batch, the channels, the slices or the rows.
  const auto add_inputs = [&](Arrangement arrangement, std::size_t axis) {
    of_each_form(recipes, [=](Recipe& recipe, const Form& /*form*/, Random& random) {
      if (axis + 1 >= recipe.input_shape.size()) return false;
      set_outermost(axis, recipe.input_shape, random);
      for (std::int64_t& size : recipe.output_shape) size = random.from(2, 5);
      recipe.input_arrangement = arrangement;
      return true;
    });
  };
  // Or of the grid, whose axes are the batch and the output's.
  const auto add_grids = [&](Arrangement arrangement, std::size_t axis) {
    of_each_form(recipes, [=](Recipe& recipe, const Form& /*form*/, Random& random) {
      if (axis >= recipe.output_shape.size()) return false;
      set_small(2, recipe.input_shape, random);
      Shape grid(recipe.output_shape.size() + 1, 1);
      set_outermost(axis, grid, random);
      recipe.input_shape[0] = grid[0];
      std::copy(grid.begin() + 1, grid.end(), recipe.output_shape.begin());
      recipe.grid_arrangement = arrangement;
      return true;
    });
  };
  for (std::size_t axis = 0; axis < 4; ++axis) {
    add_inputs(Arrangement::far_apart, axis);
    add_grids(Arrangement::far_apart, axis);
    add_inputs(Arrangement::windows, axis);
    add_grids(Arrangement::windows, axis);
    add_grids(Arrangement::shared_components, axis);
  }
  return recipes;
}

std::vector<Recipe> large_questions(const Part& part, std::uint64_t seed) {
  std::vector<Recipe> recipes;
  OfEachForm of_each_form(part, seed);
  of_each_form(recipes, [](Recipe& recipe, const Form& form, Random& random) {
    recipe.stratum = Stratum::large_planes;
    recipe.texels = Texels::ramp;
    const auto axis = static_cast<std::size_t>(random.below(std::ssize(recipe.output_shape)));
    recipe.input_shape[2 + axis] =
        (std::int64_t{1} << (form.mode == Mode::nearest ? 23 : 22)) + random.from(1, 1'000'000);
    recipe.output_shape.back() = 64;
    return true;
  });
  of_each_form(recipes, [](Recipe& recipe, const Form& form, Random& random) {
    // A few percent of the pixels lie beyond, so that many locations read there.
    const bool is_plane = form.rank == 4;
    for (std::size_t i = 2; i < recipe.input_shape.size(); ++i) {
      recipe.input_shape[i] = is_plane ? random.from(4170, 4220) : random.from(259, 261);
    }
    recipe.stratum = Stratum::large_planes;
    recipe.output_shape.back() = 2048;
    return true;
  });
  if (part.has(Layout::strided)) {
    for (const bool is_input : {true, false}) {
      bool is_first = true;
      of_each_form(recipes, [&](Recipe& recipe, const Form& /*form*/, Random& random) {
        recipe.input_shape[0] = 2;
        set_small(2, recipe.input_shape, random);
        for (std::int64_t& size : recipe.output_shape) size = random.from(2, 5);
        (is_input ? recipe.input_arrangement : recipe.grid_arrangement) =
            Arrangement::very_far_apart;
        return std::exchange(is_first, false);
      });
    }
  }
  for (const std::size_t axis : {0U, 1U}) {
    of_each_form(recipes, [axis](Recipe& recipe, const Form& /*form*/, Random& random) {
      // Their columns are the last axis.
      if (axis + 1 >= recipe.output_shape.size()) return false;
      set_small(2, recipe.input_shape, random);
      recipe.output_shape[axis] = 65'535 + random.from(1, 9);
      return true;
    });
  }
  return recipes;
}

bool is_in(const Recipe& recipe, const Part& part) {
  if (part.is_whole()) return true;
  const Options options = resolve(recipe.request).value_or(Options{});
  const auto has = [&](Arrangement arrangement) {
    // A layout of these may turn out dense after all; that is no harm.
    if (arrangement == Arrangement::dense) return part.has(Layout::dense);
    return part.has(arrangement == Arrangement::reversed ? Layout::negative : Layout::strided);
  };
  const auto kind = kind_index(options, static_cast<int>(recipe.input_shape.size()), recipe.dtype);
  return kind && part.has(*kind) && has(recipe.input_arrangement) && has(recipe.grid_arrangement);
}

std::int64_t sample_count(const Recipe& recipe) {
  return recipe.input_shape[0] * element_count(recipe.output_shape);
}

Case make_case(const Recipe& recipe) {
  Random random(recipe.seed);
  Case test_case;
  test_case.request = recipe.request;
  const bool align = recipe.request.align_corners.value_or(false);
  const std::int64_t batches = recipe.input_shape[0];
  // Millions are too many to draw one by one; a ramp is none to draw.
  const bool repeats =
      element_count(recipe.input_shape) > max_drawn && recipe.texels != Texels::ramp;
  const Tensor input = repeats ? texel_storage(recipe.texels, recipe.dtype,
                                               element_count(recipe.input_shape), random)
                                     .reshaped(recipe.input_shape)
                               : texels(recipe.texels, recipe.dtype, recipe.input_shape, random);
  test_case.input = rearrange(input, recipe.input_arrangement, recipe.seed + 1);
  test_case.grid = rearrange(make_grid(recipe, batches, align, random), recipe.grid_arrangement,
                             recipe.seed + 2, true);
  spoil(test_case, recipe.flaw);
  return test_case;
}

}  // namespace gridproof
