#include "fuzz/campaign.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <numeric>
#include <set>
#include <stdexcept>
#include <thread>
#include <tuple>
#include <utility>

#include "fuzz/cause.h"
#include "fuzz/domain.h"
#include "fuzz/reduce.h"

namespace gridproof {
namespace {

// What the default run judges: 10^7 samples and some to spare for those that are not decided.
constexpr std::int64_t default_samples = 10'500'000;

// The kind of the largest coordinate of a sample.
std::string_view coordinate_class(const Case& question, std::int64_t sample) {
  const Tensor& grid = question.grid;
  const auto rank = static_cast<std::size_t>(grid.rank());
  std::vector<std::int64_t> index(rank, 0);
  for (std::size_t axis = rank - 1; axis-- > 0;) {
    const std::int64_t size = grid.shape()[axis];
    if (size == 0) return "none";
    index[axis] = sample % size;
    sample /= size;
  }
  double largest = 0;
  bool infinite = false;
  for (std::int64_t k = 0; k < grid.shape()[rank - 1]; ++k) {
    index[rank - 1] = k;
    const double x = grid.at(index);
    if (std::isnan(x)) return "nan";
    infinite = infinite || std::isinf(x);
    largest = std::max(largest, std::fabs(x));
  }
  if (infinite) return "infinite";
  if (largest > 0x1p14) return "huge";
  if (largest > 10) return "far";
  return largest > 1 ? "outside" : "inside";
}

std::string features_of(const Case& question, std::int64_t sample) {
  std::string text = question.request.mode.value_or("bilinear") + ' ' +
                     question.request.padding_mode.value_or("zeros") + ' ' +
                     std::to_string(question.input.rank()) + "-D ";
  text += name(question.input.dtype());
  if (question.grid.rank() > 1) {
    text += " coordinate=";
    text += coordinate_class(question, sample);
  }
  return text;
}

// What sets an occurrence apart from others under the same clause. What is merely a remark is told
// apart by no more than the profile that it stays inside.
std::string kind_of(const Case& question, const SampleVerdict& verdict) {
  if (verdict.within) return "inside " + to_string(*verdict.within);
  if (verdict.verdict == Verdict::latitude) return "as the clause leaves open";
  return features_of(question, verdict.sample);
}

// What an answer looks like at one element; the name of a cause that no mutant explains.
std::string look_of(const Answer& answer, std::int64_t sample, std::int64_t channel) {
  if (std::holds_alternative<Lost>(answer)) return "lost";
  if (std::holds_alternative<Refusal>(answer)) return "refused";
  if (std::holds_alternative<Unsupported>(answer)) return "unsupported";
  const auto& output = std::get<Tensor>(answer);
  if (output.rank() < 3 || output.element_count() == 0) return "another shape";
  const std::int64_t place = element_place(output.shape(), sample, channel);
  if (place >= output.element_count()) return "another shape";
  const Tensor dense = output.contiguous();
  const double value = dense.storage_value(dense.offset() + place);
  if (std::isnan(value)) return "answers nan";
  if (std::isinf(value)) return "answers infinity";
  return value == 0 ? "answers zero" : "answers another number";
}

using Key = std::tuple<std::string, Verdict, std::string, std::string>;

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
    const auto start = std::chrono::steady_clock::now();
    start_ = start;
    in_parallel([this](Bench& bench, Tally& tally) { judge_cases(bench, tally); });
    std::vector<Incident*> incidents;
    for (auto& [key, incident] : total_.incidents) incidents.push_back(&incident);
    std::atomic<std::size_t> next = 0;
    // An equal share of the time for each, so that none is left as it was found.
    std::chrono::nanoseconds share = std::chrono::hours(24);
    if (options_.budget && !incidents.empty()) {
      share = *options_.budget * benches_.size() / incidents.size();
    }
    in_parallel([&](Bench& bench, Tally& /*tally*/) {
      for (std::size_t i = next++; i < incidents.size(); i = next++) {
        settle(bench, *incidents[i], share);
      }
    });
    CampaignResult result = summary();
    result.elapsed = std::chrono::steady_clock::now() - start;
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

