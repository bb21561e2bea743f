// What a black box does, measured: its rules, and the arithmetic behind its weights. A short text
// that stays the same as long as the subject does. Tested by fingerprint_test.cc, and against what
// the judge says of the same subjects by fuzz/causes/fingerprint_truth_test.cc.
//
// A fact says where it was asked. What is not in its name was asked in all ways: in every mode,
// rank, padding mode, flag and dtype that the subject answers, and along each axis, and its value
// says where it is otherwise. All of it is of small dense inputs, and of one question at a time:
// what shows itself only on certain sizes or layouts, or after other questions, is not in it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "oracle/probe/kinds.h"
#include "oracle/probe/one_hot.h"

namespace gridproof::probe {

// What was measured at one place.
struct Statement {
  Kind where;
  std::string value;
};

// Something measured: "nearest, ties": "to even; away from zero in 5-D".
struct Fact {
  std::string name;
  std::string value;
  // The clause that whoever has the reference's value keeps in these questions; empty where the
  // value is of arithmetic, or of a part of a clause.
  std::string clause = {};
  std::vector<Statement> statements =
      {};  // what the value says, one by one; of one read from text none

  friend bool operator==(const Fact& one, const Fact& other) {
    return one.name == other.name && one.value == other.value;
  }
};

struct Fingerprint {
  std::vector<Fact> facts;  // always the same names in the same order
  // What others can be compared by: what was asked, with the answers, of all dtypes but the first
  // only what is about that dtype.
  std::vector<std::pair<Case, Answer>> asked;
};

// Asks the subject some hundred small questions.
Fingerprint fingerprint_of(Subject& subject);

}  // namespace gridproof::probe
