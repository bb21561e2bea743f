#include "reports/question/symptom.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "oracle/exact/exact.h"
#include "reference/contract/foreign_text.h"
#include "reports/diagnosis/intent.h"
#include "reports/text/input_error.h"
#include "reports/text/parse.h"

namespace gridproof::reports {
namespace {

std::vector<double> spacing_of(const std::string& text, int axes) {
  const std::vector<double> list = parse_numbers(text);
  const bool are_lengths = std::ranges::all_of(list, [](double length) { return length > 0; });
  if (!are_lengths || std::cmp_not_equal(list.size(), axes)) {
    throw InputError(fmt::format("--spacing is '{}': expected {} positive lengths, x first",
                                 printable(text, 60), axes));
  }
  return list;
}

// What is expected, and the grid that is meant where the intent gives it.
void read_intent(const std::string& intent, UserQuestion& question, diagnosis::Symptom& symptom) {
  constexpr std::string_view same = "same-as ";
  constexpr std::string_view grid = "grid ";
  if (intent.starts_with(same)) {
    symptom.expected = read_output("--intent", intent.substr(same.size()), question);
    return;
  }
  if (intent.starts_with(grid)) {
    symptom.meant_grid =
        read_tensor_argument("--intent", intent.substr(grid.size()), question.guesses);
    const Shape& shape = question.test_case.grid.shape();
    if (symptom.meant_grid->element_count() != element_count(shape)) {
      throw InputError(fmt::format("--intent holds a grid of the shape {}: expected {}",
                                   to_string(symptom.meant_grid->shape()), to_string(shape)));
    }
    symptom.meant_grid = Tensor(Dtype::f64, shape, symptom.meant_grid->values());
  } else if (const auto parsed = diagnosis::parse_intent(lower(intent))) {
    try {
      symptom.meant_grid = diagnosis::intended_grid(*parsed, question.test_case);
    } catch (const std::invalid_argument& error) {
      throw InputError(fmt::format("--intent is '{}': {}", printable(intent, 60), error.what()));
    }
  } else {
    throw InputError(
        fmt::format("--intent is '{}': expected identity, 'shift 2,0', 'rotate 30', 'flip x', "
                    "'grid FILE' or 'same-as FILE'",
                    printable(intent, 60)));
  }
  symptom.expected = diagnosis::output_with(*symptom.meant_grid, question.test_case);
}

}  // namespace

diagnosis::Symptom read_symptom(const SymptomArguments& arguments, std::istream& in,
                                std::string& guesses) {
  UserQuestion question = read_question(arguments.test_case, in);
  diagnosis::Symptom symptom;
  if (arguments.observed)
    symptom.observed = read_output("--observed", *arguments.observed, question);
  if (arguments.expected)
    symptom.expected = read_output("--expected", *arguments.expected, question);
  if (arguments.intent && !exact::refusal_of(question.test_case)) {
    read_intent(*arguments.intent, question, symptom);
  }
  // What was computed in f32 and saved in f64 is judged in f32.
  const bool was_f32 = symptom.observed && symptom.observed->dtype() == Dtype::f32;
  if (Case& asked = question.test_case; was_f32 && asked.grid.dtype() == Dtype::f64) {
    question.guesses += "the question is converted to f32, the dtype of the observed output\n";
    asked = in_dtype(asked, Dtype::f32);
  }
  symptom.world = std::move(question.world);
  if (arguments.spacing) {
    if (!symptom.world.spacing.empty()) {
      question.guesses += "--spacing is used instead of the spacing in the file\n";
    }
    symptom.world = {.spacing =
                         spacing_of(*arguments.spacing, question.test_case.input.rank() - 2)};
  }
  symptom.given = question.given;
  symptom.mixes_dtypes = question.mixes_dtypes;
  symptom.layout = std::move(question.layout);
  symptom.test_case = std::move(question.test_case);
  guesses = std::move(question.guesses);
  return symptom;
}

}  // namespace gridproof::reports
