#include "fuzz/campaign/campaign.h"

#include <malloc.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <deque>
#include <exception>
#include <functional>
#include <iterator>
#include <memory>
#include <mutex>
#include <numeric>
#include <optional>
#include <ranges>
#include <set>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <tuple>
#include <utility>

#include "fuzz/campaign/history.h"
#include "fuzz/campaign/participation.h"
#include "fuzz/campaign/plan.h"
#include "fuzz/campaign/refusals.h"
#include "fuzz/campaign/repeats.h"
#include "fuzz/campaign/settle.h"
#include "fuzz/causes/battery.h"
#include "fuzz/causes/loss.h"
#include "fuzz/mutants/same_memory.h"
#include "oracle/judge/bias.h"
#include "reference/semantics/clauses.h"

namespace gridproof {
namespace {

// So many wrong samples of one case tell all that it has to tell.
constexpr std::int64_t enough_deviating = 1024;
// A campaign of this time has room for every combination of three traits.
constexpr auto time_for_triples = std::chrono::minutes(2);

// Calls `visitor(sample, clause, verdict)` for each sample of which the judge decided something;
// `clauses` are those that the samples are mainly questions about. For none of a case with more
// wrong samples than a judgment lists.
template <class Visitor>
void for_each_decided(const std::vector<std::string>& clauses, const Judgment& judgment,
                      const Visitor& visitor) {
  const auto is_decided = [](Verdict verdict) {
    return verdict != Verdict::unsupported && verdict != Verdict::undecided;
  };
  if (judgment.whole) {
    if (!is_decided(judgment.worst())) return;
    const std::string& clause =
        judgment.notable.empty() ? clauses.front() : judgment.notable.front().clause;
    const std::int64_t samples = judgment[judgment.worst()];
    for (std::int64_t i = 0; i < samples; ++i) visitor(i, clause, judgment.worst());
    return;
  }
  if (!judgment.lists_all()) return;
  auto next = judgment.notable.begin();
  for (std::size_t i = 0; i < clauses.size(); ++i) {
    if (next != judgment.notable.end() && std::cmp_equal(next->sample, i)) {
      if (is_decided(next->verdict)) visitor(next->sample, next->clause, next->verdict);
      ++next;
    } else {
      visitor(static_cast<std::int64_t>(i), clauses[i], Verdict::admissible);
    }
  }
}

// Subject, verdict, clause, features and waiver.
using Key = std::tuple<std::string, Verdict, std::string, std::string, std::string>;

// On which sizes subjects were lost, by mode, rank and dtype.
class Losses {
 public:
  void add(std::size_t subject, std::size_t kind, const Case& test_case) {
    if (longest_axis(test_case) < long_axis) return;
    Known& known = known_[key_of(subject, kind)];
    ++known.times;
    known.longest = std::min(known.longest, longest_axis(test_case));
  }
  // One that took too long, which costs seconds each time.
  void add_late(std::size_t subject, const Case& test_case) {
    Late& late = late_[subject];
    ++late.times;
    late.least = std::min(late.least, work_of(test_case));
  }
  // Whether it was lost twice on inputs of this kind with long axes, but no longer ones; or took
  // too long, over and over, for no larger questions of any kind.
  [[nodiscard]] bool are_known(std::size_t subject, std::size_t kind, const Case& test_case) const {
    constexpr int often = 4;
    const auto late = late_.find(subject);
    if (late != late_.end() && late->second.times >= often &&
        work_of(test_case) >= late->second.least) {
      return true;
    }
    const auto found = known_.find(key_of(subject, kind));
    return found != known_.end() && found->second.times >= 2 &&
           longest_axis(test_case) >= found->second.longest;
  }

 private:
  static constexpr std::int64_t long_axis = 1000;
  struct Known {
    int times = 0;
    std::int64_t longest = std::numeric_limits<std::int64_t>::max();
  };
  using Key = std::tuple<std::size_t, Mode, int, Dtype>;
  static Key key_of(std::size_t subject, std::size_t kind) {
    const Kind what = kind_at(kind);
    return {subject, what.form.mode, what.form.rank, what.dtype};
  }
  static std::int64_t longest_axis(const Case& test_case) {
    return std::ranges::max(test_case.input.shape());
  }

  struct Late {
    int times = 0;
    std::int64_t least = std::numeric_limits<std::int64_t>::max();
  };
  // Whoever walks over all elements has so many to see, stored or not.
  static std::int64_t work_of(const Case& test_case) {
    return std::max(element_count(test_case.input.shape()), output_count(test_case));
  }

