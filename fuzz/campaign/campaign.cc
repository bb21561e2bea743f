#include "fuzz/campaign/campaign.h"

#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "fuzz/campaign/ask.h"
#include "fuzz/campaign/backward.h"
#include "fuzz/campaign/losses.h"
#include "fuzz/campaign/plan.h"
#include "fuzz/campaign/schedule.h"
#include "fuzz/campaign/settle_all.h"
#include "fuzz/campaign/tally.h"
#include "fuzz/campaign/tested.h"
#include "fuzz/campaign/worker.h"

namespace gridproof {
namespace {

using Clock = std::chrono::steady_clock;

// A campaign of this time has room for every combination of three traits.
constexpr auto time_for_triples = std::chrono::minutes(2);

// With the default end where none is given.
CampaignOptions ending(CampaignOptions options) {
  if (!options.max_cases && !options.max_samples && !options.budget)
    options.max_samples = default_samples;
  return options;
}

Plan plan_for(const CampaignOptions& options, const Part& part) {
  const int strength = options.budget && *options.budget >= time_for_triples
                           ? 3
                           : strength_of(options.max_samples.value_or(0));
  return {options.seed, part, strength};
}

// Notes who was lost on which case. Returns whether anybody was.
bool note_losses(const std::vector<Asked>& asked, const std::vector<Judgments>& judgments,
                 Losses& losses, LossLimit& limit) {
  bool is_any_lost = false;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const Case& test_case = asked[i].step.test_case;
    const auto kind = kind_index(test_case);
    for (std::size_t subject = 0; subject < judgments[i].size(); ++subject) {
      const std::optional<Judgment>& judgment = judgments[i][subject];
      if (!judgment || judgment->worst() != Verdict::lost) continue;
      is_any_lost = true;
      if (kind) losses.add(subject, *kind, test_case);
      limit.add(subject);
    }
  }
  return is_any_lost;
}

// Asks what the schedule says, to its end.
Tally judge_cases(const Setup& setup, const Parts& parts, Schedule& schedule, LossLimit& limit,
                  Worker& worker) {
  Tally tally;
  std::size_t most = 1;
  while (true) {
    std::vector<Drawn> drawn = schedule.next(worker.number(), most);
    if (drawn.empty()) return tally;
    const Clock::time_point start = Clock::now();
    const std::vector<Asked> asked = cases_of(std::move(drawn), parts.of_all);
    const std::vector<Judgments> judgments = judge_answers(setup.options, parts, worker, asked);
    const bool is_any_lost = note_losses(asked, judgments, worker.losses(), limit);
    count(tally, setup, parts, worker, asked, judgments);
    for (std::size_t subject = 0; subject < worker.subjects(); ++subject) {
      for (const Asked& one : asked) {
        if (takes_part(parts, worker, subject, one.step.test_case))
          worker.was_asked(subject, one.origin, one.step.test_case);
      }
    }
    // Many at a time, so that a subject in a process of its own is spared waiting, while none is
    // lost and, where time is short, while they take little.
    const bool is_slow =
        setup.options.budget && Clock::now() - start > std::chrono::milliseconds(10);
    most = is_any_lost || is_slow ? 1 : std::min<std::size_t>(2 * most, 64);
  }
}

CampaignResult summary(const Setup& setup, const Parts& parts, const Plan& plan, Tally tally) {
  CampaignResult result = std::move(tally.counts);
  for (std::size_t i = 0; i < setup.entries.size(); ++i) {
    complete(result.participation[setup.entries[i].name], parts.of_each[i], plan.possible());
  }
  const std::vector<Waiver>& waivers = setup.options.waivers;
  result.waivers.resize(waivers.size());
  for (std::size_t i = 0; i < waivers.size(); ++i) result.waivers[i].waiver = waivers[i];
  std::vector<Incident> incidents;
  for (auto& [key, incident] : tally.incidents) incidents.push_back(std::move(incident));
  Findings grouped = group_incidents(std::move(incidents), setup.options.strict);
  result.findings = std::move(grouped.findings);
  result.remarks = std::move(grouped.remarks);
  return result;
}

CampaignResult judge_values(const CampaignOptions& options,
                            const std::vector<SubjectEntry>& subjects,
                            const SubjectEntry& reference) {
  const Setup setup{options, subjects, reference};
  Crew crew(setup);
  const Parts parts = parts_of(crew.worker(0), options.log);
  Plan plan = plan_for(options, parts.of_all);

  Clock::time_point asking_since = Clock::now();
  if (options.log != nullptr) asking_since -= options.log->spent();
  const std::stop_source stop;
  Schedule schedule(options, plan, crew.size(), asking_since, stop.get_token());
  LossLimit limit(subjects, options.max_lost, stop);
  Tally total;
  std::mutex mutex;
  crew.run(
      [&](Worker& worker) {
        const Tally tally = judge_cases(setup, parts, schedule, limit, worker);
        const std::scoped_lock lock(mutex);
        merge(total, tally);
      },
      stop);
  // What is settled next starts processes, each of which copies the tables of this one's memory.
  malloc_trim(0);
  const auto end = asking_since + options.budget.value_or(std::chrono::milliseconds::zero());
  settle_all(setup, crew, !limit.ended().empty(), end, total.incidents);

  CampaignResult result = summary(setup, parts, plan, std::move(total));
  result.ended = limit.ended();
  return result;
}

// The part of a budget for both directions that is for values.
CampaignOptions for_values(CampaignOptions options) {
  if (options.budget && !options.only) *options.budget -= *options.budget / 3;
  return options;
}

}  // namespace

CampaignResult run_campaign(const CampaignOptions& options,
                            const std::vector<SubjectEntry>& subjects,
                            const SubjectEntry& reference) {
  const Clock::time_point start = Clock::now();
  const CampaignOptions with_end = ending(options);
  CampaignResult result;
  result.waivers.resize(options.waivers.size());
  for (std::size_t i = 0; i < options.waivers.size(); ++i)
    result.waivers[i].waiver = options.waivers[i];
  if (options.only != Direction::backward)
    result = judge_values(for_values(with_end), subjects, reference);
  if (options.only == Direction::backward) judge_gradients(result, options, subjects);
  if (!options.only && result.ended.empty()) {  // who was lost too often is not asked more
    try {
      judge_gradients(result, options, subjects);
    } catch (const std::runtime_error& error) {  // values were judged, and count
      result.ended = std::string("the campaign ended before gradients: ") + error.what();
    }
  }
  result.elapsed = Clock::now() - start;
  return result;
}

}  // namespace gridproof
