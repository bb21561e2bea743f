#include "fuzz/campaign/history.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "fuzz/campaign/repeats.h"
#include "fuzz/mutants/mutants.h"
#include "fuzz/mutants/same_memory.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof {
namespace {

// What a subject answers to the last of some questions in the same memory, and to an equal one
// before it.
struct LastAnswer {
  Answer answer;
  std::optional<Answer> earlier;
};
LastAnswer ask_in_turn(Subject& subject, const std::vector<Case>& before, const Case& last) {
  SameMemory memory;
  LastAnswer result;
  for (const Case& test_case : before) {
    Answer answer = subject.answer(memory(test_case));
    if (ask_the_same(test_case, last)) result.earlier = std::move(answer);
  }
  result.answer = subject.answer(memory(last));
  return result;
}

// The verdict that makes the incident, if the last answer gets it.
std::optional<SampleVerdict> objection_to(const Interrogation& interrogation,
                                          const Incident& incident, const Case& test_case,
                                          const LastAnswer& last) {
  const Answer expected = interrogation.reference.answer(test_case);
  Judgment judgment = interrogation.judge.judge(test_case, last.answer,
                                                interrogation.shortcut ? &expected : nullptr);
  if (last.earlier) object_to_change(judgment, last.answer, *last.earlier, expected);
  for (const SampleVerdict& verdict : judgment.notable) {
    if (verdict.verdict == incident.verdict && verdict.clause == incident.clause) return verdict;
  }
  return std::nullopt;
}

// The same of a fresh instance: what another one was asked before plays no part.
LastAnswer ask_afresh(const Interrogation& interrogation, const std::vector<Case>& before,
                      const Case& last) {
  if (!interrogation.open) return ask_in_turn(interrogation.subject, before, last);
  const std::unique_ptr<Subject> fresh = interrogation.open();
  return ask_in_turn(*fresh, before, last);
}

bool is_same(const Answer& one, const Answer& other) {
  const auto* const a = std::get_if<Tensor>(&one);
  const auto* const b = std::get_if<Tensor>(&other);
  if (a == nullptr || b == nullptr) return one.index() == other.index();
  return a->same_values(*b);
}

Answer answer_of(const Mutant& mutant, const std::vector<Case>& before, const Case& last) {
  const std::unique_ptr<Subject> instance = mutant.open();
  return ask_in_turn(*instance, before, last).answer;
}

// Whether the subject gives a mutant's wrong answer to the questions that the mutant is known by.
// One answer that is the same may be so for another reason. In a process of its own memory is used
// in turn: the same address comes back after some more questions.
bool shows_itself(const Interrogation& interrogation, const Mutant& mutant) {
  std::vector<Case> known = separating_cases(mutant);
  const Case last = std::move(known.back());
  known.pop_back();
  const Answer right = interrogation.reference.answer(last);
  std::vector<Case> before;
  for (int times = 0; times < 3; ++times) {
    before.insert(before.end(), known.begin(), known.end());
    const Answer own = answer_of(mutant, before, last);
    if (!is_same(own, right) && is_same(ask_afresh(interrogation, before, last).answer, own))
      return true;
  }
  return false;
}

using Clock = std::chrono::steady_clock;

// An incident's original question after others, each time asked of a fresh instance.
struct Trial {
  const Interrogation& interrogation;
  const Incident& incident;
  Clock::time_point end;

