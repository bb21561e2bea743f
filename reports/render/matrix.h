// Many subjects side by side: subjects x clauses x verdict, from one campaign that is put to one
// after the other. Tested by matrix_test.cc.
#pragma once

#include <string>
#include <vector>

#include "reports/report/report.h"

namespace gridproof::reports {

// What a subject said to a case of a clause, as answers.h has it, and what the judge says of it.
struct CaseAnswer {
  Verdict verdict = Verdict::same_bits;
  std::string text;
};

// One subject and what became of it.
struct MatrixRow {
  std::string subject;  // as it is asked for
  std::string name;     // as it calls itself, with its version
  std::string issues;   // where its makers want to hear of findings
  Dialect dialect = Dialect::pytorch;
  std::string obstacle;             // why it does not start; then there is no result
  double seconds = 0;               // to start it and to put the campaign to it
  std::vector<CaseAnswer> answers;  // to clause_questions() of answers.h
  FullReport report;  // without remarks; its file of cases comes after those of the rows before
};

struct Matrix {
  std::string version;  // of gridproof
  std::string command;  // that makes the same matrix again
  std::string day;      // in UTC
  CampaignOptions options;
  std::vector<MatrixRow> rows;
};

// What a subject does under a clause: the worst verdict, and the samples with it, of those asked.
struct MatrixCell {
  Verdict worst = Verdict::same_bits;
  std::int64_t samples = 0;
  std::int64_t asked = 0;  // 0: it took no part
  bool untested = false;   // it takes part, and no sample was decided
};
MatrixCell cell_of(const MatrixRow& row, const std::string& clause);

// The clauses under which any subject was asked, in the order of the specification; at the end, if
// anybody was lost, "" for answers that never came.
std::vector<std::string> clauses_of(const Matrix& matrix);

// How many findings in all.
std::size_t findings_of(const Matrix& matrix);

// The last line: "N subjects, M clauses, K findings".
std::string total_line(const Matrix& matrix);
// Why the matrix does not pass beside its findings: who does not start, was not judged, was not
// tested under some clause or ended early, a sentence for each.
std::vector<std::string> gaps_of(const Matrix& matrix);
// "passes" or "does not pass: 2 findings, 1 gap".
std::string outcome_of(const Matrix& matrix);

// The file of the findings' cases, case_file_name, which the pages refer to where a case is long.
std::string render_matrix_cases(const Matrix& matrix);

std::string render_matrix_markdown(const Matrix& matrix);
std::string render_matrix_json(const Matrix& matrix);
std::string render_matrix_page(const Matrix& matrix);

}  // namespace gridproof::reports
