#include "fuzz/domain/domain.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "oracle/exact/exact.h"

namespace gridproof {
namespace {

TEST(Domain, ARecipeDecidesItsCase) {
  for (std::uint64_t ordinal = 0; ordinal < 300; ++ordinal) {
    const std::string once = to_line(make_case(recipe_of(7, ordinal)));
    ASSERT_EQ(once, to_line(make_case(recipe_of(7, ordinal)))) << ordinal;
  }
}

TEST(Domain, SeedsDiffer) {
  int same = 0;
  for (std::uint64_t ordinal = 0; ordinal < 20; ++ordinal) {
    same += recipe_of(1, ordinal).seed == recipe_of(2, ordinal).seed ? 1 : 0;
  }
  EXPECT_EQ(same, 0);
}

TEST(Domain, EveryStratumComes) {
  std::map<Stratum, int> counts;
  for (std::uint64_t ordinal = 0; ordinal < 3000; ++ordinal) {
    ++counts[recipe_of(1, ordinal).stratum];
  }
  for (const auto& entry : names<Stratum>) EXPECT_GT(counts[entry.value], 5) << entry.name;
}

TEST(Domain, EveryCombinationOfOptionsRankAndDtypeComes) {
  std::set<std::tuple<std::string, std::string, bool, std::size_t, Dtype>> seen;
  for (std::uint64_t ordinal = 0; ordinal < 20000; ++ordinal) {
    const Recipe recipe = recipe_of(1, ordinal);
    if (recipe.flaw != Flaw::none || !recipe.request.mode) continue;
    seen.emplace(*recipe.request.mode, *recipe.request.padding_mode, *recipe.request.align_corners,
                 recipe.output_shape.size(), recipe.dtype);
  }
  // bilinear and nearest in 4-D and 5-D, bicubic in 4-D; 3 paddings, 2 flags, 4 dtypes.
  EXPECT_EQ(seen.size(), std::size_t{5 * 3 * 2 * 4});
}

TEST(Domain, EveryFlawIsRefused) {
  std::set<Flaw> seen;
  for (std::uint64_t ordinal = 0; ordinal < 12000; ++ordinal) {
    const Recipe recipe = recipe_of(3, ordinal);
    if (recipe.stratum != Stratum::refusals) continue;
    seen.insert(recipe.flaw);
    const Case test_case = make_case(recipe);
    EXPECT_TRUE(exact::refusal_of(test_case).has_value()) << to_line(test_case);
  }
  EXPECT_EQ(seen.size(), 12U);
}

RC_GTEST_PROP(Domain, SoundRecipesAreAnswered, ()) {
  const Recipe recipe = *recipes().as("recipe");
  RC_PRE(recipe.flaw == Flaw::none && recipe.stratum != Stratum::large_planes);
  const Case test_case = make_case(recipe);
  RC_ASSERT(!exact::refusal_of(test_case).has_value());
  RC_ASSERT(sample_count(test_case) == sample_count(recipe));
}

RC_GTEST_PROP(Domain, ACaseSurvivesItsLine, ()) {
  const Recipe recipe = *recipes().as("recipe");
  RC_PRE(recipe.stratum != Stratum::large_planes);
  const Case test_case = make_case(recipe);
  const std::string line = to_line(test_case);
  const Case again = parse_case(line);
  RC_ASSERT(again.request == test_case.request);
  RC_ASSERT(again.input.same_values(test_case.input) && again.grid.same_values(test_case.grid));
  RC_ASSERT(again.input.strides() == test_case.input.strides() || test_case.input.is_contiguous());
  RC_ASSERT(to_line(again) == line);
}

TEST(Domain, RearrangedTensorsKeepTheirElementsAndHideSentinels) {
  std::vector<double> values(2 * 3 * 4 * 5);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(i);
  const Tensor dense(Dtype::f32, {2, 3, 4, 5}, values);
  for (const auto arrangement :
       {Arrangement::dense, Arrangement::channels_last, Arrangement::sliced, Arrangement::reversed,
        Arrangement::transposed}) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      EXPECT_TRUE(rearrange(dense, arrangement, seed).same_values(dense));
    }
  }
  bool has_gaps = false;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    has_gaps |= rearrange(dense, Arrangement::sliced, seed).storage_size() > dense.element_count();
  }
  EXPECT_TRUE(has_gaps);
}

