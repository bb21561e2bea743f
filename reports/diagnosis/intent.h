// What the user wanted to see, in words, and the output that this means. Tested by intent_test.cc.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "reference/contract/case.h"

namespace gridproof::reports::diagnosis {

struct Intent {
  enum class Kind : std::uint8_t { identity, shift, rotate, flip } kind = Kind::identity;
  std::array<double, 3> shift{};  // input pixels that the content moves, x first: right, down, deep
  double degrees = 0;             // counterclockwise, about the center
  std::size_t axis = 0;           // that is flipped: 0 is x
};

// "identity", "shift 2,0" or "shift 2 0", "rotate 30", "flip x" or "flip horizontal"; nothing for
// anything else.
std::optional<Intent> parse_intent(const std::string& text);

// The right grid in f64, for the call's input, options and sizes. If the sizes of output and input
// differ, the input is resized first. Throws std::invalid_argument if a volume is to be rotated or
// a picture moved in depth. `question` must be one that the documentation answers.
Tensor intended_grid(const Intent& intent, const Case& test_case);

// The output, of f64, that the call would give with such a grid.
Tensor output_with(const Tensor& grid, const Case& test_case);

}  // namespace gridproof::reports::diagnosis
