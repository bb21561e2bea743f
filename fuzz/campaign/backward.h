// The other half of a campaign: the gradients of the subjects that have any, asked and counted by
// fuzz/gradients, as findings and counts of one result. Tested by backward_test.cc.
#pragma once

#include <vector>

#include "fuzz/campaign/campaign.h"

namespace gridproof {

// Adds to the result what the gradients of the subjects give. Throws std::runtime_error if one
// cannot be started.
void judge_gradients(CampaignResult& result, const CampaignOptions& options,
                     const std::vector<SubjectEntry>& entries);

}  // namespace gridproof
