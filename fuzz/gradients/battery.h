// The questions around one about gradients that tell wrong gradients apart. Tested by
// cause_test.cc.
#pragma once

#include <vector>

#include "reference/contract/backward.h"

namespace gridproof {

// Questions with the options, the dtypes and the rank of `test_case`, about the gradients that it
// wants and some about both.
//
// - The same sizes and layouts with other texels and other numbers of grad_output; most with the
//   same coordinates, then with larger ones, then with such that many positions are whole.
// - Larger sizes, up to four channels and one batch entry more, where all stays small.
// - The first and the last of these with another align_corners, and with another padding_mode.
//
// Texels and grads are different numbers, of the magnitude that those of the question have, and of
// few bits if these are. What is not finite stays so. A question that is refused has none around
// it.
std::vector<BackwardCase> gradient_questions_around(const BackwardCase& test_case);

}  // namespace gridproof
