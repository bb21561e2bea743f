// Equal questions have equal answers, to the bit, [shape.sample]. Tested by repeats_test.cc.
#pragma once

#include "oracle/judge/verdict.h"
#include "reference/contract/subject.h"

namespace gridproof {

// Whether they ask the same, in the same layout or in another.
bool ask_the_same(const Case& one, const Case& other);

// Objects to the samples of an answer that had other bits when the same was asked before, and to
// which the judge has no objection of its own. `expected` is the reference's answer.
void object_to_change(Judgment& judgment, const Answer& answer, const Answer& earlier,
                      const Answer& expected);

}  // namespace gridproof