  // The next case that is this shard's. The end of the campaign does not depend on the shard: every
  // shard counts the samples of all cases.
  std::optional<std::pair<std::uint64_t, Recipe>> next_case() {
    const std::scoped_lock lock(mutex_);
    while (!stop_) {
      if (options_.most_cases && std::cmp_greater_equal(ordinal_, *options_.most_cases)) break;
      if (options_.most_samples && drawn_samples_ >= *options_.most_samples) break;
      if (options_.budget && std::chrono::steady_clock::now() - start_ >= *options_.budget) break;
      const std::uint64_t ordinal = ordinal_++;
      const std::uint64_t id = case_number(options_.seed, ordinal);
      Recipe recipe = recipe_of(options_.seed, ordinal);
      drawn_samples_ += sample_count(recipe);
      if (options_.progress) options_.progress(drawn_samples_, options_.most_samples.value_or(0));
      if (std::cmp_not_equal(id % static_cast<std::uint64_t>(options_.shard.count),
                             options_.shard.index)) {
        continue;
      }
      return std::pair{ordinal, std::move(recipe)};
    }
    return std::nullopt;
  }

  void judge_cases(Bench& bench, Tally& tally) {
    while (const auto drawn = next_case()) {
      const auto& [ordinal, recipe] = *drawn;
      const Case question = make_case(recipe);
      const Answer expected = bench.reference().answer(question);
      ++tally.counts.cases;
      std::vector<std::string> clauses;
      if (options_.count_right) clauses = Judge(options_.profile).main_clauses(question);
      for (std::size_t i = 0; i < entries_.size(); ++i) {
        const Answer answer = bench.subject(i).answer(question);
        const Judgement judgement = judge(bench.judge(i), question, answer, expected);
        record(tally, entries_[i].name, bench.judge(i).dialect(), recipe, ordinal, question,
               judgement);
        if (options_.count_right)
          count_right(tally.counts.clauses[entries_[i].name], clauses, judgement);
      }
    }
  }

  [[nodiscard]] Judgement judge(const Judge& judge, const Case& question, const Answer& answer,
                                const Answer& expected) const {
    return judge.judge(question, answer, options_.shortcut ? &expected : nullptr);
  }

  static void count_right(std::map<std::string, std::array<std::int64_t, verdict_count>>& counts,
                          const std::vector<std::string>& clauses, const Judgement& judgement) {
    constexpr auto right = static_cast<std::size_t>(Verdict::admissible);
    if (judgement.whole) {
      if (judgement.worst() > Verdict::admissible) return;
      ++counts[clauses.front()][right];
      return;
    }
    // Of a case with very many wrong samples, not all are listed.
    const std::int64_t bad = std::accumulate(judgement.counts.begin() + right + 1,
                                             judgement.counts.end(), std::int64_t{0});
    if (std::cmp_less(judgement.notable.size(), bad)) return;
    std::map<std::string_view, std::int64_t> sums;
    for (const std::string& clause : clauses) ++sums[clause];
    for (const SampleVerdict& verdict : judgement.notable) {
      --sums[clauses[static_cast<std::size_t>(verdict.sample)]];
    }
    for (const auto& [clause, sum] : sums) counts[std::string(clause)][right] += sum;
  }

