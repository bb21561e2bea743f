#include "fuzz/mutants/mutants.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "fuzz/mutants/gradient_mutants.h"
#include "fuzz/mutants/same_memory.h"
#include "oracle/judge/judge.h"
#include "reference/semantics/clauses.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof {
namespace {

Verdict worst_of(const Case& test_case, const Answer& answer) {
  const Answer expected = grid_sample(test_case);
  return Judge().judge(test_case, answer, &expected).worst();
}

TEST(Dictionary, EveryMutantIsWrongOnItsSeparatingCase) {
  for (const Mutant& mutant : mutants()) {
    const std::vector<Case> cases = separating_cases(mutant);
    EXPECT_EQ(cases.size() > 1, mutant.remembers()) << mutant.name;
    SameMemory memory;
    const std::unique_ptr<Subject> subject = mutant.open();
    for (std::size_t i = 0; i < cases.size(); ++i) {
      const Case test_case = memory(cases[i]);
      const Verdict worst = worst_of(test_case, subject->answer(test_case));
      if (i + 1 < cases.size()) {
        EXPECT_FALSE(is_finding(worst, true)) << mutant.name << ", line " << i + 1;
        continue;
      }
      // One that is equivalent uses latitude, and no more.
      EXPECT_EQ(is_finding(worst, false), mutant.equivalent.empty()) << mutant.name;
      EXPECT_TRUE(is_finding(worst, true)) << mutant.name;
    }
  }
}

// What one that remembers gets wrong, it does for what it was asked before; and another instance
// knows nothing of it.
TEST(Dictionary, MemoryIsOfTheInstance) {
  for (const Mutant& mutant : mutants()) {
    if (!mutant.remembers()) continue;
    const std::vector<Case> cases = separating_cases(mutant);
    for (int i = 0; i < 2; ++i) {
      EXPECT_FALSE(is_finding(worst_of(cases.back(), mutant.answer(cases.back())), true))
          << mutant.name;
    }
  }
}

// Where no traits meet, an interaction is right; and it may be asked anything.
TEST(Dictionary, InteractionsAreRightElsewhere) {
  const Case plain = parse_case(
      "grid_sample input=f32[1,1,2,3]{1..6} grid=f32[1,1,3,2]{0.1,0.2,-0.3,0.4,0.9,-0.6}");
  const Case refused = parse_case("grid_sample input=f32[2]{1,2} grid=f32[]{3}");
  const Case empty = parse_case("grid_sample input=f32[0,0,2,3]{} grid=f32[0,1,0,2]{}");
  for (const Mutant& mutant : mutants()) {
    if (!mutant.is_interaction) continue;
    EXPECT_EQ(worst_of(plain, mutant.answer(plain)), Verdict::same_bits) << mutant.name;
    EXPECT_TRUE(std::holds_alternative<Refusal>(mutant.answer(refused))) << mutant.name;
    EXPECT_FALSE(is_finding(worst_of(empty, mutant.answer(empty)), true)) << mutant.name;
  }
}

TEST(Dictionary, EveryEntryIsComplete) {
  std::set<std::string> names;
  for (const Mutant& mutant : mutants()) {
    EXPECT_TRUE(names.insert(mutant.name).second) << mutant.name;
    EXPECT_FALSE(mutant.chapter.empty()) << mutant.name;
    EXPECT_FALSE(mutant.sentence.empty()) << mutant.name;
    std::istringstream lines(mutant.separating);
    for (std::string line; std::getline(lines, line);) EXPECT_LT(line.size(), 200U) << mutant.name;
    for (const Carrier& carrier : mutant.carriers) {
      EXPECT_FALSE(carrier.who.empty()) << mutant.name;
      EXPECT_TRUE(carrier.link.starts_with("https://")) << mutant.name;
    }
  }
  EXPECT_GE(names.size(), 100U);
  EXPECT_EQ(find_mutant("nan.zero")->name, "nan.zero");
  EXPECT_EQ(find_mutant("nobody"), nullptr);
}

TEST(Dictionary, TheReadmesSayHowMany) {
  for (const char* page : {"README.md", "reports/cli/README.md"}) {
    std::ifstream file(std::string(GRIDPROOF_SOURCE_DIR "/") + page);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const std::size_t end = text.find(" mutants (named wrong");
    ASSERT_NE(end, std::string::npos) << page;
    const std::string before = text.substr(0, end);
    EXPECT_EQ(before.substr(before.find_last_not_of("0123456789") + 1),
              std::to_string(mutants().size()))
        << page;
  }
}

// The clauses that bind grid_sample and its gradients; what an open one leaves open, nobody breaks.
TEST(Dictionary, EveryClauseIsBrokenByAMutant) {
  std::set<std::string> broken;
  for (const Mutant& mutant : mutants()) broken.insert(mutant.clause);
  for (const GradientMutant& mutant : gradient_mutants()) broken.insert(mutant.clause);
  std::set<std::string> known;
  for (const Clause& clause : clauses()) {
    known.insert(clause.name);
    if (clause.status == "open" || clause.name.starts_with("affine_grid.") ||
        clause.name.starts_with("displacement.")) {
      continue;
    }
    EXPECT_TRUE(broken.contains(clause.name)) << clause.name;
  }
  for (const std::string& clause : broken) EXPECT_TRUE(known.contains(clause)) << clause;
}

}  // namespace
}  // namespace gridproof
