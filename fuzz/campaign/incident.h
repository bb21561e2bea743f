// What a campaign met that is not as it should be: incidents, and the findings made of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "oracle/gradients/gradient_judge.h"
#include "oracle/judge/judge.h"
#include "reference/contract/subject.h"

namespace gridproof {

// What an incident about gradients has in the place of a case, a sample and an answer.
struct BackwardIncident {
  Gradient gradient = Gradient::input;
  BackwardCase reduced;
  std::int64_t element = 0;   // of that gradient
  std::int64_t elements = 0;  // of the question that was reduced: of several the smallest
  BackwardAnswer answer = Lost{};
};

// One kind of occurrence: same subject, verdict, clause, and features of the question.
struct Incident {
  std::string subject;
  Verdict verdict = Verdict::deviates;
  std::string clause;
  std::string features;           // "bilinear zeros align_corners=False 4-D f32 coordinate=nan"
  std::optional<Profile> within;  // for a quality warning: the tightest looser profile
  std::int64_t samples = 0;       // of gradients the cases: not all numbers are listed
  std::int64_t cases = 0;
  // The first case that showed it (lowest ordinal), as it was generated, and reduced.
  std::uint64_t ordinal = 0;
  std::string stratum;
  Case original;
  // What was asked before it in the same memory, if that matters: a sequence of the campaign, and
  // once it is settled of this what it takes.
  std::vector<Case> before;
  // Of a case that is no part of a sequence: makes what the same instance was asked before it, the
  // last questions. Null once it is settled.
  std::function<std::vector<Case>()> recent;
  Case reduced;
  std::int64_t sample = 0;  // of `reduced`
  std::int64_t channel = 0;
  Dialect dialect = Dialect::pytorch;  // by which the subject was judged
  Answer answer;                       // the subject's, to `reduced`
  std::string waiver;                  // that covers it; empty if none does
  std::string cause;                   // a mutant's name, or what the answer looks like
  // With a mutant's name: the probes to which it gives the same bits, of how many (cause.h).
  std::size_t agreeing = 0;
  std::size_t probes = 0;
  std::vector<std::string> ties;  // mutants that explain it as well
  // Where no mutant is: sentences on what the wrong samples have in common (common_traits.h). Of a
  // loss, from which size on.
  std::string common;
  // And the clause under which the reduced case is wrong with ordinary coordinates in the place of
  // NaN and infinities, which are therefore not what it is about; empty if there is none.
  std::string beside;
  std::optional<BackwardIncident> backward;
};

// The line of its reduced case.
std::string line_of(const Incident& incident);

// Whether a mutant explains it.
bool is_named(const Incident& incident);

// Incidents of one subject with the same verdict, cause and waiver; where no mutant is the cause,
// also with the same clause, and with those that are about that clause as well.
struct Finding {
  std::string subject;
  Verdict verdict = Verdict::deviates;
  std::string clause;  // the one that the cause breaks, if any incident is under it
  std::string cause;
  std::int64_t samples = 0;
  bool known = false;  // an older report has it as well
  std::string waiver;  // that covers it; empty if none does
  // Under its clause first; of these one that was looked into; of these the simplest reduced case.
  std::vector<Incident> incidents;
};

// What sets an occurrence apart from others under the same clause. What is merely a remark is told
// apart by no more than the profile that it stays inside.
std::string kind_of(const Case& test_case, const SampleVerdict& verdict);

// What an answer looks like at one element; the name of a cause that no mutant explains.
std::string symptom_of(const Answer& answer, std::int64_t sample, std::int64_t channel);

// Of two sightings of one kind of occurrence, by different threads or shards: `into` becomes the
// one that was seen first, with the counts of both.
void add_incident(Incident& into, const Incident& from);

// The clauses that a finding's incidents are under, its own first, with how often.
struct ClauseCounts {
  std::string clause;
  std::int64_t samples = 0;
  std::int64_t cases = 0;
};
std::vector<ClauseCounts> clauses_of(const Finding& finding);

// Mutants other than the cause that explain every incident of a finding as well.
std::vector<std::string> ties_of(const Finding& finding);

// Makes findings of incidents. Of the mutants that explain an incident that one is its cause which
// explains the most incidents of the subject: so that one cause is one finding, and few causes
// explain all.
//
// Findings are of verdicts that fail; remarks are latitude and quality warnings (when not strict).
// Both in the order of subject, clause, verdict and cause.
struct Findings {
  std::vector<Finding> findings;
  std::vector<Finding> remarks;
};
Findings group_incidents(std::vector<Incident> incidents, bool strict);
// In that order.
void put_in_order(std::vector<Finding>& findings);

}  // namespace gridproof
