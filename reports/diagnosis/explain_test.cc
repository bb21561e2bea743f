#include "reports/diagnosis/explain.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <variant>

#include "fuzz/domain/domain.h"
#include "reference/semantics/grid_sample.h"
#include "reports/report/report.h"

namespace gridproof::reports {
namespace {

std::string explained(const std::string& line, std::int64_t sample = 0, std::int64_t channel = 0) {
  return explain(parse_case(line), sample, channel, {}, Painter());
}

TEST(Explain, OneSampleFromTheCoordinateToTheValue) {
  const std::string text =
      explained("grid_sample input=f32[1,1,2,2]{1..4} grid=f32[1,1,1,2]{0.25,-1.5}");
  EXPECT_EQ(
      text.substr(0, text.find("  admissible")),
      R"(  question     bilinear, zeros, align_corners=False; input f32[1,1,2,2], grid f32[1,1,1,2]
  location     n=0, h=0, w=0 (sample 0 of 1), channel 0 of 1

x: 2 pixels
  coordinate   0.25
  position     ((x + 1) * 2 - 1) / 2  [coord.corners]
               x + 1    = 1.25
               * 2      = 2.5
               - 1      = 1.5
               / 2      = 0.75
               (align_corners=True would give 0.625)
  padding      zeros: the position stays, what lies outside counts as 0  [padding.zeros]
  cell         floor 0, fraction t = 0.75
  taps         pixel 0  1 - t  = 0.25
               pixel 1  t      = 0.75

y: 2 pixels
  coordinate   -1.5
  position     ((x + 1) * 2 - 1) / 2  [coord.corners]
               x + 1    = -0.5
               * 2      = -1
               - 1      = -2
               / 2      = -1
               (align_corners=True would give -0.25)
  padding      zeros: the position stays, what lies outside counts as 0  [padding.zeros]
  cell         floor -1, fraction t = 0
  taps         -1 is outside  1 - t  = 1
               pixel 0        t      = 0

value
  at (x, y)  weight  texel  product  sum so far
  (0, 0)     0       1      0        0
  (1, 0)     0       2      0        0
  taps outside are skipped

  outside      1 of the weight is of taps outside, which count as 0  [padding.zeros]
  reference    0
  exact        0
)");
  EXPECT_TRUE(text.ends_with(" under P1  [padding.zeros]\n")) << text;
}

TEST(Explain, ReflectionStepByStep) {
  const std::string text = explained(
      "grid_sample padding_mode=reflection input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{4,0}");
  EXPECT_NE(text.find("reflection between -0.5 and 3.5  [padding.reflection]\n"
                      "               whole periods of 8 taken off: 1.5"),
            std::string::npos)
      << text;
  EXPECT_NE(explained("grid_sample padding_mode=reflection input=f32[1,1,1,4]{1,2,4,8} "
                      "grid=f32[1,1,1,2]{-2,0}")
                .find("mirrored at -0.5: 1.5"),
            std::string::npos);
}

TEST(Explain, TheLocationIsThatOfTheSample) {
  const std::string text = explained(
      "grid_sample mode=nearest input=f32[2,3,1,2]{1..12} "
      "grid=f32[2,1,2,2]{-0.5,0,0.5,0,-0.5,0,0.5,0}",
      3, 2);
  EXPECT_NE(text.find("n=1, h=0, w=1 (sample 3 of 4), channel 2 of 3"), std::string::npos) << text;
  EXPECT_NE(text.find("  reference    12\n"), std::string::npos) << text;
}

TEST(Explain, NanAndInfinityNameTheirClauses) {
  const std::string text = explained(
      "grid_sample padding_mode=border input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{nan,inf}");
  EXPECT_NE(text.find("NaN counts as -1  [coord.nan]"), std::string::npos) << text;
  EXPECT_NE(text.find("position     inf  [infinity.border]"), std::string::npos) << text;
}

// Wherever in the domain: the steps end where the reference ends.
RC_GTEST_PROP(Explain, EndsWithTheReferencesBits, ()) {
  const Recipe recipe = *recipes();
  RC_PRE(sample_count(recipe) < 5000);
  const Case test_case = make_case(recipe);
  const Answer answer = grid_sample(test_case);
  RC_PRE(std::holds_alternative<Tensor>(answer));
  RC_PRE(std::get<Tensor>(answer).element_count() > 0);
  const std::int64_t sample = *rc::gen::inRange<std::int64_t>(0, sample_count(test_case));
  const std::int64_t channel = *rc::gen::inRange<std::int64_t>(0, test_case.input.size(1));
  const std::string text = explain(test_case, sample, channel, {}, Painter());
  const AnswerElement element = element_of(test_case, answer, sample, channel);
  const std::string value = element_text(element, test_case.input.dtype());
  const std::size_t line = text.find("  reference    " + value);
  RC_ASSERT(line != std::string::npos);
  const char after = text[line + 15 + value.size()];
  RC_ASSERT(after == '\n' || after == ',');
}

}  // namespace
}  // namespace gridproof::reports