  std::map<Key, Known> known_;
  std::map<std::size_t, Late> late_;  // of each subject
};

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

// How a question came about: it can be made again.
struct Origin {
  std::shared_ptr<const Drawn> drawn;
  std::size_t step = 0;  // of a sequence
};

// The instances of the subjects that one thread uses, each with the judge of its dialect, and what
// the thread knows of them. What an answer depends on besides the question is all in here.
class Worker {
 public:
  Worker(std::size_t number, const std::vector<SubjectEntry>& entries,
         const SubjectEntry& reference, const CampaignOptions& options)
      : number_(number), reference_(reference.open()) {
    subjects_.reserve(entries.size());
    recent_.resize(entries.size());
    for (const SubjectEntry& entry : entries) {
      std::unique_ptr<Subject> subject = entry.open();
      const Judge judge(options.profile, options.dialect.value_or(subject->info().dialect));
      subjects_.push_back(refusing_by_values(std::move(subject), judge));
      // With waivers, what is known must not hide what is new.
      const bool counts_all =
          !options.waivers.empty() || options.count_admissible || options.count_traits;
      judges_.push_back(counts_all ? judge : judge.leaving_after(enough_deviating));
    }
  }
  // Its place among those of a campaign.
  [[nodiscard]] std::size_t number() const { return number_; }
  Subject& subject(std::size_t index) { return *subjects_[index]; }
  [[nodiscard]] const Judge& judge(std::size_t index) const { return judges_[index]; }
  Subject& reference() { return *reference_; }
  Losses& losses() { return losses_; }
  [[nodiscard]] const Losses& losses() const { return losses_; }

  // The last questions that a subject was asked, as far as they take little room together.
  [[nodiscard]] std::vector<Origin> recent(std::size_t index) const {
    const auto origins = std::views::keys(recent_[index].test_cases);
    return {origins.begin(), origins.end()};
  }
  void was_asked(std::size_t index, const Origin& origin, const Case& test_case) {
    constexpr std::size_t most = 64;
    constexpr std::int64_t max_elements = std::int64_t{1} << 22U;
    Recent& recent = recent_[index];
    const std::int64_t elements = test_case.input.storage_size() + test_case.grid.storage_size();
    recent.test_cases.emplace_back(origin, elements);
    recent.elements += elements;
    while (recent.test_cases.size() > most || recent.elements > max_elements) {
      recent.elements -= recent.test_cases.front().second;
      recent.test_cases.pop_front();
    }
  }

 private:
  std::size_t number_;
  std::unique_ptr<Subject> reference_;
  std::vector<std::unique_ptr<Subject>> subjects_;
  std::vector<Judge> judges_;
  struct Recent {
    std::deque<std::pair<Origin, std::int64_t>> test_cases;  // with the elements of each
    std::int64_t elements = 0;                               // of all of them
  };
  std::vector<Recent> recent_;
  Losses losses_;
};

class Campaign {
 public:
  Campaign(const CampaignOptions& options, const std::vector<SubjectEntry>& subjects,
           const SubjectEntry& reference)
      : options_(options), entries_(subjects), reference_(reference) {
    if (!options_.max_cases && !options_.max_samples && !options_.budget) {
      options_.max_samples = default_samples;
    }
  }

  CampaignResult run() {
    const auto start = std::chrono::steady_clock::now();
    make_plan();
    start_ = std::chrono::steady_clock::now();
    if (options_.log != nullptr) start_ -= options_.log->spent();
    in_parallel([this](Worker& worker, Tally& tally) { judge_cases(worker, tally); });
    // What is settled next starts processes, each of which copies the tables of this one's memory.
    malloc_trim(0);
    settle_incidents();
    confirm_findings();
    CampaignResult result = summary();
    result.elapsed = std::chrono::steady_clock::now() - start;
    return result;
  }

 private:
  // First one incident of each look, then those like it: where no mutant explains the first, they
  // share its finding, and are not looked into as far.
  void settle_incidents() {
    std::vector<Incident*> incidents;
    for (auto& [key, incident] : total_.incidents) incidents.push_back(&incident);
    std::ranges::stable_sort(incidents, {}, &Incident::ordinal);
    // An equal share of the time for each, so that none is left as it was found.
    if (options_.budget && !incidents.empty()) {
      share_ = *options_.budget * workers_.size() / incidents.size();
    }
    const std::set<const Incident*> spared = spared_losses(incidents);
    each(incidents, [](const Interrogation& interrogation, Incident& incident) {
      look_at(interrogation, incident);
    });
    std::map<std::tuple<std::string, Verdict, std::string, std::string, std::string, Dtype>,
             const Incident*>
        firsts;
    std::map<const Incident*, const Incident*> like;  // of the others, the first of their look
    std::vector<Incident*> first;
    std::vector<Incident*> others;
    for (Incident* const incident : incidents) {
      const auto [place, is_new] =
          firsts.try_emplace({incident->subject, incident->verdict, incident->clause,
                              incident->waiver, incident->cause, incident->original.input.dtype()},
                             incident);
      if (is_new) {
        first.push_back(incident);
      } else {
        others.push_back(incident);
        like[incident] = place->second;
      }
    }
    const std::set<const Incident*> dear = dear_ones(first);
    const auto is_of_history = [](const Incident& incident) {
      return !incident.before.empty() || incident.cause == not_the_same;
    };
    // Where the first few of a subject all came of what was asked before, the others do: which
    // questions it takes each of them takes many starts to find.
    constexpr std::ptrdiff_t few = 6;
    std::map<std::string, std::ptrdiff_t> seen;
    const auto rest = std::ranges::stable_partition(first, [&](const Incident* incident) {
      return !is_finding(incident->verdict, false) || ++seen[incident->subject] <= few;
    });
    std::vector<Incident*> later(rest.begin(), rest.end());
    first.erase(rest.begin(), rest.end());
    std::map<std::string, bool> are_of_history;
    for (const auto* const some : {&first, &later, &others}) {
      each(*some, [&](const Interrogation& interrogation, Incident& incident) {
        const auto lead = like.find(&incident);
        const bool is_known = some == &later && are_of_history.at(incident.subject);
        settle(
            interrogation,
            {.spare_losses = spared.contains(&incident),
             .is_like_another =
                 dear.contains(&incident) || (lead != like.end() && !is_named(*lead->second)),
             .is_history_known = is_known || (lead != like.end() && is_of_history(*lead->second)),
             .time = share_},
            incident);
      });
      if (some != &first) continue;
      for (const Incident* const incident : first) {
        if (!is_finding(incident->verdict, false)) continue;
        const auto [place, is_new] = are_of_history.try_emplace(incident->subject, true);
        place->second = place->second && is_of_history(*incident);
      }
      for (const Incident* const incident : later) are_of_history.try_emplace(incident->subject);
    }
  }

