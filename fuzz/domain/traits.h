// The traits of a case, as factors of a covering array, and which of their combinations there can
// be. Bugs live where two or three traits meet: a size with a layout, a channel count with a mode.
// Tested by traits_test.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/domain/coordinates.h"
#include "fuzz/domain/covering.h"
#include "fuzz/domain/layouts.h"
#include "fuzz/domain/part.h"
#include "fuzz/domain/texels.h"

namespace gridproof {

// A factor's place in a Row. The first level of each excludes least.
enum class Trait : std::uint8_t {
  form,           // an index into `forms`
  padding,        // into `paddings`
  align_corners,  // 0 False, 1 True
  dtype,          // into `dtypes`
  width,          // of the input, likewise height and depth; a depth of level 0 is none
  height,
  depth,
  plane,   // the product of width and height
  volume,  // and of the depth; level 0 is none
  batch,
  channels,
  out_width,
  out_count,  // output locations of one batch entry
  out_size,   // 0 any, 1 the input's: what is taken for no motion, or for a picture in place
  input_layout,
  grid_layout,
  pattern,  // how the coordinates of a grid hang together
  texels,
  x,  // an index into names<Where>, plus 1; level 0: as the pattern gives, and for z without depth
  y,
  z,
};
inline constexpr std::size_t trait_count = 21;

struct Range {
  std::int64_t first = 0;
  std::int64_t last = 0;
};

enum class Pattern : std::uint8_t {
  scattered,         // each coordinate for itself
  identity_corners,  // the identity's coordinates at the corners, scattered ones elsewhere
  identity,          // of either flag
  affine,            // rotated, scaled, sheared and shifted
};
template <>
inline constexpr auto names<Pattern> =
    std::to_array<Named<Pattern>>({{Pattern::scattered, "scattered"},
                                   {Pattern::identity_corners, "identity at the corners only"},
                                   {Pattern::identity, "identity"},
                                   {Pattern::affine, "affine"}});
// Whether a pattern leaves the coordinates free.
constexpr bool is_free(Pattern pattern) {
  return pattern == Pattern::scattered || pattern == Pattern::identity_corners;
}

// How many levels each trait has, and what a trait and a level are called in reports.
const std::vector<int>& trait_levels();
std::string_view trait_name(Trait trait);
std::string level_name(Trait trait, int level);

constexpr int level(const Row& row, Trait trait) { return row[static_cast<std::size_t>(trait)]; }
constexpr int& level(Row& row, Trait trait) { return row[static_cast<std::size_t>(trait)]; }

// The sizes that a level of a size stands for.
Range range_of(Trait trait, int level);
Arrangement input_arrangement(int level);
Arrangement grid_arrangement(int level);
Texels texels_of(int level);

// What a level costs in a case with these traits.
Cost cost_of(const Row& row, std::size_t trait, int level);

// The sizes that a row stands for.
struct Extent {
  std::int64_t batch = 1;
  std::int64_t channels = 1;
  Shape input;   // spatial sizes: (H, W) or (D, H, W)
  Shape output;  // likewise
};

// No case has more of these. What a case costs is bounded, so that a run can ask thousands.
inline constexpr std::int64_t max_storage = std::int64_t{1} << 18;  // elements of a tensor
inline constexpr std::int64_t max_samples = (std::int64_t{1} << 17) + 128;
inline constexpr std::int64_t max_output_elements = std::int64_t{1} << 18;

// Whether some case of the part has these traits, as far as what is set tells. Where three traits
// are combined (`strength` 3), no case has a batch or an output above 65,535.
bool is_possible(const Row& row, const Part& part, int strength = 2);

// Sizes of a complete and possible row, drawn; nothing if there are none.
std::optional<Extent> extent_of(const Row& row, Random& random);

}  // namespace gridproof
