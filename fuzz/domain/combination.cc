#include "fuzz/domain/combination.h"

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <span>
#include <tuple>
#include <utility>

#include "reference/contract/unravel.h"

namespace gridproof {
namespace {

constexpr auto places = static_cast<std::int64_t>(names<Where>.size());

std::size_t axes_of(const Row& row) {
  return forms[static_cast<std::size_t>(level(row, Trait::form))].rank == 5 ? 3 : 2;
}

// From so many samples on, which have all pairs of places between them, few are special: as in real
// grids, where one NaN stands among thousands of ordinary coordinates.
constexpr std::int64_t all_pairs = places * places;

// Where the coordinates of a sample lie, x first. After `places` samples each axis has been
// everywhere; after `places` squared each two axes in every pair of places (13 is odd, so twice a
// shift is a permutation, too).
std::array<Where, 3> places_of(const Row& row, std::int64_t sample) {
  const auto start = [&](Trait axis) { return std::max(level(row, axis) - 1, 0); };
  const std::int64_t turn = sample / places;
  const std::int64_t x = start(Trait::x) + sample;
  const std::int64_t y = start(Trait::y) + sample + turn;
  const std::int64_t z = start(Trait::z) + sample + 2 * turn + turn / places;
  const auto where = [](std::int64_t place) { return static_cast<Where>(place % places); };
  return {where(x), where(y), where(z)};
}

// How many samples come from all places in turn.
constexpr std::int64_t first_places(std::size_t axes) {
  return axes == 3 ? 2 * all_pairs : all_pairs;
}

// Sizes of the grid without its last axis, and which of its axes have stride 0.
struct Stored {
  Shape shape;     // of what is stored
  Shape expanded;  // 1 where the stride is 0
};

Stored stored_samples(const Row& row, const Extent& extent) {
  Stored stored;
  stored.shape = {extent.batch};
  stored.shape.insert(stored.shape.end(), extent.output.begin(), extent.output.end());
  stored.expanded.assign(stored.shape.size(), 0);
  switch (grid_arrangement(level(row, Trait::grid_layout))) {
    case Arrangement::expanded_batch:
      stored.expanded[0] = 1;
      break;
    case Arrangement::expanded_longest:
      stored.expanded[static_cast<std::size_t>(std::ranges::max_element(extent.output) -
                                               extent.output.begin() + 1)] = 1;
      break;
    case Arrangement::expanded_spatial:
      std::fill(stored.expanded.begin() + 1, stored.expanded.end(), 1);
      break;
    default:
      break;
  }
  for (std::size_t axis = 0; axis < stored.shape.size(); ++axis) {
    if (stored.expanded[axis] != 0) stored.shape[axis] = 1;
  }
  return stored;
}

// The strides, in samples, of a grid whose rows share locations.
Shape overlapping_strides(const Shape& shape) {
  Shape strides(shape.size(), 1);
  for (std::size_t axis = 0; axis + 1 < shape.size(); ++axis) {
    strides[axis] = static_cast<std::int64_t>(shape.size() - axis);
  }
  return strides;
}

// How many samples are stored, each with coordinates of its own.
std::int64_t stored_count(const Row& row, const Extent& extent) {
  const Stored stored = stored_samples(row, extent);
  if (grid_arrangement(level(row, Trait::grid_layout)) != Arrangement::overlapping) {
    return element_count(stored.shape);
  }
  const Shape strides = overlapping_strides(stored.shape);
  std::int64_t last = 0;
  for (std::size_t axis = 0; axis < strides.size(); ++axis) {
    last += (stored.shape[axis] - 1) * strides[axis];
  }
  return last + 1;
}

// Whether the items of a grid begin alike, with the same row: a kernel may take that for the same
// grid.
bool begins_alike(const Combination& combination) { return mix(combination.seed, 2) % 8 == 0; }

// How many of so many stored samples repeat the row that the first item begins with.
std::int64_t repeated_count(const Combination& combination, std::int64_t samples) {
  Shape item = stored_samples(combination.row, combination.extent).shape;
  item.erase(item.begin());
  const std::int64_t locations = element_count(item);
  const std::int64_t width = item.back();
  if (!begins_alike(combination) || locations <= width || samples <= locations) return 0;
  return (samples / locations - 1) * width + std::min(samples % locations, width);
}

bool is_corner(std::int64_t location, const Shape& output) {
  const Shape index = unravel(location, output);
  return std::ranges::equal(
      index, output, [](std::int64_t at, std::int64_t size) { return at == 0 || at + 1 == size; });
}

std::vector<double> random_map(std::size_t axes, bool is_identity, Random& random) {
  std::vector<double> map;
  for (std::size_t row = 0; row < axes; ++row) {
    for (std::size_t column = 0; column <= axes; ++column) {
      const double diagonal = row == column ? 1 : 0;
      map.push_back(is_identity ? diagonal
                                : diagonal * random.between(0.3, 1.5) + random.between(-0.5, 0.5));
    }
  }
  return map;
}

// The stored samples of a grid in their order, dense, with the components last.
template <class T>
void fill_grid(const Combination& combination, Shape stored, std::span<T> elements,
               Random& random) {
  const Row& row = combination.row;
  const Extent& extent = combination.extent;
  const std::size_t axes = extent.output.size();
  const auto pattern = static_cast<Pattern>(level(row, Trait::pattern));
  const bool align = level(row, Trait::align_corners) == 1;
  const bool grid_align = random.one_in(3) ? !align : align;
  const Dtype dtype = dtype_of<T>;
  const std::int64_t samples = std::ssize(elements) / static_cast<std::int64_t>(axes);
  stored.erase(stored.begin());
  const std::int64_t locations = std::max<std::int64_t>(element_count(stored), 1);
  const bool begin_alike = begins_alike(combination);
  const std::int64_t width = stored.back();
  const std::int64_t run = std::min<std::int64_t>(width, 32);
  constexpr std::int64_t many = 8192;
  std::vector<double> map;
  std::int64_t free = 0;
  bool is_of_one_place = false;  // a row, or 32 of its locations: no lane of a vector is left
  auto out = elements.begin();
  for (std::int64_t i = 0; i < samples; ++i) {
    const std::int64_t location = i % locations;
    if (begin_alike && i >= locations && location < width && locations > width) {
      const auto first = elements.begin() + location * static_cast<std::int64_t>(axes);
      out = std::copy_n(first, axes, out);
      continue;
    }
    // Of thousands of runs the rest repeat earlier ones, in any order: what differs has been asked.
    if (pattern == Pattern::scattered && i % run == 0 && i >= many && i + run <= samples) {
      const auto earlier =
          elements.begin() + random.below(many / run) * run * std::ssize(extent.output);
      out = std::copy_n(earlier, run * std::ssize(extent.output), out);
      i += run - 1;
      continue;
    }
    const bool is_given = pattern == Pattern::identity_corners ? is_corner(location, extent.output)
                                                               : !is_free(pattern);
    if (is_given) {
      if (location == 0) map = random_map(axes, pattern != Pattern::affine, random);
      for (const double x : mapped(map, stored, location, grid_align)) {
        *out++ = from_double<T>(rounded_finite(x, dtype));
      }
      continue;
    }
    if (i % run == 0) is_of_one_place = free >= first_places(axes) && random.one_in(4);
    std::array<Where, 3> where = places_of(row, is_of_one_place ? i / run : free);
    if (!is_of_one_place && ++free > first_places(axes) && !random.one_in(16)) {
      where.fill(Where::inside);
    }
    for (std::size_t axis = 0; axis < axes; ++axis) {
      const std::int64_t size = extent.input[axes - 1 - axis];
      *out++ = gridproof::stored<T>(where[axis],
                                    coordinate_in(where[axis], size, align, dtype, random), random);
    }
  }
}

Tensor make_grid(const Combination& combination, Random& random) {
  const auto& [row, seed, extent] = combination;
  const auto axes = static_cast<std::int64_t>(extent.output.size());
  const Dtype dtype = dtypes[static_cast<std::size_t>(level(row, Trait::dtype))];
  const Arrangement arrangement = grid_arrangement(level(row, Trait::grid_layout));
  const Stored stored = stored_samples(row, extent);
  const bool overlaps = arrangement == Arrangement::overlapping;
  Shape shape = overlaps ? Shape{stored_count(row, extent)} : stored.shape;
  shape.push_back(axes);
  Tensor dense(dtype, shape);
  visit(dtype, [&]<class T>(T) {
    if constexpr (!std::is_same_v<T, std::int32_t>) {
      fill_grid<T>(combination, stored.shape, dense.elements<T>(), random);
    }
  });
  const auto expanded = std::ranges::find(stored.expanded, 1) != stored.expanded.end();
  if (!overlaps && !expanded) return rearrange(dense, arrangement, random.bits(), true);
  Shape full = {extent.batch};
  full.insert(full.end(), extent.output.begin(), extent.output.end());
  Shape strides = overlaps ? overlapping_strides(full) : contiguous_strides(stored.shape);
  for (std::size_t axis = 0; axis < strides.size(); ++axis) {
    strides[axis] *= stored.expanded[axis] != 0 ? 0 : axes;
  }
  full.push_back(axes);
  strides.push_back(1);
  return Tensor::strided(dtype, full, strides, 0, dense.shared_storage(), dense.element_count());
}

Tensor make_input(const Row& row, const Extent& extent, Random& random) {
  const Dtype dtype = dtypes[static_cast<std::size_t>(level(row, Trait::dtype))];
  const Arrangement arrangement = input_arrangement(level(row, Trait::input_layout));
  const Texels kind = texels_of(level(row, Trait::texels));
  Shape shape = {extent.batch, extent.channels};
  shape.insert(shape.end(), extent.input.begin(), extent.input.end());
  switch (arrangement) {
    case Arrangement::expanded_batch:
    case Arrangement::expanded_channels:
    case Arrangement::expanded_both:
    case Arrangement::expanded_longest:
    case Arrangement::expanded_spatial:
    case Arrangement::overlapping: {
      const Placement placement = placed(shape, arrangement, false, random);
      const Tensor storage = texel_storage(kind, dtype, placement.size, random);
      return Tensor::strided(dtype, shape, placement.strides, placement.offset,
                             storage.shared_storage(), placement.size);
    }
    default:
      break;
  }
  constexpr std::int64_t few = 4096;
  if (element_count(shape) <= few) {
    const std::uint64_t bits = random.bits();
    return rearrange(texels(kind, dtype, shape, random), arrangement, bits);
  }
  const Tensor storage = texel_storage(kind, dtype, element_count(shape), random);
  return rearrange(Tensor::strided(dtype, shape, contiguous_strides(shape), 0,
                                   storage.shared_storage(), storage.element_count()),
                   arrangement, random.bits());
}

}  // namespace

Combination combination_of(Row row, std::uint64_t seed) {
  Random random(seed);
  std::optional<Extent> extent = extent_of(row, random);
  if (!extent) {
    Random sure(0);  // with which is_possible() found one
    extent = extent_of(row, sure);
  }
  return {std::move(row), seed, std::move(extent).value_or(Extent{})};
}

Case make_case(const Combination& combination) {
  const auto& [row, seed, extent] = combination;
  Random random(mix(seed, 1));
  Case test_case;
  test_case.request =
      request_for({.mode = forms[static_cast<std::size_t>(level(row, Trait::form))].mode,
                   .padding = paddings[static_cast<std::size_t>(level(row, Trait::padding))],
                   .align_corners = level(row, Trait::align_corners) == 1});
  test_case.input = make_input(row, extent, random);
  test_case.grid = make_grid(combination, random);
  return test_case;
}

std::int64_t sample_count(const Combination& combination) {
  return combination.extent.batch * element_count(combination.extent.output);
}

void add(const Combination& combination, Combinations& combinations) {
  const auto& [row, seed, extent] = combination;
  combinations.add(row);
  const auto pattern = static_cast<Pattern>(level(row, Trait::pattern));
  if (!is_free(pattern)) return;
  std::int64_t samples = stored_count(row, extent);
  samples -= repeated_count(combination, samples);
  if (pattern == Pattern::identity_corners) {
    std::int64_t corners = extent.batch;
    for (const std::int64_t size : extent.output) corners *= std::min<std::int64_t>(size, 2);
    samples -= corners;
  }
  const std::size_t axes = axes_of(row);
  constexpr auto first = static_cast<std::size_t>(Trait::x);
  const std::int64_t most = first_places(axes);
  Row moved = row;
  for (std::int64_t i = 1; i < std::min(samples, most); ++i) {
    const std::array<Where, 3> where = places_of(row, i);
    for (std::size_t axis = 0; axis < axes; ++axis) {
      moved[first + axis] = static_cast<int>(where[axis]) + 1;
    }
    // What is known of single axes has come after the first `places`, and so on.
    combinations.add(moved, first, i < places ? 1 : i < all_pairs ? 2 : 3);
  }
}

const CombinationPlan& combination_plan(int strength, const Part& part, std::uint64_t seed) {
  static std::mutex mutex;
  static std::map<std::tuple<int, std::string, std::uint64_t>, CombinationPlan> plans;
  const std::scoped_lock lock(mutex);
  const auto [place, is_new] = plans.try_emplace({strength, part.key(), seed});
  if (!is_new) return place->second;
  CombinationPlan& plan = place->second;
  CoveringProblem problem{.levels = trait_levels(), .strength = strength, .seed = seed};
  problem.cost = [](const Row& row, std::size_t trait, int level) {
    return cost_of(row, trait, level);
  };
  problem.is_possible = [&](const Row& row) { return is_possible(row, part, strength); };
  problem.cover = [&](const Row& row, Combinations& combinations) {
    plan.combinations.push_back(combination_of(row, mix(seed, plan.combinations.size())));
    const std::int64_t before = combinations.covered();
    add(plan.combinations.back(), combinations);
    plan.adds.push_back(combinations.covered() - before);
  };
  plan.possible = covering_array(problem).covered;
  return plan;
}

namespace {

// Of a kind: small sizes, 8 to 15 columns of output, and the first sample inside along every axis.
Row small_row(std::size_t kind) {
  Row row(trait_count, 0);
  const auto [form, padding, align, dtype] = levels_of(kind);
  level(row, Trait::form) = form;
  level(row, Trait::padding) = padding;
  level(row, Trait::align_corners) = align;
  level(row, Trait::dtype) = dtype;
  const int deep = forms[static_cast<std::size_t>(form)].rank == 5 ? 1 : 0;
  level(row, Trait::depth) = level(row, Trait::volume) = deep;
  level(row, Trait::out_width) = 3;
  level(row, Trait::x) = level(row, Trait::y) = 1;
  level(row, Trait::z) = deep;
  return row;
}

// The combination with more than a tile of locations along x and along y, which some of its seeds
// have.
Combination wide_of(const Row& row, std::uint64_t seed) {
  constexpr std::int64_t tile = 64;
  while (true) {
    Combination wide = combination_of(row, seed);
    const Shape& output = wide.extent.output;
    if (output[output.size() - 1] > tile && output[output.size() - 2] > tile) return wide;
    seed = mix(seed, 1);
  }
}

}  // namespace

std::vector<Combination> corner_cases(const Part& part, std::uint64_t seed) {
  // By their levels: widths, heights and depths of 3 to 14, 1 and 2 pixels; noise, integers and
  // huge texels.
  struct Corner {
    std::array<int, 3> sizes;
    int channels = 0;
    int texels = 0;
    bool is_wide = false;  // more than a tile of locations along both axes; of some kinds
  };
  constexpr std::array<Corner, 6> corners = {{{{1, 1, 1}},
                                              {{1, 0, 2}, 1, 1},
                                              {{0, 1, 0}},
                                              {{2, 0, 1}, 1, 1},
                                              {{0, 0, 0}, 1, 2},
                                              {{1, 1, 1}, 0, 0, true}}};
  const std::vector<std::size_t> kinds = part.kinds();
  constexpr std::size_t wide_ones = 17;
  std::vector<Combination> all;
  for (std::size_t place = 0; place < kinds.size(); ++place) {
    const std::size_t kind = kinds[place];
    for (std::size_t i = 0; i < corners.size(); ++i) {
      const Corner& own = corners[i];
      if (own.is_wide && (place + seed) % std::max<std::size_t>(1, kinds.size() / wide_ones) != 0)
        continue;
      Row row = small_row(kind);
      level(row, Trait::width) = own.sizes[0];
      level(row, Trait::height) = own.sizes[1];
      if (level(row, Trait::depth) != 0) level(row, Trait::depth) = own.sizes[2] + 1;
      level(row, Trait::plane) = own.sizes[0] == 1 && own.sizes[1] == 1 ? 1 : 0;
      level(row, Trait::out_width) = own.is_wide ? 5 : 3;  // 34 to 67, or 8 to 15
      level(row, Trait::out_count) = own.is_wide ? 5 : 3;  // 4,097 and more, or 65 to 1,024
      level(row, Trait::channels) = own.channels;
      level(row, Trait::texels) = own.texels;
      const std::uint64_t own_seed = mix(mix(seed, kind), i);
      all.push_back(own.is_wide ? wide_of(row, own_seed) : combination_of(row, own_seed));
    }
  }
  return all;
}

namespace {

// The level of a grid that is expanded over the batch.
int shared_grid_level() {
  int level = 0;
  while (grid_arrangement(level) != Arrangement::expanded_batch) ++level;
  return level;
}

}  // namespace

std::vector<Combination> everyday_cases(const Part& part, std::uint64_t seed) {
  // By their levels: 1, 2 or 3, 4, 5 to 7 and 8 channels; crops are the layout met most.
  constexpr std::array<int, 6> channels = {0, 1, 1, 2, 3, 4};
  constexpr int crops = 6;
  const int layouts = trait_levels()[static_cast<std::size_t>(Trait::input_layout)];
  std::vector<Combination> all;
  for (std::size_t form = 0; form < forms.size(); ++form) {
    const std::vector<std::size_t> kinds = part.usual_kinds(forms[form]);
    if (kinds.empty()) continue;
    for (int layout = 0; layout < layouts; ++layout) {
      const int times = input_arrangement(layout) == Arrangement::sliced ? crops : 1;
      for (std::size_t i = 0; i < channels.size() * static_cast<std::size_t>(times) * 2; ++i) {
        const bool is_shared = i % 2 == 1;  // one grid for all of several pictures
        const std::uint64_t own = mix(mix(seed, form * 100 + static_cast<std::size_t>(layout)), i);
        Row row = small_row(kinds[own % kinds.size()]);
        level(row, Trait::batch) = is_shared ? 2 : own / 64 % 2 == 0 ? 0 : 1;
        level(row, Trait::channels) = channels[i / 2 % channels.size()];
        level(row, Trait::input_layout) = layout;
        level(row, Trait::grid_layout) = is_shared ? shared_grid_level() : 0;
        if (is_possible(row, part)) all.push_back(combination_of(std::move(row), own));
      }
    }
  }
  return all;
}

}  // namespace gridproof
