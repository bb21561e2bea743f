#include "reports/diagnosis/hypotheses.h"

#include <gtest/gtest.h>

#include <set>

namespace gridproof::diagnosis {
namespace {

TEST(Hypotheses, HaveNamesSentencesAndFixes) {
  std::set<std::string> names;
  for (const Hypothesis& hypothesis : hypotheses()) {
    EXPECT_TRUE(names.insert(hypothesis.name).second) << hypothesis.name;
    EXPECT_FALSE(hypothesis.sentence.empty()) << hypothesis.name;
    EXPECT_FALSE(hypothesis.fix.empty()) << hypothesis.name;
  }
  EXPECT_GE(names.size(), 30U);
}

// They are asked of anything that somebody may hold.
TEST(Hypotheses, DoNoHarmToQuestionsThatAreRefused) {
  for (const char* line : {"grid_sample input=f32[1,1,2]{1,2} grid=f32[1,1,2]{0,0}",
                           "grid_sample input=f32[1,1,2,2]{1,2,3,4} grid=f32[1,1,1,3]{0,0,0}",
                           "grid_sample mode=x input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,nan}",
                           "grid_sample input=f32[1,1,1,1]{1} grid=f32[1,0,1,2]{}"}) {
    const Case question = parse_case(line);
    for (const Hypothesis& hypothesis : hypotheses()) {
      EXPECT_NO_THROW(hypothesis.meant(question)) << hypothesis.name << ": " << line;
    }
  }
}

TEST(Hypotheses, TheIdentityIsKnownByItsFlag) {
  const Case question =
      parse_case("grid_sample input=f32[1,1,1,3]{1,2,3} grid=f32[1,1,2,2]{-1,0,1,0}");
  EXPECT_TRUE(is_identity_grid(question, true));
  EXPECT_FALSE(is_identity_grid(question, false));
}

}  // namespace
}  // namespace gridproof::diagnosis
