// One output location, step by step, in numbers that a person can check: coordinate, position,
// padding, taps, products, sum, and what would be right instead.
// Every number is the reference's own (reference/semantics/trace.h) or the exact witness'.
// Tested by explain_test.cc.
#pragma once

#include <cstdint>
#include <string>

#include "oracle/judge/profile.h"
#include "reference/contract/case.h"
#include "reports/text/table.h"

namespace gridproof::reports {

// `question` must not be refused; `sample` and `channel` must exist in its answer.
std::string explain(const Case& test_case, std::int64_t sample, std::int64_t channel,
                    const Profile& profile, const Painter& painter);

}  // namespace gridproof::reports
