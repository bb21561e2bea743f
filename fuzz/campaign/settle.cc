#include "fuzz/campaign/settle.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "fuzz/campaign/history.h"
#include "fuzz/causes/battery.h"
#include "fuzz/causes/common_traits.h"
#include "fuzz/causes/loss.h"
#include "fuzz/causes/reduce.h"
#include "fuzz/mutants/mutants.h"

namespace gridproof {
namespace {

// The verdict on a sample of `question` that is the same kind of occurrence as `incident`, which
// was looked at.
std::optional<SampleVerdict> reproduces(const Interrogation& interrogation,
                                        const Incident& incident, const Case& test_case,
                                        Answer& answer) {
  answer = interrogation.subject.answer(test_case);
  const Answer expected = interrogation.reference.answer(test_case);
  const Judgment judgment =
      interrogation.judge.judge(test_case, answer, interrogation.shortcut ? &expected : nullptr);
  for (const SampleVerdict& verdict : judgment.notable) {
    // A quality warning stays inside the same profile.
    if (verdict.within && kind_of(test_case, verdict) != incident.features) continue;
    if (verdict.verdict == incident.verdict && verdict.clause == incident.clause &&
        symptom_of(answer, verdict.sample, verdict.channel) == incident.cause) {
      return verdict;
    }
  }
  return std::nullopt;
}

// Whether it is worth to look at what was asked before: for what fails, and for the steps of a
// sequence.
bool may_be_of_history(const Incident& incident) {
  if (incident.verdict == Verdict::lost && takes_long(incident.answer)) return false;
  return !incident.before.empty() ||
         (is_finding(incident.verdict, false) && incident.recent != nullptr);
}

// A sequence is what was asked before, like anything else.
void keep_as_recent(Incident& incident) {
  incident.recent = [before = std::exchange(incident.before, {})] { return before; };
}

void take(const Cause& cause, Incident& incident) {
  incident.cause = cause.mutant;
  incident.agreeing = cause.same_bits;
  incident.probes = cause.probes;
  incident.ties = cause.ties;
}

// The question with -1 in the place of NaN, which means the same, and with coordinates that are far
// outside in the place of infinities.
Case with_ordinary_coordinates(const Case& test_case) {
  constexpr double far = 1e4;
  std::vector<double> grid = test_case.grid.values();
  for (double& x : grid) x = std::isnan(x) ? -1 : std::clamp(x, -far, far);
  return {test_case.request, test_case.input,
          Tensor(test_case.grid.dtype(), test_case.grid.shape(), grid)};
}

void look_beside(const Interrogation& interrogation, Incident& incident) {
  const bool is_special = std::ranges::any_of(incident.reduced.grid.values(),
                                              [](double x) { return !std::isfinite(x); });
  if (!is_special || incident.common.empty() || !can_be_cut(incident.reduced)) return;
  const Case plain = with_ordinary_coordinates(incident.reduced);
  const Judgment judgment = interrogation.judge.judge(plain, interrogation.subject.answer(plain));
  for (const SampleVerdict& verdict : judgment.notable) {
    if (verdict.verdict != incident.verdict || verdict.sample != incident.sample) continue;
    incident.beside = verdict.clause;
    incident.common +=
        " With ordinary coordinates in the place of NaN and infinities it is wrong, too, under [" +
        verdict.clause + "].";
    return;
  }
}

// Shows the same cause in a plainer kernel, where it answers as the cause does there.
void show_plainer(const Interrogation& interrogation, const Mutant& cause, Incident& incident) {
  for (Case& plainer : in_plainer_kernels(incident.reduced)) {
    Answer answer;
    const auto verdict = reproduces(interrogation, incident, plainer, answer);
    if (!verdict || !same_answer(cause.answer(plainer), answer)) continue;
    incident.reduced = std::move(plainer);
    incident.answer = std::move(answer);
    incident.sample = verdict->sample;
    incident.channel = verdict->channel;
    return;
  }
}

// Keeps the answer to the reduced case, with the verdict on it, if it was wrong again.
void note_answer(const std::optional<SampleVerdict>& verdict, Answer answer, Incident& incident) {
  incident.sample = verdict ? verdict->sample : 0;
  incident.channel = verdict ? verdict->channel : 0;
  if (!verdict && incident.verdict == Verdict::lost) {
    incident.answer = Lost{std::get<Lost>(incident.answer).why + ", but not every time"};
  } else {
    incident.answer = std::move(answer);
  }
}

// How long an incident is looked at.
class Time {
 public:
  explicit Time(std::chrono::nanoseconds given) : given_(given) {}
  [[nodiscard]] bool is_over() const { return is_over(given_); }
  // What reducing takes at most, as does looking for the questions before.
  [[nodiscard]] std::chrono::nanoseconds of_a_part() const { return given_ * 2 / 3; }
  [[nodiscard]] bool is_part_over() const { return is_over(of_a_part()); }

