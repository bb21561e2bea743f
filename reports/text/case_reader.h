// Cases as arguments and in files. Tested by case_reader_test.cc.
#pragma once

#include <istream>
#include <string>
#include <variant>
#include <vector>

#include "reference/contract/backward.h"
#include "reference/contract/case.h"

namespace gridproof::reports {

// A question about values or about gradients.
using AnyCase = std::variant<Case, BackwardCase>;

struct SourcedCase {
  AnyCase test_case;
  std::string where;  // "cases.txt:3"; empty for a case that was the argument itself
};
// The cases of an argument: a case line, a file of them (one a line; blank lines and those that
// start with # are skipped), one line of a file (FILE:4) or some (FILE:4-6), or - for `in`. At
// least one.
std::vector<SourcedCase> read_cases(const std::string& argument, std::istream& in);
// The one case that an argument means, of the kind that is wanted.
Case read_case(const std::string& argument, std::istream& in);
BackwardCase read_backward_case(const std::string& argument, std::istream& in);

}  // namespace gridproof::reports
