// Is the implementation wrong, and which wrong semantics has it? Tested by diagnose_test.cc.
#pragma once

#include "reports/diagnosis/diagnose.h"

namespace gridproof::reports::diagnosis {

// 1 or 1/255 where a picture of 8 bits was observed: the input has such values, and so has what was
// observed, many of them. Else 0.
double step_of_picture(const Tensor& input, const Tensor& observed);

// What was observed as a tensor of the question's dtype. Where it is of fewer bits, or of a picture
// of 8 bits, the documented value stands for what is that value rounded; a remark says so.
Tensor as_asked(const Tensor& observed, const Case& test_case, const Tensor& documented,
                Diagnosis& diagnosis);

// Judges what has not the reference's bits, n by n, at most max_judged locations of it. Where the
// grid was made here, of something else that was given, one that differs by rounding may have made
// it: what such a grid gives is admissible.
Judgment judge_differences(const Case& test_case, const Tensor& documented, const Tensor& observed,
                           Given given = Given::grid);

// Says what is wrong with an output in which the judge found something.
void blame_implementation(const Situation& situation, const Tensor& documented,
                          const Tensor& observed, Diagnosis& diagnosis);

}  // namespace gridproof::reports::diagnosis
