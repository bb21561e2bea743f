// Golden vectors of gradients: the specification's own questions about them, with the sets of what
// each number may be. Tested by gradient_vectors_test.cc.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "oracle/gradients/gradient_judge.h"
#include "reference/contract/subject.h"
#include "reports/vectors/vectors.h"

namespace gridproof::reports {

// A closed interval of numbers of the gradient's dtype; nothing where no profile says anything.
using GradientInterval = std::optional<std::pair<double, double>>;

struct GoldenGradients {
  std::string clause;  // that it is a question about
  BackwardCase test_case;
  BackwardAnswer reference;  // the gradients, or the refusal that is due
  // For each profile and each gradient that is wanted (first that of the input) the sets of its
  // numbers, in row-major order.
  std::vector<std::array<std::vector<GradientInterval>, 2>> admissible;
};

// Vectors by clause, in the order of the specification. What an open clause leaves free is no
// vector, nor is what no profile of the options decides, or takes more than a few numbers.
std::vector<GoldenGradients> make_gradient_vectors(const VectorOptions& options);

}  // namespace gridproof::reports
