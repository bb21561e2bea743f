// A campaign: cases from the domains, put to subjects, judged; what deviates is reduced and
// grouped. Everything but the time it took follows from the seed: not the number of threads, not
// the shards.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fuzz/bias.h"
#include "fuzz/waiver.h"
#include "oracle/judge/judge.h"

namespace gridproof {

struct Shard {
  int index = 0;  // 0 … count-1
  int count = 1;
};

// Keeps what a campaign has judged, so that one that was cut off can go on.
class CampaignLog {
 public:
  CampaignLog() = default;
  CampaignLog(const CampaignLog&) = delete;
  CampaignLog& operator=(const CampaignLog&) = delete;
  virtual ~CampaignLog() = default;

  // The judgements on a case by an earlier run, one for each subject; null if it did not get there.
  // They are taken as they are.
  [[nodiscard]] virtual const std::vector<Judgement>* find(std::uint64_t ordinal) const = 0;
  // How long the earlier runs took.
  [[nodiscard]] virtual std::chrono::milliseconds spent() const = 0;
  // Called once for each further case, by any thread.
  virtual void add(std::uint64_t ordinal, const std::vector<Judgement>& judgements) = 0;
};

struct CampaignOptions {
  std::uint64_t seed = 1;
  // The campaign ends with the first of these that is reached. Without any: the default run. With a
  // budget, cheap cases come first, a thousand at a time, and reducing what was found takes as long
  // again at most.
  std::optional<std::int64_t> most_cases;
  std::optional<std::int64_t> most_samples;
  std::optional<std::chrono::milliseconds> budget;
  Shard shard;
  Profile profile;
  std::optional<Dialect> dialect;  // of all subjects; else each has its own
  bool strict = false;
  // Take the reference's bits for right without looking further. Off, every sample is judged by its
  // set, the reference's own as well.
  bool shortcut = true;
  // Count by clause what is right, too, under Verdict::admissible; else only what is not.
  bool count_right = false;
  // Count right and wrong samples by their traits, too.
  bool count_traits = false;
  // A subject that is lost in so many cases ends the campaign: each loss takes seconds.
  std::int64_t most_lost = 25;
  std::vector<Waiver> waivers;  // the first that covers a sample is that of the sample
  CampaignLog* log = nullptr;
  int threads = 0;  // 0: one for each core
  // Called now and then from one thread at a time: samples judged so far, and how many there will
  // be (0 when only the budget decides).
  std::function<void(std::int64_t done, std::int64_t total)> progress;
};

// What a waiver can tell samples apart by.
struct Traits {
  std::string clause;  // that decides, or of which the sample is mainly a question
  std::string mode;
  std::string padding;
  bool align_corners = false;
  Dtype dtype = Dtype::f32;
  int rank = 4;
  std::string_view coordinate;  // one of coordinate_classes

  friend auto operator<=>(const Traits&, const Traits&) = default;
};
struct TraitCounts {
  std::int64_t right = 0;
  std::int64_t wrong = 0;
};
// The kinds of a sample's coordinates, those of finite magnitude in ascending order up to the
// bound.
struct CoordinateClass {
  std::string_view name;
  double up_to;
};
inline constexpr auto coordinate_classes =
    std::to_array<CoordinateClass>({{"inside", 1},
                                    {"outside", 10},
                                    {"far", 0x1p14},
                                    {"huge", std::numeric_limits<double>::max()},
                                    {"infinite", 0},
                                    {"nan", 0},
                                    {"none", 0}});

// Where in the domain a case comes from, with what became of its samples, by subject.
struct StratumCounts {
  std::int64_t cases = 0;
  std::int64_t samples = 0;
  std::array<std::int64_t, verdict_count> verdicts{};
};

// One kind of occurrence: same subject, verdict, clause, and features of the question.
struct Incident {
  std::string subject;
  Verdict verdict = Verdict::deviates;
  std::string clause;
  std::string features;  // "bilinear zeros align_corners=False 4-D f32 coordinate=nan"
  std::int64_t samples = 0;
  std::int64_t cases = 0;
  // The first case that showed it (lowest ordinal), as it was generated, and reduced.
  std::uint64_t ordinal = 0;
  std::string stratum;
  Case original;
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
  std::vector<std::string> ties;  // mutants that nothing asked tells from it
};

// Incidents of one subject with the same verdict, clause, cause and waiver.
struct Finding {
  std::string subject;
  Verdict verdict = Verdict::deviates;
  std::string clause;
  std::string cause;
  std::int64_t samples = 0;
  bool known = false;               // an older report has it as well
  std::string waiver;               // that covers it; empty if none does
  std::vector<Incident> incidents;  // the simplest reduced case first
};

struct CampaignResult {
  std::int64_t cases = 0;
  std::int64_t samples = 0;  // judged, counted once for each subject
  std::map<std::string, std::map<std::string, StratumCounts>> strata;  // subject → stratum
  // subject → clause → how often which verdict
  std::map<std::string, std::map<std::string, std::array<std::int64_t, verdict_count>>> clauses;
  std::map<std::string, std::map<Traits, TraitCounts>> traits;  // subject → traits
  std::map<std::string, KindTable> kinds;                       // subject → kinds of samples
  std::vector<WaiverOutcome> waivers;                           // in the order of the options
  std::string ended;              // why it ended before its time; else empty
  std::vector<Finding> findings;  // verdicts that fail, sorted by subject and clause
  std::vector<Finding> remarks;   // latitude and quality warnings (when not strict), likewise
  std::chrono::duration<double> elapsed{};
};

// Adds the counts of another thread or shard: cases, samples, strata, clauses, kinds and waivers;
// and why it ended.
void add_counts(CampaignResult& into, const CampaignResult& from);

// Of two sightings of one kind of occurrence, by different threads or shards: `into` becomes the
// one that was seen first, with the counts of both.
void add_incident(Incident& into, const Incident& from);

// Makes the findings and remarks of a result from its incidents, in the order of subject, verdict,
// clause and features.
void group_incidents(CampaignResult& result, std::vector<Incident> incidents, bool strict);

// Runs a campaign. `reference` answers every case for the same-bits shortcut. Throws
// std::runtime_error when a subject cannot be opened.
CampaignResult run_campaign(const CampaignOptions& options,
                            const std::vector<SubjectEntry>& subjects,
                            const SubjectEntry& reference);

}  // namespace gridproof