// --- strata, measured in their cases ------------------------------------------------------------

constexpr std::uint64_t seed = 1;  // of the campaign that the strata are measured in

std::vector<Recipe> recipes_of(Stratum stratum, std::uint64_t ordinals = 4000) {
  std::vector<Recipe> all;
  for (std::uint64_t ordinal = 0; ordinal < ordinals; ++ordinal) {
    Recipe recipe = recipe_of(seed, ordinal);
    if (recipe.stratum == stratum) all.push_back(std::move(recipe));
  }
  return all;
}

// Where a coordinate is in pixels; half a pixel away from 0.5, 1.5, … are ties.
double position(double x, std::int64_t size, bool align_corners) {
  const auto n = static_cast<double>(size);
  return align_corners ? (x + 1) / 2 * (n - 1) : ((x + 1) * n - 1) / 2;
}

bool is_special(Stratum stratum, double x, std::int64_t size, bool align_corners, Dtype dtype) {
  const double ulp = std::ldexp(1.0, 1 - format_of(dtype).precision);
  const auto n = static_cast<double>(size);
  const double p = position(x, size, align_corners);
  const double slack = 10 * ulp * n;
  switch (stratum) {
    case Stratum::cell_edges:
      return std::fabs(p - std::round(p)) <= slack && p > -1.5 && p < n + 0.5;
    case Stratum::ties:
      return std::fabs(p - 0.5 - std::round(p - 0.5)) <= slack && p > -2 && p < n;
    case Stratum::ends:
      return std::fabs(x) >= 1 - 2 / n - 10 * ulp && std::fabs(x) <= (1 + 4 / n) * (1 + 10 * ulp);
    case Stratum::outside:
      return std::fabs(x) >= 1 && std::fabs(x) <= 10;
    case Stratum::far:
      return std::fabs(x) >= 8 && std::fabs(x) <= 0x1p14;
    case Stratum::huge:
      return std::isfinite(x) && std::fabs(x) >= 0x1p14;
    case Stratum::tiny:
      return std::fabs(x) <= 0x1p-6;
    case Stratum::nan:
      return std::isnan(x);
    case Stratum::infinity:
      return std::isinf(x);
    default:
      return std::fabs(x) <= 1;
  }
}

// Of the samples of a stratum: how many have a special coordinate on some axis, and on all.
struct Specials {
  int samples = 0;
  int some = 0;
  int all = 0;
};

Specials specials_of(Stratum stratum) {
  Specials specials;
  for (const Recipe& recipe : recipes_of(stratum)) {
    // The layouts that share elements come later over what was written first.
    if (format_of(recipe.dtype).precision < 24 ||
        recipe.grid_arrangement == Arrangement::expanded) {
      continue;
    }
    const Case test_case = make_case(recipe);
    const bool align_corners = resolve(test_case.request)->align_corners;
    const std::vector<double> grid = test_case.grid.values();
    const std::size_t axes = recipe.output_shape.size();
    for (std::size_t i = 0; i < grid.size(); i += axes) {
      std::size_t special = 0;
      for (std::size_t axis = 0; axis < axes; ++axis) {
        const std::int64_t size = recipe.input_shape[recipe.input_shape.size() - 1 - axis];
        const bool has_one_position = align_corners && size == 1 &&
                                      (stratum == Stratum::ties || stratum == Stratum::cell_edges);
        if (has_one_position ||
            is_special(stratum, grid[i + axis], size, align_corners, recipe.dtype)) {
          ++special;
        }
      }
      ++specials.samples;
      specials.some += special > 0 ? 1 : 0;
      specials.all += special == axes ? 1 : 0;
    }
  }
  return specials;
}

TEST(Strata, CoordinatesAreSpecialOnOneAxisAndForHalfOnAll) {
  for (const Stratum stratum :
       {Stratum::interior, Stratum::cell_edges, Stratum::ties, Stratum::ends, Stratum::outside,
        Stratum::far, Stratum::huge, Stratum::tiny, Stratum::nan, Stratum::infinity}) {
    const Specials specials = specials_of(stratum);
    EXPECT_GT(specials.samples, 1000) << name(stratum);
    EXPECT_EQ(specials.some, specials.samples) << name(stratum);
    EXPECT_GT(specials.all, specials.samples * 2 / 5) << name(stratum);
    if (stratum != Stratum::interior) {
      EXPECT_LT(specials.all, specials.samples * 9 / 10) << name(stratum);
    }
  }
}

