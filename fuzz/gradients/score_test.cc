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

// Of a part of the operator: what shows itself there is caught there.
TEST(GradientScore, OfAPartWhatShowsItselfThereIsCaught) {
  for (const Mode mode : {Mode::bilinear, Mode::bicubic}) {
    Part part = Part::nothing();
    for (const Padding padding : paddings) {
      for (const bool align_corners : {false, true})
        part.set(*kind_index({mode, padding, align_corners}, 4, Dtype::f32), true);
    }
    std::vector<GradientMutant> shown;
    for (const GradientMutant& mutant : gradient_mutants()) {
      const std::vector<BackwardCase> cases = separating_cases(mutant);
      if (std::ranges::all_of(cases, [&](const BackwardCase& it) { return part.has(it.forward); }))
        shown.push_back(mutant);
    }
    EXPECT_GT(shown.size(), mode == Mode::bilinear ? 60U : 5U);
    for (const GradientScore& score : gradient_scores(shown, 1, 6000, 0, part))
      EXPECT_TRUE(score.cases.has_value()) << name(mode) << " " << score.mutant->name;
  }
}

}  // namespace
}  // namespace gridproof
