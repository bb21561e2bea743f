// Finite differences, as gradients are checked with them. Tested by diagnose_gradients_test.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "reference/contract/backward.h"

namespace gridproof::reports::diagnosis {

enum class Difference : std::uint8_t { central, forward, backward };

// What differences with this step give for the gradient of the grid: of the documented values, in
// f64.
std::vector<double> differences(const BackwardCase& test_case, Difference difference, double step);

// The step with which differences in the tensors' dtype give these numbers for the gradient of the
// grid: the values move by few of their last bits, or the coordinate does not move at all. Nothing
// if that is not what is seen, or cannot be, because the numbers of grad_output differ.
std::optional<double> step_below_rounding(const BackwardCase& test_case,
                                          const std::vector<double>& grid,
                                          const std::vector<double>& right);

}  // namespace gridproof::reports::diagnosis
