#include "fuzz/campaign/repeats.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace gridproof {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// Two samples of three channels each.
Tensor answer_of(const std::vector<double>& values) { return {Dtype::f32, {1, 3, 1, 2}, values}; }

const std::vector<double> best = {1, 2, 3, 4, 5, 6};

// A judgment on two samples, the first of which has the reference's bits.
Judgment judgment_of(Verdict second) {
  Judgment judgment;
  ++judgment[Verdict::same_bits];
  ++judgment[second];
  if (second > Verdict::admissible) {
    judgment.notable.push_back({.verdict = second, .sample = 1, .clause = "bilinear.weights"});
  }
  return judgment;
}

TEST(Repeats, EqualAnswersAreNotObjectedTo) {
  for (const std::vector<double>& values :
       {best, std::vector<double>{1, 9, 3, 4, 5, 6}, std::vector<double>{1, nan, 3, 4, 5, 6}}) {
    Judgment judgment = judgment_of(Verdict::admissible);
    object_to_change(judgment, answer_of(values), answer_of(values), answer_of(best));
    EXPECT_TRUE(judgment.notable.empty());
    EXPECT_EQ(judgment[Verdict::admissible], 1);
    EXPECT_EQ(judgment[Verdict::same_bits], 1);
  }
}

// The sample and the first channel that changed; the verdict that it had is taken back.
TEST(Repeats, OtherBitsAre) {
  Judgment judgment = judgment_of(Verdict::admissible);
  object_to_change(judgment, answer_of({1, 2, 3, 4.5, 5, 6.5}), answer_of(best), answer_of(best));
  ASSERT_EQ(judgment.notable.size(), 1U);
  EXPECT_EQ(judgment.notable[0].verdict, Verdict::deviates);
  EXPECT_EQ(judgment.notable[0].sample, 1);
  EXPECT_EQ(judgment.notable[0].channel, 1);
  EXPECT_EQ(judgment.notable[0].clause, "shape.sample");
  EXPECT_EQ(judgment[Verdict::same_bits], 1);
  EXPECT_EQ(judgment[Verdict::admissible], 0);
  EXPECT_EQ(judgment[Verdict::deviates], 1);
}

// The second answer may be the right one: what counts is that the first was another.
TEST(Repeats, SoIsARightAnswerAfterAnother) {
  Judgment judgment;
  judgment[Verdict::same_bits] = 2;
  object_to_change(judgment, answer_of(best), answer_of({1.5, 2, 3, 4, 5, 6}), answer_of(best));
  ASSERT_EQ(judgment.notable.size(), 1U);
  EXPECT_EQ(judgment.notable[0].sample, 0);
  EXPECT_EQ(judgment.notable[0].channel, 0);
  EXPECT_EQ(judgment[Verdict::same_bits], 1);
  EXPECT_EQ(judgment[Verdict::deviates], 1);
}

TEST(Repeats, TheSignOfAZeroIsABitAndThatOfANanIsNone) {
  const std::vector<double> zeros = {0, 0, 0, 0, nan, 0};
  Judgment judgment;
  judgment[Verdict::same_bits] = 2;
  object_to_change(judgment, answer_of({0, 0, 0, 0, -nan, 0}), answer_of(zeros), answer_of(zeros));
  EXPECT_TRUE(judgment.notable.empty());
  object_to_change(judgment, answer_of({0, -0.0, 0, 0, nan, 0}), answer_of(zeros),
                   answer_of(zeros));
  ASSERT_EQ(judgment.notable.size(), 1U);
  EXPECT_EQ(judgment.notable[0].sample, 1);
}

// One objection to a sample is enough, and they stay in the order of samples.
TEST(Repeats, WhatIsWrongAnywayKeepsItsVerdict) {
  for (const Verdict verdict : {Verdict::deviates, Verdict::quality_warning}) {
    Judgment judgment = judgment_of(verdict);
    object_to_change(judgment, answer_of({9, 9, 3, 4, 5, 6}), answer_of(best), answer_of(best));
    ASSERT_EQ(judgment.notable.size(), 2U);
    EXPECT_EQ(judgment.notable[0].sample, 0);
    EXPECT_EQ(judgment.notable[0].clause, "shape.sample");
    EXPECT_EQ(judgment.notable[1].verdict, verdict);
    EXPECT_EQ(judgment.notable[1].clause, "bilinear.weights");
  }
}

// What is no tensor, or has another shape, is judged as a whole and by itself.
TEST(Repeats, OnlyTensorsOfOneShapeAreCompared) {
  const Answer other = Tensor(Dtype::f32, {1, 2, 1, 3}, std::vector<double>(6, 7));
  const Answer refusal = Refusal{"options.mode", "no"};
  const Answer right = answer_of(best);
  const Answer changed = answer_of({9, 9, 9, 9, 9, 9});
  const auto is_left_alone = [&](const Answer& now, const Answer& before, const Answer& expected,
                                 bool whole) {
    Judgment judgment = judgment_of(Verdict::admissible);
    judgment.whole = whole;
    object_to_change(judgment, now, before, expected);
    return judgment.notable.empty();
  };
  EXPECT_FALSE(is_left_alone(changed, right, right, false));
  EXPECT_TRUE(is_left_alone(changed, right, right, true));
  EXPECT_TRUE(is_left_alone(refusal, right, right, false));
  EXPECT_TRUE(is_left_alone(changed, refusal, right, false));
  EXPECT_TRUE(is_left_alone(changed, right, refusal, false));
  EXPECT_TRUE(is_left_alone(other, right, right, false));
  EXPECT_TRUE(is_left_alone(changed, other, right, false));
}

}  // namespace
}  // namespace gridproof