  static void record(Tally& tally, const std::string& subject, Dialect dialect,
                     const Recipe& recipe, std::uint64_t ordinal, const Case& question,
                     const Judgement& judgement) {
    StratumCounts& stratum = tally.counts.strata[subject][std::string(name(recipe.stratum))];
    ++stratum.cases;
    for (std::size_t i = 0; i < verdict_count; ++i) {
      stratum.verdicts[i] += judgement.counts[i];
      stratum.samples += judgement.counts[i];
      tally.counts.samples += judgement.counts[i];
    }
    auto& clauses = tally.counts.clauses[subject];
    std::set<Key> seen;
    for (const SampleVerdict& verdict : judgement.notable) {
      const std::int64_t samples = judgement.whole ? judgement[verdict.verdict] : 1;
      clauses[verdict.clause][static_cast<std::size_t>(verdict.verdict)] += samples;
      if (verdict.verdict == Verdict::undecided || verdict.verdict == Verdict::unsupported)
        continue;
      Key key{subject, verdict.verdict, verdict.clause, kind_of(question, verdict)};
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
                    .answer = Lost{judgement.message}};  // if it is not lost, it is asked again
      }
      incident.samples += samples;
      if (seen.insert(std::move(key)).second) ++incident.cases;
    }
  }

  // The verdict on a sample of `question` that is the same kind of occurrence as `incident`.
  [[nodiscard]] std::optional<SampleVerdict> recurs(Bench& bench, std::size_t subject,
                                                    const Incident& incident,
                                                    const std::string& look, const Case& question,
                                                    Answer& answer) const {
    answer = bench.subject(subject).answer(question);
    const Answer expected = bench.reference().answer(question);
    const Judgement judgement = judge(bench.judge(subject), question, answer, expected);
    for (const SampleVerdict& verdict : judgement.notable) {
      // A quality warning stays inside the same profile.
      if (verdict.within && kind_of(question, verdict) != incident.features) continue;
      if (verdict.verdict == incident.verdict && verdict.clause == incident.clause &&
          look_of(answer, verdict.sample, verdict.channel) == look) {
        return verdict;
      }
    }
    return std::nullopt;
  }

  // Reduces the first case of an incident, in two thirds of the time at most, and looks for its
  // cause.
  void settle(Bench& bench, Incident& incident, std::chrono::nanoseconds time) const {
    const auto start = std::chrono::steady_clock::now();
    const auto is_late = [start](std::chrono::nanoseconds after) {
      return std::chrono::steady_clock::now() >= start + after;
    };
    const auto subject = static_cast<std::size_t>(
        std::ranges::find(entries_, incident.subject, &SubjectEntry::name) - entries_.begin());
    // Losing a subject takes seconds, each time.
    const bool is_lost = incident.verdict == Verdict::lost;
    const int patience = is_lost ? 12 : 400;
    const std::string look = is_lost ? "lost"
                                     : look_of(bench.subject(subject).answer(incident.original),
                                               incident.sample, incident.channel);
    Answer answer;
    incident.reduced = reduce(
        incident.original, incident.sample,
        [&](const Case& candidate) {
          return !is_late(time * 2 / 3) &&
                 recurs(bench, subject, incident, look, candidate, answer).has_value();
        },
        patience);
    const auto verdict = recurs(bench, subject, incident, look, incident.reduced, answer);
    incident.sample = verdict ? verdict->sample : 0;
    incident.channel = verdict ? verdict->channel : 0;
    if (!verdict && is_lost) {
      incident.answer = Lost{std::get<Lost>(incident.answer).why + ", but not every time"};
    } else {
      incident.answer = answer;
    }
    if (!is_finding(incident.verdict, false)) {
      incident.cause = incident.features;
      return;
    }
    incident.cause = look;
    if (incident.verdict != Verdict::deviates) return;
    FunctionSubject in_time([&](const Case& question) -> Answer {
      if (is_late(time)) return Unsupported{"out of time"};
      return bench.subject(subject).answer(question);
    });
    const auto cause =
        explaining_mutant({in_time, bench.reference(), bench.judge(subject)}, incident.verdict,
                          incident.clause, incident.reduced, incident.original);
    if (cause) {
      incident.cause = cause->mutant;
      incident.agreeing = cause->agreeing;
      incident.probes = cause->probes;
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
    std::vector<Incident> incidents;
    for (auto& [key, incident] : total_.incidents) incidents.push_back(std::move(incident));
    group_incidents(result, std::move(incidents), options_.strict);
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
  std::vector<std::unique_ptr<Bench>> benches_;  // one for each thread
  Tally total_;
};

}  // namespace

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
}

void add_incident(Incident& into, const Incident& from) {
  const std::int64_t samples = into.samples + from.samples;
  const std::int64_t cases = into.cases + from.cases;
  if (from.ordinal < into.ordinal) into = from;
  into.samples = samples;
  into.cases = cases;
}

void group_incidents(CampaignResult& result, std::vector<Incident> incidents, bool strict) {
  std::map<std::tuple<std::string, std::string, Verdict, std::string>, Finding> groups;
  for (Incident& incident : incidents) {
    Finding& finding =
        groups[{incident.subject, incident.clause, incident.verdict, incident.cause}];
    finding.subject = incident.subject;
    finding.clause = incident.clause;
    finding.verdict = incident.verdict;
    finding.cause = incident.cause;
    finding.samples += incident.samples;
    finding.incidents.push_back(std::move(incident));
  }
  for (auto& [key, finding] : groups) {
    std::ranges::stable_sort(finding.incidents, {}, [](const Incident& incident) {
      const std::string line = to_line(incident.reduced);
      return std::pair{line.size(), line};
    });
    (is_finding(finding.verdict, strict) ? result.findings : result.remarks)
        .push_back(std::move(finding));
  }
}

CampaignResult run_campaign(const CampaignOptions& options,
                            const std::vector<SubjectEntry>& subjects,
                            const SubjectEntry& reference) {
  return Campaign(options, subjects, reference).run();
}

}  // namespace gridproof
