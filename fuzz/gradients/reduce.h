// A smaller question about gradients that shows the same. Since gradients are linear in
// grad_output, a part of the samples is a question of its own. Tested by campaign_test.cc.
#pragma once

#include <functional>

#include "oracle/gradients/gradient_judge.h"
#include "reference/contract/backward.h"

namespace gridproof {

// `shows(test_case)` says whether it still shows what `test_case` shows; it is asked at most
// `tries` times.
BackwardCase reduced(BackwardCase test_case, Gradient gradient,
                     const std::function<bool(const BackwardCase&)>& shows, int tries = 200);

}  // namespace gridproof
