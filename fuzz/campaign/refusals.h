// Who declines a question for its values refuses it: a part of the operator is told by modes,
// paddings, ranks, dtypes and layouts. Tested by refusals_test.cc.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "oracle/judge/judge.h"
#include "reference/contract/subject.h"

namespace gridproof {

// The subject, but where it does not take part in a question, although it answers the same one with
// ordinary values, its answer is a refusal, with the clause that the judge says it is a question
// about. It costs a second question, each time that it declines.
std::unique_ptr<Subject> refusing_by_values(std::unique_ptr<Subject> subject, const Judge& judge);

}  // namespace gridproof
