// The clauses of the specification, as data: what the .md files of this folder say, and their
// cases. The texts are compiled in, so that an installed program has them. The notation:
// clauses.md. Tested by clauses_test.cc, which runs every case, and by .ci/clauses.py.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reference/contract/subject.h"

namespace gridproof {

struct ClauseCase {
  std::string line;      // a question in the notation of clauses.md
  std::string expected;  // a tensor, or gradients, or "refused " and the name of a clause
};

// The case of a line "case: question -> answer", if it is one. Throws std::runtime_error if it has
// no answer.
std::optional<ClauseCase> read_case(std::string_view line);

struct Clause {
  std::string name;             // "padding.border"
  std::string status;           // documented, settled, open or erratum
  std::string since = "0.1.0";  // the version of gridproof that has it first
  std::string text;             // Markdown
  std::string stem;             // "padding": the clause stands in padding.md, its code in padding.h
  std::vector<std::string> formulas;  // "p = ((x + 1) S - 1) / 2", in the notation of clauses.md
  std::vector<ClauseCase> cases;
};

// A statement of PyTorch's documentation, in our words.
struct Statement {
  int number = 0;
  std::string text;
  std::vector<std::string>
      clauses;         // empty if the statement is not about the operator's values; then
  std::string reason;  // says why
};

struct Outcome {
  std::string test_case;
  std::string expected;
  std::string got;
  bool passed = false;
};

// All clauses, in the order in which they are best read, and all statements, in the order of the
// documentation. Throws std::runtime_error when a text breaks the notation, which a test excludes.
const std::vector<Clause>& clauses();
const std::vector<Statement>& documentation();

// Runs the question of a case on the reference. Throws ParseError if it is not a question.
Outcome run(const ClauseCase& test_case);

// The reference's answer to any line that a case may ask and that is answered by one tensor:
// grid_sample, affine_grid, position, … Throws ParseError.
Answer answer_line(std::string_view line);
// Its text, and that of any other line that a case may ask: grid_sample_backward as well.
std::string answer_text(std::string_view line);
// A tensor or gradients in the case notation, or "refused " and the clause.
std::string to_text(const Answer& answer);
std::string to_text(const BackwardAnswer& answer);

// The files of this folder, by their name without its ending, in the order of reading.
struct Document {
  std::string_view stem;
  std::string_view text;         // of the .md
  std::string_view code;         // of the .h; empty if there is none
  std::string_view definitions;  // of the .cc, likewise
};
std::span<const Document> documents();

}  // namespace gridproof
