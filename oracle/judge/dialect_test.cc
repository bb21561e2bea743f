// What the text of ONNX's GridSample leaves open and the documentation does not.
#include <gtest/gtest.h>

#include <string>

#include "oracle/judge/judge.h"

namespace gridproof {
namespace {

Judgment judgment(Dialect dialect, const std::string& line, const std::string& answer) {
  return Judge({}, dialect).judge(parse_case(line), parse_tensor(answer));
}
Verdict verdict(Dialect dialect, const std::string& line, const std::string& answer) {
  return judgment(dialect, line, answer).worst();
}

TEST(Dialect, OnnxIsSilentOnNan) {
  const std::string line = "grid_sample input=f32[1,1,1,2]{1,2} grid=f32[1,1,2,2]{nan,0,0,0}";
  for (const std::string answer : {"f32[1,1,1,2]{nan,1.5}", "f32[1,1,1,2]{77,1.5}"}) {
    EXPECT_EQ(verdict(Dialect::pytorch, line, answer), Verdict::deviates);
    for (const Dialect dialect : {Dialect::onnx, Dialect::onnx_16}) {
      const Judgment judged = judgment(dialect, line, answer);
      EXPECT_EQ(judged.worst(), Verdict::latitude);
      ASSERT_EQ(judged.notable.size(), 1U);
      EXPECT_EQ(judged.notable.front().clause, "coord.nan");
    }
  }
  // Only of that sample.
  EXPECT_EQ(verdict(Dialect::onnx, line, "f32[1,1,1,2]{nan,1.75}"), Verdict::deviates);
  EXPECT_EQ(Judge({}, Dialect::onnx).admissible(parse_case(line), 0, 0).silent, "coord.nan");
  EXPECT_EQ(Judge({}, Dialect::onnx).admissible(parse_case(line), 1, 0).silent, "");
}

TEST(Dialect, TheFirstVersionIsSilentOnTies) {
  // The positions are 0.5, which goes to pixel 0, and 1.
  const std::string line =
      "grid_sample mode=nearest input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,2,2]{-0.5,0,-0.25,0}";
  EXPECT_EQ(verdict(Dialect::onnx_16, line, "f32[1,1,1,2]{1,2}"), Verdict::admissible);
  EXPECT_EQ(verdict(Dialect::onnx_16, line, "f32[1,1,1,2]{2,2}"), Verdict::latitude);
  EXPECT_EQ(verdict(Dialect::onnx, line, "f32[1,1,1,2]{2,2}"), Verdict::deviates);
  EXPECT_EQ(verdict(Dialect::pytorch, line, "f32[1,1,1,2]{2,2}"), Verdict::deviates);
  EXPECT_EQ(verdict(Dialect::onnx_16, line, "f32[1,1,1,2]{4,2}"), Verdict::deviates);
  EXPECT_EQ(verdict(Dialect::onnx_16, line, "f32[1,1,1,2]{1,4}"), Verdict::deviates);
  const Admissible set = Judge({}, Dialect::onnx_16).admissible(parse_case(line), 0, 0);
  EXPECT_EQ(to_string(set, Dtype::f32), "1 or 2");
  EXPECT_EQ(set.clause, "nearest.ties-to-even");
}

TEST(Dialect, ATieAtTheEdgeIsInsideOrOutside) {
  const std::string line =
      "grid_sample mode=nearest input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,2,2]{-1,0,1,0}";
  // -0.5 goes to 0 and 3.5 to 4, which is outside.
  EXPECT_EQ(verdict(Dialect::onnx, line, "f32[1,1,1,2]{1,0}"), Verdict::admissible);
  EXPECT_EQ(verdict(Dialect::onnx_16, line, "f32[1,1,1,2]{0,8}"), Verdict::latitude);
  EXPECT_EQ(verdict(Dialect::onnx, line, "f32[1,1,1,2]{0,8}"), Verdict::deviates);
}

TEST(Dialect, AllChannelsShareTheSideOfATie) {
  const std::string line =
      "grid_sample mode=nearest input=f32[1,2,1,4]{1,2,4,8,10,20,40,80} grid=f32[1,1,1,2]{-0.5,0}";
  EXPECT_EQ(verdict(Dialect::onnx_16, line, "f32[1,2,1,1]{2,20}"), Verdict::latitude);
  EXPECT_EQ(verdict(Dialect::onnx_16, line, "f32[1,2,1,1]{2,10}"), Verdict::deviates);
}

TEST(MainClauses, NameWhatEachSampleIsAbout) {
  const auto clauses =
      Judge().main_clauses(parse_case("grid_sample mode=nearest input=f32[1,1,1,4]{1,2,4,8} "
                                      "grid=f32[1,1,3,2]{nan,0,-0.5,0,-0.25,0}"));
  EXPECT_EQ(clauses,
            (std::vector<std::string>{"coord.nan", "nearest.ties-to-even", "nearest.texel"}));
  EXPECT_EQ(Judge().main_clauses(
                parse_case("grid_sample mode=x input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,0}")),
            (std::vector<std::string>{"options.mode"}));
}

}  // namespace
}  // namespace gridproof
