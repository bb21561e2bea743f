// What a report says, before it is written in any notation: the result of a campaign, how it came
// about, and for every incident the evidence. The renderers only choose how it looks.
// Tested by report_test.cc.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/campaign.h"
#include "oracle/exact/exact.h"
#include "oracle/judge/judge.h"
#include "reference/semantics/clauses.h"

namespace gridproof::reports {

struct Report {
  std::string version;      // of gridproof
  std::string command;      // that makes the same report again
  CampaignOptions options;  // as they were asked for
  std::vector<SubjectEntry> subjects;
  CampaignResult result;
  std::string day;  // "2026-01-31", in UTC: waivers end on one
};

// What to write after --subject for a subject of the report.
std::string spec_of(const SubjectEntry& subject);

// One element of an answer, or what there is instead of it.
struct AnswerElement {
  std::optional<double> value;
  std::string instead;  // "refused [shape.rank]: …", "lost: …", "an output of shape [1,2]"
};
AnswerElement element_of(const Case& question, const Answer& answer, std::int64_t sample,
                         std::int64_t channel);
std::string element_text(const AnswerElement& element, Dtype dtype);

// The witnesses on one element of a case.
struct Evidence {
  Dtype dtype = Dtype::f32;
  AnswerElement got;
  AnswerElement reference;
  std::optional<exact::Element> exact;  // none when a refusal is due
  std::string admissible;
  bool jointly = false;  // the value is in the set, but not together with the other channels
  bool single = false;   // whether `admissible` is one value
  std::optional<Profile> within;  // of a quality warning
  std::string message;            // the judge's, on an answer as a whole
};
Evidence evidence_of(const Incident& incident, const Profile& profile);

// "torch-2.15.0 deviates from [coord.nan]".
std::string title_of(const Finding& finding, const Profile& profile);
// What the subject does, instead of what: "It gives nan where only 1 is right."
std::string sentence_of(const Finding& finding, const Evidence& evidence, const Profile& profile);
// Why, if a mutant explains it: "The same bits in all 23 probes as mutant `x`: …"; else empty.
std::string cause_of(const Finding& finding);
// The clauses that a finding is under, where they are several: "[coord.nan] (20 samples), …".
std::string clause_list(const Finding& finding);

// Why a finding does not fail: "known" or "waived: NAME". Empty if it does.
std::string excuse_of(const Finding& finding);

// The waivers that fail the gate on the day of the report, with the reason (fuzz/waiver.h): "waiver
// 'x' matches nothing". A shard alone says nothing of waivers but that they expired.
std::vector<std::string> broken_waivers(const Report& report);

// Whether the gate is open: every subject gave an answer that the judge decided about, every
// finding has an excuse, and every waiver holds.
bool passes(const Report& report);

// Title, sentence and cause in one.
std::string statement_of(const Finding& finding, const Profile& profile);

// The clause with that name, if there is one.
const Clause* find_clause(std::string_view name);

// The verdicts of a subject over all strata.
std::array<std::int64_t, verdict_count> totals_of(const CampaignResult& result,
                                                  const std::string& subject);
// Whether the judge decided about any answer of the subject. Of one that takes no part in anything
// nothing was shown, so it does not conform.
bool was_judged(const CampaignResult& result, const std::string& subject);
std::int64_t undecided_of(const CampaignResult& result);
std::int64_t cases_of(const Finding& finding);

// The verdicts, other than `always`, that occur anywhere in `counts`, from best to worst.
std::vector<Verdict> occurring(const std::vector<std::array<std::int64_t, verdict_count>>& counts,
                               const std::vector<Verdict>& always = {});

// The file of all reduced cases, one a line, each below a comment that says what it shows; and on
// which line of it, from 1, the first case of each finding and remark stands.
struct CaseFile {
  std::string text;
  std::vector<std::size_t> findings;
  std::vector<std::size_t> remarks;
};
CaseFile case_file(const Report& report);

inline constexpr std::string_view case_file_name = "cases.txt";

// What a page or a log can hold of a case line; a longer case is in the file of cases only.
inline constexpr std::size_t longest_case = 2000;
// The command that puts the first case of a finding to its subject again. The case stands in it, or
// where that is too long its line in the file of cases. It is one line.
std::string replay_command(const Report& report, const Finding& finding, std::size_t line);

}  // namespace gridproof::reports
