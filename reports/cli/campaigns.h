// What the commands that run campaigns share: check, matrix, propose-waivers. Tested by
// program_test.cc.
#pragma once

#include <string>
#include <vector>

#include "fuzz/campaign/campaign.h"
#include "reports/cli/command.h"
#include "reports/cli/foreign.h"

namespace gridproof::reports {

struct CampaignArguments {
  std::vector<std::string> subjects;  // by name
  CampaignOptions options;
  ForeignOptions foreign;
};

// How long, which cases, and how many threads.
void add_campaign(CLI::App& app, CampaignArguments& arguments, const std::string& subjects);

// Which half of the operator; without the option both. And what to write to have it so.
void add_direction(CLI::App& app, CampaignOptions& options);
std::string direction_text(const CampaignOptions& options);

// Those that were named, or every LibTorch.
std::vector<SubjectEntry> chosen_subjects(const CampaignArguments& arguments,
                                          const Context& program);

// What to write after a command to have these options, but for the threads and how subjects are
// spoken to; the shard stands last.
std::string text_of(const CampaignArguments& arguments);

CampaignResult run_with_progress(CampaignOptions options, std::vector<SubjectEntry> subjects,
                                 const Context& program);

}  // namespace gridproof::reports
