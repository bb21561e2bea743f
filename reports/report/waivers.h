// Files of waivers, in TOML:
//
//   [[waiver]]
//   name = "nan-propagates"        # required, and no other has it
//   reason = "NaN stays NaN, by design"                  # required
//   link = "https://example.org/issues/12"
//   expires = 2027-01-31           # the last day; required unless permanent = true
//   direction = "backward"         # gradients; left out: gradients if all clauses are of them,
//   else
//                                  # values
//   subject = "mine"               # what it covers; a list means any of them
//   clause = ["coord.nan", "texel.nonfinite"]
//   mode = "bicubic"
//   padding_mode = "border"
//   align_corners = true
//   dtype = "f16"
//   rank = 4
//   coordinate = { kind = "finite", above = 10, up_to = 16384 }   # the largest of a sample
//   worst = "deviates"             # what is worse fails: refused-wrongly, deviates, lost
//   share = 0.25                   # of the covered samples, at most so many fail; of gradients, of
//                                  # the questions
//
// Tested by waivers_test.cc.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fuzz/campaign/campaign.h"
#include "reports/report/report.h"

namespace gridproof::reports {

// The waivers of a file. Throws InputError, with the line, for what is none, and for a subject that
// is not among those that are judged.
std::vector<Waiver> read_waivers(const std::string& file,
                                 const std::vector<SubjectEntry>& subjects);
std::vector<Waiver> parse_waivers(std::string_view text, const std::string& where);

// What a waiver covers, as keys of such a file: `mode = "bicubic", dtype = "f16"`.
std::string to_toml(const Predicate& predicate);
// A whole entry of such a file.
std::string to_toml(const Waiver& waiver);

// For each subject, waivers that cover each wrong sample that was counted by traits, clause by
// clause, with as few keys as tell wrong samples from right ones. Where no keys can, the waiver has
// the share of wrong samples among those that it covers.
std::vector<Waiver> propose_waivers(const CampaignResult& result, const std::string& expires);

}  // namespace gridproof::reports
