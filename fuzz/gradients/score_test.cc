#include "fuzz/gradients/score.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <vector>

namespace gridproof {
namespace {

// The default number of questions, and another seed than the default.
TEST(GradientScore, TheCampaignCatchesEveryMutant) {
  std::vector<std::int64_t> cases;
  for (const GradientScore& score : gradient_scores(gradient_mutants(), 3, 6000)) {
    EXPECT_TRUE(score.cases.has_value()) << score.mutant->name;
    cases.push_back(score.cases.value_or(6000));
  }
  std::ranges::sort(cases);
  std::printf("%zu mutants: median %lld cases, at most %lld\n", cases.size(),
              static_cast<long long>(cases[cases.size() / 2]),
              static_cast<long long>(cases.back()));
}

}  // namespace
}  // namespace gridproof
