// A formula in the notation of the clauses (clauses.md), understood. Tested by formula_test.cc.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gridproof::reports {

struct Formula {
  enum class Kind : std::uint8_t {
    number,    // text: "1.5"
    name,      // text: "p", "p'", "x_id", "align_corners", "True"
    call,      // text: "floor", "w_0"; parts: the arguments
    group,     // one part, in parentheses
    absolute,  // one part
    negative,  // one part
    sum,       // parts, with signs "+" or "-" between them
    product,   // parts, with signs "" or "·" between them
    quotient,  // two parts
    power,     // base and exponent
    total,     // Σ: text is the index; parts: its first and last value, and what is summed up
    relation,  // parts, with signs "=", "<", "≤", ">" or "≥" between them
    branches,  // the branches, of which the first applies whose conditions hold
    branch,    // its value and its conditions; without one it is for all else
  };
  Kind kind = Kind::number;
  std::string text;
  std::vector<Formula> parts;
  std::vector<std::string> signs;  // one fewer than parts
};

// Throws std::invalid_argument, which names the column, for what is not in the notation, and for
// what two people would read in two ways, such as a / b c.
Formula parse_formula(std::string_view text);

}  // namespace gridproof::reports
