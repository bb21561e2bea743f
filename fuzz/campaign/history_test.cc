#include "fuzz/campaign/history.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fuzz/mutants/mutants.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof {
namespace {

// A question that is told by its width.
Case wide(std::int64_t width) {
  Case test_case = parse_case(
      "grid_sample mode=nearest padding_mode=zeros align_corners=False input=f32[1,1,1,1]{1} "
      "grid=f32[1,1,1,2]{0,0}");
  std::vector<double> texels(static_cast<std::size_t>(width));
  for (std::size_t i = 0; i < texels.size(); ++i) texels[i] = static_cast<double>(i + 1);
  test_case.input = Tensor(Dtype::f32, {1, 1, 1, width}, texels);
  return test_case;
}
std::int64_t width_of(const Case& test_case) { return test_case.input.size(3); }

// Answers the question of width 3 wrongly if it was asked those of some other widths, in this
// order, since it was asked that the last time.
class Grudge final : public Subject {
 public:
  explicit Grudge(std::vector<std::int64_t> about) : about_(std::move(about)) {}
  Answer answer(const Case& test_case) override {
    if (width_of(test_case) != 3) {
      if (next_ < about_.size() && width_of(test_case) == about_[next_]) ++next_;
      return grid_sample(test_case);
    }
    const bool is_wrong = next_ == about_.size();
    next_ = 0;
    return is_wrong ? Answer(Tensor(Dtype::f32, {1, 1, 1, 1}, std::vector<double>{99}))
                    : grid_sample(test_case);
  }

