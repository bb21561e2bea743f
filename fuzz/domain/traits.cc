#include "fuzz/domain/traits.h"

#include <algorithm>
#include <array>
#include <limits>
#include <span>
#include <utility>

namespace gridproof {
namespace {

using Sizes = std::vector<std::int64_t>;

// A level of a size, and the sizes that stand for it.
struct Level {
  std::string_view name;
  Sizes sizes;
};

constexpr std::int64_t k32 = std::int64_t{1} << 15;
constexpr std::int64_t k64 = std::int64_t{1} << 16;
constexpr std::int64_t m16 = std::int64_t{1} << 24;
constexpr std::int64_t g2 = std::int64_t{1} << 31;

// Among the sizes are those whose reciprocal, in f32 or f64, divides a multiple of them too small:
// 41, 47, 49, 55, 61, 83, 97, 107.
const std::vector<Level>& axis_sizes() {
  static const std::vector<Level> levels = {
      {"3 to 14", {3, 4, 5, 6, 7, 8, 9, 11, 13, 14}},
      {"1", {1}},
      {"2", {2}},
      {"around 16 to 256", {15, 16, 17, 31,  32,  33,  40,  41,  49,  61,  63,
                            64, 65, 83, 100, 127, 128, 129, 200, 255, 256, 257}},
      {"258 to 2,045",
       {258, 300, 383, 500, 511, 512, 513, 640, 1000, 1023, 1024, 1025, 1920, 2045}},
      {"around 2^11", {2046, 2047, 2048, 2049, 2050}},
      {"around 2^12", {4095, 4096, 4097, 4098, 4099}},
      {"around 2^15", {k32 - 1, k32, k32 + 1, k32 + 2}},
      {"around 2^16", {k64 - 1, k64, k64 + 1, k64 + 2}},
      {"around 2^24", {m16 - 1, m16, m16 + 1, m16 + 2, m16 + 3}},
      {"above 2^24", {m16 + 5, m16 + 6, 2 * m16 - 1, 2 * m16 + 3, g2 - 1, g2, g2 + 1, g2 + 7}}};
  return levels;
}

const std::vector<Level>& batch_sizes() {
  static const std::vector<Level> levels = {{"1", {1}},
                                            {"2", {2}},
                                            {"3 to 8", {3, 4, 5, 7, 8}},
                                            {"9 to 67", {9, 16, 17, 33, 41, 49, 64, 67}},
                                            {"68 to 65,535", {68, 83, 100, 129, 257, 1025}},
                                            {"above 65,535", {k64, k64 + 1, k64 + 3}}};
  return levels;
}

const std::vector<Level>& channel_sizes() {
  static const std::vector<Level> levels = {
      {"1", {1}},
      {"2, 3", {2, 3}},
      {"4", {4}},
      {"5 to 7", {5, 6, 7}},
      {"8", {8}},
      {"12 to 60, a multiple of 4 and not of 8", {12, 20, 28, 36, 44, 52, 60}},
      {"16 to 56, a multiple of 8", {16, 24, 40, 48, 56}},
      {"beside 8, 16, 32, 64", {9, 15, 17, 31, 33, 63, 65}},
      {"32, 64", {32, 64}},
      {"66 to 127", {66, 67, 68, 72, 83, 96, 97, 100, 127}},
      {"128 to 1,023", {128, 129, 132, 136, 255, 256, 257, 260, 512}},
      {"1,024 and more", {1024, 1025, 1028, 1032, 4097}}};
  return levels;
}

const std::vector<Level>& output_widths() {
  static const std::vector<Level> levels = {
      {"1", {1}},
      {"2, 3", {2, 3}},
      {"4 to 7", {4, 5, 6, 7}},
      {"8 to 15", {8, 9, 11, 12, 13, 15}},
      {"16 to 33", {16, 17, 19, 31, 32, 33}},
      {"34 to 67", {34, 41, 47, 48, 49, 55, 61, 63, 64, 65, 67}},
      {"68 to 1,023", {68, 83, 97, 100, 107, 127, 128, 129, 255, 256, 257, 500, 513}},
      {"1,024 to 4,095", {1024, 1025, 1030, 2049}},
      {"4,096 to 65,535", {4096, 4097, 4103}},
      {"above 65,535", {k64, k64 + 1, k64 + 5}}};
  return levels;
}

struct RangeLevel {
  std::string_view name;
  Range range;
};

constexpr std::int64_t no_limit = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t max_elements = std::int64_t{1} << 40;  // that a tensor can have

constexpr auto output_counts = std::to_array<RangeLevel>({{"9 to 64", {9, 64}},
                                                          {"1", {1, 1}},
                                                          {"2 to 8", {2, 8}},
                                                          {"65 to 1,024", {65, 1024}},
                                                          {"1,025 to 4,096", {1025, 4096}},
                                                          {"4,097 to 65,535", {4097, k64 - 1}},
                                                          {"above 65,535", {k64, no_limit}}});
constexpr auto planes = std::to_array<RangeLevel>({{"2 to 64", {2, 64}},
                                                   {"1", {1, 1}},
                                                   {"65 to 4,096", {65, 4096}},
                                                   {"4,097 to 2^15-1", {4097, k32 - 1}},
                                                   {"2^15 to 2^16-1", {k32, k64 - 1}},
                                                   {"2^16 to 2^20", {k64, 16 * k64}},
                                                   {"2^20 to 2^24", {16 * k64 + 1, m16}},
                                                   {"2^24 to 2^31-1", {m16 + 1, g2 - 1}},
                                                   {"2^31 and more", {g2, no_limit}}});
constexpr auto volumes = std::to_array<RangeLevel>({{"none", {0, 0}},
                                                    {"up to 4,096", {1, 4096}},
                                                    {"4,097 to 2^15-1", {4097, k32 - 1}},
                                                    {"2^15 to 2^16-1", {k32, k64 - 1}},
                                                    {"2^16 to 2^24", {k64, m16}},
                                                    {"2^24 to 2^31-1", {m16 + 1, g2 - 1}},
                                                    {"2^31 and more", {g2, no_limit}}});

constexpr std::array input_arrangements = {Arrangement::dense,
                                           Arrangement::channels_last,
                                           Arrangement::sliced,
                                           Arrangement::transposed,
                                           Arrangement::reversed,
                                           Arrangement::spread,
                                           Arrangement::expanded_batch,
                                           Arrangement::expanded_channels,
                                           Arrangement::expanded_both,
                                           Arrangement::expanded_longest,
                                           Arrangement::expanded_spatial,
                                           Arrangement::overlapping,
                                           Arrangement::channels_last_sliced};
constexpr std::array grid_arrangements = {
    Arrangement::dense,          Arrangement::planar,           Arrangement::sliced,
    Arrangement::transposed,     Arrangement::reversed,         Arrangement::spread,
    Arrangement::expanded_batch, Arrangement::expanded_longest, Arrangement::expanded_spatial,
    Arrangement::overlapping,    Arrangement::planar_sliced};
constexpr std::array texel_kinds = {Texels::noise,    Texels::integers,       Texels::huge,
                                    Texels::tiny,     Texels::canceling,      Texels::nan,
                                    Texels::infinite, Texels::nonfinite_rim,  Texels::signed_zeros,
                                    Texels::one_hot,  Texels::mixed_exponents};

const std::vector<Level>* sizes_of(Trait trait) {
  switch (trait) {
    case Trait::width:
    case Trait::height:
    case Trait::depth:
      return &axis_sizes();
    case Trait::batch:
      return &batch_sizes();
    case Trait::channels:
      return &channel_sizes();
    case Trait::out_width:
      return &output_widths();
    default:
      return nullptr;
  }
}

// The sizes of a level, the depth's levels being one further on.
const Sizes& sizes_of(Trait trait, int level) {
  const int shift = trait == Trait::depth ? 1 : 0;
  return (*sizes_of(trait))[static_cast<std::size_t>(level - shift)].sizes;
}

bool is_within(std::int64_t value, const Range& range) {
  return value >= range.first && value <= range.last;
}

// The least and the greatest product of a width and a height of the levels of a row that is in the
// range of its plane; an empty range if there is none. What is not set may be any level.
Range plane_of(const Row& row) {
  static const std::size_t n = axis_sizes().size() + 1;  // a level, or none of them
  static const auto place = [](int width, int height, int plane) {
    return (static_cast<std::size_t>(width + 1) * n + static_cast<std::size_t>(height + 1)) *
               (planes.size() + 1) +
           static_cast<std::size_t>(plane + 1);
  };
  static const auto table = [] {
    std::vector<Range> all(n * n * (planes.size() + 1), Range{1, 0});
    const auto include = [&](int w, int h, int p, std::int64_t count) {
      Range& range = all[place(w, h, p)];
      range.first = range.last < range.first ? count : std::min(range.first, count);
      range.last = std::max(range.last, count);
    };
    const auto levels = static_cast<int>(axis_sizes().size());
    for (int w = 0; w < levels; ++w) {
      for (int h = 0; h < levels; ++h) {
        for (const std::int64_t x : axis_sizes()[static_cast<std::size_t>(w)].sizes) {
          for (const std::int64_t y : axis_sizes()[static_cast<std::size_t>(h)].sizes) {
            const auto in = std::ranges::find_if(
                planes, [&](const RangeLevel& plane) { return is_within(x * y, plane.range); });
            const auto p = static_cast<int>(in - planes.begin());
            for (const int some_w : {w, unset}) {
              for (const int some_h : {h, unset}) {
                for (const int some_p : {p, unset}) include(some_w, some_h, some_p, x * y);
              }
            }
          }
        }
      }
    }
    return all;
  }();
  return table[place(level(row, Trait::width), level(row, Trait::height),
                     level(row, Trait::plane))];
}

// a * b, and what is more than every limit where that is more than 64 bits hold.
std::int64_t product(std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  return __builtin_mul_overflow(a, b, &result) ? no_limit : result;
}

std::int64_t product(const Shape& sizes) {
  std::int64_t result = 1;
  for (const std::int64_t size : sizes) result = product(result, size);
  return result;
}

std::int64_t least(Trait trait, const Row& row) {
  return level(row, trait) == unset ? 1 : range_of(trait, level(row, trait)).first;
}
std::int64_t most(Trait trait, const Row& row) {
  return level(row, trait) == unset ? no_limit : range_of(trait, level(row, trait)).last;
}

// The fewest batch entries and channels, where a layout is one of several.
std::int64_t least_batch(const Row& row) {
  const int input = level(row, Trait::input_layout);
  const int grid = level(row, Trait::grid_layout);
  const bool has_several =
      (input != unset && (input_arrangement(input) == Arrangement::expanded_batch ||
                          input_arrangement(input) == Arrangement::expanded_both)) ||
      (grid != unset && grid_arrangement(grid) == Arrangement::expanded_batch);
  return std::max<std::int64_t>(least(Trait::batch, row), has_several ? 2 : 1);
}
std::int64_t least_channels(const Row& row) {
  const int input = level(row, Trait::input_layout);
  bool has_several = false;
  if (input != unset) {
    switch (input_arrangement(input)) {
      case Arrangement::channels_last:
      case Arrangement::channels_last_sliced:
      case Arrangement::expanded_channels:
      case Arrangement::expanded_both:
        has_several = true;
        break;
      default:
        break;
    }
  }
  return std::max<std::int64_t>(least(Trait::channels, row), has_several ? 2 : 1);
}

// Elements that must be stored of an input of these sizes.
std::int64_t storage_of(Arrangement arrangement, std::int64_t batch, std::int64_t channels,
                        std::int64_t extent, std::int64_t longest) {
  switch (arrangement) {
    case Arrangement::expanded_batch:
      return product(channels, extent);
    case Arrangement::expanded_channels:
      return product(batch, extent);
    case Arrangement::expanded_both:
      return extent;
    case Arrangement::expanded_longest:
      return product(product(batch, channels), extent / std::max<std::int64_t>(longest, 1));
    case Arrangement::expanded_spatial:
      return product(batch, channels);
    case Arrangement::overlapping:
      return 1;  // rows that share elements: less than 2^24 by themselves
    case Arrangement::spread:
    case Arrangement::sliced:
    case Arrangement::channels_last_sliced:
      return product(8, product(product(batch, channels), extent));
    default:
      return product(product(batch, channels), extent);
  }
}

bool sizes_are_possible(const Row& row) {
  const Range plane = plane_of(row);
  if (plane.last < plane.first) return false;
  Range extent = plane;
  const int depth = level(row, Trait::depth);
  const int volume = level(row, Trait::volume);
  if (depth > 0 || volume > 0) {
    const Range deep = depth > 0 ? range_of(Trait::depth, depth) : Range{1, no_limit};
    extent = {product(plane.first, deep.first), product(plane.last, deep.last)};
    if (volume > 0) {
      const Range& wanted = volumes[static_cast<std::size_t>(volume)].range;
      if (extent.first > wanted.last || extent.last < wanted.first) return false;
      extent.first = std::max(extent.first, wanted.first);
    }
  }
  const std::int64_t batch = least_batch(row);
  const std::int64_t channels = least_channels(row);
  if (product(product(batch, channels), extent.first) > max_elements) return false;
  if (level(row, Trait::input_layout) == unset) return true;
  const std::int64_t longest = std::max({most(Trait::width, row), most(Trait::height, row),
                                         depth == 0 ? 1 : most(Trait::depth, row)});
  return storage_of(input_arrangement(level(row, Trait::input_layout)), batch, channels,
                    extent.first, longest) <= max_storage;
}

bool has_identity_corners(const Row& row) {
  return level(row, Trait::pattern) == static_cast<int>(Pattern::identity_corners);
}

// Of an output whose grid is laid out and filled so.
std::int64_t least_height_of(const Row& row) {
  if (has_identity_corners(row)) return 3;
  if (level(row, Trait::grid_layout) == unset) return 1;
  switch (grid_arrangement(level(row, Trait::grid_layout))) {
    case Arrangement::expanded_spatial:
    case Arrangement::transposed:
    case Arrangement::overlapping:
      return 2;
    default:
      return 1;
  }
}

// How many locations of a batch entry there may be: as many as the row has at least, or so many
// more where they cost little.
struct Allowance {
  std::int64_t most = 0;
  std::int64_t cheap = 0;
};

constexpr std::int64_t few_samples = max_samples / 16;

// Few, but where the batch or the output is to be large by itself.
std::int64_t max_samples_of(const Row& row) {
  const bool is_large = most(Trait::batch, row) > 65'535 || most(Trait::out_count, row) > 65'535;
  return is_large ? max_samples : few_samples;
}

// Whether outputs of so many locations are few enough for the batch and the channels.
bool locations_are_possible(const Row& row, std::int64_t locations, std::int64_t max_samples) {
  const std::int64_t samples = product(least_batch(row), locations);
  return samples <= max_samples && product(samples, least_channels(row)) <= max_output_elements;
}

bool output_is_possible(const Row& row, std::int64_t max_samples) {
  const std::int64_t width =
      std::max<std::int64_t>(least(Trait::out_width, row), has_identity_corners(row) ? 3 : 1);
  const std::int64_t count = product(width, least_height_of(row));
  if (count > most(Trait::out_count, row)) return false;
  return locations_are_possible(row, std::max(count, least(Trait::out_count, row)), max_samples);
}

constexpr std::int64_t max_same_locations = 65'535;  // of an output of the input's size
bool has_size_of_input(const Row& row) { return level(row, Trait::out_size) == 1; }

// Whether an output of the input's size can have the widths and as many locations as are set.
bool size_of_input_is_possible(const Row& row, std::int64_t max_samples) {
  if (!has_size_of_input(row)) return true;
  const auto meet = [](const Range& a, const Range& b) {
    return a.first <= b.last && b.first <= a.last;
  };
  if (!meet({least(Trait::width, row), most(Trait::width, row)},
            {least(Trait::out_width, row), most(Trait::out_width, row)})) {
    return false;
  }
  const Range plane = plane_of(row);
  const int depth = level(row, Trait::depth);
  Range extent = {product(plane.first, least(Trait::depth, row)),
                  product(plane.last, depth == 0 ? 1 : most(Trait::depth, row))};
  if (level(row, Trait::volume) > 0) {
    extent.first = std::max(extent.first, least(Trait::volume, row));
    extent.last = std::min(extent.last, most(Trait::volume, row));
  }
  // Larger ones cost too much to meet everything else.
  const std::int64_t max_locations = std::min(most(Trait::out_count, row), max_same_locations);
  if (!meet(extent, {least(Trait::out_count, row), max_locations})) return false;
  return locations_are_possible(row, extent.first, max_samples);
}

bool layouts_are_possible(const Row& row) {
  const auto is_more_than_one = [&](Trait trait) { return most(trait, row) > 1; };
  if (level(row, Trait::input_layout) != unset) {
    switch (input_arrangement(level(row, Trait::input_layout))) {
      case Arrangement::channels_last:
      case Arrangement::channels_last_sliced:
        if (!is_more_than_one(Trait::channels)) return false;
        if (!is_more_than_one(Trait::plane) && level(row, Trait::depth) == 0) return false;
        break;
      case Arrangement::expanded_channels:
        if (!is_more_than_one(Trait::channels)) return false;
        break;
      case Arrangement::expanded_batch:
        if (!is_more_than_one(Trait::batch)) return false;
        break;
      case Arrangement::expanded_both:
        if (!is_more_than_one(Trait::batch) || !is_more_than_one(Trait::channels)) return false;
        break;
      case Arrangement::expanded_longest:
        if (!is_more_than_one(Trait::plane) && level(row, Trait::depth) == 0) return false;
        break;
      case Arrangement::expanded_spatial:
      case Arrangement::overlapping:
      case Arrangement::transposed:
        if (!is_more_than_one(Trait::width) || !is_more_than_one(Trait::height) ||
            !is_more_than_one(Trait::plane)) {
          return false;
        }
        break;
      default:
        break;
    }
  }
  if (level(row, Trait::grid_layout) == unset) return true;
  // Rows of several locations, and several rows.
  const bool is_flat = !is_more_than_one(Trait::out_width) ||
                       most(Trait::out_count, row) < 2 * least(Trait::out_width, row);
  switch (grid_arrangement(level(row, Trait::grid_layout))) {
    case Arrangement::expanded_batch:
      return is_more_than_one(Trait::batch);
    case Arrangement::expanded_longest:
      return is_more_than_one(Trait::out_count);
    case Arrangement::expanded_spatial:
    case Arrangement::transposed:
    case Arrangement::overlapping:
      return !is_flat;
    default:
      return true;
  }
}

bool pattern_is_possible(const Row& row) {
  const int which = level(row, Trait::pattern);
  const int x = level(row, Trait::x);
  const int y = level(row, Trait::y);
  const int z = level(row, Trait::z);
  const int form = level(row, Trait::form);
  const bool is_deep = (form != unset && forms[static_cast<std::size_t>(form)].rank == 5) ||
                       level(row, Trait::depth) > 0 || level(row, Trait::volume) > 0;
  if (which == unset) {
    // One axis is free if and only if the others are.
    if (x != unset && y != unset && (x == 0) != (y == 0)) return false;
    if (z > 0 && (x == 0 || y == 0)) return false;
    return !(z == 0 && (x > 0 || y > 0) && is_deep);
  }
  const auto pattern = static_cast<Pattern>(which);
  if (pattern == Pattern::identity_corners) {
    const std::int64_t width = most(Trait::out_width, row);
    if (width < 3 ||
        most(Trait::out_count, row) < 3 * std::max<std::int64_t>(3, least(Trait::out_width, row))) {
      return false;
    }
    if (level(row, Trait::grid_layout) != unset) {
      switch (grid_arrangement(level(row, Trait::grid_layout))) {
        case Arrangement::expanded_batch:
        case Arrangement::expanded_longest:
        case Arrangement::expanded_spatial:
        case Arrangement::overlapping:
          return false;
        default:
          break;
      }
    }
  }
  if (is_free(pattern)) {
    return x != 0 && y != 0 && !(z == 0 && is_deep);
  }
  return x <= 0 && y <= 0 && z <= 0;
}

// What goes with the rank.
bool rank_is_possible(const Row& row) {
  const int form = level(row, Trait::form);
  const int depth = level(row, Trait::depth);
  const int volume = level(row, Trait::volume);
  const int z = level(row, Trait::z);
  if (depth != unset && volume != unset && (depth == 0) != (volume == 0)) return false;
  if (z > 0 && (depth == 0 || volume == 0)) return false;
  if (form == unset) return true;
  const bool is_flat = forms[static_cast<std::size_t>(form)].rank == 4;
  return is_flat ? depth <= 0 && volume <= 0 && z <= 0 : depth != 0 && volume != 0;
}

bool is_in(const Row& row, const Part& part) {
  if (!part.has_some(level(row, Trait::form), level(row, Trait::padding),
                     level(row, Trait::align_corners), level(row, Trait::dtype))) {
    return false;
  }
  const auto has = [&](Arrangement arrangement) {
    switch (arrangement) {
      case Arrangement::dense:
        return part.has(Layout::dense);
      case Arrangement::reversed:
        return part.has(Layout::negative);
      default:
        return part.has(Layout::strided);
    }
  };
  const int input = level(row, Trait::input_layout);
  const int grid = level(row, Trait::grid_layout);
  return (input == unset || has(input_arrangement(input))) &&
         (grid == unset || has(grid_arrangement(grid)));
}

// An output of one of these widths, so many locations or some more, and as many axes as asked for.
std::optional<Shape> output_of(const Row& row, std::size_t axes, const Allowance& locations,
                               Random& random) {
  const Range count = range_of(Trait::out_count, level(row, Trait::out_count));
  const std::int64_t least_height = least_height_of(row);
  Sizes widths = sizes_of(Trait::out_width, level(row, Trait::out_width));
  Sizes depths = axes == 3 ? Sizes{1, 2, 3, 5, 1025} : Sizes{1};
  random.shuffle(widths);
  random.shuffle(depths);
  for (const std::int64_t width : widths) {
    if (width < least_height && has_identity_corners(row)) continue;
    for (const std::int64_t depth : depths) {
      const std::int64_t row_count = width * depth;
      const std::int64_t first = std::max((count.first + row_count - 1) / row_count, least_height);
      // Any height where that costs little: a kernel may work in blocks.
      const std::int64_t last =
          std::min({count.last / row_count, locations.most / row_count,
                    std::max(first + first / 8 + 1, locations.cheap / row_count)});
      if (first > last) continue;
      Shape output = {random.from(first, last), width};
      if (axes == 3) output.insert(output.begin(), depth);
      return output;
    }
  }
  return std::nullopt;
}

// Spatial sizes, x last, that the levels stand for: any, or those of which the least is stored. If
// the output is to have them, too, those of the fewest pixels but where any cost little.
std::optional<Shape> input_of(const Row& row, std::size_t axes, const Allowance& locations,
                              bool is_any, Random& random) {
  Sizes widths = sizes_of(Trait::width, level(row, Trait::width));
  Sizes heights = sizes_of(Trait::height, level(row, Trait::height));
  Sizes depths = axes == 3 ? sizes_of(Trait::depth, level(row, Trait::depth)) : Sizes{1};
  const Range& plane = planes[static_cast<std::size_t>(level(row, Trait::plane))].range;
  const Range volume = axes == 3
                           ? volumes[static_cast<std::size_t>(level(row, Trait::volume))].range
                           : Range{1, no_limit};
  random.shuffle(widths);
  random.shuffle(heights);
  random.shuffle(depths);
  const auto is_output = [&](std::int64_t width, std::int64_t height, std::int64_t depth) {
    const std::int64_t count = product(width * height, depth);
    return is_within(width, range_of(Trait::out_width, level(row, Trait::out_width))) &&
           is_within(count, range_of(Trait::out_count, level(row, Trait::out_count))) &&
           count <= std::min(locations.most, max_same_locations) &&
           height >= least_height_of(row) && (!has_identity_corners(row) || width > 2);
  };
  const auto cost = [&](const Shape& sizes) {
    return storage_of(input_arrangement(level(row, Trait::input_layout)), 1, 1, product(sizes),
                      std::ranges::max(sizes));
  };
  std::optional<Shape> least;
  for (const std::int64_t width : widths) {
    for (const std::int64_t height : heights) {
      if (!is_within(width * height, plane)) continue;
      for (const std::int64_t depth : depths) {
        if (!is_within(product(width * height, depth), volume)) continue;
        Shape sizes = axes == 3 ? Shape{depth, height, width} : Shape{height, width};
        const bool is_for_both = has_size_of_input(row);
        if (is_for_both && !is_output(width, height, depth)) continue;
        if (is_any && (!is_for_both || element_count(sizes) <= locations.cheap)) return sizes;
        if (!least || cost(sizes) < cost(*least)) least = std::move(sizes);
      }
    }
  }
  return least;
}

}  // namespace

const std::vector<int>& trait_levels() {
  static const std::vector<int> levels = [] {
    std::vector<int> counts(trait_count);
    const auto set = [&](Trait trait, std::size_t count) {
      counts[static_cast<std::size_t>(trait)] = static_cast<int>(count);
    };
    set(Trait::form, forms.size());
    set(Trait::padding, paddings.size());
    set(Trait::align_corners, 2);
    set(Trait::dtype, dtypes.size());
    set(Trait::width, axis_sizes().size());
    set(Trait::height, axis_sizes().size());
    set(Trait::depth, axis_sizes().size() + 1);
    set(Trait::plane, planes.size());
    set(Trait::volume, volumes.size());
    set(Trait::batch, batch_sizes().size());
    set(Trait::channels, channel_sizes().size());
    set(Trait::out_width, output_widths().size());
    set(Trait::out_count, output_counts.size());
    set(Trait::out_size, 2);
    set(Trait::input_layout, input_arrangements.size());
    set(Trait::grid_layout, grid_arrangements.size());
    set(Trait::pattern, names<Pattern>.size());
    set(Trait::texels, texel_kinds.size());
    for (const Trait axis : {Trait::x, Trait::y, Trait::z}) set(axis, names<Where>.size() + 1);
    return counts;
  }();
  return levels;
}

namespace {

Cost cost_of(Trait trait, int level) {
  switch (trait) {
    case Trait::batch:
    case Trait::out_width:
    case Trait::out_count: {
      const std::int64_t first = range_of(trait, level).first;
      if (first > 65'535) return Cost::pairs_only;
      return first > (trait == Trait::out_count ? 1'024 : 67) ? Cost::dear : Cost::cheap;
    }
    case Trait::channels:
      return range_of(trait, level).first > 100 ? Cost::dear : Cost::cheap;
    default:
      return Cost::cheap;
  }
}

}  // namespace

Cost cost_of(const Row& row, std::size_t trait, int level) {
  const auto which = static_cast<Trait>(trait);
  const auto is = [&](Trait other, Cost cost) {
    return gridproof::level(row, other) != unset &&
           cost_of(other, gridproof::level(row, other)) >= cost;
  };
  // Several of what is dear by itself.
  const bool multiplies = (which == Trait::batch && (is(Trait::out_count, Cost::dear) ||
                                                     is(Trait::out_width, Cost::dear))) ||
                          (which == Trait::out_count && is(Trait::batch, Cost::dear)) ||
                          (which == Trait::channels && (is(Trait::out_count, Cost::pairs_only) ||
                                                        is(Trait::out_width, Cost::pairs_only) ||
                                                        is(Trait::batch, Cost::pairs_only)));
  const Cost cost = cost_of(which, level);
  return multiplies && range_of(which, level).first > 1 ? std::max(cost, Cost::dear) : cost;
}

std::string_view trait_name(Trait trait) {
  constexpr std::array<std::string_view, trait_count> all = {"mode and rank",
                                                             "padding mode",
                                                             "align_corners",
                                                             "dtype",
                                                             "width",
                                                             "height",
                                                             "depth",
                                                             "plane",
                                                             "volume",
                                                             "batch",
                                                             "channels",
                                                             "output width",
                                                             "output locations",
                                                             "output size",
                                                             "input layout",
                                                             "grid layout",
                                                             "grid",
                                                             "texels",
                                                             "x",
                                                             "y",
                                                             "z"};
  return all[static_cast<std::size_t>(trait)];
}

std::string level_name(Trait trait, int level) {
  const auto at = static_cast<std::size_t>(level);
  switch (trait) {
    case Trait::form:
      return std::string(name(forms[at].mode)) + ' ' + std::to_string(forms[at].rank) + "-D";
    case Trait::padding:
      return std::string(name(paddings[at]));
    case Trait::align_corners:
      return level == 0 ? "False" : "True";
    case Trait::dtype:
      return std::string(name(dtypes[at]));
    case Trait::depth:
      if (level == 0) return "none";
      return std::string(axis_sizes()[at - 1].name);
    case Trait::width:
    case Trait::height:
    case Trait::batch:
    case Trait::channels:
    case Trait::out_width:
      return std::string((*sizes_of(trait))[at].name);
    case Trait::plane:
      return std::string(planes[at].name);
    case Trait::volume:
      return std::string(volumes[at].name);
    case Trait::out_count:
      return std::string(output_counts[at].name);
    case Trait::out_size:
      return level == 0 ? "any" : "the input's";
    case Trait::input_layout:
      return std::string(name(input_arrangements[at]));
    case Trait::grid_layout:
      return std::string(name(grid_arrangements[at]));
    case Trait::pattern:
      return std::string(names<Pattern>[at].name);
    case Trait::texels:
      return std::string(name(texel_kinds[at]));
    case Trait::x:
    case Trait::y:
    case Trait::z:
      return level == 0 ? "by the grid" : std::string(names<Where>[at - 1].name);
  }
  return {};
}

Range range_of(Trait trait, int level) {
  const auto at = static_cast<std::size_t>(level);
  switch (trait) {
    case Trait::plane:
      return planes[at].range;
    case Trait::volume:
      return volumes[at].range;
    case Trait::out_count:
      return output_counts[at].range;
    case Trait::depth:
      if (level == 0) return {1, 1};
      break;
    default:
      break;
  }
  const Sizes& sizes = sizes_of(trait, level);
  return {sizes.front(), sizes.back()};
}

Arrangement input_arrangement(int level) {
  return input_arrangements[static_cast<std::size_t>(level)];
}
Arrangement grid_arrangement(int level) {
  return grid_arrangements[static_cast<std::size_t>(level)];
}
Texels texels_of(int level) { return texel_kinds[static_cast<std::size_t>(level)]; }

bool is_possible(const Row& row, const Part& part, int strength) {
  const std::int64_t samples = strength == 3 ? few_samples : max_samples_of(row);
  if (!is_in(row, part) || !rank_is_possible(row) || !pattern_is_possible(row) ||
      !layouts_are_possible(row) || !output_is_possible(row, samples) || !sizes_are_possible(row) ||
      !size_of_input_is_possible(row, samples)) {
    return false;
  }
  if (std::ranges::find(row, unset) != row.end()) return true;
  Random random(0);
  return extent_of(row, random).has_value();
}

std::optional<Extent> extent_of(const Row& row, Random& random) {
  const std::size_t axes =
      forms[static_cast<std::size_t>(level(row, Trait::form))].rank == 5 ? 3 : 2;
  const auto drawn = [&](Trait trait) {
    const Sizes& sizes = sizes_of(trait, level(row, trait));
    return sizes[static_cast<std::size_t>(random.below(std::ssize(sizes)))];
  };
  constexpr int attempts = 8;
  for (int attempt = 0; attempt < attempts; ++attempt) {
    // The least sizes are the last resort.
    const bool is_last = attempt + 1 == attempts;
    Extent extent;
    extent.batch = is_last ? least(Trait::batch, row) : drawn(Trait::batch);
    extent.channels = is_last ? least(Trait::channels, row) : drawn(Trait::channels);
    const Allowance locations = {
        .most = std::min(max_samples_of(row), max_output_elements / extent.channels) / extent.batch,
        .cheap = 128 / extent.batch};
    const auto input = input_of(row, axes, locations, !is_last, random);
    const auto output = has_size_of_input(row) ? input : output_of(row, axes, locations, random);
    if (!output || !input) continue;
    extent.output = *output;
    extent.input = *input;
    const std::int64_t count = product(extent.input);
    if (product(product(extent.batch, extent.channels), count) <= max_elements &&
        storage_of(input_arrangement(level(row, Trait::input_layout)), extent.batch,
                   extent.channels, count, std::ranges::max(extent.input)) <= max_storage) {
      return extent;
    }
  }
  return std::nullopt;
}

}  // namespace gridproof
