#include "fuzz/causes/recognize.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "fuzz/mutants/conforming.h"
#include "fuzz/mutants/mutants.h"
#include "oracle/probe/fingerprint.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof {
namespace {

Recognition recognized(const std::function<Answer(const Case&)>& answer) {
  FunctionSubject subject(answer);
  return recognize(probe::fingerprint_of(subject).asked);
}

TEST(Recognize, TheReferenceIsItself) {
  const Recognition reference = recognized(grid_sample);
  EXPECT_GE(reference.test_cases, 50U);
  EXPECT_EQ(reference.same, std::vector<std::string>{"reference"});
}

// The probe alone names every mutant of what it looks at, at most together with its like.
TEST(Recognize, MutantsOfCoordinatesAndWeights) {
  for (const Mutant& mutant : mutants()) {
    if (mutant.chapter != "coordinates" && mutant.chapter != "weights" &&
        mutant.chapter != "nearest") {
      continue;
    }
    const Recognition found =
        recognized([&](const Case& test_case) { return mutant.answer(test_case); });
    EXPECT_TRUE(std::ranges::count(found.same, "mutant:" + mutant.name) == 1)
        << mutant.name << ": " << found.differing << " of " << found.test_cases << " differ";
    EXPECT_LE(found.same.size(), 2U) << mutant.name << ": " << testing::PrintToString(found.same);
  }
}

TEST(Recognize, TwoFaultsAtOnce) {
  const Mutant& ties = *find_mutant("nearest.half-away");
  const Mutant& alpha = *find_mutant("cubic.alpha-0.5");
  const Recognition found = recognized([&](const Case& test_case) {
    return (test_case.request.mode == "bicubic" ? alpha : ties).answer(test_case);
  });
  EXPECT_TRUE(found.same.empty());
  EXPECT_EQ(found.unexplained, 0U);
  ASSERT_EQ(found.causes.size(), 2U);
  std::vector<std::string> names = {found.causes[0].first, found.causes[1].first};
  std::ranges::sort(names);
  EXPECT_EQ(names,
            (std::vector<std::string>{"mutant:cubic.alpha-0.5", "mutant:nearest.half-away"}));
}

TEST(Recognize, WhoAnswersNothingIsNobody) {
  const Recognition found = recognized([](const Case&) { return Unsupported{"all"}; });
  EXPECT_EQ(found.test_cases, 0U);
  EXPECT_TRUE(found.same.empty());
}

}  // namespace
}  // namespace gridproof