// The number nearest to a place, and those beside it, are in every second case or so.
TEST(Strata, CoordinatesAreBesideTheirPlaceToo) {
  for (const Stratum stratum : {Stratum::cell_edges, Stratum::ties}) {
    int exact = 0;
    int beside = 0;
    for (const Recipe& recipe : recipes_of(stratum)) {
      // Powers of 2, whose places are numbers of the type.
      const std::int64_t size = recipe.input_shape.back();
      if (recipe.dtype != Dtype::f32 || std::popcount(static_cast<std::uint64_t>(size)) != 1 ||
          recipe.request.align_corners.value_or(false)) {
        continue;
      }
      const std::vector<double> grid = make_case(recipe).grid.values();
      for (std::size_t i = 0; i < grid.size(); i += recipe.output_shape.size()) {
        const double p = 2 * position(grid[i], size, false);
        const double off = std::fabs(p - std::round(p));
        if (off == 0) ++exact;
        if (off > 0 && off < 1e-4) ++beside;
      }
    }
    EXPECT_GT(exact, 100) << name(stratum);
    EXPECT_GT(beside, 100) << name(stratum);
  }
}

TEST(Strata, NansHaveSignsAndPayloads) {
  std::set<std::pair<bool, bool>> coordinates;
  std::set<std::pair<bool, bool>> texels;
  const auto add = [](const Tensor& tensor, std::set<std::pair<bool, bool>>& kinds) {
    if (tensor.dtype() != Dtype::f32) return;
    const Tensor dense = tensor.contiguous();
    for (const float value : dense.elements<float>()) {
      const auto bits = std::bit_cast<std::uint32_t>(value);
      if (std::isnan(value)) kinds.emplace(std::signbit(value), (bits & 0x3fffffU) != 0);
    }
  };
  for (const Recipe& recipe : recipes_of(Stratum::nan)) add(make_case(recipe).grid, coordinates);
  for (const Recipe& recipe : recipes_of(Stratum::nonfinite_texels)) {
    add(make_case(recipe).input, texels);
  }
  EXPECT_EQ(coordinates.size(), 4U);
  EXPECT_EQ(texels.size(), 4U);
}

TEST(Strata, InfinitiesHaveBothSigns) {
  std::set<bool> signs;
  for (const Recipe& recipe : recipes_of(Stratum::infinity)) {
    for (const double x : make_case(recipe).grid.values()) {
      if (std::isinf(x)) signs.insert(x > 0);
    }
  }
  EXPECT_EQ(signs.size(), 2U);
}

// Of which flag a grid is an identity.
std::set<bool> identities_of(const Case& test_case) {
  std::set<bool> flags;
  const Shape& shape = test_case.grid.shape();
  const std::vector<double> grid = test_case.grid.values();
  const std::size_t axes = shape.size() - 2;
  const double slack = std::ldexp(2.0, -format_of(test_case.grid.dtype()).precision);
  for (const bool flag : {false, true}) {
    bool is_identity = true;
    for (std::size_t i = 0; i < grid.size(); ++i) {
      auto place = static_cast<std::int64_t>(i / axes);
      for (std::size_t axis = 0; axis < i % axes; ++axis) place /= shape[axes - axis];
      const std::int64_t size = shape[axes - i % axes];
      const double x =
          flag && size == 1
              ? 0
              : (flag ? 2 * static_cast<double>(place % size) / static_cast<double>(size - 1)
                      : (2 * static_cast<double>(place % size) + 1) / static_cast<double>(size)) -
                    1;
      is_identity = is_identity && std::fabs(grid[i] - x) <= slack;
    }
    if (is_identity) flags.insert(flag);
  }
  return flags;
}

