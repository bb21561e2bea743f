#include "reports/render/answers.h"

#include <nlohmann/json.hpp>

namespace gridproof::reports {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t max_elements = 64;

ClauseQuestions questions_of_clauses() {
  ClauseQuestions questions;
  for (const Clause& clause : clauses()) {
    for (const ClauseCase& test_case : clause.cases) {
      if (!test_case.line.starts_with("grid_sample ")) continue;
      const bool is_small = test_case.expected.starts_with("refused ") ||
                            parse_tensor(test_case.expected).element_count() <= max_elements;
      if (is_small) {
        questions.list.push_back({&clause, &test_case});
      } else {
        ++questions.left_out;
      }
    }
  }
  return questions;
}

// Why a subject does not start, without its command and the last words of its program.
std::string reason_of(const std::string& obstacle) {
  const std::string reason = obstacle.substr(0, obstacle.find(" its standard error ended with:"));
  const std::size_t command = reason.find(" cannot be started: ");
  return command == std::string::npos ? reason : reason.substr(command + 1);
}

// Any NaN is as good as any other, and which it is depends on the machine.
std::string without_payloads(std::string text) {
  for (std::size_t at = text.find("nan("); at != std::string::npos;
       at = text.find("nan(", at + 1)) {
    text.erase(at + 3, text.find(')', at) - at - 2);
  }
  return text;
}

}  // namespace

const ClauseQuestions& clause_questions() {
  static const ClauseQuestions all = questions_of_clauses();
  return all;
}

std::string answer_text(const Answer& answer) {
  if (const auto* tensor = std::get_if<Tensor>(&answer)) return without_payloads(to_text(*tensor));
  if (const auto* refusal = std::get_if<Refusal>(&answer)) {
    return refusal->clause.empty() ? "refused" : "refused: " + refusal->clause;
  }
  return std::holds_alternative<Lost>(answer) ? "lost" : "unsupported";
}

std::string render_matrix_answers(const Matrix& matrix) {
  Json subjects = Json::array();
  for (const MatrixRow& row : matrix.rows) {
    subjects.push_back(
        {{"subject", row.subject},
         {"name", row.name},
         {"dialect", name(row.dialect)},
         {"obstacle", row.obstacle.empty() ? Json() : Json(reason_of(row.obstacle))}});
  }
  Json cases = Json::array();
  const std::vector<ClauseQuestion>& questions = clause_questions().list;
  for (std::size_t i = 0; i < questions.size(); ++i) {
    Json answers = Json::array();
    for (const MatrixRow& row : matrix.rows) {
      if (i >= row.answers.size()) {
        answers.emplace_back();
      } else {
        answers.push_back(
            {{"verdict", name(row.answers[i].verdict)}, {"answer", row.answers[i].text}});
      }
    }
    cases.push_back({{"clause", questions[i].clause->name},
                     {"case", questions[i].test_case->line},
                     {"expected", questions[i].test_case->expected},
                     {"answers", std::move(answers)}});
  }
  const Json json = {{"gridproof", matrix.version},
                     {"day", matrix.day},
                     {"profile", to_string(matrix.options.profile)},
                     {"subjects", std::move(subjects)},
                     {"left_out", clause_questions().left_out},
                     {"cases", std::move(cases)}};
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace gridproof::reports
