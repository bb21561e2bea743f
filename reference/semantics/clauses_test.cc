// The clauses as a whole: every case of every clause, and the notation of the texts.
#include "reference/semantics/clauses.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>

namespace gridproof {
namespace {

TEST(Clauses, EveryCaseGivesItsAnswer) {
  for (const Clause& clause : clauses()) {
    for (const ClauseCase& test_case : clause.cases) {
      SCOPED_TRACE("[" + clause.name + "] " + test_case.line);
      try {
        const Outcome outcome = run(test_case);
        EXPECT_TRUE(outcome.passed)
            << "expected " << outcome.expected << "\ngot      " << outcome.got;
      } catch (const ParseError& error) {
        ADD_FAILURE() << "column " << error.column() << ": " << error.what();
      }
    }
  }
}

TEST(Clauses, NamesAreUniqueAndFound) {
  std::set<std::string> seen;
  for (const Clause& clause : clauses()) {
    EXPECT_TRUE(seen.insert(clause.name).second) << clause.name;
    EXPECT_TRUE(
        (std::set<std::string>{"documented", "settled", "open", "erratum"}.contains(clause.status)))
        << clause.name;
    EXPECT_FALSE(clause.text.empty()) << clause.name;
    EXPECT_FALSE(clause.cases.empty()) << clause.name;
  }
  // Every clause that a case of another is refused under, and every one that a statement names.
  for (const Clause& clause : clauses()) {
    for (const ClauseCase& test_case : clause.cases) {
      if (test_case.expected.starts_with("refused ")) {
        EXPECT_TRUE(seen.contains(test_case.expected.substr(8))) << test_case.line;
      }
    }
  }
  for (const Statement& statement : documentation()) {
    for (const std::string& name : statement.clauses) EXPECT_TRUE(seen.contains(name)) << name;
    EXPECT_NE(statement.clauses.empty(), statement.reason.empty()) << statement.number;
  }
}

TEST(Clauses, ReadAsTheyStand) {
  const auto found = std::ranges::find(clauses(), "padding.border", &Clause::name);
  ASSERT_NE(found, clauses().end());
  EXPECT_EQ(found->status, "documented");
  EXPECT_EQ(found->stem, "padding");
  EXPECT_EQ(
      found->text,
      "`border`: outside the input the border is read: p becomes min(max(p, 0), S - 1). On an axis "
      "of\nmore than 2^24 pixels the index of the last pixel may not exist in f32; that pixel is "
      "read "
      "all the same.");
  EXPECT_EQ(found->formulas, std::vector<std::string>{"p' = min(max(p, 0), S - 1)"});
  ASSERT_EQ(found->cases.size(), 3U);
  EXPECT_EQ(found->cases[1].expected, "f32[1,1,1,3]{1,8,8}");
}

TEST(Clauses, DocumentsHaveTheirCode) {
  const auto code_of = [](std::string_view stem) {
    const auto found = std::ranges::find(documents(), stem, &Document::stem);
    return std::pair(found->code, found->definitions);
  };
  const auto [padding, no_definitions] = code_of("padding");
  EXPECT_TRUE(padding.starts_with("// Padding: "));
  EXPECT_TRUE(padding.ends_with("}  // namespace gridproof::semantics\n"));
  EXPECT_TRUE(no_definitions.empty());
  EXPECT_NE(code_of("affine_grid").second.find("[affine_grid.map]"), std::string_view::npos);
  EXPECT_TRUE(code_of("documentation").first.empty());
}

TEST(Clauses, StatementsAreNumberedInOrder) {
  int number = 0;
  for (const Statement& statement : documentation()) EXPECT_EQ(statement.number, ++number);
  EXPECT_GT(number, 30);
  EXPECT_EQ(documentation().front().clauses, std::vector<std::string>{"shape.sample"});
}

TEST(Clauses, AWrongAnswerFails) {
  const std::string line = "grid_sample input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{0,0}";
  EXPECT_TRUE(run({line, "f32[1,1,1,1]{1.5}"}).passed);
  EXPECT_FALSE(run({line, "f32[1,1,1,1]{0x1.800002p+0}"}).passed ||
               run({line, "f64[1,1,1,1]{1.5}"}).passed || run({line, "f32[1,1,1]{1.5}"}).passed);
  EXPECT_FALSE(run({line, "refused shape.rank"}).passed);
  EXPECT_FALSE(run({"grid_sample mode=x " + line.substr(12), "refused shape.rank"}).passed);
  EXPECT_FALSE(run({"grid_sample mode=x " + line.substr(12), "f32[1,1,1,1]{1.5}"}).passed);
}

TEST(Clauses, WrongQuestionsSayWhere) {
  const auto complaint = [](std::string_view line) -> std::string {
    try {
      return to_text(answer_line(line));
    } catch (const ParseError& error) {
      return std::to_string(error.column()) + ": " + error.what();
    }
  };
  EXPECT_EQ(complaint("resample size=4"), "1: 'resample' is not an operator of a case");
  EXPECT_EQ(complaint("position size=4 align_corners=True"), "35: the line has no coordinate=");
  EXPECT_EQ(complaint("position size=0 align_corners=True coordinate=f32[1]{0}"),
            "15: expected positive integers below 2^31: '0'");
  EXPECT_EQ(complaint("position size=4 size=4"), "17: this field appears twice: 'size=4'");
  EXPECT_EQ(complaint("position size=4 align_corners=true coordinate=f32[1]{0}"),
            "31: expected True or False: 'true'");
  EXPECT_EQ(complaint("pad padding_mode=wrap size=4 align_corners=True position=f32[1]{0}"),
            "18: expected 'zeros', 'border' or 'reflection': 'wrap'");
  EXPECT_EQ(complaint("position size=4 align_corners=True coordinate=f32[1]{0} x=1"),
            "57: this field does not belong here: 'x'");
  EXPECT_EQ(complaint("position size=4 align_corners=True coordinate=i32[1]{0}"),
            "47: expected f16, bf16, f32 or f64: 'i32[1]{0}'");
  EXPECT_EQ(complaint("position size=4 align_corners=True coordinate=f32[1]{q}").substr(0, 3),
            "54:");
  EXPECT_EQ(complaint("position size=[4 align_corners=True coordinate=f32[1]{0}"),
            "15: expected positive integers below 2^31: '[4'");
  EXPECT_EQ(complaint("position word"), "10: expected a field name=value: 'word'");
}

}  // namespace
}  // namespace gridproof
