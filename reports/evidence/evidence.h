// The evidence of a report: each finding is put to the reference, the judge and the exact witness
// once, after the campaign or after reports were read, and all that is said of it follows from
// that. Tested by evidence_test.cc.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "reports/report/report.h"

namespace gridproof::reports {

// What a page or a log can hold of a case; a longer one is in the file of cases only.
inline constexpr std::size_t longest_case = 2000;

// The report with all that is said of its findings. `lines_before`: of a file to which its cases
// are appended.
FullReport with_evidence(Report report, std::size_t lines_before = 0);

// Its parts:

FindingEvidence evidence_of(const Incident& incident, const CampaignOptions& options);

std::string title_of(const Finding& finding, const Profile& profile);
std::string sentence_of(const Finding& finding, const FindingEvidence& evidence,
                        const Profile& profile);
std::string cause_of(const Finding& finding);
std::string clause_list(const Finding& finding);

// The case of an incident, the question itself last.
std::vector<std::string> lines_of(const Incident& incident);

}  // namespace gridproof::reports
