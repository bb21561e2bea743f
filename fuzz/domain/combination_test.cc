#include "fuzz/domain/combination.h"

#include <gtest/gtest.h>

#include <set>
#include <tuple>

namespace gridproof {
namespace {

// A number for a row's plan: as `check` would take it.
constexpr std::uint64_t seed = 1;

TEST(Combinations, EveryPairOfTraitsThatCanMeetMeets) {
  const CombinationPlan& plan = combination_plan(2, Part(), seed);
  Combinations met(trait_levels(), 2);
  for (const Combination& combination : plan.combinations) add(combination, met);
  EXPECT_EQ(met.covered(), plan.possible);
  EXPECT_GT(plan.possible, 14'000);
  EXPECT_LT(plan.combinations.size(), 600U);
}

TEST(Combinations, ACaseHasTheTraitsOfItsRow) {
  for (const Combination& combination : combination_plan(2, Part(), seed).combinations) {
    const Row& row = combination.row;
    const Case question = make_case(combination);
    const Options options = resolve(question.request).value();
    const Form form = forms[static_cast<std::size_t>(level(row, Trait::form))];
    ASSERT_EQ(options.mode, form.mode);
    ASSERT_EQ(question.input.rank(), form.rank);
    ASSERT_EQ(question.grid.dtype(), question.input.dtype());
    ASSERT_EQ(sample_count(question), sample_count(combination));
    const auto within = [&](Trait trait, std::int64_t size) {
      const Range range = range_of(trait, level(row, trait));
      EXPECT_TRUE(size >= range.first && size <= range.last)
          << trait_name(trait) << ' ' << size << " for " << level_name(trait, level(row, trait));
    };
    const Tensor& input = question.input;
    const int last = input.rank() - 1;
    within(Trait::batch, input.size(0));
    within(Trait::channels, input.size(1));
    within(Trait::width, input.size(last));
    within(Trait::height, input.size(last - 1));
    within(Trait::plane, input.size(last) * input.size(last - 1));
    if (form.rank == 5) {
      within(Trait::depth, input.size(2));
      within(Trait::volume, input.size(last) * input.size(last - 1) * input.size(2));
    }
    within(Trait::out_width, question.grid.size(question.grid.rank() - 2));
    within(Trait::out_count, sample_count(question) / input.size(0));
    ASSERT_LE(input.storage_size(), std::int64_t{1} << 24) << to_string(input.shape());
  }
}

TEST(Combinations, TheSeedDecidesACase) {
  const CombinationPlan& plan = combination_plan(2, Part(), 5);
  for (std::size_t i = 0; i < plan.combinations.size(); i += 40) {
    if (plan.combinations[i].row[static_cast<std::size_t>(Trait::channels)] > 9) continue;
    const Case once = make_case(plan.combinations[i]);
    const Case again = make_case(plan.combinations[i]);
    EXPECT_TRUE(once.grid.same_values(again.grid));
    EXPECT_EQ(once.input.strides(), again.input.strides());
  }
}

TEST(Combinations, APartIsCoveredByItsOwnCases) {
  Part part = Part::nothing();
  for (std::size_t kind = 0; kind < kind_count; ++kind) {
    const Kind what = kind_at(kind);
    part.set(kind, what.form == Form{Mode::nearest, 4} && what.padding == Padding::border);
  }
  const CombinationPlan& plan = combination_plan(2, part, seed);
  EXPECT_GT(plan.possible, 5'000);
  for (const Combination& combination : plan.combinations) {
    const Case question = make_case(combination);
    ASSERT_TRUE(part.has(question)) << to_string(kind_at(*kind_index(question)));
  }
}

// Each axis is everywhere, and each two axes in every pair of places, one after another.
TEST(Combinations, CornerCasesHaveEveryPairOfPlaces) {
  const std::vector<Combination> corners = corner_cases(Part(), seed);
  // Some of them are wide: of every seventh kind, and of each where there are few.
  EXPECT_GE(corners.size(), 5 * kind_count + kind_count / 7);
  EXPECT_LE(corners.size(), 5 * kind_count + kind_count / 7 + 1);
  Part few = Part::nothing();
  for (const std::size_t kind : {3U, 50U}) few.set(kind, true);
  for (const auto& [layout, name] : names<Layout>) few.set(layout, true);
  EXPECT_EQ(corner_cases(few, seed).size(), 12U);
  for (const Combination& corner : corner_cases(few, seed)) {
    if (level(corner.row, Trait::out_width) != 5) continue;
    const Shape& output = corner.extent.output;
    EXPECT_GT(std::min(output[output.size() - 1], output[output.size() - 2]), 64);
  }
  for (std::size_t i = 0; i < corners.size(); i += 37) {
    Combinations met(trait_levels(), 3);
    add(corners[i], met);
    const Case question = make_case(corners[i]);
    int nans = 0;
    int infinities = 0;
    for (const double x : question.grid.values()) {
      nans += std::isnan(x) ? 1 : 0;
      infinities += std::isinf(x) ? 1 : 0;
    }
    EXPECT_GT(nans, 0);
    EXPECT_GT(infinities, 0);
  }
}

}  // namespace
}  // namespace gridproof
