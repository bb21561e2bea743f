#include "reports/diagnosis/hypotheses.h"

#include <gtest/gtest.h>

#include <set>
#include <tuple>

#include "reference/semantics/grid_sample.h"
#include "reports/diagnosis/search.h"

namespace gridproof::reports::diagnosis {
namespace {

TEST(Hypotheses, HaveNamesSentencesAndFixes) {
  std::set<std::string> names;
  for (const Hypothesis& hypothesis : hypotheses()) {
    EXPECT_TRUE(names.insert(hypothesis.name).second) << hypothesis.name;
    EXPECT_FALSE(hypothesis.sentence.empty()) << hypothesis.name;
    EXPECT_FALSE(hypothesis.fix.empty()) << hypothesis.name;
  }
  EXPECT_GE(names.size(), 80U);
}

// They are asked of anything that somebody may hold and the documentation answers.
TEST(Hypotheses, DoNoHarmToStrangeQuestions) {
  for (const char* line :
       {"grid_sample input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{nan,inf}",
        "grid_sample align_corners=True input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,0}",
        "grid_sample align_corners=True input=f32[1,1,1,2]{1,2} grid=f32[1,2,1,2]{0,0,1e38,-1e38}",
        "grid_sample input=f16[1,1,1,1,2]{1,2} grid=f16[1,1,2,1,3]{0,0,0,1,nan,65504}"}) {
    const Case test_case = parse_case(line);
    const auto output = std::get<Tensor>(grid_sample(test_case));
    const Situation situation = situation_of(test_case);
    const Search search(situation, Tensor(output.dtype(), output.shape()));
    EXPECT_NO_THROW(std::ignore = search.run()) << line;
  }
}

TEST(Hypotheses, TheIdentityIsKnownByItsFlag) {
  const Case test_case =
      parse_case("grid_sample input=f32[1,1,1,3]{1,2,3} grid=f32[1,1,2,2]{-1,0,1,0}");
  EXPECT_TRUE(is_identity_grid(test_case, true));
  EXPECT_FALSE(is_identity_grid(test_case, false));
}

}  // namespace
}  // namespace gridproof::reports::diagnosis
