// What each subject of a matrix answers to the clauses' own cases. Tested by answers_test.cc.
#pragma once

#include <string>
#include <vector>

#include "reference/semantics/clauses.h"
#include "reports/render/matrix.h"

namespace gridproof::reports {

// A clause's case that asks grid_sample.
struct ClauseQuestion {
  const Clause* clause = nullptr;
  const ClauseCase* test_case = nullptr;
};

// All of them whose answer has at most 64 elements, in the order of the clauses, and how many have
// more.
struct ClauseQuestions {
  std::vector<ClauseQuestion> list;
  std::int64_t left_out = 0;
};
const ClauseQuestions& clause_questions();

// A tensor in the case notation, its NaNs without payloads, "refused: " and its clause, "refused",
// "unsupported" or "lost". What a program says of itself may differ from run to run, and is not in
// it.
std::string answer_text(const Answer& answer);

// answers.json: a row for each question, with the verdict and the answer of each subject, in the
// order of the subjects; null where it does not start.
std::string render_matrix_answers(const Matrix& matrix);

}  // namespace gridproof::reports