 private:
  std::vector<std::int64_t> about_;
  std::size_t next_ = 0;
};

struct Settled {
  bool result;
  Incident incident;
};

Settled settled(Subject& subject, const Case& last, const std::vector<Case>& before,
                Verdict verdict = Verdict::deviates, const std::string& clause = "nearest.texel") {
  FunctionSubject reference([](const Case& test_case) { return grid_sample(test_case); });
  const Judge judge;
  Settled settled{.result = false, .incident = {.verdict = verdict, .clause = clause}};
  settled.incident.original = last;
  settled.incident.before = before;
  settled.result = settle_history({subject, reference, judge}, settled.incident);
  return settled;
}

std::vector<std::int64_t> widths_of(const std::vector<Case>& test_cases) {
  std::vector<std::int64_t> widths;
  for (const Case& test_case : test_cases) widths.push_back(width_of(test_case));
  return widths;
}
std::vector<Case> test_cases(const std::vector<std::int64_t>& widths) {
  std::vector<Case> all;
  for (const std::int64_t width : widths) all.push_back(wide(width));
  return all;
}

// Wherever they stand among the others, and in their order.
TEST(History, KeepsOnlyWhatMatters) {
  for (const std::vector<std::int64_t>& about :
       {std::vector<std::int64_t>{7}, {7, 5}, {5, 7}, {11, 6, 4}}) {
    std::vector<std::int64_t> all = {10, 9, 8, 2, 12, 13, 14, 15, 16};
    // Spread over the whole.
    for (std::size_t i = 0; i < about.size(); ++i) {
      all.insert(all.begin() + static_cast<std::ptrdiff_t>(i * 4 + 1), about[i]);
    }
    Grudge subject(about);
    const auto [result, incident] = settled(subject, wide(3), test_cases(all));
    EXPECT_TRUE(result);
    EXPECT_EQ(widths_of(incident.before), about);
    EXPECT_EQ(to_line(incident.reduced), to_line(wide(3)));
    EXPECT_EQ(std::get<Tensor>(incident.answer).values(), std::vector<double>{99});
    EXPECT_EQ(incident.cause, not_the_same);
    EXPECT_EQ(incident.common,
              about.size() == 1
                  ? "Asked alone, the last question is answered right; it is wrong after the one "
                    "before it, in the same memory."
                  : "Asked alone, the last question is answered right; it is wrong after the " +
                        std::to_string(about.size()) + " before it, in the same memory.");
  }
}

TEST(History, WhatRecursByItselfHasNone) {
  Grudge subject({});  // always wrong
  const auto [result, incident] = settled(subject, wide(3), test_cases({4, 5}));
  EXPECT_FALSE(result);
  EXPECT_TRUE(incident.before.empty());
  EXPECT_TRUE(incident.cause.empty());
}

// What the questions do not bring back is said, and nothing is told of them.
TEST(History, WhatDoesNotRecurHasNone) {
  Grudge subject({4, 17});
  const auto [result, incident] = settled(subject, wide(3), test_cases({4, 5}));
  EXPECT_TRUE(result);
  EXPECT_TRUE(incident.before.empty());
  EXPECT_EQ(incident.cause, not_the_same);
  EXPECT_EQ(std::get<Tensor>(incident.answer).values(), std::vector<double>{2});
  EXPECT_EQ(incident.common,
            "It was answered wrong once. A fresh instance that is asked nothing else answers it "
            "right, after the 2 questions before it as well.");
}

// Another objection than the incident's is not that incident.
TEST(History, TheVerdictAndTheClauseAreTheIncidents) {
  for (const auto& [verdict, clause] :
       {std::pair(Verdict::deviates, "coord.nan"), {Verdict::lost, "nearest.texel"}}) {
    Grudge subject({4});
    EXPECT_TRUE(
        settled(subject, wide(3), test_cases({4}), verdict, clause).incident.before.empty());
  }
  Grudge subject({4});
  EXPECT_EQ(settled(subject, wide(3), test_cases({4})).incident.before.size(), 1U);
}

// An instance that was asked other things before would be wrong by itself: each trial takes a fresh
// one. So the questions that it takes are found, and never none.
TEST(History, AFreshInstanceIsAsked) {
  Grudge worn({7});
  worn.answer(wide(7));
  int opened = 0;
  FunctionSubject reference([](const Case& test_case) { return grid_sample(test_case); });
  const Judge judge;
  const Interrogation interrogation{worn, reference, judge, [&]() -> std::unique_ptr<Subject> {
                                      ++opened;
                                      return std::make_unique<Grudge>(std::vector<std::int64_t>{7});
                                    }};
  Incident incident{.verdict = Verdict::deviates, .clause = "nearest.texel"};
  incident.original = wide(3);
  incident.before = test_cases({5, 7, 9});
  EXPECT_TRUE(settle_history(interrogation, incident));
  EXPECT_EQ(widths_of(incident.before), std::vector<std::int64_t>{7});
  EXPECT_GT(opened, 3);
}

// Of a case that was no part of a sequence: what the instance was asked before it, the last ones
// first.
TEST(History, RecentQuestionsAreTried) {
  Grudge subject({8});
  FunctionSubject reference([](const Case& test_case) { return grid_sample(test_case); });
  const Judge judge;
  Incident incident{.verdict = Verdict::deviates, .clause = "nearest.texel"};
  incident.original = wide(3);
  incident.recent = [&] { return test_cases({8, 4, 5, 6, 8, 7, 9}); };
  EXPECT_TRUE(settle_history({subject, reference, judge}, incident));
  EXPECT_EQ(widths_of(incident.before), std::vector<std::int64_t>{8});
  EXPECT_FALSE(incident.recent);
}

// Without time it looks at the last question alone, and says what it knows of that.
TEST(History, StopsLookingWhenTheTimeIsOver) {
  Grudge subject({8});
  int asked = 0;
  FunctionSubject counting([&](const Case& test_case) {
    ++asked;
    return subject.answer(test_case);
  });
  FunctionSubject reference([](const Case& test_case) { return grid_sample(test_case); });
  const Judge judge;
  Incident incident{.verdict = Verdict::deviates, .clause = "nearest.texel"};
  incident.original = wide(3);
  incident.recent = [&] { return test_cases({8, 4, 5, 6, 8, 7, 9}); };
  EXPECT_TRUE(
      settle_history({counting, reference, judge}, incident, std::chrono::nanoseconds::zero()));
  EXPECT_EQ(incident.cause, not_the_same);
  EXPECT_LE(asked, 5);
}

// One that answers an equal question otherwise than before, with answers that are admissible each.
TEST(History, AChangeNeedsTheQuestionThatIsEqual) {
  const Case test_case = parse_case(
      "grid_sample mode=bilinear padding_mode=border align_corners=False "
      "input=f32[1,1,1,2]{0.1,0.7} grid=f32[1,1,1,2]{0.123,0}");
  int asked = 0;
  FunctionSubject subject([&](const Case& some) {
    Tensor answer = std::get<Tensor>(grid_sample(some));
    if (width_of(some) != 2) return Answer(answer);
    // Each time another last bit.
    float& first = answer.elements<float>()[0];
    if (++asked % 2 == 0) first = std::nextafter(first, 1.0F);
    return Answer(answer);
  });
  const auto [result, incident] =
      settled(subject, test_case, {wide(4), test_case, wide(5)}, Verdict::deviates, "shape.sample");
  EXPECT_TRUE(result);
  ASSERT_EQ(incident.before.size(), 1U);
  EXPECT_EQ(to_line(incident.before[0]), to_line(test_case));
}

// A mutant that remembers is named.
TEST(History, TheMutantIsNamed) {
  const Mutant* const mutant = find_mutant("state.refusal-stays");
  ASSERT_NE(mutant, nullptr);
  std::vector<Case> cases = separating_cases(*mutant);
  const Case last = cases.back();
  cases.pop_back();
  const std::unique_ptr<Subject> subject = mutant->open();
  std::vector<Case> before = test_cases({4, 5});
  before.insert(before.end(), cases.begin(), cases.end());
  FunctionSubject reference([](const Case& test_case) { return grid_sample(test_case); });
  const Judge judge;
  const Answer right = grid_sample(last);
  const std::unique_ptr<Subject> other = mutant->open();
  for (const Case& test_case : before) other->answer(test_case);
  const Judgment judgment = judge.judge(last, other->answer(last), &right);
  ASSERT_EQ(judgment.notable.size(), 1U);
  const auto [result, incident] =
      settled(*subject, last, before, judgment.notable[0].verdict, judgment.notable[0].clause);
  EXPECT_TRUE(result);
  EXPECT_TRUE(incident.cause == mutant->name ||
              std::ranges::find(incident.ties, mutant->name) != incident.ties.end())
      << incident.cause;
  EXPECT_EQ(incident.before.size(), cases.size());
}

// One that refuses what comes after a question of width 4, as `state.refusal-stays` does where that
// was refused: it is right where the mutant shows itself.
TEST(History, OneAnswerThatIsTheSameIsNoName) {
  bool is_next = false;
  FunctionSubject subject([&](const Case& test_case) -> Answer {
    const bool refuses = std::exchange(is_next, width_of(test_case) == 4);
    return refuses ? Answer(Refusal{"shape.rank", "no"}) : grid_sample(test_case);
  });
  Case refused = wide(4);
  refused.request.mode = "lanczos";
  const Answer right = grid_sample(wide(3));
  const Judge judge;
  const Judgment judgment = judge.judge(wide(3), Refusal{"shape.rank", "no"}, &right);
  ASSERT_EQ(judgment.notable.size(), 1U);
  const auto [result, incident] =
      settled(subject, wide(3), {refused}, judgment.notable[0].verdict, judgment.notable[0].clause);
  EXPECT_TRUE(result);
  EXPECT_EQ(incident.before.size(), 1U);
  EXPECT_EQ(incident.cause, not_the_same);
}

}  // namespace
}  // namespace gridproof
