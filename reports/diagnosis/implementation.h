// Is the implementation wrong, and which wrong semantics has it? Tested by diagnose_test.cc.
#pragma once

#include "reports/diagnosis/diagnose.h"

namespace gridproof::diagnosis {

// What was observed as a tensor of the question's dtype. Where it is of fewer bits, the documented
// value stands for what is that value rounded; a remark says so.
Tensor as_asked(const Tensor& observed, const Tensor& documented, Diagnosis& diagnosis);

// Judges what has not the reference's bits, n by n, at most most_judged locations of it.
Judgement judge_differences(const Case& question, const Tensor& documented, const Tensor& observed);

// Says what is wrong with an output in which the judge found something.
void blame_implementation(const Case& question, const Tensor& documented, const Tensor& observed,
                          Diagnosis& diagnosis);

}  // namespace gridproof::diagnosis
