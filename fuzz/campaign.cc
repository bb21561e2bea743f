#include "fuzz/campaign.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <functional>
#include <iterator>
#include <memory>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>
#include <tuple>
#include <utility>

#include "fuzz/domain/domain.h"
#include "fuzz/settle.h"
#include "oracle/judge/bias.h"

namespace gridproof {
namespace {

// What the default run judges: 10^7 samples and some to spare for those that are not decided.
constexpr std::int64_t default_samples = 10'500'000;

// Calls `visitor(sample, clause, verdict)` for each sample of which the judge decided something;
// `clauses` are those that the samples are mainly questions about. For none of a case with more
// wrong samples than a judgement lists.
template <class Visitor>
void for_each_decided(const std::vector<std::string>& clauses, const Judgement& judgement,
                      const Visitor& visitor) {
  const auto is_decided = [](Verdict verdict) {
    return verdict != Verdict::unsupported && verdict != Verdict::undecided;
  };
  if (judgement.whole) {
    if (!is_decided(judgement.worst())) return;
    const std::string& clause =
        judgement.notable.empty() ? clauses.front() : judgement.notable.front().clause;
    const std::int64_t samples = judgement[judgement.worst()];
    for (std::int64_t i = 0; i < samples; ++i) visitor(i, clause, judgement.worst());
    return;
  }
  std::int64_t notable = 0;
  for (auto i = static_cast<std::size_t>(Verdict::admissible) + 1; i < verdict_count; ++i)
    notable += judgement.counts[i];
  if (std::cmp_less(judgement.notable.size(), notable)) return;
  auto next = judgement.notable.begin();
  for (std::size_t i = 0; i < clauses.size(); ++i) {
    if (next != judgement.notable.end() && std::cmp_equal(next->sample, i)) {
      if (is_decided(next->verdict)) visitor(next->sample, next->clause, next->verdict);
      ++next;
    } else {
      visitor(static_cast<std::int64_t>(i), clauses[i], Verdict::admissible);
    }
  }
}

// Subject, verdict, clause, features and waiver.
using Key = std::tuple<std::string, Verdict, std::string, std::string, std::string>;

// What one thread has seen.
struct Tally {
  CampaignResult counts;  // without findings and remarks
  std::map<Key, Incident> incidents;
};

void merge(Tally& into, const Tally& from) {
  add_counts(into.counts, from.counts);
  for (const auto& [key, incident] : from.incidents) {
    const auto [place, is_new] = into.incidents.try_emplace(key, incident);
    if (!is_new) add_incident(place->second, incident);
  }
}

// The instances of the subjects that one thread uses, each with the judge of its dialect.
class Bench {
 public:
  Bench(const std::vector<SubjectEntry>& entries, const SubjectEntry& reference,
        const CampaignOptions& options)
      : reference_(reference.open()) {
    subjects_.reserve(entries.size());
    for (const SubjectEntry& entry : entries) {
      subjects_.push_back(entry.open());
      judges_.emplace_back(options.profile, options.dialect.value_or(subjects_.back()->dialect()));
    }
  }
  Subject& subject(std::size_t index) { return *subjects_[index]; }
  [[nodiscard]] const Judge& judge(std::size_t index) const { return judges_[index]; }
  Subject& reference() { return *reference_; }

 private:
  std::unique_ptr<Subject> reference_;
  std::vector<std::unique_ptr<Subject>> subjects_;
  std::vector<Judge> judges_;
};

class Campaign {
 public:
  Campaign(const CampaignOptions& options, const std::vector<SubjectEntry>& subjects,
           const SubjectEntry& reference)
      : options_(options), entries_(subjects), reference_(reference) {
    if (!options_.most_cases && !options_.most_samples && !options_.budget) {
      options_.most_samples = default_samples;
    }
  }