  // Of these in their order, those with so many elements that looking for the cause of each would
  // take minutes: all but the first few of each subject.
  [[nodiscard]] static std::set<const Incident*> dear_ones(
      const std::vector<Incident*>& incidents) {
    constexpr std::int64_t many = 16'384;
    constexpr int few = 4;
    std::map<std::string, int> seen;
    std::set<const Incident*> dear;
    for (const Incident* const incident : incidents) {
      if (output_count(incident->original) > many && ++seen[incident->subject] > few)
        dear.insert(incident);
    }
    return dear;
  }

  // Calls `work(trial, incident)` for each, in parallel; which instance is asked about which
  // follows from their order.
  template <class Work>
  void each(const std::vector<Incident*>& some, const Work& work) {
    in_parallel([&](Worker& worker, Tally& /*tally*/) {
      for (std::size_t i = worker.number(); i < some.size(); i += workers_.size()) {
        const auto subject = static_cast<std::size_t>(
            std::ranges::find(entries_, some[i]->subject, &SubjectEntry::name) - entries_.begin());
        const auto open = [this, subject, &worker] {
          return refusing_by_values(entries_[subject].open(), worker.judge(subject));
        };
        work(Interrogation{worker.subject(subject), worker.reference(), worker.judge(subject), open,
                           options_.shortcut},
             *some[i]);
      }
    });
  }

  // What is shown of each finding is asked of a fresh instance, which takes a start.
  void confirm_findings() {
    std::set<Key> confirmed;
    while (true) {
      std::vector<Incident> all;
      for (const auto& [key, incident] : total_.incidents) all.push_back(incident);
      std::vector<Incident*> next;
      for (const Finding& finding : group_incidents(std::move(all), options_.strict).findings) {
        const Incident& shown = finding.incidents.front();
        if (!is_finding(shown.verdict, false)) continue;
        const Key key{shown.subject, shown.verdict, shown.clause, shown.features, shown.waiver};
        if (confirmed.insert(key).second) next.push_back(&total_.incidents.at(key));
      }
      if (next.empty()) break;
      each(next, [this](const Interrogation& interrogation, Incident& incident) {
        confirm(interrogation, share_, incident);
      });
    }
    for (auto& [key, incident] : total_.incidents) incident.recent = nullptr;
  }

  // Losses that are not looked into, of these in their order: all but the first of each subject,
  // and all of one that was lost too often.
  [[nodiscard]] std::set<const Incident*> spared_losses(
      const std::vector<Incident*>& incidents) const {
    std::set<std::string> seen;
    std::set<const Incident*> spared;
    for (const Incident* const incident : incidents) {
      if (incident->verdict != Verdict::lost) continue;
      const bool is_first = seen.insert(incident->subject).second;
      if (!ended_.empty() || !is_first) spared.insert(incident);
    }
    return spared;
  }