TEST(Strata, IdentitiesAreOfEitherFlagUnderEither) {
  std::set<std::pair<bool, bool>> seen;  // asked, and of the grid
  std::set<bool> equal_sizes;
  for (const Recipe& recipe : recipes_of(Stratum::identity)) {
    if (recipe.grid_arrangement == Arrangement::expanded) continue;
    const Case test_case = make_case(recipe);
    const std::set<bool> flags = identities_of(test_case);
    ASSERT_FALSE(flags.empty()) << to_line(test_case);
    const Shape spatial(recipe.input_shape.begin() + 2, recipe.input_shape.end());
    equal_sizes.insert(spatial == recipe.output_shape);
    if (flags.size() == 1) {
      seen.emplace(recipe.request.align_corners.value_or(false), *flags.begin());
    }
  }
  EXPECT_EQ(seen.size(), 4U);
  EXPECT_EQ(equal_sizes.size(), 2U);
  for (const Recipe& recipe : recipes_of(Stratum::affine)) {
    if (element_count(recipe.output_shape) < 2) continue;
    EXPECT_TRUE(identities_of(make_case(recipe)).empty());
  }
}

TEST(Strata, TexelsAreThoseOfTheStratum) {
  const auto kinds = [](Stratum stratum) {
    std::set<Texels> all;
    for (const Recipe& recipe : recipes_of(stratum)) all.insert(recipe.texels);
    return all;
  };
  EXPECT_EQ(kinds(Stratum::structured_texels),
            (std::set{Texels::ramp, Texels::one_hot, Texels::checkerboard, Texels::constant,
                      Texels::integers}));
  EXPECT_EQ(kinds(Stratum::extreme_texels),
            (std::set{Texels::huge, Texels::tiny, Texels::mixed_exponents, Texels::canceling}));
  EXPECT_EQ(kinds(Stratum::nonfinite_texels), (std::set{Texels::nonfinite}));
  EXPECT_EQ(kinds(Stratum::interior).size(), 5U);
}

// Input and grid by their strides.
TEST(Strata, LayoutsAreOfEveryKind) {
  std::map<std::string, int> seen;
  for (const Recipe& recipe : recipes_of(Stratum::layouts)) {
    const Case test_case = make_case(recipe);
    for (const Tensor* tensor : {&test_case.input, &test_case.grid}) {
      const std::string who = tensor == &test_case.input ? "input " : "grid ";
      const Shape& strides = tensor->strides();
      const Shape& shape = tensor->shape();
      const Layout layout = layout_of(*tensor);
      seen[who + std::string(name(layout))] += 1;
      if (layout != Layout::strided) continue;
      for (std::size_t axis = 0; axis < shape.size(); ++axis) {
        if (shape[axis] > 1 && strides[axis] == 0) ++seen[who + "stride 0"];
      }
      if (tensor->offset() > 0) ++seen[who + "sliced"];
      if (strides.back() > 1 && tensor->offset() == 0) ++seen[who + "last axis strided"];
    }
    if (test_case.input.size(1) > 1 && test_case.input.strides()[1] == 1) ++seen["channels-last"];
    const Shape& strides = test_case.grid.strides();
    if (strides.end()[-2] == 1 && element_count(recipe.output_shape) > 1 &&
        strides.back() == element_count(recipe.output_shape)) {
      ++seen["planar grid"];
    }
  }
  for (const auto* const who :
       {"input dense", "input negative", "input strided", "input stride 0", "input sliced",
        "input last axis strided", "grid dense", "grid negative", "grid strided", "grid stride 0",
        "grid sliced", "grid last axis strided", "channels-last", "planar grid"}) {
    EXPECT_GT(seen[who], 3) << who;
  }
}

// Samples in a row, channels and batch entries, each around the lengths of vectors.
// Something is left over of a vector or of a tile of samples, of both axes, and of the channels.
TEST(Strata, TailsAreOfSamplesChannelsAndBatchEntries) {
  std::set<std::int64_t> corners;  // by the remainders of height, width and channels
  std::set<std::int64_t> samples;
  std::set<std::int64_t> channels;
  std::set<std::int64_t> batches;
  std::set<std::size_t> axes;
  for (const Recipe& recipe : recipes_of(Stratum::tails)) {
    const Shape& output = recipe.output_shape;
    const std::int64_t length = std::ranges::max(output);
    if (element_count(output) != length) {
      ASSERT_LE(element_count(output), 67 * 67);
      if (output.size() == 2) {
        corners.insert(output[0] % 8 * 1000 + output[1] % 16 * 10 + recipe.input_shape[1] % 4);
      }
      continue;
    }
    samples.insert(length);
    if (length > 1) {
      axes.insert(static_cast<std::size_t>(output.end() - std::ranges::find(output, length)));
    }
    channels.insert(make_case(recipe).input.size(1));
    batches.insert(recipe.input_shape[0]);
  }
  EXPECT_EQ(*samples.begin(), 1);
  EXPECT_LE(*samples.rbegin(), 67);
  EXPECT_GT(samples.size(), 50U);
  EXPECT_EQ(axes.size(), 3U);
  EXPECT_GT(channels.size(), 40U);
  EXPECT_LE(*channels.rbegin(), 67);
  EXPECT_GT(*channels.rbegin(), 60);
  EXPECT_GT(batches.size(), 10U);
  EXPECT_TRUE(corners.contains(1013));
  EXPECT_GT(corners.size(), 15U);
}

