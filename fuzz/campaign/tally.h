// What a worker has seen, in numbers, and the first case of each kind of occurrence. Tested by
// campaign_test.cc.
#pragma once

#include <compare>
#include <map>
#include <string>
#include <vector>

#include "fuzz/campaign/ask.h"
#include "fuzz/campaign/campaign.h"
#include "fuzz/campaign/incident.h"

namespace gridproof {

// What sightings of one kind of occurrence have in common.
struct IncidentKey {
  std::string subject;
  Verdict verdict = Verdict::deviates;
  std::string clause;
  std::string features;
  std::string waiver;

  friend auto operator<=>(const IncidentKey&, const IncidentKey&) = default;
};

using Incidents = std::map<IncidentKey, Incident>;

struct Tally {
  CampaignResult counts;  // without findings and remarks
  Incidents incidents;
};

void merge(Tally& into, const Tally& from);

// Adds the judgments on the answers to each of these cases, which a worker asked.
void count(Tally& tally, const Setup& setup, const Parts& parts, const Worker& worker,
           const std::vector<Asked>& asked, const std::vector<Judgments>& judgments);

}  // namespace gridproof
