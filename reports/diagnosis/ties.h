// Which data would tell equally good explanations apart. Tested by diagnose_test.cc.
#pragma once

#include <string>

#include "reports/diagnosis/evaluator.h"

namespace gridproof::reports::diagnosis {

// Another explanation that is as good, and the data that would tell it from the first.
struct Tie {
  std::string name;
  std::string datum;  // "texels that all differ"; empty: the same correction in other words
};

// What another question needs in order to tell two equally good trials apart; empty if nothing
// does, because they are two ways to write the same correction.
std::string what_tells(const Situation& situation, const Attempt& one, const Attempt& other);

}  // namespace gridproof::reports::diagnosis
