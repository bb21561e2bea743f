#include "reports/site/obedience.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "reports/report/notation.h"
#include "reports/text/input_error.h"
#include "reports/text/text.h"

namespace gridproof::reports::site {
namespace {

using Json = nlohmann::json;

Verdict verdict_of(const Json& json) {
  const auto verdict = parse<Verdict>(json.get<std::string>());
  if (!verdict) throw InputError("'" + json.get<std::string>() + "' is not a verdict");
  return *verdict;
}

// Where there is nothing to say, the file has null.
std::string text_of(const Json& json) { return json.is_null() ? "" : json.get<std::string>(); }

JudgedSubject subject_of(const Json& json) {
  JudgedSubject subject{.name = json.at("subject"),
                        .called = json.at("name"),
                        .dialect = json.at("dialect"),
                        .obstacle = text_of(json.at("obstacle")),
                        .samples = json.at("samples"),
                        .clauses = {},
                        .violations = {}};
  for (const auto& [clause, cell] : json.at("clauses").items()) {
    subject.clauses[clause] = {.kind = Conduct::Kind::judged,
                               .worst = verdict_of(cell.at("worst")),
                               .samples = cell.at("samples"),
                               .asked = cell.at("asked")};
  }
  for (const auto& clause : json.at("untested")) {
    subject.clauses[clause.get<std::string>()] = {.kind = Conduct::Kind::not_tested};
  }
  for (const auto& finding : json.at("findings")) {
    subject.violations.push_back({.clause = text_of(finding.at("clause")),
                                  .verdict = verdict_of(finding.at("verdict")),
                                  .sentence = text_of(finding.at("sentence")),
                                  .cause = text_of(finding.at("cause")),
                                  .line = text_of(finding.at("case"))});
  }
  return subject;
}

std::map<std::string, std::vector<KeptAnswer>, std::less<>> answers_of(const Json& json) {
  std::map<std::string, std::vector<KeptAnswer>, std::less<>> answers;
  const Json& subjects = json.at("subjects");
  for (const auto& test_case : json.at("cases")) {
    std::vector<KeptAnswer>& list = answers[test_case.at("case").get<std::string>()];
    std::size_t number = 0;
    for (const auto& answer : test_case.at("answers")) {
      const Json& subject = subjects.at(number++);
      if (answer.is_null()) continue;  // it does not start
      list.push_back({.called = subject.at("name"),
                      .verdict = verdict_of(answer.at("verdict")),
                      .answer = answer.at("answer")});
    }
  }
  return answers;
}

}  // namespace

Conduct JudgedSubject::under(std::string_view clause) const {
  const auto found = clauses.find(clause);
  return found == clauses.end() ? Conduct{} : found->second;
}

Obedience read_obedience(std::string_view matrix, std::string_view answers) {
  try {
    const Json json = Json::parse(matrix);
    Obedience obedience{.version = json.at("gridproof"),
                        .command = json.at("command"),
                        .day = json.at("day"),
                        .subjects = {},
                        .answers = {}};
    for (const auto& subject : json.at("subjects")) {
      obedience.subjects.push_back(subject_of(subject));
    }
    if (!answers.empty()) obedience.answers = answers_of(Json::parse(answers));
    return obedience;
  } catch (const Json::exception& error) {
    throw InputError(
        std::string("this is not what 'gridproof matrix' writes, matrix.json or answers.json: ") +
        error.what());
  }
}

std::string_view sign_of(const Conduct& conduct) {
  if (conduct.kind == Conduct::Kind::not_asked) return "";
  if (conduct.kind == Conduct::Kind::not_tested) return "–";
  return reports::sign_of(conduct.worst);
}

std::string words_of(const Conduct& conduct) {
  if (conduct.kind == Conduct::Kind::not_asked) return "not asked";
  if (conduct.kind == Conduct::Kind::not_tested) return "not tested";
  const double share =
      100.0 * static_cast<double>(conduct.samples) / static_cast<double>(conduct.asked);
  const std::string of = fmt::format("of {}", counted(conduct.asked, "sample"));
  if (conduct.worst <= Verdict::admissible) return "right in all " + of.substr(3);
  return fmt::format("{} in {} {}", name(conduct.worst),
                     share < 1 ? "less than 1 %" : fmt::format("{:.0f} %", share), of);
}

std::string_view kind_of(const Conduct& conduct) {
  if (conduct.kind == Conduct::Kind::not_asked) return "none";
  if (conduct.kind == Conduct::Kind::not_tested) return "unknown";
  if (conduct.worst <= Verdict::admissible) return "right";
  return is_finding(conduct.worst, false) ? "wrong" : "remark";
}

}  // namespace gridproof::reports::site
