// How the processor computes: the direction of rounding, and whether it takes subnormal numbers for
// zero. A function that leaves it otherwise than it was changes what its caller computes
// afterwards. Tested by plugin_test.cc.
#pragma once

#include <optional>
#include <string>

namespace gridproof {

// As every program finds it: to nearest, with subnormal numbers.
void restore_processor_state();

// What of it is otherwise: "changed the rounding mode (upward)", "switched on flush-to-zero".
std::optional<std::string> changed_processor_state();

}  // namespace gridproof
