#include "fuzz/mutants/mutants.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "oracle/judge/judge.h"
#include "reference/semantics/clauses.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof {
namespace {

TEST(Dictionary, EveryMutantIsWrongOnItsSeparatingCase) {
  for (const Mutant& mutant : mutants()) {
    const Case question = parse_case(mutant.separating);
    const Answer expected = grid_sample(question);
    const Verdict worst = Judge().judge(question, mutant.answer(question), &expected).worst();
    // One that is equivalent uses latitude, and no more.
    EXPECT_EQ(is_finding(worst, false), mutant.equivalent.empty()) << mutant.name;
    EXPECT_TRUE(is_finding(worst, true)) << mutant.name;
  }
}

TEST(Dictionary, EveryEntryIsComplete) {
  std::set<std::string> names;
  for (const Mutant& mutant : mutants()) {
    EXPECT_TRUE(names.insert(mutant.name).second) << mutant.name;
    EXPECT_FALSE(mutant.chapter.empty()) << mutant.name;
    EXPECT_FALSE(mutant.sentence.empty()) << mutant.name;
    EXPECT_LT(mutant.separating.size(), 200U) << mutant.name;
    for (const Carrier& carrier : mutant.carriers) {
      EXPECT_FALSE(carrier.who.empty()) << mutant.name;
      EXPECT_TRUE(carrier.link.starts_with("https://")) << mutant.name;
    }
  }
  EXPECT_GE(names.size(), 100U);
  EXPECT_EQ(find_mutant("nan.zero")->name, "nan.zero");
  EXPECT_EQ(find_mutant("nobody"), nullptr);
}

// The clauses that bind grid_sample; what an open one leaves open, nobody breaks.
TEST(Dictionary, EveryClauseIsBrokenByAMutant) {
  std::set<std::string> broken;
  for (const Mutant& mutant : mutants()) broken.insert(mutant.clause);
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