  CampaignResult run() {
    start_ = std::chrono::steady_clock::now();
    if (options_.log != nullptr) start_ -= options_.log->spent();
    in_parallel([this](Bench& bench, Tally& tally) { judge_cases(bench, tally); });
    std::vector<Incident*> incidents;
    for (auto& [key, incident] : total_.incidents) incidents.push_back(&incident);
    std::atomic<std::size_t> next = 0;
    // An equal share of the time for each, so that none is left as it was found.
    std::chrono::nanoseconds share = std::chrono::hours(24);
    if (options_.budget && !incidents.empty()) {
      share = *options_.budget * benches_.size() / incidents.size();
    }
    const SettleOptions settling{
        .shortcut = options_.shortcut, .spare_losses = !ended_.empty(), .time = share};
    in_parallel([&](Bench& bench, Tally& /*tally*/) {
      for (std::size_t i = next++; i < incidents.size(); i = next++) {
        Incident& incident = *incidents[i];
        const auto subject = static_cast<std::size_t>(
            std::ranges::find(entries_, incident.subject, &SubjectEntry::name) - entries_.begin());
        settle({bench.subject(subject), bench.reference(), bench.judge(subject)}, settling,
               incident);
      }
    });
    CampaignResult result = summary();
    result.elapsed = std::chrono::steady_clock::now() - start_;
    return result;
  }

 private:
  template <class Work>
  void in_parallel(const Work& work) {
    const int threads = options_.threads > 0
                            ? options_.threads
                            : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
    benches_.resize(static_cast<std::size_t>(threads));
    std::exception_ptr failure;
    const auto body = [&](std::unique_ptr<Bench>& bench) {
      try {
        // Subjects can take a second to start, so a thread keeps them.
        if (!bench) bench = std::make_unique<Bench>(entries_, reference_, options_);
        Tally tally;
        work(*bench, tally);
        const std::scoped_lock lock(mutex_);
        merge(total_, tally);
      } catch (...) {
        const std::scoped_lock lock(mutex_);
        if (!failure) failure = std::current_exception();
        stop_ = true;
      }
    };
    {
      std::vector<std::jthread> workers;
      for (std::size_t i = 1; i < benches_.size(); ++i) {
        workers.emplace_back(body, std::ref(benches_[i]));
      }
      body(benches_.front());
    }
    if (failure) std::rethrow_exception(failure);
  }

  using Drawn = std::pair<std::uint64_t, Recipe>;  // with its ordinal

  // The next case that is this shard's. The end of the campaign does not depend on the shard: every
  // shard counts the samples of all cases.
  std::optional<Drawn> next_case() {
    const std::scoped_lock lock(mutex_);
    if (stop_ || is_over()) return std::nullopt;
    if (!options_.budget) return draw();
    if (window_.empty()) fill_window();
    if (window_.empty()) return std::nullopt;
    Drawn drawn = std::move(window_.back());
    window_.pop_back();
    return drawn;
  }

  [[nodiscard]] bool is_over() const {
    return options_.budget && std::chrono::steady_clock::now() - start_ >= *options_.budget;
  }

  std::optional<Drawn> draw() {
    while (true) {
      if (options_.most_cases && std::cmp_greater_equal(ordinal_, *options_.most_cases)) break;
      if (options_.most_samples && drawn_samples_ >= *options_.most_samples) break;
      const std::uint64_t ordinal = ordinal_++;
      const std::uint64_t id = case_number(options_.seed, ordinal);
      Recipe recipe = recipe_of(options_.seed, ordinal);
      drawn_samples_ += sample_count(recipe);
      if (options_.progress) options_.progress(drawn_samples_, options_.most_samples.value_or(0));
      if (std::cmp_not_equal(id % static_cast<std::uint64_t>(options_.shard.count),
                             options_.shard.index)) {
        if (stop_ || is_over()) break;
        continue;
      }
      return Drawn{ordinal, std::move(recipe)};
    }
    return std::nullopt;
  }

