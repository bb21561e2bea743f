// What a report says, before it is written in any notation: the result of a campaign, how it came
// about, and the words for each finding, which reports/evidence makes once. The renderers only
// choose how it looks. Tested by report_test.cc.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/campaign/campaign.h"
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
AnswerElement element_of(const Case& test_case, const Answer& answer, std::int64_t sample,
                         std::int64_t channel);
std::string element_text(const AnswerElement& element, Dtype dtype);

// The witnesses on one element of a case.
struct FindingEvidence {
  Dtype dtype = Dtype::f32;
  AnswerElement got;
  AnswerElement reference;
  std::string exact;              // whole; empty when a refusal is due
  std::string short_exact;        // cut where it is long
  std::string admissible;         // as a person reads it
  bool inside = false;            // the value is in the set, and yet excluded:
  std::int64_t channels = 1;      // together with those of the other channels, where there are any
  bool single = false;            // whether `admissible` is one value
  bool undecided = false;         // the set is so wide that being inside says nothing
  std::optional<Profile> within;  // of a quality warning
  std::string message;            // the judge's, on an answer as a whole
  std::string reason;             // why no correct form gives this, where that is known
  std::string place;              // "sample 3, channel 0"; "grad_grid at n=0, h=0, w=3, x"
};

// What is said of a finding or remark.
struct FindingText {
  std::string title;     // "torch-2.15.0 deviates from [coord.nan]"
  std::string sentence;  // what the subject does: "It gives nan where only 1 is right."
  std::string cause;     // why, if a mutant explains it: "The same bits in all 23 probes as …"
  std::string clauses;   // that it is under, where they are several: "[coord.nan] (20 samples), …"
  std::string excuse;    // why it does not fail: excuse_of
  std::vector<FindingEvidence> evidence;  // of each incident
  // The first case: a line, or where it takes what was asked before one for each question; whether
  // a page or a log can hold it; on which line of the file of cases it begins, from 1, and that as
  // a place: "cases.txt:4", or of several lines "cases.txt:4-6".
  std::vector<std::string> lines;
  bool is_short = true;
  std::size_t line = 0;
  std::string place;
  // The command that puts the first case to its subject again. The case stands in it, or where that
  // is too long its place. It is one line.
  std::string replay;
};
// Title, sentence and cause in one.
std::string statement_of(const FindingText& text);

// A report with all that is said of its findings: what the renderers take.
struct FullReport : Report {
  std::vector<FindingText> findings;  // of result.findings, in their order
  std::vector<FindingText> remarks;   // of result.remarks
  std::string cases;  // the file of all reduced cases, each below a comment that says what it shows
};

inline constexpr std::string_view case_file_name = "cases.txt";

// Why a finding does not fail: "known" or "waived: NAME". Empty if it does.
std::string excuse_of(const Finding& finding);

// The waivers that fail the gate on the day of the report, with the reason (fuzz/causes/waiver.h):
// "waiver 'x' matches nothing". A shard alone says nothing of waivers but that they expired.
std::vector<std::string> broken_waivers(const Report& report);

// What was left open, each in a sentence without an end: "fake was not judged: …", "of fake 2
// clauses were not tested: [a], [b]", why the campaign ended before its time. Of one shard only
// that it ended or judged nothing: what it did not test another may have.
std::vector<std::string> gaps(const Report& report);

// Whether the gate is open: no gaps, every finding has an excuse, and every waiver holds.
bool passes(const Report& report);
// The same in a line: "passes", "passes for bilinear, nearest; 4-D", "does not pass: 2 findings, 1
// clause not tested"; a shard "passes, as shard 2 of 4".
std::string outcome_of(const Report& report);

// The clause with that name, if there is one.
const Clause* find_clause(std::string_view name);

// The verdicts of a subject over all strata.
std::array<std::int64_t, verdict_count> totals_of(const CampaignResult& result,
                                                  const std::string& subject);
// What the campaign says of a subject's part; of a report that says nothing of it what its counts
// of verdicts tell, without any clause.
Participation participation_of(const CampaignResult& result, const std::string& subject);
// What became of the questions about one clause, or of those without one (""). `decided` is 0 where
// the report does not tell it by clause.
enum class Standing : std::uint8_t { tested, untested, unsupported };
struct ClauseResult {
  std::string clause;
  Standing standing = Standing::tested;
  std::int64_t decided = 0;
  std::array<std::int64_t, verdict_count> verdicts{};
};
// All clauses of which the campaign says anything about the subject, by name.
std::vector<ClauseResult> clause_results(const CampaignResult& result, const std::string& subject);
// What a subject took part in, as far as it is not everything: "bilinear, nearest; 4-D"; with "some
// of" in front where not all that is combined of these. Empty for everything, and where it is not
// known.
std::string part_of(const Participation& participation);
// The verdicts on the numbers of a subject's gradients, over all strata.
std::array<std::int64_t, verdict_count> gradient_totals_of(const CampaignResult& result,
                                                           const std::string& subject);
// Whether a subject was asked for gradients, and why not: "gradients: not asked, the subject
// declares none". Empty if it was, or if the campaign is not to ask any.
bool was_asked_gradients(const CampaignResult& result, const std::string& subject);
std::string why_no_gradients(const Report& report, const std::string& subject);
// Of what it has gradients, as far as that is not everything, in the words of part_of.
std::string gradient_part_of(const Participation& participation);
// Sums over all subjects: samples that they were asked and did not decline, those of them that
// nobody could decide about, and clauses without one decided sample.
std::int64_t asked_of(const Report& report);
std::int64_t asked_of(const StratumCounts& counts);  // the samples of one stratum, likewise
std::int64_t gradients_of(const Report& report);     // numbers of gradients, likewise
std::int64_t undecided_of(const Report& report);     // of both
std::int64_t untested_of(const Report& report);
// Findings without an excuse, and those with one.
std::int64_t open_findings_of(const Report& report);
std::int64_t excused_findings_of(const Report& report);
// What was judged: "1,000 samples", "1,000 samples and 500 gradients", "500 gradients".
std::string asked_text(const Report& report);
// The totals in a line, for programs as well: "1 sample and 8 gradients judged, 2000 findings (1
// known or waived), 0 undecided, 3 clauses not tested"; gradients, what is in parentheses and the
// clauses only where there are any.
std::string totals_line(const Report& report);
// "3-way combinations: 1,000 of 1,024", for each strength.
std::vector<std::string> coverage_lines(const Participation& participation);
std::int64_t cases_of(const Finding& finding);
// Whether it is about gradients.
bool is_of_gradients(const Finding& finding);
bool is_of_gradients(const std::string& clause);
// How often it occurred: "3 samples", "3 samples in 2 cases"; of gradients "2 cases".
std::string extent_of(const Finding& finding);
std::string whole_extent_of(const Finding& finding);

// The verdicts, other than `always`, that occur anywhere in `counts`, from best to worst.
std::vector<Verdict> occurring(const std::vector<std::array<std::int64_t, verdict_count>>& counts,
                               const std::vector<Verdict>& always = {});

}  // namespace gridproof::reports