  [[nodiscard]] bool is_late() const { return Clock::now() >= end; }
  // Whether it is wrong after these.
  [[nodiscard]] bool objects_after(const std::vector<Case>& some) const {
    return objection_to(interrogation, incident, incident.original,
                        ask_afresh(interrogation, some, incident.original))
        .has_value();
  }
};

// The questions before it that bring it back, or all that were tried.
struct Before {
  std::vector<Case> test_cases;
  bool bring_back = false;
};
// `sequence` are the steps before it; if these do not, what `make_recent` makes may.
Before brought_back(const Trial& trial, std::vector<Case> sequence,
                    const std::function<std::vector<Case>()>& make_recent) {
  Before before{.test_cases = std::move(sequence)};
  before.bring_back = !before.test_cases.empty() && trial.objects_after(before.test_cases);
  if (before.bring_back || !make_recent) return before;
  const std::vector<Case> recent = make_recent();
  // The last ones first: mostly it is the one right before.
  for (std::size_t count = 1; !before.bring_back && !recent.empty(); count *= 2) {
    count = std::min(count, recent.size());
    before.test_cases.assign(recent.end() - static_cast<std::ptrdiff_t>(count), recent.end());
    before.bring_back = trial.objects_after(before.test_cases);
    if (count == recent.size() || trial.is_late()) break;
  }
  return before;
}

// Those of them that it takes, as far as there is time.
std::vector<Case> fewest(const Trial& trial, std::vector<Case> before) {
  // Mostly it is a single one, and a late one. Each trial may take a start, which takes time.
  for (std::size_t i = before.size(); i-- > 0 && before.size() > 1 && !trial.is_late();) {
    if (std::vector<Case> one = {before[i]}; trial.objects_after(one)) before = std::move(one);
  }
  // Fewer of them: halves, then single ones.
  int patience = 40;
  for (std::size_t part = (before.size() + 1) / 2; part > 0 && patience > 0; part /= 2) {
    for (std::size_t begin = 0; begin < before.size() && patience > 0 && !trial.is_late();) {
      std::vector<Case> fewer = before;
      const auto first = fewer.begin() + static_cast<std::ptrdiff_t>(begin);
      fewer.erase(first, first + static_cast<std::ptrdiff_t>(std::min(part, fewer.size() - begin)));
      --patience;
      // That none are enough is known not to be so.
      if (fewer.empty() || !trial.objects_after(fewer)) {
        begin += part;
        continue;
      }
      before = std::move(fewer);
    }
  }
  return before;
}

// What is said of an incident that nothing brings back; `tried` are the most questions that were
// asked before it.
void tell_once(const Interrogation& interrogation, std::size_t tried, Incident& incident) {
  const bool is_lost = incident.verdict == Verdict::lost;
  if (is_lost) {
    const auto* const lost = std::get_if<Lost>(&incident.answer);
    incident.answer = Lost{(lost != nullptr ? lost->why : "lost") + ", but not every time"};
  } else {
    incident.answer = ask_afresh(interrogation, {}, incident.original).answer;
  }
  incident.common = fmt::format(
      "It was {} once. A fresh instance that is asked nothing else answers it right{}",
      is_lost ? "lost" : "answered wrong",
      tried == 0
          ? "."
          : fmt::format(", after the {} before it as well.",
                        tried == 1 ? std::string("question") : fmt::format("{} questions", tried)));
}

// The mutants that remember, and give the same wrong answer after these questions.
void name_causes(const Trial& trial, const std::vector<Case>& before, Incident& incident) {
  const Answer right = trial.interrogation.reference.answer(incident.original);
  if (is_same(incident.answer, right)) return;
  for (const Mutant& mutant : mutants()) {
    if (trial.is_late() || !mutant.remembers() ||
        !is_same(answer_of(mutant, before, incident.original), incident.answer) ||
        !shows_itself(trial.interrogation, mutant)) {
      continue;
    }
    if (incident.probes == 0) {
      incident.cause = mutant.name;
      incident.agreeing = incident.probes = 2;
    } else {
      incident.ties.push_back(mutant.name);
    }
  }
}

}  // namespace

std::optional<SampleVerdict> objection_alone(const Interrogation& interrogation,
                                             const Incident& incident, const Case& test_case,
                                             Answer& answer) {
  LastAnswer last = ask_afresh(interrogation, {}, test_case);
  const auto objection = objection_to(interrogation, incident, test_case, last);
  answer = std::move(last.answer);
  return objection;
}

bool settle_history(const Interrogation& interrogation, Incident& incident,
                    std::chrono::nanoseconds time) {
  const Trial trial{interrogation, incident, Clock::now() + time};
  std::vector<Case> sequence = std::exchange(incident.before, {});
  const auto make_recent = std::exchange(incident.recent, nullptr);
  if (trial.objects_after({})) return false;
  incident.agreeing = incident.probes = 0;
  incident.ties.clear();
  incident.reduced = incident.original;
  incident.cause = not_the_same;
  Before found = brought_back(trial, std::move(sequence), make_recent);
  if (!found.bring_back) {
    tell_once(interrogation, found.test_cases.size(), incident);
    return true;
  }
  incident.before = fewest(trial, std::move(found.test_cases));
  const LastAnswer last = ask_afresh(interrogation, incident.before, incident.original);
  const auto verdict = objection_to(interrogation, incident, incident.original, last);
  incident.answer = last.answer;
  incident.sample = verdict ? verdict->sample : 0;
  incident.channel = verdict ? verdict->channel : 0;
  name_causes(trial, incident.before, incident);
  const std::size_t count = incident.before.size();
  incident.common = fmt::format(
      "Asked alone, the last question is answered right; it is wrong after {}, in the same memory.",
      count == 1 ? "the one before it" : fmt::format("the {} before it", count));
  return true;
}

}  // namespace gridproof