  // When time is short: the next cases, those that decide the most samples for what they cost last,
  // from where they are taken.
  void fill_window() {
    constexpr std::size_t cases = 1024;
    while (window_.size() < cases) {
      auto drawn = draw();
      if (!drawn) break;
      window_.push_back(*std::move(drawn));
    }
    const auto worth = [](const Drawn& drawn) {
      const Recipe& recipe = drawn.second;
      const auto samples = static_cast<double>(sample_count(recipe));
      const auto texels = static_cast<double>(element_count(recipe.input_shape));
      const auto channels =
          recipe.input_shape.size() > 1 ? static_cast<double>(recipe.input_shape[1]) : 1;
      constexpr double call = 100;  // what a case costs by itself, in texels
      return samples / (call + texels + samples * channels);
    };
    std::ranges::stable_sort(window_, {}, worth);
  }

  // Some cases, for one thread: fewer than `most` where they are large.
  std::vector<Drawn> next_cases(std::size_t most) {
    constexpr std::int64_t most_elements = std::int64_t{1} << 16U;
    std::vector<Drawn> cases;
    std::int64_t elements = 0;
    while (cases.size() < most && elements < most_elements) {
      auto drawn = next_case();
      if (!drawn) break;
      elements += element_count(drawn->second.input_shape) + sample_count(drawn->second);
      cases.push_back(*std::move(drawn));
    }
    return cases;
  }

  void judge_cases(Bench& bench, Tally& tally) {
    std::size_t most = 1;
    while (true) {
      const std::vector<Drawn> drawn = next_cases(most);
      if (drawn.empty()) return;
      const auto start = std::chrono::steady_clock::now();
      std::vector<Case> questions;
      for (const auto& [ordinal, recipe] : drawn) questions.push_back(make_case(recipe));
      const auto judgements = judged(bench, drawn, questions);
      count_losses(judgements);
      for (std::size_t i = 0; i < drawn.size(); ++i) {
        count(bench, tally, drawn[i], questions[i], judgements[i]);
      }
      // Many at a time while they take little: a subject in a process of its own is spared waiting.
      const bool quick = std::chrono::steady_clock::now() - start < std::chrono::milliseconds(10);
      most = quick ? std::min<std::size_t>(2 * most, 64) : 1;
    }
  }

  void count_losses(const std::vector<std::vector<Judgement>>& judgements) {
    const std::scoped_lock lock(mutex_);
    lost_.resize(entries_.size());
    for (const std::vector<Judgement>& of_case : judgements) {
      for (std::size_t i = 0; i < entries_.size(); ++i) {
        if (of_case[i].worst() != Verdict::lost || ++lost_[i] < options_.most_lost) continue;
        stop_ = true;
        if (ended_.empty()) {
          ended_ = "the campaign ended early: " + entries_[i].name + " was lost in " +
                   std::to_string(lost_[i]) + " cases";
        }
      }
    }
  }

  void count(Bench& bench, Tally& tally, const Drawn& drawn, const Case& question,
             const std::vector<Judgement>& judgements) const {
    const auto& [ordinal, recipe] = drawn;
    ++tally.counts.cases;
    std::vector<std::string> clauses;
    if (wants_clauses(question)) clauses = Judge(options_.profile).main_clauses(question);
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      const std::string& subject = entries_[i].name;
      const Judgement& judgement = judgements[i];
      record(tally, subject, bench.judge(i).dialect(), recipe, ordinal, question, judgement);
      if (options_.count_right) count_right(tally.counts.clauses[subject], clauses, judgement);
      if (options_.count_traits)
        count_traits(tally.counts.traits[subject], question, clauses, judgement);
      count_waivers(tally.counts.waivers, subject, question, clauses, judgement);
    }
  }

