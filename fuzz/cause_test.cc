#include "fuzz/cause.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "fuzz/mutants/mutants.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof {
namespace {

const Mutant& mutant_named(std::string_view name) { return *find_mutant(name); }

std::optional<Cause> cause_of(const std::function<Answer(const Case&)>& answers,
                              const std::string& clause, const std::string& line) {
  FunctionSubject subject(answers);
  FunctionSubject reference([](const Case& question) { return grid_sample(question); });
  const Judge judge;
  const Case question = parse_case(line);
  return explaining_mutant({subject, reference, judge}, Verdict::deviates, clause, question,
                           question);
}

TEST(Cause, NamesTheMutant) {
  const Mutant& mutant = mutant_named("reflect.wrong-edge");
  const auto cause =
      cause_of([&](const Case& question) { return mutant.answer(question); }, "padding.reflection",
               "grid_sample padding_mode=reflection input=f32[1,1,1,4]{1,2,4,8} "
               "grid=f32[1,1,1,2]{1.25,0}");
  ASSERT_TRUE(cause);
  EXPECT_EQ(cause->mutant, "reflect.wrong-edge");
  EXPECT_EQ(cause->agreeing, cause->probes);
  EXPECT_GE(cause->probes, 4U);
}

TEST(Cause, TiesAreSplitByTheCasesThatSeparateThem) {
  // One pixel far outside at both ends: reflecting once, twice or always is the same there.
  const Mutant& mutant = mutant_named("reflect.once");
  const auto cause =
      cause_of([&](const Case& question) { return mutant.answer(question); }, "padding.reflection",
               "grid_sample padding_mode=reflection input=f32[1,1,1,4]{1,2,4,8} "
               "grid=f32[1,1,1,2]{9.25,0}");
  ASSERT_TRUE(cause);
  EXPECT_EQ(cause->mutant, "reflect.once");
  EXPECT_TRUE(cause->ties.empty()) << testing::PrintToString(cause->ties);
}

// Neither alone gives these bits: another kernel at other positions.
TEST(Cause, NamesAPairWhereNoSingleOneExplains) {
  const Mutant pair = both(mutant_named("align.flipped"), mutant_named("cubic.alpha-0.5"));
  EXPECT_EQ(pair.name, "align.flipped + cubic.alpha-0.5");
  const auto cause =
      cause_of([&](const Case& question) { return pair.answer(question); }, "bicubic.kernel",
               "grid_sample mode=bicubic padding_mode=border align_corners=False "
               "input=f32[1,1,5,5]{1,2,4,8,16,3,1,4,1,5,9,2,6,5,3,5,8,9,7,9,3,2,3,8,4} "
               "grid=f32[1,1,1,2]{0.25,0.125}");
  ASSERT_TRUE(cause);
  const std::string name = cause->mutant;
  EXPECT_TRUE(name == pair.name || std::ranges::count(cause->ties, pair.name) == 1) << name;
  EXPECT_EQ(cause->agreeing, cause->probes);
  EXPECT_NE(mutant_sentence(name).value_or("").find("; and "), std::string::npos);
  EXPECT_FALSE(mutant_sentence("nan.zero + nobody").has_value());
}

TEST(Cause, AFlagThatIsFlippedIsNamed) {
  const Mutant& mutant = mutant_named("align.flipped");
  const auto cause =
      cause_of([&](const Case& question) { return mutant.answer(question); }, "bilinear.weights",
               "grid_sample align_corners=False "
               "input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{0.5,0}");
  ASSERT_TRUE(cause);
  // With align_corners=False it does what `align.always-true` does, until it is asked about True.
  EXPECT_EQ(cause->mutant, "align.flipped");
  EXPECT_TRUE(cause->ties.empty()) << testing::PrintToString(cause->ties);
}

// A mutant that is wrong wherever the subject is right does not explain it.
TEST(Cause, NoMutantThatIsWrongElsewhere) {
  const auto only_once = [](const Case& question) -> Answer {
    const auto right = std::get<Tensor>(grid_sample(question));
    if (question.grid.values().front() != 0.5) return right;
    return mutant_named("nearest.ceil").answer(question);
  };
  const auto cause = cause_of(only_once, "nearest.texel",
                              "grid_sample mode=nearest input=f32[1,1,1,8]{1..8} "
                              "grid=f32[1,1,1,2]{0.5,0}");
  EXPECT_TRUE(!cause || cause->mutant != "nearest.ceil");
}

// Always NaN: the mutants that give NaN somewhere for reasons of their own are no explanation.
TEST(Cause, NamesNothingForAConstantAnswer) {
  const auto always_nan = [](const Case& question) -> Answer {
    const auto right = std::get<Tensor>(grid_sample(question));
    return Tensor(
        right.dtype(), right.shape(),
        std::vector<double>(static_cast<std::size_t>(right.element_count()), std::nan("")));
  };
  EXPECT_FALSE(cause_of(always_nan, "bilinear.weights",
                        "grid_sample input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{0.25,0}"));
  // Where the clause is the one that such a mutant breaks, it is.
  const auto cause = cause_of(always_nan, "coord.nan",
                              "grid_sample padding_mode=border input=f32[1,1,1,4]{1,2,4,8} "
                              "grid=f32[1,1,1,2]{nan,0}");
  ASSERT_TRUE(cause);
  EXPECT_EQ(cause->mutant, "nan.propagates");
}

TEST(Cause, VariationsKeepWhatIsNotFinite) {
  const Case question =
      parse_case("grid_sample input=f32[1,1,2,2]{1,inf,3,nan} grid=f32[1,1,1,2]{nan,-1e30}");
  for (const Case& variation : variations(question)) {
    EXPECT_TRUE(std::isinf(variation.input.at(std::vector<std::int64_t>{0, 0, 0, 1})));
    EXPECT_TRUE(std::isnan(variation.input.at(std::vector<std::int64_t>{0, 0, 1, 1})));
    EXPECT_TRUE(std::isnan(variation.grid.values()[0]));
    EXPECT_LE(variation.grid.values()[1], -1e30F);
  }
}

}  // namespace
}  // namespace gridproof
