#include "reports/render/answers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "reference/semantics/grid_sample.h"

namespace gridproof::reports {
namespace {

using Json = nlohmann::json;

// A subject that answers as the reference does, one with its own answer to everything, and one that
// does not start.
Matrix example() {
  Matrix matrix{.version = "1", .command = "gridproof matrix", .day = "2026-01-31"};
  matrix.rows.push_back({.subject = "right", .name = "right 1", .dialect = Dialect::onnx});
  matrix.rows.push_back({.subject = "wrong", .name = "<wrong> \xff"});
  matrix.rows.push_back(
      {.subject = "absent",
       .name = "absent",
       .obstacle =
           "'python3 /home/somebody/a.py' cannot be started: it exited with status 1 its standard "
           "error ended with: File /home/somebody/a.py"});
  for (const ClauseQuestion& question : clause_questions().list) {
    const Answer answer = grid_sample(parse_case(question.test_case->line));
    matrix.rows[0].answers.push_back({.text = answer_text(answer)});
    matrix.rows[1].answers.push_back({.verdict = Verdict::lost, .text = "lost"});
  }
  return matrix;
}

TEST(Answers, EveryQuestionOfEveryClauseIsAsked) {
  std::size_t asking = 0;
  for (const Clause& clause : clauses()) {
    asking += static_cast<std::size_t>(std::ranges::count_if(
        clause.cases,
        [](const ClauseCase& test_case) { return test_case.line.starts_with("grid_sample "); }));
  }
  EXPECT_EQ(clause_questions().list.size() + static_cast<std::size_t>(clause_questions().left_out),
            asking);
  EXPECT_GT(asking, 100U);
  EXPECT_EQ(clause_questions().list.front().clause->name, clauses().front().name);
}

TEST(Answers, OfASubjectInAFewWords) {
  EXPECT_EQ(answer_text(parse_tensor("f32[2]{1,0.5}")), "f32[2]{1,0.5}");
  EXPECT_EQ(answer_text(parse_tensor("f32[3]{nan(0xffc00000),1,nan(0x7fc00001)}")),
            "f32[3]{nan,1,nan}");
  EXPECT_EQ(answer_text(Refusal{"shape.rank", "at 0x7f00: no"}), "refused: shape.rank");
  EXPECT_EQ(answer_text(Refusal{"", "in /home/somebody/a.py: no"}), "refused");
  EXPECT_EQ(answer_text(Unsupported{"f64"}), "unsupported");
  EXPECT_EQ(answer_text(Lost{"signal 11"}), "lost");
}

TEST(Answers, StandInTheOrderOfTheSubjects) {
  const Matrix matrix = example();
  const Json json = Json::parse(render_matrix_answers(matrix));
  EXPECT_EQ(json["gridproof"], "1");
  EXPECT_EQ(json["day"], "2026-01-31");
  EXPECT_EQ(json["profile"], "P1");
  ASSERT_EQ(json["subjects"].size(), 3U);
  EXPECT_EQ(json["subjects"][0]["dialect"], "onnx");
  EXPECT_TRUE(json["subjects"][0]["obstacle"].is_null());
  EXPECT_EQ(json["subjects"][1]["name"], "<wrong> \uFFFD");
  EXPECT_EQ(json["left_out"], clause_questions().left_out);
  ASSERT_EQ(json["cases"].size(), clause_questions().list.size());
  const auto nan = std::ranges::find(json["cases"], Json("coord.nan"),
                                     [](const Json& row) { return row["clause"]; });
  ASSERT_NE(nan, json["cases"].end());
  EXPECT_EQ((*nan)["expected"], "f32[1,1,1,3]{4,2,1}");
  EXPECT_EQ((*nan)["answers"][0],
            Json({{"verdict", "same-bits"}, {"answer", "f32[1,1,1,3]{4,2,1}"}}));
  EXPECT_EQ((*nan)["answers"][1], Json({{"verdict", "lost"}, {"answer", "lost"}}));
  EXPECT_TRUE((*nan)["answers"][2].is_null());
}

TEST(Answers, NothingOfTheMachineIsInIt) {
  const std::string text = render_matrix_answers(example());
  EXPECT_EQ(Json::parse(text)["subjects"][2]["obstacle"],
            "cannot be started: it exited with status 1");
  EXPECT_EQ(text.find("/home"), std::string::npos);
}

}  // namespace
}  // namespace gridproof::reports