  // For each case the judgements on the answers of all subjects.
  [[nodiscard]] std::vector<std::vector<Judgement>> judged(
      Bench& bench, const std::vector<Drawn>& drawn, const std::vector<Case>& questions) const {
    std::vector<std::vector<Judgement>> all(drawn.size());
    std::vector<std::size_t> places;  // of the cases that are to be asked
    std::vector<Case> asked;
    for (std::size_t i = 0; i < drawn.size(); ++i) {
      const auto* const earlier =
          options_.log == nullptr ? nullptr : options_.log->find(drawn[i].first);
      if (earlier != nullptr && earlier->size() == entries_.size()) {
        all[i] = *earlier;
      } else {
        places.push_back(i);
        asked.push_back(questions[i]);
      }
    }
    // Of texels like these alone signs and last bits are as random as judging.md, section 11, asks.
    std::vector<std::vector<judging::KnownElement>> known(asked.size());
    for (std::size_t i = 0; i < asked.size(); ++i) {
      if (drawn[places[i]].second.texels == Texels::noise)
        known[i] = judging::known_elements(asked[i], options_.profile);
    }
    const std::vector<Answer> expected = bench.reference().answers(asked);
    for (std::size_t subject = 0; subject < entries_.size(); ++subject) {
      const std::vector<Answer> answers = bench.subject(subject).answers(asked);
      for (std::size_t i = 0; i < asked.size(); ++i) {
        Judgement judgement = judge(bench.judge(subject), asked[i], answers[i], expected[i]);
        judgement.errors = judging::signed_errors(known[i], answers[i], judgement);
        all[places[i]].push_back(std::move(judgement));
      }
    }
    if (options_.log != nullptr) {
      for (const std::size_t place : places) options_.log->add(drawn[place].first, all[place]);
    }
    return all;
  }

  [[nodiscard]] bool wants_clauses(const Case& question) const {
    return options_.count_right || options_.count_traits ||
           std::ranges::any_of(entries_, [&](const SubjectEntry& entry) {
             return std::ranges::any_of(options_.waivers, [&](const Waiver& waiver) {
               return waiver.predicate.covers_case(entry.name, question);
             });
           });
  }

  // Which waiver covers a sample of a subject's answer.
  [[nodiscard]] std::optional<std::size_t> waiver_of(const std::string& subject,
                                                     const Case& question, std::int64_t sample,
                                                     const std::string& clause) const {
    for (std::size_t i = 0; i < options_.waivers.size(); ++i) {
      const Predicate& predicate = options_.waivers[i].predicate;
      if (predicate.covers_case(subject, question) &&
          predicate.covers_sample(question, sample, clause)) {
        return i;
      }
    }
    return std::nullopt;
  }

  // Whether the verdict fails, were it not for this waiver.
  [[nodiscard]] bool waives(const Waiver& waiver, Verdict verdict) const {
    return is_finding(verdict, options_.strict) && verdict <= waiver.worst;
  }

  void count_waivers(std::vector<WaiverOutcome>& outcomes, const std::string& subject,
                     const Case& question, const std::vector<std::string>& clauses,
                     const Judgement& judgement) const {
    if (options_.waivers.empty() || clauses.empty()) return;
    outcomes.resize(options_.waivers.size());
    for_each_decided(clauses, judgement,
                     [&](std::int64_t sample, const std::string& clause, Verdict verdict) {
                       const auto which = waiver_of(subject, question, sample, clause);
                       if (!which) return;
                       ++outcomes[*which].covered;
                       if (waives(options_.waivers[*which], verdict)) ++outcomes[*which].waived;
                     });
  }

  void count_traits(std::map<Traits, TraitCounts>& counts, const Case& question,
                    const std::vector<std::string>& clauses, const Judgement& judgement) const {
    for_each_decided(clauses, judgement,
                     [&](std::int64_t sample, const std::string& clause, Verdict verdict) {
                       TraitCounts& count = counts[traits_of(question, sample, clause)];
                       ++(is_finding(verdict, options_.strict) ? count.wrong : count.right);
                     });
  }

  [[nodiscard]] Judgement judge(const Judge& judge, const Case& question, const Answer& answer,
                                const Answer& expected) const {
    return judge.judge(question, answer, options_.shortcut ? &expected : nullptr);
  }

