// What goes wrong on the user's side: each hypothesis takes a question for a mistake of one kind
// and gives the question that was meant. Tested by hypotheses_test.cc.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "reference/contract/case.h"

namespace gridproof::diagnosis {

struct Hypothesis {
  std::string name;  // "units.pixels", "units.pixels, align_corners=True" where it sets the flag
  std::string sentence;  // "the grid holds pixel positions, not coordinates from -1 to 1"
  std::string fix;       // lines of PyTorch; size is (W, H) or (W, H, D)
  // The question that was meant; none where the mistake is not possible.
  std::function<std::optional<Case>(const Case&)> meant;
};

// All of them, the simplest first.
const std::vector<Hypothesis>& hypotheses();

// Whether the grid is the identity of its output, up to rounding, under the flag.
bool is_identity_grid(const Case& question, bool align_corners);

}  // namespace gridproof::diagnosis
