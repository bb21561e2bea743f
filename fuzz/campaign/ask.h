// Puts cases to all subjects and has their answers judged, or takes the judgments that an earlier
// run wrote down. Tested by campaign_test.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "fuzz/campaign/worker.h"
#include "fuzz/domain/part.h"
#include "fuzz/domain/sequence.h"

namespace gridproof {

// What the subjects take part in.
struct Parts {
  std::vector<Part> of_each;
  Part of_all = Part::nothing();  // together
};
// Asks each subject.
Parts parts_of(Worker& worker, Checkpoint* log);

// What has no answer is asked of everybody. Who was lost on such sizes before is spared: each loss
// takes a second, and tells nothing new.
bool takes_part(const Parts& parts, const Worker& worker, std::size_t subject,
                const Case& test_case);

// A case, what it was drawn for, and its place in a sequence.
struct Asked {
  Origin origin;
  std::uint64_t ordinal;
  Step step;
  [[nodiscard]] const Drawn& drawn() const { return *origin.drawn; }
};
// The cases of what was drawn.
std::vector<Asked> cases_of(std::vector<Drawn> drawn, const Part& part);

// One for each subject; nothing for one that does not take part.
using Judgments = std::vector<std::optional<Judgment>>;
// For each case the judgments on the answers of all subjects.
std::vector<Judgments> judge_answers(const CampaignOptions& options, const Parts& parts,
                                     Worker& worker, const std::vector<Asked>& asked);

// Makes what a subject was asked before the case at this place. They are made again when they are
// needed: those of all incidents would take a gigabyte, and starting a process copies the tables of
// it.
std::function<std::vector<Case>()> asked_before(const Parts& parts, const Worker& worker,
                                                std::size_t subject,
                                                const std::vector<Asked>& asked, std::size_t place);

}  // namespace gridproof
