#include "fuzz/campaign/tally.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <utility>

#include "fuzz/campaign/counters.h"
#include "fuzz/campaign/tested.h"

namespace gridproof {
namespace {

bool wants_clauses(const Setup& setup, const Case& test_case) {
  return !setup.options.counters.empty() ||
         std::ranges::any_of(setup.entries, [&](const SubjectEntry& entry) {
           return std::ranges::any_of(setup.options.waivers, [&](const Waiver& waiver) {
             return waiver.predicate.covered_direction() == Direction::forward &&
                    waiver.predicate.covers_case(entry.name, test_case);
           });
         });
}

void count_stratum(CampaignResult& counts, const std::string& subject, std::string_view stratum,
                   const Judgment& judgment) {
  StratumCounts& sum = counts.strata[subject][std::string(stratum)];
  ++sum.cases;
  for (std::size_t i = 0; i < verdict_count; ++i) {
    sum.verdicts[i] += judgment.counts[i];
    sum.samples += judgment.counts[i];
    counts.samples += judgment.counts[i];
  }
}

// One case of those that a worker asked, and a subject.
struct Sighting {
  const Setup& setup;
  const Parts& parts;
  const Worker& worker;
  std::size_t subject;
  const std::vector<Asked>& asked;
  std::size_t place;

  [[nodiscard]] const Asked& own() const { return asked[place]; }
  [[nodiscard]] const std::string& name() const { return setup.entries[subject].name; }
};

IncidentKey key_of(const Sighting& sighting, const SampleVerdict& verdict) {
  const CampaignOptions& options = sighting.setup.options;
  const Case& test_case = sighting.own().step.test_case;
  const auto waiver =
      waiver_of(options.waivers, sighting.name(), test_case, verdict.sample, verdict.clause);
  const bool is_waived =
      waiver && waives(options.waivers[*waiver], verdict.verdict, options.strict);
  return {.subject = sighting.name(),
          .verdict = verdict.verdict,
          .clause = verdict.clause,
          .features = kind_of(test_case, verdict),
          .waiver = is_waived ? options.waivers[*waiver].name : ""};
}

Incident incident_of(const Sighting& sighting, const IncidentKey& key, const SampleVerdict& verdict,
                     const Judgment& judgment) {
  const auto& [setup, parts, worker, subject, asked, place] = sighting;
  const Drawn& drawn = sighting.own().drawn();
  Incident incident{.subject = key.subject,
                    .verdict = key.verdict,
                    .clause = key.clause,
                    .features = key.features,
                    .within = verdict.within,
                    .ordinal = sighting.own().ordinal,
                    .stratum = std::string(drawn.stratum),
                    .original = sighting.own().step.test_case,
                    .sample = verdict.sample,
                    .channel = verdict.channel,
                    .dialect = worker.judge(subject).dialect(),
                    .answer = Lost{judgment.message},  // if it is not lost, it is asked again
                    .waiver = key.waiver};
  if (drawn.ordinals > 1) {
    for (std::size_t i = 0; i < place; ++i) incident.before.push_back(asked[i].step.test_case);
  }
  if (is_finding(verdict.verdict, false))
    incident.recent = asked_before(parts, worker, subject, asked, place);
  return incident;
}

// What is not as it should be, of one judgment.
void count_incidents(Tally& tally, const Sighting& sighting, const Judgment& judgment) {
  auto& clauses = tally.counts.clauses[sighting.name()];
  std::set<IncidentKey> seen;
  for (const SampleVerdict& verdict : judgment.notable) {
    const std::int64_t samples = judgment.whole ? judgment[verdict.verdict] : 1;
    clauses[verdict.clause][static_cast<std::size_t>(verdict.verdict)] += samples;
    if (verdict.verdict == Verdict::undecided || verdict.verdict == Verdict::unsupported) continue;
    IncidentKey key = key_of(sighting, verdict);
    const auto [known, is_new] = tally.incidents.try_emplace(key);
    Incident& incident = known->second;
    if (is_new || sighting.own().ordinal < incident.ordinal) {
      Incident first = incident_of(sighting, key, verdict, judgment);
      first.samples = incident.samples;
      first.cases = incident.cases;
      incident = std::move(first);
    }
    incident.samples += samples;
    if (seen.insert(std::move(key)).second) ++incident.cases;
  }
}

void add(StratumCounts& into, const StratumCounts& from) {
  into.cases += from.cases;
  into.samples += from.samples;
  for (std::size_t i = 0; i < verdict_count; ++i) into.verdicts[i] += from.verdicts[i];
}

}  // namespace

void merge(Tally& into, const Tally& from) {
  add_counts(into.counts, from.counts);
  for (const auto& [key, incident] : from.incidents) {
    const auto [place, is_new] = into.incidents.try_emplace(key, incident);
    if (!is_new) add_incident(place->second, incident);
  }
}

void count(Tally& tally, const Setup& setup, const Parts& parts, const Worker& worker,
           const std::vector<Asked>& asked, const std::vector<Judgments>& judgments) {
  for (std::size_t place = 0; place < asked.size(); ++place) {
    const Case& test_case = asked[place].step.test_case;
    ++tally.counts.cases;
    std::vector<std::string> clauses;
    if (wants_clauses(setup, test_case))
      clauses = Judge(setup.options.profile).main_clauses(test_case);
    for (std::size_t subject = 0; subject < setup.entries.size(); ++subject) {
      const std::optional<Judgment>& judgment = judgments[place][subject];
      if (!judgment) continue;
      const std::string& name = setup.entries[subject].name;
      count_stratum(tally.counts, name, asked[place].drawn().stratum, *judgment);
      count_kind(tally.counts.kinds[name], test_case, *judgment);
      count_incidents(tally, {setup, parts, worker, subject, asked, place}, *judgment);
      count_participation(tally.counts.participation[name], asked[place].drawn(), test_case,
                          *judgment);
      const JudgedAnswer judged{name, test_case, clauses, *judgment, setup.options.strict};
      for (const Counter& counter : setup.options.counters) counter(tally.counts, judged);
      count_waivers(tally.counts, setup.options.waivers, judged);
    }
  }
}

void add_counts(CampaignResult& into, const CampaignResult& from) {
  into.cases += from.cases;
  into.samples += from.samples;
  for (const auto& [subject, strata] : from.strata) {
    for (const auto& [stratum, counts] : strata) add(into.strata[subject][stratum], counts);
  }
  for (const auto& [subject, strata] : from.gradients) {
    for (const auto& [stratum, counts] : strata) add(into.gradients[subject][stratum], counts);
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

}  // namespace gridproof
