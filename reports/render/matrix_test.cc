#include "reports/render/matrix.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "fuzz/mutants/mutants.h"
#include "reference/semantics/grid_sample.h"
#include "reports/evidence/evidence.h"
#include "reports/text/text.h"

namespace gridproof::reports {
namespace {

MatrixRow row_of(SubjectEntry entry, const std::string& subject) {
  entry.name = subject;
  CampaignOptions options;
  options.max_cases = 400;
  options.counters = {count_admissible};
  MatrixRow row{.subject = subject, .name = subject + " <1>"};
  row.report = with_evidence({.version = "1",
                              .command = "gridproof matrix",
                              .subjects = {{.name = subject, .description = row.name}},
                              .result = run_campaign(options, {entry}, reference_subject())});
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
  // The same cases, but for those with more wrong samples than a judgment lists.
  EXPECT_LE(wrong.asked, right.asked);
  EXPECT_GT(wrong.asked, right.asked / 2);
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
  EXPECT_LE(asked, example().rows[1].report.result.samples);
  EXPECT_GT(asked, example().rows[1].report.result.samples * 9 / 10);
}

TEST(Matrix, TheLastLineCounts) {
  EXPECT_EQ(total_line(example()),
            "2 subjects, " + std::to_string(clauses_of(example()).size()) + " clauses, 1 finding");
  EXPECT_TRUE(render_matrix_markdown(example()).ends_with(total_line(example()) + "\n"));
}

TEST(Matrix, EveryClauseIsARowAskedOrNot) {
  const std::string text = render_matrix_markdown(example());
  const std::string page = render_matrix_page(example());
  for (const Clause& clause : clauses()) {
    EXPECT_NE(text.find(markdown('[' + clause.name + ']') + " |"), std::string::npos)
        << clause.name;
    EXPECT_NE(page.find('[' + clause.name + ']'), std::string::npos) << clause.name;
  }
}

TEST(Matrix, MarkdownHasACellForEachSubjectThatStarts) {
  const std::string text = render_matrix_markdown(example());
  EXPECT_NE(text.find("| clause | right | wrong |"), std::string::npos);
  EXPECT_NE(text.find("does not start: no such program"), std::string::npos);
  EXPECT_NE(text.find("| \\[coord.nan\\] | ✓ | ✗ "), std::string::npos);
  EXPECT_NE(text.find("wrong deviates from \\[coord.nan\\]"), std::string::npos);
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

// A question too long for the page is in the file of cases, on the line that the page names.
TEST(Matrix, ALongCaseIsInTheFileOfCases) {
  Matrix matrix = example();
  Incident& incident = matrix.rows[1].report.result.findings.front().incidents.front();
  std::string line = "grid_sample mode=nearest input=f32[1,1,1,2]{1,2} grid=f32[1,1,600,2]{";
  for (int i = 0; i < 1200; ++i) line += i % 2 == 0 ? "nan," : "0,";
  line.back() = '}';
  incident.reduced = parse_case(line);
  incident.answer = Lost{"gone"};
  matrix.rows[1].report = with_evidence(matrix.rows[1].report, 2);  // after those of the first row
  for (const std::string& page : {render_matrix_markdown(matrix), render_matrix_page(matrix)}) {
    EXPECT_NE(page.find("gridproof replay cases.txt:6 --subject wrong"), std::string::npos);
    // The texts of clauses, which come before, may have one.
    const std::size_t findings = std::min(page.find("## Findings"), page.find("<h2"));
    EXPECT_EQ(page.find("…", findings), std::string::npos);
  }
  std::istringstream cases(render_matrix_cases(matrix));
  std::string sixth;
  for (int i = 0; i < 6; ++i) std::getline(cases, sixth);
  EXPECT_EQ(parse_case(sixth).grid.element_count(), 1200);
}

TEST(Matrix, NotTestedIsNotPassed) {
  Matrix matrix = example();
  matrix.rows.resize(1);
  Participation& part = matrix.rows[0].report.result.participation["right"];
  part = {.asked = 10, .decided = 9, .untested = {"infinity.zeros"}};
  EXPECT_EQ(outcome_of(matrix), "does not pass: 1 gap");
  EXPECT_EQ(gaps_of(matrix),
            std::vector<std::string>{"of right 1 clause was not tested: [infinity.zeros]"});
  const std::string text = render_matrix_markdown(matrix);
  EXPECT_NE(text.find("| \\[infinity.zeros\\] | – not tested |"), std::string::npos) << text;
  EXPECT_NE(text.find("\n- of right 1 clause was not tested: \\[infinity.zeros\\]\n"),
            std::string::npos);
  part.untested.clear();
  EXPECT_EQ(outcome_of(matrix), "passes");
  EXPECT_NE(render_matrix_markdown(matrix).find("\n## Findings\n\nNone.\n"), std::string::npos);
}

}  // namespace
}  // namespace gridproof::reports
