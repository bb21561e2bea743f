// What the user reports as wrong: a question, the observed output and the expected output. Tested
// by program_test.cc.
#pragma once

#include <istream>
#include <optional>
#include <string>

#include "reports/diagnosis/diagnose.h"
#include "reports/question/question_reader.h"

namespace gridproof::reports {

struct SymptomArguments {
  QuestionArguments test_case;
  std::optional<std::string> observed;
  std::optional<std::string> expected;
  std::optional<std::string> intent;   // instead of `expected`, in words
  std::optional<std::string> spacing;  // millimeters for each pixel, "0.5,0.5,3", x first
};

// `guesses` are lines that say how the files were read. The intended output is unknown for a
// question that the documentation refuses. Throws InputError.
diagnosis::Symptom read_symptom(const SymptomArguments& arguments, std::istream& in,
                                std::string& guesses);

}  // namespace gridproof::reports
