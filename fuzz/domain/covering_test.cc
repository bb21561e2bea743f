#include "fuzz/domain/covering.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

namespace gridproof {
namespace {

using Predicate = std::function<bool(const Row&)>;
// Factors with their levels, in order.
using Meeting = std::vector<std::pair<std::size_t, int>>;

void for_each_row(const std::vector<int>& levels, const std::function<void(const Row&)>& visit) {
  Row row(levels.size(), 0);
  while (true) {
    visit(row);
    std::size_t factor = 0;
    while (factor < row.size() && ++row[factor] == levels[factor]) row[factor++] = 0;
    if (factor == row.size()) return;
  }
}

// Every combination of so many levels in a row.
void add_meetings(const Row& row, std::size_t strength, std::set<Meeting>& all) {
  for (unsigned chosen = 0; chosen < 1U << row.size(); ++chosen) {
    Meeting meeting;
    for (std::size_t factor = 0; factor < row.size(); ++factor) {
      if ((chosen >> factor & 1U) != 0) meeting.emplace_back(factor, row[factor]);
    }
    if (meeting.size() == strength) all.insert(std::move(meeting));
  }
}

std::set<Meeting> meetings_of(const std::vector<Row>& rows, int strength) {
  std::set<Meeting> all;
  for (const Row& row : rows) add_meetings(row, static_cast<std::size_t>(strength), all);
  return all;
}

// Of all rows that are possible: what an array is to hold.
std::set<Meeting> possible_meetings(const std::vector<int>& levels, int strength,
                                    const Predicate& is_possible) {
  std::set<Meeting> all;
  for_each_row(levels, [&](const Row& row) {
    if (is_possible(row)) add_meetings(row, static_cast<std::size_t>(strength), all);
  });
  return all;
}

const std::vector<int> some_levels = {3, 2, 4, 3, 2, 3};

// Each forbids some rows, as soon as the factors that it is about are set. Together they exclude
// combinations that none forbids by itself.
bool some_are_possible(const Row& row) {
  const auto is = [&](std::size_t factor, int level) { return row[factor] == level; };
  return !(is(0, 1) && is(2, 3)) && !(is(1, 1) && is(3, 0) && is(5, 2)) &&
         !(is(0, 2) && is(1, 0)) && !(is(0, 2) && is(1, 1) && is(4, 1)) && !(is(2, 0) && is(3, 2));
}

CoveringProblem some_problem(int strength) {
  CoveringProblem problem{.levels = some_levels, .strength = strength};
  problem.is_possible = some_are_possible;
  problem.seed = 5;
  return problem;
}

TEST(Covering, EveryPossibleCombinationIsInSomeRow) {
  for (const int strength : {2, 3}) {
    const std::set<Meeting> possible = possible_meetings(some_levels, strength, some_are_possible);
    const CoveringArray array = covering_array(some_problem(strength));
    EXPECT_EQ(meetings_of(array.rows, strength), possible);
    EXPECT_EQ(array.covered, std::ssize(possible));
    EXPECT_EQ(array.covered + array.impossible, Combinations(some_levels, strength).total());
    EXPECT_GE(array.impossible, 4);
    // Every row is possible, and they are few.
    for (const Row& row : array.rows) {
      EXPECT_TRUE(some_are_possible(row));
      EXPECT_EQ(std::ranges::count(row, unset), 0);
    }
    EXPECT_LT(array.rows.size(), strength == 2 ? 25U : 75U);
  }
}

// A constraint that sees complete rows only leads the greedy rows into dead ends.
TEST(Covering, GoesBackFromDeadEnds) {
  for (const int strength : {2, 3}) {
    CoveringProblem problem{.levels = {3, 3, 3, 3}, .strength = strength, .seed = 1};
    problem.is_possible = [](const Row& row) {
      if (std::ranges::count(row, unset) > 0) return true;
      int sum = 0;
      for (const int level : row) sum += level;
      return sum % 5 == 3;
    };
    const std::set<Meeting> possible =
        possible_meetings(problem.levels, strength, problem.is_possible);
    const CoveringArray array = covering_array(problem);
    EXPECT_EQ(meetings_of(array.rows, strength), possible);
    EXPECT_EQ(array.covered, std::ssize(possible));
  }
}

// Any levels, and any combinations of two that are forbidden.
RC_GTEST_PROP(Covering, HoldsWhatBruteForceFinds, ()) {
  const int strength = *rc::gen::element(2, 3);
  const auto levels = *rc::gen::container<std::vector<int>>(5, rc::gen::inRange(1, 4));
  const auto forbidden = *rc::gen::container<std::vector<Row>>(
      *rc::gen::inRange<std::size_t>(0, 6),
      rc::gen::container<Row>(4, rc::gen::inRange(0, 5)));  // factor, level, factor, level
  CoveringProblem problem{.levels = levels, .strength = strength};
  problem.seed = *rc::gen::arbitrary<std::uint64_t>();
  problem.is_possible = [&](const Row& row) {
    return std::ranges::none_of(forbidden, [&](const Row& two) {
      return row[static_cast<std::size_t>(two[0])] == two[1] &&
             row[static_cast<std::size_t>(two[2])] == two[3];
    });
  };
  const std::set<Meeting> possible = possible_meetings(levels, strength, problem.is_possible);
  const CoveringArray array = covering_array(problem);
  RC_ASSERT(meetings_of(array.rows, strength) == possible);
  RC_ASSERT(array.covered == std::ssize(possible));
}

TEST(Covering, TheSeedDecidesTheRows) {
  CoveringProblem problem = some_problem(3);
  const std::vector<Row> rows = covering_array(problem).rows;
  EXPECT_EQ(covering_array(problem).rows, rows);
  problem.seed = 6;
  EXPECT_NE(covering_array(problem).rows, rows);
}

// Without the rows that have one of the levels the others do not count as all.
TEST(Covering, ALevelThatIsMissingIsNoticed) {
  const CoveringArray array = covering_array(some_problem(2));
  for (std::size_t factor = 0; factor < some_levels.size(); ++factor) {
    for (int level = 0; level < some_levels[factor]; ++level) {
      Combinations met(some_levels, 2);
      for (const Row& row : array.rows) {
        if (row[factor] != level) met.add(row);
      }
      EXPECT_LT(met.covered(), array.covered);
      const std::vector<Combinations::Tuple> missing = met.missing();
      EXPECT_TRUE(std::ranges::any_of(missing, [&](const Combinations::Tuple& tuple) {
        const Row row = met.row_of(tuple);
        return row[factor] == level && some_are_possible(row);
      }));
    }
  }
}

TEST(Covering, ADearLevelComesOnlyForWhatNeedsIt) {
  const auto count = [](const CoveringArray& array) {
    return std::ranges::count(array.rows, 2, [](const Row& row) { return row[0]; });
  };
  // There are 100 rows or more, and 10 that have the level are enough.
  CoveringProblem problem{.levels = {3, 10, 10}, .strength = 2, .seed = 1};
  problem.is_possible = [](const Row&) { return true; };
  EXPECT_GT(count(covering_array(problem)), 20);
  problem.cost = [](const Row&, std::size_t factor, int level) {
    return factor == 0 && level == 2 ? Cost::dear : Cost::cheap;
  };
  EXPECT_EQ(covering_array(problem).covered, 3 * 10 + 3 * 10 + 10 * 10);
  EXPECT_LT(count(covering_array(problem)), 20);
  // Of pairs it is a part, of triples it is none.
  problem = some_problem(3);
  problem.cost = [](const Row&, std::size_t factor, int level) {
    return factor == 0 && level == 2 ? Cost::pairs_only : Cost::cheap;
  };
  EXPECT_EQ(count(covering_array(problem)), 0);
  problem.strength = 2;
  EXPECT_EQ(covering_array(problem).covered, covering_array(some_problem(2)).covered);
}

// What a row adds beyond its own levels is not looked for again.
TEST(Covering, WhatACaseHoldsBesideItsRowCounts) {
  CoveringProblem problem = some_problem(2);
  const std::size_t alone = covering_array(problem).rows.size();
  std::vector<Row> rows;
  problem.cover = [&](const Row& row, Combinations& combinations) {
    rows.push_back(row);
    for_each_row(some_levels, [&](const Row& other) {
      if (some_are_possible(other) && other[2] == row[2]) combinations.add(other);
    });
  };
  const CoveringArray array = covering_array(problem);
  EXPECT_EQ(array.rows, rows);
  EXPECT_LT(rows.size(), alone);
  EXPECT_EQ(array.covered, std::ssize(possible_meetings(some_levels, 2, some_are_possible)));
}

TEST(Combinations, CountsEachOnce) {
  for (const int strength : {2, 3}) {
    Combinations met({2, 3, 2}, strength);
    const std::int64_t in_a_row = strength == 2 ? 3 : 1;
    EXPECT_EQ(met.total(), strength == 2 ? 6 + 4 + 6 : 12);
    EXPECT_EQ(met.add({1, 2, 0}), in_a_row);
    EXPECT_EQ(met.add({1, 2, 0}), 0);
    EXPECT_EQ(met.add({1, 2, unset}), 0);
    EXPECT_EQ(met.add({0, 2, unset}), strength == 2 ? 1 : 0);
    EXPECT_EQ(met.covered(), in_a_row + (strength == 2 ? 1 : 0));
    EXPECT_EQ(std::ssize(met.missing()), met.total() - met.covered());
    for (const Combinations::Tuple& tuple : met.missing()) {
      EXPECT_TRUE(met.is_missing(tuple));
      const Row row = met.row_of(tuple);
      EXPECT_EQ(std::ranges::count(row, unset), 3 - strength);
      EXPECT_EQ(met.add(row), 1);
      EXPECT_FALSE(met.is_missing(tuple));
    }
    EXPECT_EQ(met.covered(), met.total());
  }
}

TEST(Combinations, OnlyThoseThatHoldEnoughOfSomeFactors) {
  for (const int strength : {2, 3}) {
    for (int at_least = 0; at_least <= 3; ++at_least) {
      Combinations met(some_levels, strength);
      const Row row = {0, 1, 2, 1, 0, 2};
      std::set<Meeting> all;
      add_meetings(row, static_cast<std::size_t>(strength), all);
      const auto expected = std::ranges::count_if(all, [&](const Meeting& meeting) {
        return std::ranges::count_if(meeting, [](const auto& one) { return one.first >= 3; }) >=
               at_least;
      });
      EXPECT_EQ(met.add(row, 3, at_least), expected) << strength << ' ' << at_least;
    }
  }
}

// By trying each level.
TEST(Combinations, AGainIsWhatALevelWouldAdd) {
  for (const int strength : {2, 3}) {
    Combinations met(some_levels, strength);
    met.add({0, 1, 2, 1, 0, 2});
    met.add({0, 0, 2, 2, 1, 2});
    Row row = {0, unset, 2, 1, unset, 2};
    std::vector<int> gains;
    const std::vector<int> weights(some_levels.size() + 1, 1);
    for (const std::size_t factor : {std::size_t{1}, std::size_t{4}}) {
      met.count_gains(row, factor, weights, gains);
      ASSERT_EQ(std::ssize(gains), some_levels[factor]);
      for (int level = 0; level < some_levels[factor]; ++level) {
        Combinations before = met;
        before.add(row);
        Row with = row;
        with[factor] = level;
        EXPECT_EQ(gains[static_cast<std::size_t>(level)], before.add(with));
      }
    }
  }
}

}  // namespace
}  // namespace gridproof
