#include "fuzz/campaign/participation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "oracle/exact/exact.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof {
namespace {

using Predicate = std::function<bool(const Case&)>;

// The part of a subject that answers what the predicate holds of and declines everything else.
Part part_found(const Predicate& answers) {
  FunctionSubject subject([&](const Case& test_case) -> Answer {
    if (!answers(test_case)) return Unsupported{"this"};
    return grid_sample(test_case);
  });
  return part_of(subject);
}

bool is_dense(const Case& test_case) {
  return layout_of(test_case.input) == Layout::dense && layout_of(test_case.grid) == Layout::dense;
}

TEST(Participation, HarmlessQuestionsAreOfTheirKindAndLayoutAndHaveAnAnswer) {
  for (std::size_t kind = 0; kind < kind_count; ++kind) {
    for (const Layout layout : {Layout::dense, Layout::strided, Layout::negative}) {
      const Case test_case = harmless_question(kind, layout);
      EXPECT_EQ(kind_index(test_case), kind);
      EXPECT_EQ(layout_of(test_case.input), layout);
      EXPECT_EQ(layout_of(test_case.grid), layout);
      EXPECT_FALSE(exact::refusal_of(test_case));
      for (const double x : test_case.grid.values()) EXPECT_LT(std::fabs(x), 1);
      for (const double texel : test_case.input.values()) {
        EXPECT_TRUE(texel == std::round(texel) && std::fabs(texel) < 10);
      }
    }
  }
}

TEST(Participation, WhoAnswersEverythingTakesPartInEverything) {
  EXPECT_TRUE(part_found([](const Case&) { return true; }).is_whole());
  EXPECT_TRUE(part_found([](const Case&) { return false; }).is_empty());
}

// Each thing that a subject may leave out, by itself.
TEST(Participation, IsLearnedByModePaddingFlagRankAndDtype) {
  const std::vector<Predicate> limits = {
      [](const Case& q) { return resolve(q.request)->mode != Mode::nearest; },
      [](const Case& q) { return resolve(q.request)->padding == Padding::border; },
      [](const Case& q) { return !resolve(q.request)->align_corners; },
      [](const Case& q) { return q.input.rank() == 4; },
      [](const Case& q) { return q.input.dtype() != Dtype::bf16; },
      // Together: f16 without reflection.
      [](const Case& q) {
        return q.input.dtype() != Dtype::f16 || resolve(q.request)->padding != Padding::reflection;
      }};
  for (const Predicate& limit : limits) {
    const Part part = part_found(limit);
    int kinds = 0;
    for (std::size_t kind = 0; kind < kind_count; ++kind) {
      const Case test_case = harmless_question(kind);
      EXPECT_EQ(part.has(kind), limit(test_case)) << to_string(kind_at(kind));
      EXPECT_EQ(part.has(test_case), limit(test_case));
      kinds += part.has(kind) ? 1 : 0;
    }
    EXPECT_GT(kinds, 0);
    EXPECT_FALSE(part.is_whole());
    EXPECT_TRUE(part.has(Layout::negative) && part.has(Layout::strided));
  }
}

TEST(Participation, IsLearnedByLayout) {
  const Part dense = part_found(is_dense);
  EXPECT_TRUE(dense.has(Layout::dense));
  EXPECT_FALSE(dense.has(Layout::strided));
  EXPECT_FALSE(dense.has(Layout::negative));
  const Part positive = part_found([](const Case& test_case) {
    return layout_of(test_case.input) != Layout::negative &&
           layout_of(test_case.grid) != Layout::negative;
  });
  EXPECT_TRUE(positive.has(Layout::strided));
  EXPECT_FALSE(positive.has(Layout::negative));
  // In a layout that it takes, of the kind that it takes.
  const Part strided = part_found([](const Case& test_case) {
    return layout_of(test_case.input) == Layout::strided && test_case.input.dtype() == Dtype::f64;
  });
  EXPECT_FALSE(strided.has(Layout::dense));
  EXPECT_TRUE(strided.has(Layout::strided));
  EXPECT_FALSE(strided.has(Layout::negative));
  EXPECT_EQ(kinds_in_words(strided).size(), 15U);
}

// Who declines by the values is asked harmless ones and takes part.
TEST(Participation, IsNotLearnedByValues) {
  const Part part = part_found([](const Case& test_case) {
    return std::ranges::all_of(test_case.grid.values(), [](double x) { return std::fabs(x) <= 1; });
  });
  EXPECT_TRUE(part.is_whole());
}

// Whoever refuses, or is lost, takes part; who is lost again and again is asked no more.
TEST(Participation, RefusalsAndLossesBelongToIt) {
  FunctionSubject refusing([](const Case&) { return Answer(Refusal{"", "never"}); });
  EXPECT_TRUE(part_of(refusing).is_whole());
  int asked = 0;
  FunctionSubject dying([&](const Case&) {
    ++asked;
    return Answer(Lost{"was killed"});
  });
  EXPECT_TRUE(part_of(dying).is_whole());
  EXPECT_EQ(asked, 2);
}

// Only the numbers are others.
TEST(Participation, OrdinaryValuesStandInTheSameLayout) {
  const Case test_case = parse_case(
      "grid_sample mode=nearest padding_mode=border input=f32[1,1,2,3]{nan,inf,1e30,1,2,3} "
      "grid=f32[1,1,2,2]{nan,-inf,1e9,-0}");
  for (const Layout layout : {Layout::dense, Layout::strided, Layout::negative}) {
    const Case asked = layout == Layout::dense ? test_case : harmless_question(7, layout);
    const Case ordinary = with_ordinary_values(asked);
    EXPECT_EQ(ordinary.request, asked.request);
    EXPECT_EQ(ordinary.input.dtype(), asked.input.dtype());
    EXPECT_EQ(ordinary.input.shape(), asked.input.shape());
    EXPECT_EQ(ordinary.input.strides(), asked.input.strides());
    EXPECT_EQ(ordinary.grid.offset(), asked.grid.offset());
    EXPECT_EQ(ordinary.grid.storage_size(), asked.grid.storage_size());
    EXPECT_NE(ordinary.input.storage(), asked.input.storage());
    for (const double x : ordinary.grid.values()) EXPECT_LT(std::fabs(x), 1);
    for (const double texel : ordinary.input.values()) EXPECT_LT(std::fabs(texel), 10);
  }
}

TEST(Participation, KindsAreSaidWithoutFlags) {
  Part part = Part::nothing();
  part.set(*kind_index({Mode::nearest, Padding::border, true}, 5, Dtype::f16), true);
  part.set(*kind_index({Mode::nearest, Padding::border, false}, 5, Dtype::f16), true);
  part.set(*kind_index({Mode::bilinear, Padding::zeros, false}, 4, Dtype::f32), true);
  EXPECT_EQ(kinds_in_words(part),
            (std::vector<std::string>{"bilinear zeros 4-D f32", "nearest border 5-D f16"}));
  EXPECT_EQ(kinds_in_words(Part()).size(), kind_count / 2);
}

}  // namespace
}  // namespace gridproof