TEST(Strata, LongAxesAreStoredAndOfEveryForm) {
  std::set<bool> flags;
  std::set<std::size_t> axes;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const std::vector<Recipe> recipes = large_questions(Part(), seed);
    ASSERT_GE(recipes.size(), forms.size());
    for (std::size_t i = 0; i < forms.size(); ++i) {
      const Recipe& recipe = recipes[i];
      EXPECT_EQ(resolve(recipe.request)->mode, forms[i].mode);
      EXPECT_EQ(recipe.input_shape.size(), static_cast<std::size_t>(forms[i].rank));
      EXPECT_TRUE(is_in(recipe, Part()));
      const auto longest = std::ranges::max_element(recipe.input_shape);
      EXPECT_GT(*longest, std::int64_t{1} << 22);
      EXPECT_EQ(element_count(recipe.input_shape), *longest);
      flags.insert(*recipe.request.align_corners);
      axes.insert(static_cast<std::size_t>(recipe.input_shape.end() - longest));
    }
  }
  EXPECT_EQ(flags.size(), 2U);
  EXPECT_EQ(axes, (std::set<std::size_t>{1, 2, 3}));
  const Recipe one = large_questions(Part(), 1).front();
  const Case test_case = make_case(one);
  const auto texels = test_case.input.elements<float>();
  EXPECT_NE(texels[1'000'000], texels[1'000'001]);
  EXPECT_TRUE(large_questions(Part::nothing(), 1).empty());
}

