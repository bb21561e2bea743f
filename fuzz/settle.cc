#include "fuzz/settle.h"

#include <optional>
#include <string>
#include <variant>

#include "fuzz/reduce.h"

namespace gridproof {
namespace {

// The verdict on a sample of `question` that is the same kind of occurrence as `incident`.
std::optional<SampleVerdict> recurs(const Trial& trial, bool shortcut, const Incident& incident,
                                    const std::string& look, const Case& question, Answer& answer) {
  answer = trial.subject.answer(question);
  const Answer expected = trial.reference.answer(question);
  const Judgement judgement = trial.judge.judge(question, answer, shortcut ? &expected : nullptr);
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

}  // namespace

void settle(const Trial& trial, const SettleOptions& options, Incident& incident) {
  const auto start = std::chrono::steady_clock::now();
  const auto is_late = [start](std::chrono::nanoseconds after) {
    return std::chrono::steady_clock::now() >= start + after;
  };
  // Losing a subject takes seconds, each time.
  const bool is_lost = incident.verdict == Verdict::lost;
  const int patience = !is_lost ? 400 : options.spare_losses ? 0 : 12;
  const std::string look =
      is_lost ? "lost"
              : look_of(trial.subject.answer(incident.original), incident.sample, incident.channel);
  Answer answer;
  incident.reduced = reduce(
      incident.original, incident.sample,
      [&](const Case& candidate) {
        return !is_late(options.time * 2 / 3) &&
               recurs(trial, options.shortcut, incident, look, candidate, answer).has_value();
      },
      patience);
  const auto verdict = recurs(trial, options.shortcut, incident, look, incident.reduced, answer);
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
    if (is_late(options.time)) return Unsupported{"out of time"};
    return trial.subject.answer(question);
  });
  const auto cause = explaining_mutant({in_time, trial.reference, trial.judge}, incident.verdict,
                                       incident.clause, incident.reduced, incident.original);
  if (cause) {
    incident.cause = cause->mutant;
    incident.agreeing = cause->agreeing;
    incident.probes = cause->probes;
    incident.ties = cause->ties;
  }
}

}  // namespace gridproof
