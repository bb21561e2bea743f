// The domain of cases, cut into named strata, and RapidCheck generators over it.
// A recipe is a small description that decides a case entirely; the case is made from it.
// Tested by domain_test.cc.
#pragma once

#include <rapidcheck.h>

#include <cstdint>
#include <string_view>
#include <vector>

#include "fuzz/domain/coordinates.h"
#include "fuzz/domain/layouts.h"
#include "fuzz/domain/part.h"
#include "fuzz/domain/texels.h"
#include "reference/contract/case.h"

namespace gridproof {

// What a stratum is about. Everything else in its cases is drawn from the whole domain.
enum class Stratum : std::uint8_t {
  interior,           // coordinates anywhere inside
  cell_edges,         // at pixel centers, and 1, 2, … ulp beside them
  ties,               // halfway between pixel centers, and beside it
  ends,               // at ±1, at the rim of one pixel around the input, and beside them
  outside,            // up to 10 times too large
  far,                // up to 2^14 times too large
  huge,               // from there to the largest number of the type
  tiny,               // ±0, subnormal and other very small coordinates
  nan,                // NaN among ordinary coordinates
  infinity,           // ±infinity among ordinary coordinates
  identity,           // identity grids of either flag, input and output of equal or different size
  affine,             // rotated, scaled, shifted and sheared grids
  structured_texels,  // ramps, single ones, checkerboards, constants
  extreme_texels,     // huge and tiny exponents, cancellation
  nonfinite_texels,   // NaN and infinity in the input
  layouts,            // permuted, expanded, sliced, reversed, between sentinels
  tails,              // 1 to 67 samples along an axis, channels or batch entries
  unit_sizes,         // axes of size 1
  large_planes,       // around 2^15, 2^16 and 2^24 texels
  empty,              // no batch, no channel, no output
  refusals,           // questions that have no answer
};
template <>
inline constexpr auto names<Stratum> =
    std::to_array<Named<Stratum>>({{Stratum::interior, "interior"},
                                   {Stratum::cell_edges, "cell-edges"},
                                   {Stratum::ties, "ties"},
                                   {Stratum::ends, "ends"},
                                   {Stratum::outside, "outside"},
                                   {Stratum::far, "far"},
                                   {Stratum::huge, "huge"},
                                   {Stratum::tiny, "tiny"},
                                   {Stratum::nan, "nan"},
                                   {Stratum::infinity, "infinity"},
                                   {Stratum::identity, "identity"},
                                   {Stratum::affine, "affine"},
                                   {Stratum::structured_texels, "structured-texels"},
                                   {Stratum::extreme_texels, "extreme-texels"},
                                   {Stratum::nonfinite_texels, "nonfinite-texels"},
                                   {Stratum::layouts, "layouts"},
                                   {Stratum::tails, "tails"},
                                   {Stratum::unit_sizes, "unit-sizes"},
                                   {Stratum::large_planes, "large-planes"},
                                   {Stratum::empty, "empty"},
                                   {Stratum::refusals, "refusals"}});

enum class Flaw : std::uint8_t {
  none,
  unknown_mode,
  unknown_padding,
  bicubic_5d,
  unbatched,
  rank_3,
  rank_6,
  grid_rank,
  batch,
  last_dimension,
  empty_spatial,
  integer_dtype,
  mixed_dtypes,
};

struct Recipe {
  Stratum stratum = Stratum::interior;
  Request request;
  Dtype dtype = Dtype::f32;
  Shape input_shape;   // (N, C, H, W) or (N, C, D, H, W)
  Shape output_shape;  // the output's spatial sizes
  Texels texels = Texels::noise;
  Arrangement input_arrangement = Arrangement::dense;
  Arrangement grid_arrangement = Arrangement::dense;
  Flaw flaw = Flaw::none;
  std::uint64_t seed = 0;  // of texels and coordinates
};

// Recipes of one stratum, and of all strata in the proportions of a campaign.
rc::Gen<Recipe> recipes(Stratum stratum);
rc::Gen<Recipe> recipes();

// The recipe with this number in the campaign with this seed.
Recipe recipe_of(std::uint64_t seed, std::uint64_t ordinal);

// Small questions of each mode and rank in layouts that are rare: a piece of a large tensor, of
// which the outermost axis that has more than one index, each in turn, has a stride beyond 2^16; as
// windows that slide over one picture or grid; and a grid whose components are one number.
std::vector<Recipe> rare_layouts(const Part& part, std::uint64_t seed);

// Questions that take long, a few of each mode and rank, f32 if the part has that, under those
// options of the part that the seed says:
// - an axis of 2^22 pixels and more, all stored and all different: from there on positions have no
//   halves, and from 2^24 on an odd one is none; a plane and a volume of more than 2^24 pixels;
// - a batch entry of input or grid that begins beyond element 2^24;
// - more than 65,535 rows or slices of output.
std::vector<Recipe> large_questions(const Part& part, std::uint64_t seed);

// Whether a part has the kind and the layouts of a recipe that has no flaw.
bool is_in(const Recipe& recipe, const Part& part);

// Of an input of more elements than that the random ones repeat.
inline constexpr std::int64_t max_drawn = std::int64_t{1} << 20;
Case make_case(const Recipe& recipe);
// The number of samples of that case, without making it.
std::int64_t sample_count(const Recipe& recipe);

}  // namespace gridproof
