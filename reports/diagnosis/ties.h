// What would tell explanations from each other that are as good. Tested by diagnose_test.cc.
#pragma once

#include <string>

#include "reports/diagnosis/evaluator.h"

namespace gridproof::reports::diagnosis {

// Another explanation that is as good, and what would tell it from the first.
struct Tie {
  std::string name;
  std::string datum;  // "texels that all differ"; empty: the same correction in other words
};

// What another question would have to be like to tell two trials that explain as much from each
// other; empty where nothing does, because they are two ways to write the same correction.
std::string what_tells(const Situation& situation, const Attempt& one, const Attempt& other);

}  // namespace gridproof::reports::diagnosis
