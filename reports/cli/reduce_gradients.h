// The half of `reduce` that is about gradients: the subject that gave them is asked again. Tested
// by program_test.cc.
#pragma once

#include <optional>
#include <string>

#include "reference/contract/backward.h"
#include "reports/cli/command.h"

namespace gridproof::reports {

// The question of an argument, if it is one about gradients.
std::optional<BackwardCase> backward_question(const std::optional<std::string>& line,
                                              std::istream& in);

// `name`: of the subject. `out`: a folder for the files, if they are wanted.
ExitCode reduce_gradients(const BackwardCase& test_case, const std::string& name,
                          const std::optional<std::string>& out, const Context& program);

}  // namespace gridproof::reports
