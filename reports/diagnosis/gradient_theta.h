// The gradient of theta, where affine_grid made the grid: a sum over output locations. Tested by
// diagnose_gradients_test.cc.
#pragma once

#include <utility>
#include <vector>

#include "reference/contract/backward.h"

namespace gridproof::reports::diagnosis {

// The shape of theta for the grid of this question.
Shape theta_shape(const BackwardCase& test_case);

// What `grid`, numbers for the gradient of the grid, give for theta.
std::vector<double> theta_of(const std::vector<double>& grid, const BackwardCase& test_case,
                             bool align_corners);

// The least and the greatest number that each gradient of theta can be; infinite where those of the
// grid are undecided.
std::vector<std::pair<double, double>> admissible_thetas(const BackwardCase& test_case,
                                                         bool align_corners);

}  // namespace gridproof::reports::diagnosis
