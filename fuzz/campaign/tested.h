// What was tested of a subject's part, and what was not. Tested by campaign_test.cc.
#pragma once

#include <array>
#include <cstdint>

#include "fuzz/campaign/campaign.h"
#include "fuzz/campaign/plan.h"
#include "fuzz/domain/part.h"

namespace gridproof {

// Adds a judgment on the answer to a case that was drawn.
void count_participation(Participation& participation, const Drawn& drawn, const Case& test_case,
                         const Judgment& judgment);

// Says what was not tested, beside what was. So many combinations are possible (Plan::possible).
void complete(Participation& participation, const Part& part,
              const std::array<std::int64_t, 2>& possible);

}  // namespace gridproof
