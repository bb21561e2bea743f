// The part of 'gridproof diagnose' that is about gradients. Tested by program_test.cc.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "reports/cli/command.h"
#include "reports/question/question_reader.h"

namespace gridproof::reports {

struct GradientArguments {
  std::optional<std::string> grad_output;  // ones, if left out
  std::optional<std::string> observed_input;
  std::optional<std::string> observed_grid;
  std::optional<std::string> observed_theta;
  std::optional<std::string> expected_input;
  std::optional<std::string> expected_grid;
  std::optional<std::string> expected_theta;
};

void add_gradients(CLI::App& app, GradientArguments& arguments);

// Whether the command line is about gradients.
bool are_gradients(const GradientArguments& arguments);

ExitCode diagnose_gradients(const GradientArguments& arguments, const QuestionArguments& question,
                            bool json, const Context& program);

}  // namespace gridproof::reports
