// A campaign: cases from the domains, put to subjects, judged; what deviates is reduced and
// grouped. Everything but the time it took follows from the seed: not the number of threads, not
// the shards.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "fuzz/campaign/bias.h"
#include "fuzz/campaign/incident.h"
#include "fuzz/causes/traits.h"
#include "fuzz/causes/waiver.h"
#include "fuzz/gradients/log.h"
#include "oracle/judge/judge.h"

namespace gridproof {

struct CampaignResult;

struct Shard {
  int index = 0;  // 0 … count-1
  int count = 1;
};

// Keeps what a campaign has judged, so that one that was cut off can go on.
class Checkpoint : public GradientLog {
 public:
  // The judgments on a case by an earlier run, one for each subject; null if it did not get there.
  // They are taken as they are.
  [[nodiscard]] virtual const std::vector<Judgment>* find(std::uint64_t ordinal) const = 0;
  // Called before cases are asked, by any thread.
  virtual void begin(std::span<const std::uint64_t> ordinals) = 0;
  // Whether an earlier run began with a case and did not get to its end. Such a case is asked by
  // itself, and before that told here.
  [[nodiscard]] virtual bool was_cut_off(std::uint64_t ordinal) const = 0;
  virtual void ask_again(std::uint64_t ordinal, const Case& test_case) = 0;
  // How long the earlier runs took.
  [[nodiscard]] virtual std::chrono::milliseconds spent() const = 0;
  // Called once for each further case, by any thread.
  virtual void add(std::uint64_t ordinal, const std::vector<Judgment>& judgments) = 0;
};

// A subject's answer to a case, and the judgment on it.
struct JudgedAnswer {
  const std::string& subject;
  const Case& test_case;
  const std::vector<std::string>& clauses;  // that each sample is mainly a question about
  const Judgment& judgment;
  bool strict = false;
};

// Sees each answer that is judged, and counts something of it in the tables of a thread.
using Counter = std::function<void(CampaignResult& result, const JudgedAnswer& judged)>;
// Counts by clause what is right, too, under Verdict::admissible; else only what is not is counted.
void count_admissible(CampaignResult& result, const JudgedAnswer& judged);
// Counts right and wrong samples by their traits.
void count_traits(CampaignResult& result, const JudgedAnswer& judged);

struct CampaignOptions {
  std::uint64_t seed = 1;
  // Values, gradients, or both, one after the other.
  std::optional<Direction> only = Direction::forward;
  // The campaign ends with the first of these that is reached. Without any: the default run. With a
  // budget, cheap cases come first, a thousand at a time, and a quarter of it is for looking into
  // what was found; what has no more time then is shown as it was found. Of a budget for both
  // directions gradients get a third; to as many samples belong as many questions about gradients
  // as in the default run.
  std::optional<std::int64_t> max_cases;
  std::optional<std::int64_t> max_samples;
  std::optional<std::chrono::milliseconds> budget;
  Shard shard;
  Profile profile;
  std::optional<Dialect> dialect;  // of all subjects; else each has its own
  bool one_sided = false;          // at a kink of gradients any side is right
  bool strict = false;
  // Take the reference's bits for right without looking further. Off, every sample is judged by its
  // set, the reference's own as well.
  bool shortcut = true;
  std::vector<Counter> counters;
  // A subject that is lost in so many cases ends the campaign: each loss takes seconds.
  std::int64_t max_lost = 50;
  std::vector<Waiver> waivers;  // the first that covers a sample is that of the sample
  Checkpoint* log = nullptr;
  int threads = 0;  // 0: one for each core
  // Called now and then from one thread at a time: samples judged so far, and how many there will
  // be (0 when only the budget decides).
  std::function<void(std::int64_t done, std::int64_t total)> progress;
};

// Where in the domain a case comes from, with what became of its samples, by subject.
struct StratumCounts {
  std::int64_t cases = 0;
  std::int64_t samples = 0;
  std::array<std::int64_t, verdict_count> verdicts{};
};

// How many of the combinations of `strength` traits that are possible within what a subject takes
// part in were asked. Each is counted by the shard that has the campaign's first case with it, so
// that the counts of all shards add up.
struct Coverage {
  int strength = 0;
  std::int64_t asked = 0;
  std::int64_t possible = 0;

  friend bool operator==(const Coverage&, const Coverage&) = default;
};

// What a subject took part in, and what was tested of it.
struct Participation {
  std::int64_t asked = 0;    // samples asked: neither unsupported nor skipped
  std::int64_t decided = 0;  // of those, samples with a verdict other than undecided
  std::map<std::string, std::int64_t> decided_by_clause;
  std::vector<std::string> untested;     // clauses of what it takes part in, without one decided
                                         // sample; sorted
  std::vector<std::string> unsupported;  // clauses none of whose questions it takes part in; sorted
  std::vector<std::string> parts;        // what it takes part in: "bilinear zeros 4-D f32"; sorted
  std::vector<Coverage> coverage;        // by strength
  std::vector<std::string> gradients;    // of what it has gradients, likewise

  friend bool operator==(const Participation&, const Participation&) = default;
};

struct CampaignResult {
  std::int64_t cases = 0;
  std::int64_t samples = 0;  // judged, counted once for each subject
  std::map<std::string, std::map<std::string, StratumCounts>> strata;  // subject → stratum
  // subject → clause → how often which verdict
  std::map<std::string, std::map<std::string, std::array<std::int64_t, verdict_count>>> clauses;
  std::map<std::string, std::map<Traits, TraitCounts>> traits;  // subject → traits
  // The same of questions about gradients; those that are right have no clause.
  std::map<std::string, std::map<Traits, TraitCounts>> gradient_traits;
  std::map<std::string, KindTable> kinds;              // subject → kinds of samples
  std::map<std::string, Participation> participation;  // by subject
  // subject → stratum of the questions about gradients, with their numbers in the place of samples;
  // nothing of a subject that was asked none. Their clauses are among the others.
  std::map<std::string, std::map<std::string, StratumCounts>> gradients;
  std::vector<WaiverOutcome> waivers;  // in the order of the options
  std::string ended;                   // why it ended before its time; else empty
  std::vector<Finding> findings;       // verdicts that fail, sorted by subject and clause
  std::vector<Finding> remarks;        // latitude and quality warnings (when not strict), likewise
  std::chrono::duration<double> elapsed{};
};

// Adds what another shard says of the same subject. A clause is untested or unsupported when no
// shard decided about it; unsupported when one found so: the others did not ask.
void add_participation(Participation& into, const Participation& from);

// Adds the counts of another thread or shard: cases, samples, strata, clauses, kinds,
// participation, gradients and waivers; and why it ended.
void add_counts(CampaignResult& into, const CampaignResult& from);

// Runs a campaign. `reference` answers every case for the same-bits shortcut. Throws
// std::runtime_error when a subject cannot be opened.
CampaignResult run_campaign(const CampaignOptions& options,
                            const std::vector<SubjectEntry>& subjects,
                            const SubjectEntry& reference);

}  // namespace gridproof
