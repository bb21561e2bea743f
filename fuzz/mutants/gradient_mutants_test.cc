#include "fuzz/mutants/gradient_mutants.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "oracle/gradients/gradient_judge.h"
#include "reference/semantics/clauses.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof {
namespace {

Verdict worst_of(const BackwardCase& test_case, const BackwardAnswer& answer) {
  const BackwardAnswer expected = grid_sample_backward(test_case);
  return GradientJudge().judge(test_case, answer, &expected).worst();
}

TEST(GradientDictionary, EveryMutantIsWrongOnItsSeparatingCase) {
  for (const GradientMutant& mutant : gradient_mutants()) {
    const std::vector<BackwardCase> cases = separating_cases(mutant);
    EXPECT_EQ(cases.size() > 1, mutant.remembers()) << mutant.name;
    const std::unique_ptr<Subject> subject = mutant.open();
    for (std::size_t i = 0; i < cases.size(); ++i) {
      // Without the shortcut of same bits.
      EXPECT_EQ(GradientJudge().judge(cases[i], grid_sample_backward(cases[i])).worst(),
                Verdict::admissible)
          << mutant.name;
      const BackwardAnswer answer = subject->backward(cases[i]);
      const Verdict worst = worst_of(cases[i], answer);
      if (i + 1 < cases.size()) {
        EXPECT_EQ(worst, Verdict::same_bits) << mutant.name << ", line " << i + 1;
      } else {
        EXPECT_EQ(worst, std::holds_alternative<Refusal>(answer) ? Verdict::refused_wrongly
                                                                 : Verdict::deviates)
            << mutant.name << ": " << to_text(answer).substr(0, 200);
      }
    }
  }
}

// What one that remembers gets wrong, it does for what it was asked before; and another instance
// knows nothing of it.
TEST(GradientDictionary, MemoryIsOfTheInstance) {
  for (const GradientMutant& mutant : gradient_mutants()) {
    if (!mutant.remembers()) continue;
    const BackwardCase last = separating_cases(mutant).back();
    for (int i = 0; i < 2; ++i) {
      EXPECT_EQ(worst_of(last, mutant.answer(last)), Verdict::same_bits) << mutant.name;
    }
  }
}

// They may be asked anything, and their values are right.
TEST(GradientDictionary, EveryMutantAnswersEverything) {
  const BackwardCase refused = parse_backward_case(
      "grid_sample_backward input=f32[2]{1,2} grid=f32[]{3} grad_output=f32[1]{1}");
  const BackwardCase empty = parse_backward_case(
      "grid_sample_backward input=f32[0,0,2,3]{} grid=f32[0,1,0,2]{} grad_output=f32[0,0,1,0]{}");
  const Case forward = parse_case("grid_sample input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,0}");
  for (const GradientMutant& mutant : gradient_mutants()) {
    const std::unique_ptr<Subject> subject = mutant.open();
    EXPECT_TRUE(std::holds_alternative<Refusal>(subject->backward(refused))) << mutant.name;
    EXPECT_FALSE(std::holds_alternative<Lost>(subject->backward(empty))) << mutant.name;
    EXPECT_EQ(std::get<Tensor>(subject->answer(forward)).values(), std::vector<double>{1})
        << mutant.name;
  }
}

TEST(GradientDictionary, EveryEntryIsComplete) {
  std::set<std::string> names;
  for (const GradientMutant& mutant : gradient_mutants()) {
    EXPECT_TRUE(names.insert(mutant.name).second) << mutant.name;
    EXPECT_FALSE(mutant.chapter.empty()) << mutant.name;
    EXPECT_FALSE(mutant.sentence.empty()) << mutant.name;
    std::istringstream lines(mutant.separating);
    for (std::string line; std::getline(lines, line);) EXPECT_LT(line.size(), 250U) << mutant.name;
    for (const Carrier& carrier : mutant.carriers) {
      EXPECT_FALSE(carrier.who.empty()) << mutant.name;
      EXPECT_TRUE(carrier.link.starts_with("https://")) << mutant.name;
    }
  }
  EXPECT_EQ(find_gradient_mutant("kink.left")->name, "kink.left");
  EXPECT_EQ(find_gradient_mutant("nobody"), nullptr);
}

// No two are the same: some separating case, asked of a fresh instance, tells them apart. (Of those
// that remember, it is the whole sequence.)
TEST(GradientDictionary, NoTwoMutantsAreTheSame) {
  std::vector<std::vector<BackwardCase>> sequences;
  for (const GradientMutant& mutant : gradient_mutants()) {
    sequences.push_back(separating_cases(mutant));
  }
  std::map<std::vector<std::size_t>, std::string> known;
  for (const GradientMutant& mutant : gradient_mutants()) {
    std::vector<std::size_t> answers;
    for (const std::vector<BackwardCase>& cases : sequences) {
      const std::unique_ptr<Subject> subject = mutant.open();
      for (const BackwardCase& test_case : cases) {
        answers.push_back(std::hash<std::string>()(to_text(subject->backward(test_case))));
      }
    }
    const auto [other, is_new] = known.emplace(std::move(answers), mutant.name);
    EXPECT_TRUE(is_new) << mutant.name << " is " << other->second;
  }
}

}  // namespace
}  // namespace gridproof
