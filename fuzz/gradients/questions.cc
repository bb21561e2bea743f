#include "fuzz/gradients/questions.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "fuzz/domain/domain.h"

namespace gridproof {
namespace {

// Of twelve questions in a row.
constexpr std::array strata = {
    GradientStratum::forward,   GradientStratum::kinks,      GradientStratum::many_hits,
    GradientStratum::forward,   GradientStratum::pairs,      GradientStratum::forward,
    GradientStratum::kinks,     GradientStratum::long_sums,  GradientStratum::forward,
    GradientStratum::many_hits, GradientStratum::stagnation, GradientStratum::forward};

// One question of so many is large: judging it takes as long as judging hundreds of others.
constexpr std::uint64_t every_large = 240;

// Of so many rows of questions one is of siblings. Threads take turns at the questions of a row.
constexpr std::uint64_t siblings_in_row = 16;
constexpr std::uint64_t every_siblings = 15;

// What answering and judging in a campaign can afford: planes beyond 2^16 are among them.
constexpr std::int64_t max_elements_of_question = std::int64_t{1} << 18;

Shape output_of(const Case& forward) {
  Shape shape{forward.input.size(0), forward.input.size(1)};
  shape.insert(shape.end(), forward.grid.shape().begin() + 1, forward.grid.shape().end() - 1);
  return shape;
}

bool is_whole(const Case& forward) {
  const int rank = forward.input.rank();
  return (rank == 4 || rank == 5) && forward.grid.rank() == rank;
}

OutputMask drawn_mask(Random& random) {
  switch (random.below(6)) {
    case 0:
      return {.input = true, .grid = false};
    case 1:
      return {.input = false, .grid = true};
    default:
      return {};
  }
}

// ---- the forward domain ----

Texels kind_of_grads(Random& random) {
  constexpr std::array usual = {Texels::noise,     Texels::noise,   Texels::integers,
                                Texels::integers,  Texels::one_hot, Texels::mixed_exponents,
                                Texels::canceling, Texels::ramp,    Texels::signed_zeros,
                                Texels::tiny};
  return random.one_in(40) ? Texels::nonfinite : random.of(usual);
}

Arrangement arrangement_of_grads(Random& random) {
  constexpr std::array some = {
      Arrangement::channels_last,     Arrangement::sliced,        Arrangement::expanded_batch,
      Arrangement::expanded_channels, Arrangement::expanded_both, Arrangement::expanded_spatial,
      Arrangement::expanded,          Arrangement::expanded,      Arrangement::reversed,
      Arrangement::transposed,        Arrangement::spread};
  return random.one_in(3) ? random.of(some) : Arrangement::dense;
}

Tensor drawn_grads(Dtype dtype, const Shape& shape, Random& random) {
  const Tensor dense = texels(kind_of_grads(random), dtype, shape, random);
  const Arrangement arrangement = arrangement_of_grads(random);
  if (arrangement == Arrangement::dense || dense.element_count() == 0) return dense;
  return rearrange(dense, arrangement, random.bits());
}

bool is_affordable(const Case& forward) {
  return forward.input.element_count() <= max_elements_of_question &&
         (!is_whole(forward) || element_count(output_of(forward)) <= max_elements_of_question);
}

// With a grad_output of another shape or dtype now and then, which is to be refused.
Tensor spoiled(const Tensor& grads, Random& random) {
  Shape shape = grads.shape();
  if (random.one_in(2)) {
    return {grads.dtype() == Dtype::f32 ? Dtype::f64 : Dtype::f32, shape};
  }
  random.one_in(2) ? shape.push_back(1) : std::swap(shape.front(), shape.back());
  return {grads.dtype(), shape};
}

// RapidCheck's generators are for one thread at a time.
Recipe recipe_alone(std::uint64_t seed, std::uint64_t ordinal) {
  static std::mutex mutex;
  const std::scoped_lock lock(mutex);
  return recipe_of(seed, ordinal);
}

// What has no answer is asked of everybody.
bool is_in(const Part& part, const Recipe& recipe) {
  return recipe.flaw != Flaw::none || gridproof::is_in(recipe, part);
}

BackwardCase of_forward_domain(std::uint64_t seed, std::uint64_t ordinal, const Part& part,
                               Random& random) {
  for (std::uint64_t attempt = 0;; ++attempt) {
    const Recipe recipe = recipe_alone(mix(seed, attempt), ordinal);
    if (!is_in(part, recipe) || sample_count(recipe) > max_elements_of_question ||
        element_count(recipe.input_shape) > max_elements_of_question) {
      continue;
    }
    Case forward = make_case(recipe);
    if (!is_affordable(forward)) continue;
    const Dtype dtype = forward.input.dtype();
    if (!is_whole(forward)) {  // the forward pass refuses it
      return {std::move(forward), Tensor(dtype, {1, 1, 1, 1}), {}};
    }
    Tensor grads = drawn_grads(dtype, output_of(forward), random);
    if (random.one_in(60)) grads = spoiled(grads, random);
    return {std::move(forward), std::move(grads), drawn_mask(random)};
  }
}

// ---- of its own ----

struct Form {
  Options options;
  Dtype dtype = Dtype::f32;
  std::int64_t batches = 1;
  std::int64_t channels = 1;
  std::vector<std::int64_t> sizes;   // of the input: (D,) H, W
  std::vector<std::int64_t> output;  // likewise
};

// Draws until the form is of the part. A part that has next to nothing of what is drawn has
// nothing.
template <class Draw>
std::optional<Form> form_in(const Part& part, Draw&& draw) {
  constexpr int tries = 4000;
  for (int i = 0; i < tries; ++i) {
    Form form = draw();
    const auto kind = kind_index(form.options, static_cast<int>(form.sizes.size()) + 2, form.dtype);
    if (kind && part.has(*kind)) return form;
  }
  return std::nullopt;
}

Options drawn_options(Random& random, std::size_t axes) {
  return {.mode = static_cast<Mode>(random.below(axes == 3 ? 2 : 3)),
          .padding = static_cast<Padding>(random.below(3)),
          .align_corners = random.one_in(2)};
}

Tensor integers(Dtype dtype, const Shape& shape, std::int64_t most, Random& random) {
  std::vector<double> values(static_cast<std::size_t>(element_count(shape)));
  for (double& value : values) value = static_cast<double>(random.from(-most, most));
  return {dtype, shape, values};
}

// `coordinate(axis)` draws one, 0 being x.
template <class Coordinate>
Case forward_of(const Form& form, Tensor input, Coordinate&& coordinate) {
  Shape grid{form.batches};
  grid.insert(grid.end(), form.output.begin(), form.output.end());
  grid.push_back(static_cast<std::int64_t>(form.sizes.size()));
  std::vector<double> values(static_cast<std::size_t>(element_count(grid)));
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = rounded_finite(coordinate(i % form.sizes.size()), form.dtype);
  }
  return {request_for(form.options), std::move(input), Tensor(form.dtype, grid, values)};
}

Shape input_shape(const Form& form) {
  Shape shape{form.batches, form.channels};
  shape.insert(shape.end(), form.sizes.begin(), form.sizes.end());
  return shape;
}
Shape output_shape(const Form& form) {
  Shape shape{form.batches, form.channels};
  shape.insert(shape.end(), form.output.begin(), form.output.end());
  return shape;
}

Form drawn_form(Random& random) {
  Form form;
  const std::size_t axes = random.one_in(3) ? 3 : 2;
  form.options = drawn_options(random, axes);
  form.dtype = static_cast<Dtype>(random.below(4));
  form.batches = random.one_in(3) ? random.from(2, 4) : 1;
  form.channels = random.from(1, 4);
  for (std::size_t axis = 0; axis < axes; ++axis) {
    form.sizes.push_back(random.from(1, axes == 3 ? 5 : 9));
    form.output.push_back(random.from(1, axes == 3 ? 3 : 5));
  }
  return form;
}

// So many that their count does not fit 16 bits, or 32, where positions are still known.
double far_periods(Dtype dtype, Random& random) {
  const int bits = dtype == Dtype::f64 ? 34 : dtype == Dtype::f32 ? 17 : 3;
  return random.sign() * static_cast<double>(random.below(std::int64_t{1} << bits));
}

// A whole position, a center, a line or its image, far ones too, and some last places beside it.
double kink(const Form& form, std::size_t axis, Random& random) {
  const std::int64_t size = form.sizes[form.sizes.size() - 1 - axis];
  const std::int64_t period =
      std::max<std::int64_t>(1, form.options.align_corners ? size - 1 : size);
  double position = static_cast<double>(random.from(-2, size + 1));
  if (random.one_in(3)) {
    const double line = form.options.align_corners ? 0 : -0.5;
    position = line + static_cast<double>(period * random.from(-3, 4));
  }
  if (random.one_in(5)) position += 0.5;
  if (random.one_in(6)) {
    position += static_cast<double>(period) * far_periods(form.dtype, random) +
                static_cast<double>(random.below(4)) / 4;
  }
  const double x = coordinate_at(position, size, form.options.align_corners);
  const auto steps = static_cast<int>(random.one_in(2) ? 0 : random.from(-2, 2));
  return nudge(rounded_finite(x, form.dtype), steps, form.dtype);
}

std::optional<BackwardCase> of_kinks(const Part& part, Random& random) {
  const auto drawn = form_in(part, [&] { return drawn_form(random); });
  if (!drawn) return std::nullopt;
  const Form& form = *drawn;
  Case forward = forward_of(form, texels(Texels::noise, form.dtype, input_shape(form), random),
                            [&](std::size_t axis) { return kink(form, axis, random); });
  Tensor grads = drawn_grads(form.dtype, output_shape(form), random);
  return BackwardCase{std::move(forward), std::move(grads), drawn_mask(random)};
}

// Sizes that are powers of two, or one more with align_corners, give positions of few bits.
std::int64_t short_size(const Options& options, std::int64_t most, Random& random) {
  const std::int64_t power = std::int64_t{1} << random.from(0, most);
  return options.align_corners ? power + 1 : power;
}

Form short_form(Random& random, std::int64_t samples) {
  Form form;
  const std::size_t axes = random.one_in(3) ? 3 : 2;
  form.options = drawn_options(random, axes);
  form.dtype = random.one_in(3) ? Dtype::f64 : Dtype::f32;
  form.channels = random.from(1, 3);
  std::int64_t rest = samples;
  for (std::size_t axis = 0; axis < axes; ++axis) {
    form.sizes.push_back(short_size(form.options, axes == 3 ? 1 : 2, random));
    form.output.push_back(axis + 1 == axes ? rest : random.from(1, 3));
    rest = std::max<std::int64_t>(1, rest / form.output.back());
  }
  return form;
}

double short_coordinate(Random& random) { return static_cast<double>(random.from(-20, 20)) / 16; }

std::optional<BackwardCase> of_many_hits(const Part& part, Random& random) {
  constexpr std::array<std::int64_t, 8> counts = {5, 17, 64, 65, 250, 1000, 1025, 4099};
  auto drawn = form_in(part, [&] { return short_form(random, random.of(counts)); });
  if (!drawn) return std::nullopt;
  Form& form = *drawn;
  if (random.one_in(4)) form.batches = random.from(2, 3);
  const bool one_place = random.one_in(3);
  std::array<double, 3> place{};
  for (double& x : place) x = short_coordinate(random);
  Case forward = forward_of(
      form, integers(form.dtype, input_shape(form), 8, random),
      [&](std::size_t axis) { return one_place ? place[axis] : short_coordinate(random); });
  Tensor grads = integers(form.dtype, output_shape(form), 4, random);
  if (random.one_in(4)) grads = rearrange(grads, arrangement_of_grads(random), random.bits());
  return BackwardCase{std::move(forward), std::move(grads), drawn_mask(random)};
}

std::optional<BackwardCase> of_long_sums(const Part& part, Random& random) {
  auto drawn = form_in(part, [&] { return short_form(random, random.from(1, 9)); });
  if (!drawn) return std::nullopt;
  Form& form = *drawn;
  constexpr std::array<std::int64_t, 10> counts = {5, 8, 9, 15, 16, 33, 64, 65, 256, 300};
  form.channels = random.of(counts);
  Case forward = forward_of(form, integers(form.dtype, input_shape(form), 8, random),
                            [&](std::size_t) { return short_coordinate(random); });
  if (random.one_in(4)) {
    forward.input = rearrange(forward.input, Arrangement::channels_last, random.bits());
  }
  return BackwardCase{std::move(forward), integers(form.dtype, output_shape(form), 4, random),
                      drawn_mask(random)};
}

std::optional<BackwardCase> of_stagnation(const Part& part, Random& random) {
  auto drawn = form_in(part, [&] {
    Form form = short_form(random, 0);
    form.dtype = random.one_in(2) ? Dtype::f16 : Dtype::bf16;
    return form;
  });
  if (!drawn) return std::nullopt;
  Form& form = *drawn;
  form.sizes.assign(form.sizes.size(), 1);
  form.sizes.back() = random.from(1, 2);
  form.output.assign(form.output.size(), 1);
  form.output.back() = form.dtype == Dtype::f16 ? random.from(2100, 5000) : random.from(300, 1200);
  const double x = static_cast<double>(random.from(-4, 4)) / 8;
  Case forward = forward_of(form, integers(form.dtype, input_shape(form), 4, random),
                            [&](std::size_t axis) { return axis == 0 ? x : 0; });
  return BackwardCase{
      std::move(forward),
      Tensor(form.dtype, output_shape(form),
             std::vector<double>(static_cast<std::size_t>(element_count(output_shape(form))), 1)),
      drawn_mask(random)};
}

// More than 2^16 pixels in a plane, of which samples read the second half, or more than 2^16
// samples of a few pixels.
std::optional<BackwardCase> of_large(const Part& part, Random& random) {
  const bool many_pixels = random.one_in(2);
  auto drawn = form_in(part, [&] {
    return Form{.options = drawn_options(random, 2), .sizes = {1, 1}, .output = {}};
  });
  if (!drawn) return std::nullopt;
  Form& form = *drawn;
  form.sizes = many_pixels ? std::vector<std::int64_t>{512, 256} : std::vector<std::int64_t>{4, 4};
  form.output = many_pixels ? std::vector<std::int64_t>{3, random.from(1, 40)}
                            : std::vector<std::int64_t>{257, random.from(256, 300)};
  if (form.options.align_corners) {
    for (std::int64_t& size : form.sizes) ++size;
  }
  Case forward =
      forward_of(form, integers(form.dtype, input_shape(form), 8, random), [&](std::size_t axis) {
        const double x = short_coordinate(random);
        return many_pixels && axis == 1 ? std::fabs(x) : x;
      });
  return BackwardCase{std::move(forward), integers(form.dtype, output_shape(form), 4, random), {}};
}

BackwardCase of_pairs(const Part& part, Random& random) {
  auto drawn = form_in(part, [&] { return drawn_form(random); });
  Form form = drawn ? *std::move(drawn) : drawn_form(random);
  form.channels = 2;
  form.batches = random.from(1, 2);
  form.output.assign(form.output.size(), 1);
  form.output.back() = 2;
  for (std::int64_t& size : form.sizes) size = random.from(2, 4);
  Case forward = forward_of(form, texels(Texels::noise, form.dtype, input_shape(form), random),
                            [&](std::size_t) { return random.between(-1.25, 1.25); });
  // One grid for all batch entries, as of expand().
  if (form.batches > 1 && random.one_in(3)) {
    forward.grid = rearrange(forward.grid, Arrangement::expanded_batch, random.bits(), true);
  }
  Tensor grads = texels(random.one_in(2) ? Texels::one_hot : Texels::noise, form.dtype,
                        output_shape(form), random);
  return {std::move(forward), std::move(grads), drawn_mask(random)};
}

// Of the same shapes and dtype as all in its row, with other options and numbers.
BackwardCase of_siblings(std::uint64_t seed, std::uint64_t ordinal, const Part& part,
                         Random& random) {
  Random of_row(mix(mix(seed, ordinal / siblings_in_row), 0x7369626c696e6773U));
  auto drawn = form_in(part, [&] { return drawn_form(of_row); });
  const Form row = drawn ? *std::move(drawn) : drawn_form(of_row);
  const Form form = form_in(part, [&] {
                      Form other = row;
                      other.options = drawn_options(random, row.sizes.size());
                      return other;
                    }).value_or(row);
  Case forward = forward_of(form, integers(form.dtype, input_shape(form), 8, random),
                            [&](std::size_t) { return short_coordinate(random); });
  return {std::move(forward), integers(form.dtype, output_shape(form), 4, random), {}};
}

// Nothing if the part has nothing of the stratum.
std::optional<BackwardCase> of_stratum(GradientStratum stratum, const Part& part, Random& random) {
  switch (stratum) {
    case GradientStratum::kinks:
      return of_kinks(part, random);
    case GradientStratum::many_hits:
      return of_many_hits(part, random);
    case GradientStratum::long_sums:
      return of_long_sums(part, random);
    case GradientStratum::stagnation:
      return of_stagnation(part, random);
    case GradientStratum::large:
      return of_large(part, random);
    default:
      return of_pairs(part, random);
  }
}

// In rows where the part has no other layouts.
BackwardCase in_layouts_of(const Part& part, BackwardCase test_case) {
  for (Tensor* const tensor :
       {&test_case.forward.input, &test_case.forward.grid, &test_case.grad_output}) {
    if (!part.has(layout_of(*tensor))) *tensor = tensor->contiguous();
  }
  return test_case;
}

}  // namespace

GradientStratum gradient_stratum_of(std::uint64_t ordinal) {
  if (ordinal / siblings_in_row % every_siblings == every_siblings / 2) {
    return GradientStratum::siblings;
  }
  if (ordinal % every_large == every_large - 1) return GradientStratum::large;
  return strata[ordinal % strata.size()];
}

BackwardCase gradient_question(std::uint64_t seed, std::uint64_t ordinal, const Part& part) {
  Random random(mix(mix(seed, ordinal), 0x677261642e5f5f5fU));
  const GradientStratum stratum = gradient_stratum_of(ordinal);
  if (stratum == GradientStratum::forward) {
    return in_layouts_of(part, of_forward_domain(seed, ordinal, part, random));
  }
  if (stratum == GradientStratum::siblings) {
    return in_layouts_of(part, of_siblings(seed, ordinal, part, random));
  }
  auto question = of_stratum(stratum, part, random);
  return in_layouts_of(part, question ? *std::move(question) : of_pairs(part, random));
}

}  // namespace gridproof
