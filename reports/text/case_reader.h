// Cases as arguments and in files. Tested by case_reader_test.cc.
#pragma once

#include <istream>
#include <string>
#include <vector>

#include "reference/contract/case.h"

namespace gridproof::reports {

struct SourcedCase {
  Case test_case;
  std::string where;  // "cases.txt:3"; empty for a case that was the argument itself
};
// The cases of an argument: a case line, a file of them (one a line; blank lines and those that
// start with # are skipped), one line of a file (FILE:4) or some (FILE:4-6), or - for `in`. At
// least one.
std::vector<SourcedCase> read_cases(const std::string& argument, std::istream& in);
// The one case that an argument means.
Case read_case(const std::string& argument, std::istream& in);

}  // namespace gridproof::reports
