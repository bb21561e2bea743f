// Questions about gradients, places in them and admissible sets as a person reads them. Tested by
// gradient_notation_test.cc.
#pragma once

#include <cstdint>
#include <string>

#include "oracle/exact/gradients.h"
#include "oracle/gradients/gradient_judge.h"
#include "reference/contract/backward.h"

namespace gridproof::reports {

// The question in short: options, dtypes and shapes, and what is wanted, without the values.
std::string describe(const BackwardCase& test_case);

// Where a number of a gradient stands: "n=0, c=0, h=2, w=5"; "n=0, h=2, w=5, y".
std::string location(const BackwardCase& test_case, Gradient gradient, std::int64_t element);

// The gradient with that name, if it is there.
const Tensor* gradient_of(const Gradients& gradients, Gradient gradient);

// The exact value of a number of a gradient. For one of the input that takes a whole plane.
exact::Element exact_gradient(const exact::BackwardEvaluator& evaluator,
                              const BackwardCase& test_case, Gradient gradient,
                              std::int64_t element);

// What a number of a gradient may be, and the clause that decides.
struct GradientSet {
  std::string text;  // "[0.5, 0.75] or nan under [grad.nan]"
  std::string clause;
};
// Found by asking the judge. `reference` is the reference's answer, which has that gradient.
GradientSet admissible_gradient(const GradientJudge& judge, const BackwardCase& test_case,
                                const Gradients& reference, Gradient gradient,
                                std::int64_t element);

}  // namespace gridproof::reports
