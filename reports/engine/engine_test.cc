#include "reports/engine/engine.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "reference/contract/case.h"
#include "reference/semantics/clauses.h"

namespace gridproof::reports::engine {
namespace {

using Json = nlohmann::json;

const std::string line =
    "grid_sample align_corners=True input=f32[1,2,3,3]{1..18} grid=f32[1,1,2,2]{nan,0,0.25,-0.5}";

TEST(Engine, TellsQuestionAndAnswer) {
  const Json json = Json::parse(ask(line));
  EXPECT_EQ(json["line"], to_line(parse_case(line)));
  EXPECT_EQ(json["answer"], "f32[1,2,1,2]{4,3.75,13,12.75}");
  EXPECT_EQ(json["samples"], 2);
  EXPECT_EQ(json["channels"], 2);
}

TEST(Engine, TellsRefusals) {
  const Json json =
      Json::parse(ask("grid_sample mode=cubic input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,0}"));
  EXPECT_EQ(json["refused"]["clause"], "options.mode");
  EXPECT_FALSE(json.contains("answer"));
}

TEST(Engine, AnswersEveryQuestionOfTheClauses) {
  for (const Clause& clause : clauses()) {
    for (const ClauseCase& one : clause.cases) {
      const Json json = Json::parse(ask(one.line));
      if (json.contains("refused")) {
        EXPECT_EQ("refused " + json["refused"]["clause"].get<std::string>(), one.expected);
      } else {
        EXPECT_EQ(json["answer"], answer_text(one.line));
      }
    }
  }
}

TEST(Engine, LooksAtAnElement) {
  const Json json = Json::parse(look(line, {.sample = 0, .channel = 1}, "P1"));
  EXPECT_EQ(json["location"], "n=0, h=0, w=0");
  EXPECT_EQ(json["coordinate"], "(nan, 0)");
  EXPECT_EQ(json["value"], "13");
  EXPECT_EQ(json["admissible"], "13");
  EXPECT_EQ(json["clause"], "coord.nan");
  EXPECT_NE(json["explanation"].get<std::string>().find("[coord.nan]"), std::string::npos);
}

TEST(Engine, WritesAScriptForPyTorch) {
  const std::string text = script(line, "f32[1,2,1,2]{4,3.75,0,12.75}");
  EXPECT_NE(text.find("import torch"), std::string::npos);
  EXPECT_NE(text.find("align_corners=True"), std::string::npos);
  EXPECT_EQ(script("grid_sample mode=cubic input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,0}"), "");
  EXPECT_EQ(script("grid_sample input=f32[1,1,1,9000]{0*9000} grid=f32[1,1,1,2]{0,0}"), "");
}

TEST(Engine, JudgesAnAnswer) {
  const Json json = Json::parse(judge(line, "f32[1,2,1,2]{4,3.75,0,12.75}", "P1"));
  EXPECT_EQ(json["verdict"], "deviates");
  EXPECT_EQ(json["clause"], "coord.nan");
  EXPECT_EQ(json["samples"], (Json{{"same-bits", 1}, {"deviates", 1}}));
  EXPECT_EQ(json["notable"][0]["sample"], 0);
  EXPECT_EQ(Json::parse(judge(line, "f32[1,1]{4}", "P1"))["verdict"], "deviates");
}

TEST(Engine, TellsWhatAWrongSemanticsAnswers) {
  const Json json = Json::parse(answer_of("nan.zero", line, "P1"));
  EXPECT_EQ(json["answer"], "f32[1,2,1,2]{0,3.75,0,12.75}");
  EXPECT_EQ(json["clause"], "coord.nan");
}

TEST(Engine, RefusesWhatItDoesNotUnderstand) {
  EXPECT_THROW(ask("grid_sample"), ParseError);
  EXPECT_THROW(ask(""), ParseError);
  EXPECT_THROW(look(line, {.sample = 2}, "P1"), std::invalid_argument);
  EXPECT_THROW(look(line, {.channel = -1}, "P1"), std::invalid_argument);
  EXPECT_THROW(look(line, {}, "P99"), std::invalid_argument);
  EXPECT_THROW(judge(line, "f32[1]{", "P1"), ParseError);
  EXPECT_THROW(answer_of("no.such", line, "P1"), std::invalid_argument);
}

}  // namespace
}  // namespace gridproof::reports::engine
