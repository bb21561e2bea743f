#include "reports/symptom.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "oracle/exact/exact.h"
#include "reports/diagnosis/intent.h"
#include "reports/findings/text.h"
#include "reports/input.h"

namespace gridproof::reports {
namespace {

std::vector<double> spacing_of(const std::string& text, int axes) {
  const std::vector<double> list = diagnosis::parse_numbers(text);
  const bool are_lengths = std::ranges::all_of(list, [](double length) { return length > 0; });
  if (!are_lengths || std::cmp_not_equal(list.size(), axes)) {
    throw InputError(fmt::format("--spacing is '{}': expected {} lengths above 0, x first",
                                 printable(text, 60), axes));
  }
  return list;
}

Tensor expected_of(const std::string& intent, Question& question) {
  constexpr std::string_view same = "same-as ";
  if (intent.starts_with(same)) {
    return read_output("--intent", intent.substr(same.size()), question);
  }
  const auto parsed = diagnosis::parse_intent(intent);
  if (!parsed) {
    throw InputError(
        fmt::format("--intent is '{}': expected identity, 'shift 2,0', 'rotate 30', 'flip x' or "
                    "'same-as FILE'",
                    printable(intent, 60)));
  }
  try {
    return diagnosis::intended(*parsed, question.question);
  } catch (const std::invalid_argument& error) {
    throw InputError(fmt::format("--intent is '{}': {}", printable(intent, 60), error.what()));
  }
}

}  // namespace

diagnosis::Symptom read_symptom(const SymptomArguments& arguments, std::istream& in,
                                std::string& guesses) {
  Question question = read_question(arguments.question, in);
  diagnosis::Symptom symptom;
  if (arguments.observed)
    symptom.observed = read_output("--observed", *arguments.observed, question);
  if (arguments.expected)
    symptom.expected = read_output("--expected", *arguments.expected, question);
  if (arguments.intent && !exact::refusal_of(question.question)) {
    symptom.expected = expected_of(*arguments.intent, question);
  }
  if (arguments.spacing) {
    symptom.spacing = spacing_of(*arguments.spacing, question.question.input.rank() - 2);
  }
  symptom.question = std::move(question.question);
  guesses = std::move(question.guesses);
  return symptom;
}

}  // namespace gridproof::reports