  // Calls `work(bench, tally)` with each bench.
  template <class Work>
  void in_parallel(const Work& work) {
    const int threads = options_.threads > 0
                            ? options_.threads
                            : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
    workers_.resize(static_cast<std::size_t>(threads));
    std::exception_ptr failure;
    const auto body = [&](std::size_t number) {
      try {
        // Subjects can take a second to start, so a thread keeps them.
        std::unique_ptr<Worker>& worker = workers_[number];
        if (!worker) worker = std::make_unique<Worker>(number, entries_, reference_, options_);
        Tally tally;
        work(*worker, tally);
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
      try {
        while (workers.size() + 1 < workers_.size()) workers.emplace_back(body, workers.size() + 1);
      } catch (const std::system_error&) {  // no more threads: this one does the work of the others
      }
      const std::size_t started = workers.size();
      body(0);
      for (std::size_t i = started + 1; i < workers_.size(); ++i) body(i);
    }
    if (failure) std::rethrow_exception(failure);
  }

  // An answer to a question that nothing is judged by, of which the log knows all the same.
  Answer noting(Subject& subject, std::uint64_t ordinal, const Case& test_case) const {
    if (options_.log == nullptr) return subject.answer(test_case);
    if (options_.log->was_cut_off(ordinal)) options_.log->ask_again(ordinal, test_case);
    options_.log->begin(std::array{ordinal});
    Answer answer = subject.answer(test_case);
    options_.log->add(ordinal, {});
    return answer;
  }

  // Asks each subject what it takes part in, and lays out what to ask.
  void make_plan() {
    workers_.resize(1);
    workers_.front() = std::make_unique<Worker>(0, entries_, reference_, options_);
    Part all = Part::nothing();
    std::uint64_t ordinal = std::uint64_t{1} << 62U;  // of no case that is drawn
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      FunctionSubject noted(
          [this, &subject = workers_.front()->subject(i), &ordinal](const Case& test_case) {
            return noting(subject, ordinal++, test_case);
          });
      parts_.push_back(part_of(noted));
      all |= parts_.back();
    }
    const int strength = options_.budget && *options_.budget >= time_for_triples
                             ? 3
                             : strength_of(options_.max_samples.value_or(0));
    plan_ = std::make_unique<Plan>(options_.seed, all, strength);
    part_ = all;
  }

  // The next case for a bench. They are dealt by what they cost, not to who is there first: what an
  // instance is asked, and in which order, follows from the seed and the number of threads, unless
  // time is short.
  std::optional<Drawn> next_case(const Worker& worker) {
    const std::scoped_lock lock(mutex_);
    if (stop_ || is_over()) return std::nullopt;
    if (!options_.budget) return next_dealt(worker.number());
    if (window_.empty()) fill_window();
    if (window_.empty()) return std::nullopt;
    Drawn drawn = std::move(window_.back());
    window_.pop_back();
    return drawn;
  }

  std::optional<Drawn> next_dealt(std::size_t number) {
    constexpr double call = 300;  // what a case costs by itself, in samples
    hands_.resize(workers_.size());
    while (hands_[number].cases.empty()) {
      auto drawn = draw();
      if (!drawn) return std::nullopt;
      Hand& hand = *std::ranges::min_element(hands_, {}, &Hand::cost);
      hand.cost += call + static_cast<double>(drawn->samples);
      hand.cases.push_back(*std::move(drawn));
    }
    Drawn next = std::move(hands_[number].cases.front());
    hands_[number].cases.pop_front();
    return next;
  }

  [[nodiscard]] bool is_over() const {
    return options_.budget && std::chrono::steady_clock::now() - start_ >= *options_.budget;
  }

  // The next case that is this shard's. The end of the campaign does not depend on the shard: every
  // shard counts the samples of all cases.
  std::optional<Drawn> draw() {
    while (true) {
      if (options_.max_cases && drawn_cases_ >= *options_.max_cases) break;
      if (options_.max_samples && drawn_samples_ >= *options_.max_samples) break;
      Drawn drawn = plan_->next();
      drawn_cases_ += static_cast<std::int64_t>(drawn.ordinals);
      const std::uint64_t id = case_number(options_.seed, drawn.ordinal);
      drawn_samples_ += counted_samples(drawn);
      if (options_.progress) options_.progress(drawn_samples_, options_.max_samples.value_or(0));
      if (std::cmp_not_equal(id % static_cast<std::uint64_t>(options_.shard.count),
                             options_.shard.index)) {
        if (stop_ || is_over()) break;
        continue;
      }
      return drawn;
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
      constexpr double call = 100;  // what a case costs by itself, in elements
      return static_cast<double>(drawn.samples) / (call + drawn.cost);
    };
    std::ranges::stable_sort(window_, {}, worth);
  }

  // A case, what it was drawn for, and its place in a sequence.
  struct Asked {
    Origin origin;
    std::uint64_t ordinal;
    Step step;
    [[nodiscard]] const Drawn& drawn() const { return *origin.drawn; }
  };
  // One for each subject; nothing for one that does not take part.
  using Judgments = std::vector<std::optional<Judgment>>;

  // Some cases, for one thread: fewer than `most` where they are large; a sequence by itself.
  std::vector<Drawn> next_cases(const Worker& worker, std::size_t most) {
    constexpr double max_cost = 1U << 16U;
    std::vector<Drawn> cases;
    double cost = 0;
    while (cases.size() < most && cost < max_cost) {
      auto drawn = next_case(worker);
      if (!drawn) break;
      const bool is_sequence = drawn->ordinals > 1;
      cost += drawn->cost;
      cases.push_back(*std::move(drawn));
      if (is_sequence) break;
    }
    return cases;
  }

