#include "fuzz/campaign/settle_all.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "fuzz/campaign/history.h"
#include "fuzz/campaign/refusals.h"
#include "fuzz/campaign/settle.h"
#include "fuzz/causes/battery.h"

namespace gridproof {
namespace {

using Some = std::vector<Incident*>;
using Chosen = std::set<const Incident*>;

// Calls `work` for each, in parallel; which instance is asked about which follows from their order.
void each(const Setup& setup, Crew& crew, const Some& some,
          const std::function<void(const Interrogation&, Incident&)>& work) {
  crew.run([&](Worker& worker) {
    for (std::size_t i = worker.number(); i < some.size(); i += crew.size()) {
      const auto entry = std::ranges::find(setup.entries, some[i]->subject, &SubjectEntry::name);
      const auto subject = static_cast<std::size_t>(entry - setup.entries.begin());
      const auto open = [entry, subject, &worker] {
        return refusing_by_values(entry->open(), worker.judge(subject));
      };
      work(Interrogation{worker.subject(subject), worker.reference(), worker.judge(subject), open,
                         setup.options.shortcut},
           *some[i]);
    }
  });
}

Some in_order(Incidents& incidents) {
  Some all;
  for (auto& [key, incident] : incidents) all.push_back(&incident);
  std::ranges::stable_sort(all, {}, &Incident::ordinal);
  return all;
}

// Losses that are not looked into, of these in their order: all but the first of each subject, and
// all of one that was lost too often.
Chosen spared_losses(const Some& incidents, bool was_lost_too_often) {
  std::set<std::string> seen;
  Chosen spared;
  for (const Incident* const incident : incidents) {
    if (incident->verdict != Verdict::lost) continue;
    const bool is_first = seen.insert(incident->subject).second;
    if (was_lost_too_often || !is_first) spared.insert(incident);
  }
  return spared;
}

// Of these in their order, those with so many elements that looking for the cause of each would
// take minutes: all but the first few of each subject.
Chosen dear_ones(const Some& incidents) {
  constexpr std::int64_t many = 16'384;
  constexpr int few = 4;
  std::map<std::string, int> seen;
  Chosen dear;
  for (const Incident* const incident : incidents) {
    if (output_count(incident->original) > many && ++seen[incident->subject] > few)
      dear.insert(incident);
  }
  return dear;
}

// In the order in which they are settled.
struct Queue {
  Some first;   // of each look, but for
  Some later;   // those of subjects of whom some others may tell enough
  Some others;  // that look like an earlier one,
  std::map<const Incident*, const Incident*> like;  // this one
  Chosen dear;
};

// Of incidents that were looked at.
Queue queued(const Some& incidents) {
  Queue queue;
  std::map<std::tuple<std::string, Verdict, std::string, std::string, std::string, Dtype>,
           const Incident*>
      firsts;
  for (Incident* const incident : incidents) {
    const auto [place, is_new] =
        firsts.try_emplace({incident->subject, incident->verdict, incident->clause,
                            incident->waiver, incident->cause, incident->original.input.dtype()},
                           incident);
    (is_new ? queue.first : queue.others).push_back(incident);
    if (!is_new) queue.like[incident] = place->second;
  }
  queue.dear = dear_ones(queue.first);
  // Where the first few of a subject all came of what was asked before, the others do: which
  // questions it takes each of them takes many starts to find.
  constexpr std::ptrdiff_t few = 6;
  std::map<std::string, std::ptrdiff_t> seen;
  const auto later = std::ranges::stable_partition(queue.first, [&](const Incident* incident) {
    return !is_finding(incident->verdict, false) || ++seen[incident->subject] <= few;
  });
  queue.later.assign(later.begin(), later.end());
  queue.first.erase(later.begin(), later.end());
  return queue;
}

bool is_of_history(const Incident& incident) {
  return !incident.before.empty() || incident.cause == not_the_same;
}

// The subjects all of whose incidents came of what was asked before, of those that fail.
std::set<std::string> subjects_of_history(const Some& settled) {
  std::set<std::string> all;
  std::set<std::string> others;
  for (const Incident* const incident : settled) {
    if (is_finding(incident->verdict, false))
      (is_of_history(*incident) ? all : others).insert(incident->subject);
  }
  for (const std::string& subject : others) all.erase(subject);
  return all;
}

// `is_known_history` says of which it is known without looking that what was asked before made
// them.
void settle_some(const Setup& setup, Crew& crew, const Some& some, const Queue& queue,
                 const Chosen& spared, std::chrono::nanoseconds time,
                 const std::function<bool(const Incident&)>& is_known_history) {
  each(setup, crew, some, [&](const Interrogation& interrogation, Incident& incident) {
    const auto found = queue.like.find(&incident);
    const Incident* const lead = found == queue.like.end() ? nullptr : found->second;
    settle(
        interrogation,
        {.spare_losses = spared.contains(&incident),
         .is_like_another = queue.dear.contains(&incident) || (lead != nullptr && !is_named(*lead)),
         .is_history_known =
             is_known_history(incident) || (lead != nullptr && is_of_history(*lead)),
         .time = time},
        incident);
  });
}

using Clock = std::chrono::steady_clock;

// With a budget, an equal share of the time until then for each of so many, so that none is left as
// it was found.
std::chrono::nanoseconds share_until(Clock::time_point end, const Setup& setup, const Crew& crew,
                                     std::size_t count) {
  if (!setup.options.budget || count == 0) return std::chrono::hours(24);
  const std::chrono::nanoseconds left = end - Clock::now();
  return std::max(left, std::chrono::nanoseconds::zero()) * crew.size() / count;
}

// What is shown of each finding, until all of it was confirmed.
void confirm_findings(const Setup& setup, Crew& crew, Clock::time_point end, Incidents& incidents) {
  std::set<IncidentKey> confirmed;
  while (true) {
    std::vector<Incident> all;
    for (const auto& [key, incident] : incidents) all.push_back(incident);
    Some next;
    for (const Finding& finding : group_incidents(std::move(all), setup.options.strict).findings) {
      const Incident& shown = finding.incidents.front();
      if (!is_finding(shown.verdict, false)) continue;
      const IncidentKey key{shown.subject, shown.verdict, shown.clause, shown.features,
                            shown.waiver};
      if (confirmed.insert(key).second) next.push_back(&incidents.at(key));
    }
    if (next.empty()) return;
    const std::chrono::nanoseconds time = share_until(end, setup, crew, next.size());
    each(setup, crew, next, [time](const Interrogation& interrogation, Incident& incident) {
      confirm(interrogation, time, incident);
    });
  }
}

}  // namespace

void settle_all(const Setup& setup, Crew& crew, bool was_lost_too_often, Clock::time_point end,
                Incidents& incidents) {
  const Some all = in_order(incidents);
  const Chosen spared = spared_losses(all, was_lost_too_often);
  each(setup, crew, all, look_at);
  const Queue queue = queued(all);
  // A third of the time is for confirming.
  const std::chrono::nanoseconds share = share_until(end, setup, crew, all.size()) * 2 / 3;
  const auto settle_these = [&](const Some& some, const auto& is_known_history) {
    settle_some(setup, crew, some, queue, spared, share, is_known_history);
  };
  const auto nothing_is_known = [](const Incident&) { return false; };
  settle_these(queue.first, nothing_is_known);
  const std::set<std::string> of_history = subjects_of_history(queue.first);
  settle_these(queue.later,
               [&](const Incident& incident) { return of_history.contains(incident.subject); });
  settle_these(queue.others, nothing_is_known);
  confirm_findings(setup, crew, end, incidents);
  for (auto& [key, incident] : incidents) incident.recent = nullptr;
}

}  // namespace gridproof
