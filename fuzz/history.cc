#include "fuzz/history.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "fuzz/mutants/mutants.h"
#include "fuzz/mutants/same_memory.h"
#include "fuzz/repeats.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof {
namespace {

bool are_equal(const Case& one, const Case& other) {
  return one.request == other.request && one.input.shape() == other.input.shape() &&
         one.grid.shape() == other.grid.shape() && one.input.is_copyable() &&
         one.input.same_values(other.input) && one.grid.same_values(other.grid);
}

// What a subject answers to the last of some questions in the same memory, and to an equal one
// before it.
struct LastAnswer {
  Answer answer;
  std::optional<Answer> earlier;
};
LastAnswer ask_in_turn(Subject& subject, const std::vector<Case>& before, const Case& last) {
  SameMemory memory;
  LastAnswer result;
  for (const Case& question : before) {
    Answer answer = subject.answer(memory(question));
    if (are_equal(question, last)) result.earlier = std::move(answer);
  }
  result.answer = subject.answer(memory(last));
  return result;
}

// The verdict that makes the incident, if the last answer gets it.
std::optional<SampleVerdict> objection_to(const Trial& trial, const Incident& incident,
                                          const LastAnswer& last) {
  const Answer expected = trial.reference.answer(incident.original);
  Judgement judgement = trial.judge.judge(incident.original, last.answer, &expected);
  if (last.earlier) object_to_change(judgement, last.answer, *last.earlier, expected);
  for (const SampleVerdict& verdict : judgement.notable) {
    if (verdict.verdict == incident.verdict && verdict.clause == incident.clause) return verdict;
  }
  return std::nullopt;
}

bool is_same(const Answer& one, const Answer& other) {
  const auto* const a = std::get_if<Tensor>(&one);
  const auto* const b = std::get_if<Tensor>(&other);
  if (a == nullptr || b == nullptr) return one.index() == other.index();
  return a->same_values(*b);
}

}  // namespace

bool settle_history(const Trial& trial, Incident& incident) {
  std::vector<Case> before = std::exchange(incident.before, {});
  const auto objection_after = [&](const std::vector<Case>& some) {
    return objection_to(trial, incident, ask_in_turn(trial.subject, some, incident.original));
  };
  if (objection_after({}) || !objection_after(before)) return false;
  // Fewer of them: halves, then single ones.
  int patience = 100;
  for (std::size_t part = (before.size() + 1) / 2; part > 0 && patience > 0; part /= 2) {
    for (std::size_t begin = 0; begin < before.size() && patience > 0;) {
      std::vector<Case> fewer = before;
      const auto first = fewer.begin() + static_cast<std::ptrdiff_t>(begin);
      fewer.erase(first, first + static_cast<std::ptrdiff_t>(std::min(part, fewer.size() - begin)));
      --patience;
      if (!objection_after(fewer)) {
        begin += part;
        continue;
      }
      before = std::move(fewer);
    }
  }
  const LastAnswer last = ask_in_turn(trial.subject, before, incident.original);
  const auto verdict = objection_to(trial, incident, last);
  incident.reduced = incident.original;
  incident.answer = last.answer;
  incident.sample = verdict ? verdict->sample : 0;
  incident.channel = verdict ? verdict->channel : 0;
  incident.cause = "not the same each time";
  for (const Mutant& mutant : mutants()) {
    if (!mutant.remembers()) continue;
    const std::unique_ptr<Subject> instance = mutant.open();
    if (!is_same(ask_in_turn(*instance, before, incident.original).answer, last.answer)) continue;
    if (incident.probes == 0) {
      incident.cause = mutant.name;
      incident.agreeing = incident.probes = 1;
    } else {
      incident.ties.push_back(mutant.name);
    }
  }
  incident.common = "By itself it is answered right; in the same memory, not after ";
  for (std::size_t i = 0; i < before.size(); ++i) {
    incident.common += (i == 0 ? "'" : " and '") + to_line(before[i]) + "'";
  }
  incident.common += '.';
  incident.before = std::move(before);
  return true;
}

}  // namespace gridproof
