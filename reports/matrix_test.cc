#include "reports/matrix.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "fuzz/mutants/mutants.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof::reports {
namespace {

MatrixRow row_of(SubjectEntry entry, const std::string& subject) {
  entry.name = subject;
  CampaignOptions options;
  options.most_cases = 400;
  options.count_right = true;
  MatrixRow row{.subject = subject, .name = subject + " <1>"};
  row.result = run_campaign(options, {entry}, reference_subject());
  return row;
}

const Matrix& example() {
  static const Matrix matrix = [] {
    const auto nan_is_zero = std::ranges::find(mutants(), "nan.zero", &Mutant::name);
    Matrix made{.version = "1", .command = "gridproof matrix", .day = "2026-01-31"};
    made.rows.push_back(row_of(reference_subject(), "right"));
    made.rows.push_back(row_of(mutant_subject(*nan_is_zero), "wrong"));
    made.rows.push_back({.subject = "absent", .name = "absent", .obstacle = "no such program"});
    return made;
  }();
  return matrix;
}

TEST(Matrix, CountsWhatIsRightToo) {
  const MatrixCell right = cell_of(example().rows[0], "coord.nan");
  EXPECT_EQ(right.worst, Verdict::admissible);
  EXPECT_GT(right.asked, 0);
  const MatrixCell wrong = cell_of(example().rows[1], "coord.nan");
  EXPECT_EQ(wrong.worst, Verdict::deviates);
  EXPECT_EQ(wrong.asked, right.asked);  // the same cases
  EXPECT_LE(wrong.samples, wrong.asked);
  EXPECT_EQ(cell_of(example().rows[1], "bilinear.weights").worst, Verdict::admissible);
  EXPECT_EQ(cell_of(example().rows[2], "coord.nan").asked, 0);
  EXPECT_EQ(cell_of(example().rows[0], "no.clause").asked, 0);
}

TEST(Matrix, EverySampleIsCountedOnce) {
  std::int64_t asked = 0;
  for (const std::string& clause : clauses_of(example())) {
    asked += cell_of(example().rows[1], clause).asked;
  }
  // Refusals count as one, and so does a case without samples.
  EXPECT_LE(asked, example().rows[1].result.samples);
  EXPECT_GT(asked, example().rows[1].result.samples * 9 / 10);
}

TEST(Matrix, TheLastLineCounts) {
  EXPECT_EQ(total_line(example()),
            "2 subjects, " + std::to_string(clauses_of(example()).size()) + " clauses, 1 finding");
  EXPECT_TRUE(render_matrix_markdown(example()).ends_with(total_line(example()) + "\n"));
}

TEST(Matrix, MarkdownHasACellForEachSubjectThatStarts) {
  const std::string text = render_matrix_markdown(example());
  EXPECT_NE(text.find("| clause | right | wrong |"), std::string::npos);
  EXPECT_NE(text.find("does not start: no such program"), std::string::npos);
  EXPECT_NE(text.find("| [coord.nan] | ✓ | ✗ "), std::string::npos);
  EXPECT_NE(text.find("wrong deviates from [coord.nan]"), std::string::npos);
}

TEST(Matrix, JsonCarriesWhatAScriptNeeds) {
  const auto json = nlohmann::json::parse(render_matrix_json(example()));
  ASSERT_EQ(json["subjects"].size(), 3U);
  EXPECT_EQ(json["subjects"][2]["obstacle"], "no such program");
  const auto& finding = json["subjects"][1]["findings"][0];
  EXPECT_EQ(finding["clause"], "coord.nan");
  EXPECT_EQ(finding["input"]["dtype"], "f32");
  EXPECT_TRUE(finding["grid"]["values"].is_array());
  EXPECT_TRUE(finding["options"].is_object());
  EXPECT_EQ(json["subjects"][0]["clauses"]["coord.nan"]["worst"], "admissible");
}

TEST(Matrix, ThePageEscapesWhatSubjectsSay) {
  const std::string page = render_matrix_page(example());
  EXPECT_NE(page.find("right &lt;1&gt;"), std::string::npos);
  EXPECT_EQ(page.find("right <1>"), std::string::npos);
  EXPECT_NE(page.find("<td class=\"wrong\""), std::string::npos);
}

}  // namespace
}  // namespace gridproof::reports
