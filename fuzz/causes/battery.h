// The questions around a case that tell wrong semantics apart. Tested by battery_test.cc.
#pragma once

#include <cstdint>
#include <vector>

#include "reference/contract/case.h"

namespace gridproof {

// Questions with the options, the dtypes and the rank of `question`, those first that cost least.
//
// - The same sizes and layouts with other texels; finite coordinates up to a few sixteenths larger.
// - Sweeps: many output locations whose coordinates go through the sixteenths from -2.5 to 2.5 on
//   one axis or on all; the others, and some on the axis itself, stay those of output location
//   `sample`. Also on larger inputs, with one channel more, and as rows and columns.
// - In nearest, output locations close beside ties; and ties, on other sizes.
//
// Texels are different numbers of few bits, coordinates have few bits where those of the question
// do, so that where the weights have few bits too the way of rounding plays no part. Texels and
// coordinates that are not finite stay so. A question without elements is asked with its other axes
// longer. Of other ranks and shapes nothing is asked.
std::vector<Case> questions_around(const Case& test_case, std::int64_t sample);

// How many elements the output of a question has that is answered.
std::int64_t output_count(const Case& test_case);

// So many of the questions, in their order and evenly spaced, that their outputs together have no
// more than some million elements: a case that stays large has large neighbors.
std::vector<Case> affordable(std::vector<Case> test_cases);

// The question with texels that are all different, or nearly; those that are not finite stay so.
Case with_different_texels(Case test_case);

}  // namespace gridproof
