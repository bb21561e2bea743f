// Whose answers these are: the questions of a probe put to every mutant of the dictionary and to
// every conforming variation. Tested by recognize_test.cc.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "reference/contract/subject.h"

namespace gridproof {

struct Recognition {
  std::size_t test_cases = 0;  // that were answered with values
  std::size_t differing = 0;   // to which the reference gives other bits
  // Who gives the subject's bits to all questions: "reference"; or "conforming:<name>",
  // "mutant:<name>".
  std::vector<std::string> same;
  // When nobody does: who together explains most of what differs, the one that explains most first,
  // with the questions that each adds.
  std::vector<std::pair<std::string, std::size_t>> causes;
  std::size_t unexplained = 0;
};

// All that was asked, with what was answered.
Recognition recognize(const std::vector<std::pair<Case, Answer>>& all);

}  // namespace gridproof
