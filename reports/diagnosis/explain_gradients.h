// One number of a gradient, contribution by contribution, in numbers that a person can check. Every
// number is the reference's own (reference/semantics/trace_gradients.h) or the exact witness'.
// Tested by explain_gradients_test.cc.
#pragma once

#include <cstdint>
#include <string>

#include "oracle/gradients/gradient_judge.h"
#include "reports/text/table.h"

namespace gridproof::reports {

// Of a case that is not refused and has channels; `element` counts the numbers of that gradient in
// row-major order. Both gradients are explained, whichever the case wants.
std::string explain_gradient(const BackwardCase& test_case, Gradient gradient, std::int64_t element,
                             const Profile& profile, const Painter& painter);

}  // namespace gridproof::reports
