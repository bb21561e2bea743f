#include "fuzz/domain/domain.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <cmath>
#include <map>
#include <set>

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
    const Case question = make_case(recipe);
    EXPECT_TRUE(exact::refusal_of(question).has_value()) << to_line(question);
  }
  EXPECT_EQ(seen.size(), 12U);
}

RC_GTEST_PROP(Domain, SoundRecipesAreAnswered, ()) {
  const Recipe recipe = *recipes().as("recipe");
  RC_PRE(recipe.flaw == Flaw::none && recipe.stratum != Stratum::large_planes);
  const Case question = make_case(recipe);
  RC_ASSERT(!exact::refusal_of(question).has_value());
  RC_ASSERT(sample_count(question) == sample_count(recipe));
}

RC_GTEST_PROP(Domain, ACaseSurvivesItsLine, ()) {
  const Recipe recipe = *recipes().as("recipe");
  RC_PRE(recipe.stratum != Stratum::large_planes);
  const Case question = make_case(recipe);
  const std::string line = to_line(question);
  const Case again = parse_case(line);
  RC_ASSERT(again.request == question.request);
  RC_ASSERT(again.input.same_values(question.input) && again.grid.same_values(question.grid));
  RC_ASSERT(again.input.strides() == question.input.strides() || question.input.is_contiguous());
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
