// Is the implementation wrong, and which wrong semantics does it have? Tested by diagnose_test.cc.
#pragma once

#include "reports/diagnosis/diagnose.h"

namespace gridproof::reports::diagnosis {

// 1 or 1/255 if the observed output is an 8-bit picture, which means that the input and the
// observed output both have many such values; else 0.
double step_of_picture(const Tensor& input, const Tensor& observed);

// The observed output as a tensor of the question's dtype. If it has fewer bits or is an 8-bit
// picture, each element that equals the rounded documented value is replaced by the documented
// value; a remark says so.
Tensor as_asked(const Tensor& observed, const Case& test_case, const Tensor& documented,
                Diagnosis& diagnosis);

// Judges the samples whose bits differ from the reference, n by n, at most max_judged locations of
// them. If this program made the grid from something else, the user's grid may differ by rounding,
// so the output of such a grid is admissible.
Judgment judge_differences(const Case& test_case, const Tensor& documented, const Tensor& observed,
                           Given given = Given::grid);

// Says what is wrong with an output that the judge objects to.
void blame_implementation(const Situation& situation, const Tensor& documented,
                          const Tensor& observed, Diagnosis& diagnosis);

}  // namespace gridproof::reports::diagnosis
