// What becomes of single samples, counted: those of a waiver, and what a campaign counts on demand
// (CampaignOptions::counters).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fuzz/campaign/campaign.h"

namespace gridproof {

// Which waiver covers a sample of a subject's answer.
std::optional<std::size_t> waiver_of(const std::vector<Waiver>& waivers, const std::string& subject,
                                     const Case& test_case, std::int64_t sample,
                                     const std::string& clause);
// Whether the verdict fails, were it not for this waiver.
bool waives(const Waiver& waiver, Verdict verdict, bool strict);
void count_waivers(CampaignResult& result, const std::vector<Waiver>& waivers,
                   const JudgedAnswer& judged);

}  // namespace gridproof
