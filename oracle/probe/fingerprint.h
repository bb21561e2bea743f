// What a black box does, measured: its rules, and the arithmetic behind its weights. A short text
// that stays the same as long as the subject does. Tested by fingerprint_test.cc.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "oracle/probe/one_hot.h"

namespace gridproof::probe {

// Something measured: "nearest, ties, 4-D": "to even".
struct Fact {
  std::string name;
  std::string value;

  friend bool operator==(const Fact&, const Fact&) = default;
};

struct Fingerprint {
  std::vector<Fact> facts;  // always the same names in the same order
  // All that was asked, with the answers, so that others can be compared.
  std::vector<std::pair<Case, Answer>> asked;
};

// Asks the subject some hundred small questions.
Fingerprint fingerprint_of(Subject& subject);

}  // namespace gridproof::probe
