// Settles the incidents of a campaign: which of them are looked into, how far, and in which order.
// Tested by campaign_test.cc.
#pragma once

#include <chrono>

#include "fuzz/campaign/tally.h"
#include "fuzz/campaign/worker.h"

namespace gridproof {

// First one incident of each look, then those like it: where no mutant explains the first, they
// share its finding, and are not looked into as far. Of subjects that were lost too often losses
// are not looked into at all.
//
// Then what is shown of each finding is asked of a fresh instance, which takes a start.
//
// With a budget, by `end`: reducing and looking for causes stop then.
void settle_all(const Setup& setup, Crew& crew, bool was_lost_too_often,
                std::chrono::steady_clock::time_point end, Incidents& incidents);

}  // namespace gridproof