  static void count_right(std::map<std::string, std::array<std::int64_t, verdict_count>>& counts,
                          const std::vector<std::string>& clauses, const Judgement& judgement) {
    std::map<std::string_view, std::int64_t> sums;
    for_each_decided(clauses, judgement,
                     [&](std::int64_t /*sample*/, const std::string& clause, Verdict verdict) {
                       if (verdict <= Verdict::admissible) ++sums[clause];
                     });
    for (const auto& [clause, sum] : sums) {
      counts[std::string(clause)][static_cast<std::size_t>(Verdict::admissible)] += sum;
    }
  }

  void record(Tally& tally, const std::string& subject, Dialect dialect, const Recipe& recipe,
              std::uint64_t ordinal, const Case& question, const Judgement& judgement) const {
    StratumCounts& stratum = tally.counts.strata[subject][std::string(name(recipe.stratum))];
    ++stratum.cases;
    for (std::size_t i = 0; i < verdict_count; ++i) {
      stratum.verdicts[i] += judgement.counts[i];
      stratum.samples += judgement.counts[i];
      tally.counts.samples += judgement.counts[i];
    }
    count_kind(tally.counts.kinds[subject], question, judgement);
    auto& clauses = tally.counts.clauses[subject];
    std::set<Key> seen;
    for (const SampleVerdict& verdict : judgement.notable) {
      const std::int64_t samples = judgement.whole ? judgement[verdict.verdict] : 1;
      clauses[verdict.clause][static_cast<std::size_t>(verdict.verdict)] += samples;
      if (verdict.verdict == Verdict::undecided || verdict.verdict == Verdict::unsupported)
        continue;
      const auto waiver = waiver_of(subject, question, verdict.sample, verdict.clause);
      const bool is_waived = waiver && waives(options_.waivers[*waiver], verdict.verdict);
      Key key{subject, verdict.verdict, verdict.clause, kind_of(question, verdict),
              is_waived ? options_.waivers[*waiver].name : ""};
      const auto [place, is_new] = tally.incidents.try_emplace(key);
      Incident& incident = place->second;
      if (is_new || ordinal < incident.ordinal) {
        const std::int64_t known_samples = incident.samples;
        const std::int64_t cases = incident.cases;
        incident = {.subject = subject,
                    .verdict = verdict.verdict,
                    .clause = verdict.clause,
                    .features = std::get<3>(key),
                    .samples = known_samples,
                    .cases = cases,
                    .ordinal = ordinal,
                    .stratum = std::string(name(recipe.stratum)),
                    .original = question,
                    .sample = verdict.sample,
                    .channel = verdict.channel,
                    .dialect = dialect,
                    .answer = Lost{judgement.message},  // if it is not lost, it is asked again
                    .waiver = std::get<4>(key)};
      }
      incident.samples += samples;
      if (seen.insert(std::move(key)).second) ++incident.cases;
    }
  }

  // Case numbers are spread by a hash, so that shards are alike.
  static std::uint64_t case_number(std::uint64_t seed, std::uint64_t ordinal) {
    std::uint64_t z = seed * 0x9e3779b97f4a7c15U + ordinal + 1;
    z = (z ^ (z >> 33U)) * 0xff51afd7ed558ccdU;
    z = (z ^ (z >> 33U)) * 0xc4ceb9fe1a85ec53U;
    return z ^ (z >> 33U);
  }

  CampaignResult summary() {
    CampaignResult result = std::move(total_.counts);
    result.ended = ended_;
    result.waivers.resize(options_.waivers.size());
    for (std::size_t i = 0; i < options_.waivers.size(); ++i)
      result.waivers[i].waiver = options_.waivers[i];
    std::vector<Incident> incidents;
    for (auto& [key, incident] : total_.incidents) incidents.push_back(std::move(incident));
    Findings grouped = group_incidents(std::move(incidents), options_.strict);
    result.findings = std::move(grouped.findings);
    result.remarks = std::move(grouped.remarks);
    return result;
  }