// The planes, batches and outputs that 24 and 16 bits cannot count.
TEST(Strata, LargeQuestionsGoBeyondWhatFewBitsHold) {
  std::set<std::string> seen;
  for (const Recipe& recipe : large_questions(Part(), 1)) {
    const std::string form = std::string(name(resolve(recipe.request)->mode)) + ' ' +
                             std::to_string(recipe.input_shape.size());
    const auto longest = *std::ranges::max_element(recipe.input_shape);
    if (element_count(recipe.input_shape) > (1 << 24) && longest < 5000)
      seen.insert("pixels " + form);
    for (std::size_t axis = 0; axis + 1 < recipe.output_shape.size(); ++axis) {
      if (recipe.output_shape[axis] > 65'535)
        seen.insert("axis " + std::to_string(axis) + ' ' + form);
    }
    if (recipe.input_arrangement != Arrangement::very_far_apart &&
        recipe.grid_arrangement != Arrangement::very_far_apart) {
      continue;
    }
    const Case test_case = make_case(recipe);
    if (test_case.input.strides()[0] > (1 << 24)) seen.insert("input");
    if (test_case.grid.strides()[0] > (1 << 24)) seen.insert("grid");
  }
  EXPECT_EQ(seen, (std::set<std::string>{
                      "pixels bilinear 4", "pixels nearest 4", "pixels bicubic 4",
                      "pixels bilinear 5", "pixels nearest 5", "input", "grid", "axis 0 bilinear 4",
                      "axis 0 nearest 4", "axis 0 bicubic 4", "axis 0 bilinear 5",
                      "axis 0 nearest 5", "axis 1 bilinear 5", "axis 1 nearest 5"}));
}

TEST(Strata, RareLayoutsAreOfEveryAxisOfInputAndGrid) {
  std::set<std::string> seen;
  std::map<std::string, int> shared;
  for (const Recipe& recipe : rare_layouts(Part(), 1)) {
    const Case test_case = make_case(recipe);
    const auto note = [&](const char* what, const Tensor& tensor) {
      for (std::size_t axis = 0; axis < tensor.strides().size(); ++axis) {
        if (tensor.shape()[axis] < 2 || tensor.strides()[axis] < (1 << 16)) continue;
        seen.insert(what + std::to_string(tensor.rank()) + ' ' + std::to_string(axis));
        EXPECT_LT(tensor.storage_size(), std::int64_t{1} << 18);
      }
    };
    note("input ", test_case.input);
    note("grid ", test_case.grid);
    // Windows have less in storage than they show.
    for (const Tensor* tensor : {&test_case.input, &test_case.grid}) {
      const Shape& strides = tensor->strides();
      if (std::ranges::find(strides, 0) != strides.end()) {
        ++shared["components"];
      } else if (tensor->storage_size() < tensor->element_count()) {
        ++shared["rows"];
      }
    }
  }
  EXPECT_GT(shared["rows"], 20);
  EXPECT_GT(shared["components"], 10);
  EXPECT_EQ(seen, (std::set<std::string>{"input 4 0", "input 4 1", "input 4 2", "input 5 0",
                                         "input 5 1", "input 5 2", "input 5 3", "grid 4 0",
                                         "grid 4 1", "grid 5 0", "grid 5 1", "grid 5 2"}));
  Part dense = Part();
  dense.set(Layout::strided, false);
  EXPECT_TRUE(rare_layouts(dense, 1).empty());
}

TEST(Strata, SizesAreThoseOfTheStratum) {
  std::set<std::size_t> units;
  for (const Recipe& recipe : recipes_of(Stratum::unit_sizes)) {
    const auto ones = std::count(recipe.input_shape.begin() + 2, recipe.input_shape.end(), 1);
    ASSERT_GT(ones, 0);
    units.insert(static_cast<std::size_t>(ones));
  }
  EXPECT_EQ(units.size(), 3U);
  std::set<std::int64_t> around;
  std::set<bool> is_row;
  for (const Recipe& recipe : recipes_of(Stratum::large_planes, 20'000)) {
    const std::int64_t count = element_count(recipe.input_shape);
    const double log2 = std::log2(static_cast<double>(count));
    ASSERT_LT(std::fabs(log2 - std::round(log2)), 0.03) << count;
    around.insert(static_cast<std::int64_t>(std::round(log2)));
    is_row.insert(recipe.input_shape.back() == count);
  }
  EXPECT_EQ(around, (std::set<std::int64_t>{15, 16, 24}));
  EXPECT_EQ(is_row.size(), 2U);
  int batch = 0;
  int channels = 0;
  int output = 0;
  for (const Recipe& recipe : recipes_of(Stratum::empty)) {
    const Case test_case = make_case(recipe);
    ASSERT_TRUE(test_case.input.size(0) * test_case.input.size(1) * sample_count(test_case) == 0);
    batch += test_case.input.size(0) == 0 ? 1 : 0;
    channels += test_case.input.size(1) == 0 ? 1 : 0;
    output += element_count(recipe.output_shape) == 0 ? 1 : 0;
  }
  EXPECT_TRUE(batch > 2 && channels > 2 && output > 2) << batch << channels << output;
}

// What a caller may leave out is left out now and then, each by itself.
TEST(Strata, ArgumentsAreLeftOut) {
  std::set<std::string> left_out;
  for (std::uint64_t ordinal = 0; ordinal < 2000; ++ordinal) {
    const Request request = recipe_of(seed, ordinal).request;
    left_out.insert(std::string(request.mode ? "" : "mode ") +
                    (request.padding_mode ? "" : "padding ") +
                    (request.align_corners ? "" : "corners"));
  }
  for (const auto* const some : {"", "mode ", "padding ", "corners", "mode padding "}) {
    EXPECT_TRUE(left_out.contains(some)) << some;
  }
}

TEST(Nudge, GoesFromNumberToNumber) {
  EXPECT_EQ(nudge(1, 1, Dtype::f32), 1 + 0x1p-23);
  EXPECT_EQ(nudge(1, -1, Dtype::f32), 1 - 0x1p-24);
  EXPECT_EQ(nudge(0, 1, Dtype::f64), 0x1p-1074);
  EXPECT_EQ(nudge(0, -2, Dtype::f16), -0x1p-23);
  EXPECT_EQ(nudge(65504, 3, Dtype::f16), 65504);
  EXPECT_EQ(nudge(-0x1p-133, 1, Dtype::bf16), 0);
}

}  // namespace
}  // namespace gridproof