  void judge_cases(Worker& worker, Tally& tally) {
    std::size_t most = 1;
    while (true) {
      std::vector<Drawn> drawn = next_cases(worker, most);
      if (drawn.empty()) return;
      const auto start = std::chrono::steady_clock::now();
      std::vector<Asked> asked;
      for (Drawn& one : drawn) {
        const auto origin = std::make_shared<const Drawn>(std::move(one));
        std::vector<Step> steps = steps_of(*origin, part_);
        for (std::size_t i = 0; i < steps.size(); ++i) {
          asked.push_back({{origin, i}, origin->ordinal + i, std::move(steps[i])});
        }
      }
      const auto judgments = judged(worker, asked);
      const bool is_any_lost = count_losses(worker, asked, judgments);
      for (std::size_t i = 0; i < asked.size(); ++i) count(worker, tally, asked, i, judgments[i]);
      for (std::size_t subject = 0; subject < entries_.size(); ++subject) {
        for (const Asked& one : asked) {
          if (takes_part(worker, subject, one.step.test_case))
            worker.was_asked(subject, one.origin, one.step.test_case);
        }
      }
      // Many at a time, so that a subject in a process of its own is spared waiting, while none is
      // lost and, where time is short, while they take little.
      const bool is_slow = options_.budget &&
                           std::chrono::steady_clock::now() - start > std::chrono::milliseconds(10);
      most = is_any_lost || is_slow ? 1 : std::min<std::size_t>(2 * most, 64);
    }
  }

  // Returns whether there are any.
  bool count_losses(Worker& worker, const std::vector<Asked>& asked,
                    const std::vector<Judgments>& judgments) {
    bool are_there = false;
    for (std::size_t i = 0; i < asked.size(); ++i) {
      const auto kind = kind_index(asked[i].step.test_case);
      for (std::size_t subject = 0; kind && subject < entries_.size(); ++subject) {
        const auto& judgment = judgments[i][subject];
        if (judgment && judgment->worst() == Verdict::lost)
          worker.losses().add(subject, *kind, asked[i].step.test_case);
      }
    }
    const std::scoped_lock lock(mutex_);
    lost_.resize(entries_.size());
    for (const auto& of_case : judgments) {
      for (std::size_t i = 0; i < entries_.size(); ++i) {
        const auto& of_subject = of_case[i];
        if (!of_subject || of_subject->worst() != Verdict::lost) continue;
        are_there = true;
        if (++lost_[i] < options_.max_lost) continue;
        stop_ = true;
        if (ended_.empty()) {
          ended_ = "the campaign ended early: " + entries_[i].name + " was lost in " +
                   std::to_string(lost_[i]) + (lost_[i] == 1 ? " case" : " cases");
        }
      }
    }
    return are_there;
  }

  void count(Worker& worker, Tally& tally, const std::vector<Asked>& all, std::size_t place,
             const Judgments& judgments) const {
    const Asked& asked = all[place];
    const Case& test_case = asked.step.test_case;
    ++tally.counts.cases;
    std::vector<std::string> clauses;
    if (wants_clauses(test_case)) clauses = Judge(options_.profile).main_clauses(test_case);
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      const std::optional<Judgment>& given = judgments[i];
      if (!given) continue;
      const std::string& subject = entries_[i].name;
      const Judgment& judgment = *given;
      record(worker, tally, i, all, place, judgment);
      count_participation(tally.counts.participation[subject], asked, judgment);
      if (options_.count_admissible)
        count_admissible(tally.counts.clauses[subject], clauses, judgment);
      if (options_.count_traits)
        count_traits(tally.counts.traits[subject], test_case, clauses, judgment);
      count_waivers(tally.counts.waivers, subject, test_case, clauses, judgment);
    }
  }

  void count_participation(Participation& participation, const Asked& asked,
                           const Judgment& judgment) const {
    const std::int64_t samples =
        std::accumulate(judgment.counts.begin(), judgment.counts.end(), std::int64_t{0}) -
        judgment[Verdict::unsupported];
    const auto* const own = std::get_if<Drawn::Specified>(&asked.drawn().what);
    if (samples == 0) {
      // What has no answer belongs to no kind; who declines it takes no part in its clause.
      if (own != nullptr && !kind_index(asked.step.test_case)) {
        add_participation(participation, {.unsupported = {std::string(own->clause)}});
      }
      return;
    }
    const std::int64_t decided = samples - judgment[Verdict::undecided];
    participation.asked += samples;
    participation.decided += decided;
    participation.coverage.resize(asked.drawn().adds.size());
    for (std::size_t i = 0; i < asked.drawn().adds.size(); ++i) {
      participation.coverage[i].strength = static_cast<int>(i) + 2;
      participation.coverage[i].asked += asked.drawn().adds[i];
    }
    if (decided == 0) return;
    if (own != nullptr) {
      participation.decided_by_clause[std::string(own->clause)] += decided;
    }
    for (const SampleVerdict& verdict : judgment.notable) {
      if (verdict.verdict == Verdict::unsupported || verdict.verdict == Verdict::undecided)
        continue;
      ++participation.decided_by_clause[verdict.clause];
    }
  }