  CampaignOptions options_;
  const std::vector<SubjectEntry>& entries_;
  const SubjectEntry& reference_;
  std::chrono::steady_clock::time_point start_;
  std::mutex mutex_;
  std::atomic<bool> stop_ = false;
  std::uint64_t ordinal_ = 0;
  std::int64_t drawn_samples_ = 0;
  std::vector<Drawn> window_;
  std::vector<std::int64_t> lost_;  // cases, by subject
  std::string ended_;
  std::vector<std::unique_ptr<Bench>> benches_;  // one for each thread
  Tally total_;
};

}  // namespace

void add_participation(Participation& into, const Participation& from) {
  into.asked += from.asked;
  into.decided += from.decided;
  for (const auto& [clause, decided] : from.decided_by_clause)
    into.decided_by_clause[clause] += decided;
  const auto unite = [](std::vector<std::string>& names, const std::vector<std::string>& more) {
    std::vector<std::string> all;
    std::ranges::set_union(names, more, std::back_inserter(all));
    names = std::move(all);
  };
  const auto is_decided = [&](const std::string& clause) {
    const auto found = into.decided_by_clause.find(clause);
    return found != into.decided_by_clause.end() && found->second > 0;
  };
  unite(into.untested, from.untested);
  std::erase_if(into.untested, is_decided);
  unite(into.unsupported, from.unsupported);
  std::erase_if(into.unsupported, [&](const std::string& clause) {
    return is_decided(clause) || std::ranges::binary_search(into.untested, clause);
  });
  unite(into.parts, from.parts);
  for (const Coverage& coverage : from.coverage) {
    const auto same = std::ranges::find(into.coverage, coverage.strength, &Coverage::strength);
    if (same == into.coverage.end()) {
      into.coverage.push_back(coverage);
    } else {
      same->asked += coverage.asked;
      same->possible = std::max(same->possible, coverage.possible);
    }
  }
  std::ranges::sort(into.coverage, {}, &Coverage::strength);
}

void add_counts(CampaignResult& into, const CampaignResult& from) {
  into.cases += from.cases;
  into.samples += from.samples;
  for (const auto& [subject, strata] : from.strata) {
    for (const auto& [stratum, counts] : strata) {
      StratumCounts& sum = into.strata[subject][stratum];
      sum.cases += counts.cases;
      sum.samples += counts.samples;
      for (std::size_t i = 0; i < verdict_count; ++i) sum.verdicts[i] += counts.verdicts[i];
    }
  }
  for (const auto& [subject, clauses] : from.clauses) {
    for (const auto& [clause, counts] : clauses) {
      auto& sum = into.clauses[subject][clause];
      for (std::size_t i = 0; i < verdict_count; ++i) sum[i] += counts[i];
    }
  }
  for (const auto& [subject, traits] : from.traits) {
    for (const auto& [key, counts] : traits) {
      TraitCounts& sum = into.traits[subject][key];
      sum.right += counts.right;
      sum.wrong += counts.wrong;
    }
  }
  for (const auto& [subject, kinds] : from.kinds) {
    for (const auto& [kind, counts] : kinds) into.kinds[subject][kind] += counts;
  }
  for (const auto& [subject, participation] : from.participation)
    add_participation(into.participation[subject], participation);
  if (into.ended.empty()) into.ended = from.ended;
  if (into.waivers.size() < from.waivers.size()) into.waivers.resize(from.waivers.size());
  for (std::size_t i = 0; i < from.waivers.size(); ++i) {
    into.waivers[i].waiver = from.waivers[i].waiver;
    into.waivers[i].covered += from.waivers[i].covered;
    into.waivers[i].waived += from.waivers[i].waived;
  }
}

CampaignResult run_campaign(const CampaignOptions& options,
                            const std::vector<SubjectEntry>& subjects,
                            const SubjectEntry& reference) {
  return Campaign(options, subjects, reference).run();
}

}  // namespace gridproof