 private:
  [[nodiscard]] bool is_over(std::chrono::nanoseconds after) const {
    return std::chrono::steady_clock::now() >= start_ + after;
  }
  std::chrono::nanoseconds given_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// Whether what was asked before settles it. What reproduces in this instance may do so for what it
// was asked before: see `confirm`.
bool is_settled_by_history(const Interrogation& interrogation, const SettleOptions& options,
                           const Time& time, Incident& incident) {
  if (!may_be_of_history(incident)) return false;
  Answer again;
  const bool recurs_here =
      reproduces(interrogation, incident, incident.original, again).has_value();
  if (!recurs_here && !options.is_history_known &&
      settle_history(interrogation, incident, time.of_a_part())) {
    return true;
  }
  if (!incident.before.empty()) keep_as_recent(incident);
  if (recurs_here || !options.is_history_known) return false;
  incident.reduced = incident.original;
  incident.cause = not_the_same;
  if (incident.verdict != Verdict::lost) incident.answer = std::move(again);
  return true;
}

// How many questions reducing may take.
int patience_for(const Incident& incident, bool is_like_another) {
  // Of what is no finding all are reduced as far: a shard does not know what others look like.
  if (!is_finding(incident.verdict, false)) return 40;
  if (is_like_another) return 8;
  return incident.verdict == Verdict::lost ? 12 : 400;
}

// Makes the original smaller for as long as it is wrong in the same way. Counts how often the
// subject was lost on the way, which takes a start each time.
void reduce_original(const Interrogation& interrogation, int patience, const Time& time,
                     int& losses, Incident& incident) {
  constexpr int max_losses = 1;
  // A case that stays large is reduced by few questions; a texel costs less than an answer does.
  constexpr std::int64_t max_elements = std::int64_t{1} << 21U;
  constexpr std::int64_t texels_of_an_answer = 32;
  std::int64_t elements = 0;
  Answer answer;
  const auto is_interesting = [&](const Case& candidate) {
    if (elements > max_elements || time.is_part_over() || losses >= max_losses) return false;
    elements += output_count(candidate) + candidate.input.storage_size() / texels_of_an_answer;
    const bool does = reproduces(interrogation, incident, candidate, answer).has_value();
    if (incident.verdict != Verdict::lost && std::holds_alternative<Lost>(answer)) ++losses;
    return does;
  };
  incident.reduced =
      reduce(incident.original, incident.sample, is_interesting, patience, Keeping::kernel);
}

// Of a loss: from which size on, and which mutant is lost there.
void look_for_threshold(const Interrogation& interrogation, Incident& incident) {
  Loss loss = look_around(interrogation, incident.reduced);
  incident.reduced = std::move(loss.reduced);
  incident.common = std::move(loss.threshold);
  if (loss.cause) take(*loss.cause, incident);
}

// Looks for a mutant that explains it, and else for what the wrong samples have in common; while
// there is time, and the subject was not lost too often.
void look_for_cause(const Interrogation& interrogation, const Time& time, int losses,
                    Incident& incident) {
  constexpr int max_losses = 3;
  FunctionSubject in_time([&](const Case& test_case) -> Answer {
    if (time.is_over() || losses >= max_losses) return Unsupported{"out of time"};
    Answer own = interrogation.subject.answer(test_case);
    if (std::holds_alternative<Lost>(own)) ++losses;
    return own;
  });
  const Interrogation while_there_is_time{
      in_time, interrogation.reference, interrogation.judge, {}, interrogation.shortcut};
  const Objection objection{.verdict = incident.verdict,
                            .clause = incident.clause,
                            .original = incident.original,
                            .reduced = incident.reduced,
                            .sample = incident.sample};
  if (const auto cause = explaining_mutant(while_there_is_time, objection)) {
    if (const auto mutant = mutant_named(cause->mutant)) {
      show_plainer(interrogation, *mutant, incident);
    }
    take(*cause, incident);
  } else {
    incident.common = common_traits(while_there_is_time, objection);
    look_beside(while_there_is_time, incident);
  }
}

}  // namespace

void look_at(const Interrogation& interrogation, Incident& incident) {
  incident.cause = incident.verdict == Verdict::lost
                       ? "lost"
                       : symptom_of(interrogation.subject.answer(incident.original),
                                    incident.sample, incident.channel);
}

void confirm(const Interrogation& interrogation, std::chrono::nanoseconds time,
             Incident& incident) {
  const bool was_asked_afresh =
      !incident.before.empty() || (incident.cause == not_the_same && incident.recent == nullptr);
  if (was_asked_afresh || takes_long(incident.answer)) return;
  Answer answer;
  // Whether a read beyond memory is a crash is for each instance to see.
  const int most = incident.verdict == Verdict::lost ? 4 : 1;
  for (int i = 0; i < most; ++i) {
    if (objection_alone(interrogation, incident, incident.reduced, answer)) return;
  }
  if (settle_history(interrogation, incident, time)) return;
  const auto verdict = objection_alone(interrogation, incident, incident.original, answer);
  incident.reduced = incident.original;
  incident.sample = verdict ? verdict->sample : 0;
  incident.channel = verdict ? verdict->channel : 0;
  incident.cause = incident.verdict == Verdict::lost
                       ? "lost"
                       : symptom_of(answer, incident.sample, incident.channel);
  incident.answer = std::move(answer);
  incident.agreeing = incident.probes = 0;
  incident.ties.clear();
  incident.common.clear();
}

void settle(const Interrogation& interrogation, const SettleOptions& options, Incident& incident) {
  const Time time(options.time);
  // Losing a subject takes seconds, each time.
  const bool is_lost = incident.verdict == Verdict::lost;
  if (is_lost && options.spare_losses) {
    incident.reduced = incident.original;
    if (!incident.before.empty()) keep_as_recent(incident);
    return;
  }
  if (is_settled_by_history(interrogation, options, time, incident)) return;
  int losses = 0;  // of questions about what is no loss
  reduce_original(interrogation, patience_for(incident, options.is_like_another), time, losses,
                  incident);
  Answer answer;
  const auto verdict = reproduces(interrogation, incident, incident.reduced, answer);
  note_answer(verdict, std::move(answer), incident);
  if (!is_finding(incident.verdict, false)) {
    incident.cause = incident.features;
    return;
  }
  if (options.is_like_another) return;
  if (!is_lost) {
    look_for_cause(interrogation, time, losses, incident);
  } else if (verdict && !takes_long(incident.answer)) {
    look_for_threshold(interrogation, incident);
  }
}

}  // namespace gridproof