  // For each case the judgments on the answers of all subjects.
  [[nodiscard]] std::vector<Judgments> judged(Worker& worker,
                                              const std::vector<Asked>& asked) const {
    std::vector<Judgments> all(asked.size());
    const bool is_sequence = asked.front().drawn().ordinals > 1;
    std::vector<std::size_t> together;  // places of the cases that are to be asked
    for (std::size_t i = 0; i < asked.size(); ++i) {
      const Case& test_case = asked[i].step.test_case;
      const auto* const earlier =
          options_.log == nullptr ? nullptr : options_.log->find(asked[i].ordinal);
      if (earlier != nullptr && earlier->size() == entries_.size() &&
          std::ranges::all_of(
              *earlier, [&](const Judgment& judgment) { return is_of(test_case, judgment); })) {
        for (std::size_t subject = 0; subject < entries_.size(); ++subject) {
          all[i].push_back(takes_part(worker, subject, test_case)
                               ? std::optional((*earlier)[subject])
                               : std::nullopt);
        }
      } else if (options_.log != nullptr && options_.log->was_cut_off(asked[i].ordinal)) {
        options_.log->ask_again(asked[i].ordinal, test_case);
        if (is_sequence) {
          together.push_back(i);
        } else {
          ask(worker, asked, {i}, all);
        }
      } else {
        together.push_back(i);
      }
    }
    if (together.empty()) return all;
    // Of a sequence each step needs those before it.
    if (is_sequence) {
      together.resize(asked.size());
      std::iota(together.begin(), together.end(), std::size_t{0});
    }
    ask(worker, asked, together, all);
    return all;
  }

  // Whether a judgment that somebody wrote down can be one on this case.
  static bool is_of(const Case& test_case, const Judgment& judgment) {
    if (judgment.whole) return true;
    const std::int64_t samples = sample_count(test_case);
    return std::ranges::all_of(judgment.notable, [samples](const SampleVerdict& verdict) {
      return verdict.sample < samples;
    });
  }

  // Puts the cases at these places to all subjects.
  void ask(Worker& worker, const std::vector<Asked>& asked, const std::vector<std::size_t>& places,
           std::vector<Judgments>& all) const {
    if (options_.log != nullptr) {
      std::vector<std::uint64_t> ordinals;
      for (const std::size_t place : places) ordinals.push_back(asked[place].ordinal);
      options_.log->begin(ordinals);
    }
    if (asked.front().drawn().ordinals > 1) {
      judge_sequence(worker, asked, all);
    } else {
      judge_together(worker, asked, places, all);
    }
    if (options_.log == nullptr) return;
    for (const std::size_t place : places) {
      std::vector<Judgment> judgments;
      for (const auto& judgment : all[place]) judgments.push_back(judgment.value_or(Judgment{}));
      options_.log->add(asked[place].ordinal, judgments);
    }
  }

  // What has no answer is asked of everybody. Who was lost on such sizes before is spared: each
  // loss takes a second, and tells nothing new.
  [[nodiscard]] bool takes_part(const Worker& worker, std::size_t subject,
                                const Case& test_case) const {
    const auto kind = kind_index(test_case);
    if (!kind) return true;
    return parts_[subject].has(test_case) && !worker.losses().are_known(subject, *kind, test_case);
  }

  void judge_together(Worker& worker, const std::vector<Asked>& asked,
                      const std::vector<std::size_t>& places, std::vector<Judgments>& all) const {
    std::vector<Case> test_cases;
    for (const std::size_t place : places) test_cases.push_back(asked[place].step.test_case);
    std::vector<std::vector<judging::KnownElement>> known(test_cases.size());
    for (std::size_t i = 0; i < test_cases.size(); ++i) {
      if (has_random_texels(asked[places[i]].drawn()))
        known[i] = judging::known_elements(test_cases[i], options_.profile);
    }
    const std::vector<Answer> expected = worker.reference().answers(test_cases);
    for (std::size_t subject = 0; subject < entries_.size(); ++subject) {
      std::vector<Case> own;
      std::vector<std::size_t> own_places;
      for (std::size_t i = 0; i < places.size(); ++i) {
        all[places[i]].emplace_back();
        if (!takes_part(worker, subject, test_cases[i])) continue;
        own.push_back(test_cases[i]);
        own_places.push_back(i);
      }
      const std::vector<Answer> answers = worker.subject(subject).answers(own);
      for (std::size_t i = 0; i < own.size(); ++i) {
        Judgment judgment =
            judge_answer(worker, subject, own[i], answers[i], expected[own_places[i]]);
        judgment.errors = judging::signed_errors(known[own_places[i]], answers[i], judgment);
        all[places[own_places[i]]].back() = std::move(judgment);
      }
    }
  }

  // One after another, in the same memory; equal questions are to be answered alike.
  void judge_sequence(Worker& worker, const std::vector<Asked>& asked,
                      std::vector<Judgments>& all) const {
    for (auto& judgments : all) judgments.assign(entries_.size(), std::nullopt);
    for (std::size_t subject = 0; subject < entries_.size(); ++subject) {
      SameMemory memory;
      std::vector<Answer> answers;
      for (std::size_t i = 0; i < asked.size(); ++i) {
        answers.emplace_back(Unsupported{});
        if (!takes_part(worker, subject, asked[i].step.test_case)) continue;
        const Case test_case = memory(asked[i].step.test_case);
        const Answer expected = worker.reference().answer(test_case);
        answers.back() = worker.subject(subject).answer(test_case);
        Judgment judgment = judge_answer(worker, subject, test_case, answers.back(), expected);
        if (const auto same = asked[i].step.same_as) {
          object_to_change(judgment, answers.back(), answers[*same], expected);
        }
        all[i][subject] = std::move(judgment);
      }
    }
  }

