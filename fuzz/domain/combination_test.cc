#include "fuzz/domain/combination.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

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
    const Case test_case = make_case(combination);
    const Options options = resolve(test_case.request).value();
    const Form form = forms[static_cast<std::size_t>(level(row, Trait::form))];
    ASSERT_EQ(options.mode, form.mode);
    ASSERT_EQ(test_case.input.rank(), form.rank);
    ASSERT_EQ(test_case.grid.dtype(), test_case.input.dtype());
    ASSERT_EQ(sample_count(test_case), sample_count(combination));
    const auto within = [&](Trait trait, std::int64_t size) {
      const Range range = range_of(trait, level(row, trait));
      EXPECT_TRUE(size >= range.first && size <= range.last)
          << trait_name(trait) << ' ' << size << " for " << level_name(trait, level(row, trait));
    };
    const Tensor& input = test_case.input;
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
    within(Trait::out_width, test_case.grid.size(test_case.grid.rank() - 2));
    within(Trait::out_count, sample_count(test_case) / input.size(0));
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
    const Case test_case = make_case(combination);
    ASSERT_TRUE(part.has(test_case)) << to_string(kind_at(*kind_index(test_case)));
  }
}

// Each axis is everywhere, and each two axes in every pair of places, one after another.
// Small pictures in every layout, with few channels of every number that kernels treat by itself,
// crops along one axis alone, and one grid for all of an odd number of pictures.
TEST(Combinations, EverydayCasesAreWhatPeopleHave) {
  std::set<std::tuple<int, int, int>> seen;  // form, input layout, channels' level
  std::set<std::int64_t> channels;
  std::set<std::int64_t> shared;
  std::set<std::size_t> crops;  // axes whose stride alone is not that of a dense tensor
  for (const Combination& combination : everyday_cases(Part(), seed)) {
    const Row& row = combination.row;
    seen.emplace(level(row, Trait::form), level(row, Trait::input_layout),
                 level(row, Trait::channels));
    const Case test_case = make_case(combination);
    EXPECT_EQ(test_case.input.dtype(), Dtype::f32);
    channels.insert(test_case.input.size(1));
    if (test_case.input.size(0) > 1 && test_case.grid.strides()[0] == 0) {
      shared.insert(test_case.input.size(0));
    }
    const Shape& strides = test_case.input.strides();
    const Shape& shape = test_case.input.shape();
    for (std::size_t axis = 1; axis + 1 < shape.size(); ++axis) {
      const bool is_cropped = strides[axis] > shape[axis + 1] * strides[axis + 1];
      const bool is_dense_inside =
          std::equal(strides.begin() + static_cast<std::ptrdiff_t>(axis) + 1, strides.end(),
                     contiguous_strides(shape).begin() + static_cast<std::ptrdiff_t>(axis) + 1);
      if (is_cropped && is_dense_inside && shape[1] == 2) crops.insert(axis);
    }
  }
  for (int form = 0; std::cmp_less(form, forms.size()); ++form) {
    for (int layout = 0; layout < trait_levels()[static_cast<std::size_t>(Trait::input_layout)];
         ++layout) {
      int count = 0;
      for (int level = 0; level < 5; ++level) count += seen.contains({form, layout, level}) ? 1 : 0;
      EXPECT_GE(count, 4) << form << ' ' << layout;  // one channel has no order
    }
  }
  for (const std::int64_t count : {1, 2, 3, 4, 5, 7, 8}) EXPECT_TRUE(channels.contains(count));
  for (const std::int64_t count : {3, 4, 5, 7, 8}) EXPECT_TRUE(shared.contains(count)) << count;
  EXPECT_TRUE(crops.contains(1) && crops.contains(2));
  EXPECT_TRUE(everyday_cases(Part::nothing(), seed).empty());
}

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
    const Case test_case = make_case(corners[i]);
    int nans = 0;
    int infinities = 0;
    for (const double x : test_case.grid.values()) {
      nans += std::isnan(x) ? 1 : 0;
      infinities += std::isinf(x) ? 1 : 0;
    }
    EXPECT_GT(nans, 0);
    EXPECT_GT(infinities, 0);
  }
}

}  // namespace
}  // namespace gridproof