  [[nodiscard]] Judgment judge_answer(Worker& worker, std::size_t subject, const Case& test_case,
                                      const Answer& answer, const Answer& expected) const {
    const Judge& its_judge = worker.judge(subject);
    if (lacks_memory(test_case, answer)) {
      return judge(its_judge, test_case, Unsupported{"no memory for all elements"}, expected);
    }
    if (takes_long(answer)) worker.losses().add_late(subject, test_case);
    return judge(its_judge, test_case, answer, expected);
  }

  [[nodiscard]] bool wants_clauses(const Case& test_case) const {
    return options_.count_admissible || options_.count_traits ||
           std::ranges::any_of(entries_, [&](const SubjectEntry& entry) {
             return std::ranges::any_of(options_.waivers, [&](const Waiver& waiver) {
               return waiver.predicate.covers_case(entry.name, test_case);
             });
           });
  }

  // Which waiver covers a sample of a subject's answer.
  [[nodiscard]] std::optional<std::size_t> waiver_of(const std::string& subject,
                                                     const Case& test_case, std::int64_t sample,
                                                     const std::string& clause) const {
    for (std::size_t i = 0; i < options_.waivers.size(); ++i) {
      const Predicate& predicate = options_.waivers[i].predicate;
      if (predicate.covers_case(subject, test_case) &&
          predicate.covers_sample(test_case, sample, clause)) {
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
                     const Case& test_case, const std::vector<std::string>& clauses,
                     const Judgment& judgment) const {
    if (options_.waivers.empty() || clauses.empty()) return;
    outcomes.resize(options_.waivers.size());
    for_each_decided(clauses, judgment,
                     [&](std::int64_t sample, const std::string& clause, Verdict verdict) {
                       const auto which = waiver_of(subject, test_case, sample, clause);
                       if (!which) return;
                       ++outcomes[*which].covered;
                       if (waives(options_.waivers[*which], verdict)) ++outcomes[*which].waived;
                     });
  }

  void count_traits(std::map<Traits, TraitCounts>& counts, const Case& test_case,
                    const std::vector<std::string>& clauses, const Judgment& judgment) const {
    std::map<Traits, TraitCounts> own;
    for_each_decided(clauses, judgment,
                     [&](std::int64_t sample, const std::string& clause, Verdict verdict) {
                       TraitCounts& count = own[traits_of(test_case, sample, clause)];
                       ++(is_finding(verdict, options_.strict) ? count.wrong : count.right);
                     });
    for (auto& [traits, count] : own) {
      count.right_of_one_case = count.right;
      counts[traits] += count;
    }
  }

  [[nodiscard]] Judgment judge(const Judge& judge, const Case& test_case, const Answer& answer,
                               const Answer& expected) const {
    return judge.judge(test_case, answer, options_.shortcut ? &expected : nullptr);
  }

  static void count_admissible(
      std::map<std::string, std::array<std::int64_t, verdict_count>>& counts,
      const std::vector<std::string>& clauses, const Judgment& judgment) {
    std::map<std::string_view, std::int64_t> sums;
    for_each_decided(clauses, judgment,
                     [&](std::int64_t /*sample*/, const std::string& clause, Verdict verdict) {
                       if (verdict <= Verdict::admissible) ++sums[clause];
                     });
    for (const auto& [clause, sum] : sums) {
      counts[std::string(clause)][static_cast<std::size_t>(Verdict::admissible)] += sum;
    }
  }

  // What a subject was asked before one of these cases. They are made again when they are needed:
  // those of all incidents would take a gigabyte, and starting a process copies the tables of it.
  [[nodiscard]] std::function<std::vector<Case>()> asked_before(const Worker& worker,
                                                                std::size_t subject,
                                                                const std::vector<Asked>& all,
                                                                std::size_t place) const {
    std::vector<Origin> origins = worker.recent(subject);
    for (std::size_t i = 0; i < place; ++i) {
      if (takes_part(worker, subject, all[i].step.test_case)) origins.push_back(all[i].origin);
    }
    return [origins = std::move(origins), part = part_] {
      std::vector<Case> test_cases;
      std::vector<Step> steps;
      for (std::size_t i = 0; i < origins.size(); ++i) {
        if (i == 0 || origins[i].drawn != origins[i - 1].drawn)
          steps = steps_of(*origins[i].drawn, part);
        test_cases.push_back(steps[origins[i].step].test_case);
      }
      return test_cases;
    };
  }

  void record(const Worker& worker, Tally& tally, std::size_t index, const std::vector<Asked>& all,
              std::size_t place, const Judgment& judgment) const {
    const std::uint64_t ordinal = all[place].ordinal;
    const Drawn& drawn = all[place].drawn();
    const std::string& subject = entries_[index].name;
    const Case& test_case = all[place].step.test_case;
    StratumCounts& stratum = tally.counts.strata[subject][std::string(drawn.stratum)];
    ++stratum.cases;
    for (std::size_t i = 0; i < verdict_count; ++i) {
      stratum.verdicts[i] += judgment.counts[i];
      stratum.samples += judgment.counts[i];
      tally.counts.samples += judgment.counts[i];
    }
    count_kind(tally.counts.kinds[subject], test_case, judgment);
    auto& clauses = tally.counts.clauses[subject];
    std::set<Key> seen;
    for (const SampleVerdict& verdict : judgment.notable) {
      const std::int64_t samples = judgment.whole ? judgment[verdict.verdict] : 1;
      clauses[verdict.clause][static_cast<std::size_t>(verdict.verdict)] += samples;
      if (verdict.verdict == Verdict::undecided || verdict.verdict == Verdict::unsupported)
        continue;
      const auto waiver = waiver_of(subject, test_case, verdict.sample, verdict.clause);
      const bool is_waived = waiver && waives(options_.waivers[*waiver], verdict.verdict);
      Key key{subject, verdict.verdict, verdict.clause, kind_of(test_case, verdict),
              is_waived ? options_.waivers[*waiver].name : ""};
      const auto [known, is_new] = tally.incidents.try_emplace(key);
      Incident& incident = known->second;
      if (is_new || ordinal < incident.ordinal) {
        const std::int64_t known_samples = incident.samples;
        const std::int64_t cases = incident.cases;
        incident = {.subject = subject,
                    .verdict = verdict.verdict,
                    .clause = verdict.clause,
                    .features = std::get<3>(key),
                    .within = verdict.within,
                    .samples = known_samples,
                    .cases = cases,
                    .ordinal = ordinal,
                    .stratum = std::string(drawn.stratum),
                    .original = test_case,
                    .sample = verdict.sample,
                    .channel = verdict.channel,
                    .dialect = worker.judge(index).dialect(),
                    .answer = Lost{judgment.message},  // if it is not lost, it is asked again
                    .waiver = std::get<4>(key)};
        if (drawn.ordinals > 1) {
          for (std::size_t i = 0; i < place; ++i) incident.before.push_back(all[i].step.test_case);
        }
        if (is_finding(verdict.verdict, false)) {
          incident.recent = asked_before(worker, index, all, place);
        }
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

  // Says what was not tested, beside what was.
  void complete(Participation& participation, const Part& part) const {
    participation.parts = kinds_in_words(part);
    participation.coverage.resize(2);
    for (std::size_t i = 0; i < participation.coverage.size(); ++i) {
      participation.coverage[i].strength = static_cast<int>(i) + 2;
      participation.coverage[i].possible = plan_->possible()[i];
    }
    std::erase_if(participation.coverage,
                  [](const Coverage& coverage) { return coverage.possible == 0; });
    const std::vector<std::string> declined = std::exchange(participation.unsupported, {});
    for (const Clause& clause : clauses()) {
      bool has_cases = false;
      bool is_of_part = false;
      for (const ClauseCase& entry : clause.cases) {
        if (!entry.line.starts_with("grid_sample")) continue;
        has_cases = true;
        const Case test_case = parse_case(entry.line);
        is_of_part = is_of_part ||
                     (kind_index(test_case) ? part.has(test_case)
                                            : !std::ranges::binary_search(declined, clause.name));
      }
      if (!has_cases || participation.decided_by_clause.contains(clause.name)) continue;
      (is_of_part ? participation.untested : participation.unsupported).push_back(clause.name);
    }
    std::ranges::sort(participation.untested);
    std::ranges::sort(participation.unsupported);
  }

  CampaignResult summary() {
    CampaignResult result = std::move(total_.counts);
    result.ended = ended_;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      complete(result.participation[entries_[i].name], parts_[i]);
    }
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
  std::vector<Part> parts_;  // of each subject
  Part part_;                // of all of them together
  std::unique_ptr<Plan> plan_;
  std::chrono::nanoseconds share_ = std::chrono::hours(24);  // of an incident, to settle it
  std::int64_t drawn_cases_ = 0;
  std::int64_t drawn_samples_ = 0;
  std::vector<Drawn> window_;
  // What was dealt to a bench and not asked yet; what it was dealt altogether, in samples.
  struct Hand {
    std::deque<Drawn> cases;
    double cost = 0;
  };
  std::vector<Hand> hands_;
  std::vector<std::int64_t> lost_;  // cases, by subject
  std::string ended_;
  std::vector<std::unique_ptr<Worker>> workers_;  // one for each thread
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
  unite(into.unsupported, from.unsupported);
  std::erase_if(into.unsupported, is_decided);
  unite(into.untested, from.untested);
  std::erase_if(into.untested, [&](const std::string& clause) {
    return is_decided(clause) || std::ranges::binary_search(into.unsupported, clause);
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
    for (const auto& [key, counts] : traits) into.traits[subject][key] += counts;
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
