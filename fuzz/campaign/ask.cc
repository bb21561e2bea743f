#include "fuzz/campaign/ask.h"

#include <algorithm>
#include <array>
#include <memory>
#include <numeric>
#include <utility>

#include "fuzz/campaign/participation.h"
#include "fuzz/campaign/repeats.h"
#include "fuzz/causes/loss.h"
#include "fuzz/mutants/same_memory.h"
#include "oracle/judge/bias.h"

namespace gridproof {
namespace {

// An answer to a question that nothing is judged by, of which the log knows all the same.
Answer noting(Checkpoint* log, Subject& subject, std::uint64_t ordinal, const Case& test_case) {
  if (log == nullptr) return subject.answer(test_case);
  if (log->was_cut_off(ordinal)) log->ask_again(ordinal, test_case);
  log->begin(std::array{ordinal});
  Answer answer = subject.answer(test_case);
  log->add(ordinal, {});
  return answer;
}

// Whether a judgment that somebody wrote down can be one on this case.
bool is_of(const Case& test_case, const Judgment& judgment) {
  if (judgment.whole) return true;
  const std::int64_t samples = sample_count(test_case);
  return std::ranges::all_of(judgment.notable, [samples](const SampleVerdict& verdict) {
    return verdict.sample < samples;
  });
}

// What is asked of whom.
struct Round {
  const CampaignOptions& options;
  const Parts& parts;
  Worker& worker;
  const std::vector<Asked>& asked;
};

Judgment judge_answer(const Round& round, std::size_t subject, const Case& test_case,
                      const Answer& answer, const Answer& expected) {
  const Judge& judge = round.worker.judge(subject);
  const Answer* const shortcut = round.options.shortcut ? &expected : nullptr;
  if (lacks_memory(test_case, answer))
    return judge.judge(test_case, Unsupported{"no memory for all elements"}, shortcut);
  if (takes_long(answer)) round.worker.losses().add_late(subject, test_case);
  return judge.judge(test_case, answer, shortcut);
}

// The cases at these places, each subject all of them at once.
std::vector<Judgments> judge_together(const Round& round, const std::vector<std::size_t>& places) {
  std::vector<Case> test_cases;
  for (const std::size_t place : places) test_cases.push_back(round.asked[place].step.test_case);
  std::vector<std::vector<judging::KnownElement>> known(test_cases.size());
  for (std::size_t i = 0; i < test_cases.size(); ++i) {
    if (has_random_texels(round.asked[places[i]].drawn()))
      known[i] = judging::known_elements(test_cases[i], round.options.profile);
  }
  const std::vector<Answer> expected = round.worker.reference().answers(test_cases);
  std::vector<Judgments> all(test_cases.size(), Judgments(round.worker.subjects()));
  for (std::size_t subject = 0; subject < round.worker.subjects(); ++subject) {
    std::vector<Case> own;
    std::vector<std::size_t> own_places;
    for (std::size_t i = 0; i < test_cases.size(); ++i) {
      if (!takes_part(round.parts, round.worker, subject, test_cases[i])) continue;
      own.push_back(test_cases[i]);
      own_places.push_back(i);
    }
    const std::vector<Answer> answers = round.worker.subject(subject).answers(own);
    for (std::size_t i = 0; i < own.size(); ++i) {
      const std::size_t place = own_places[i];
      Judgment judgment = judge_answer(round, subject, own[i], answers[i], expected[place]);
      judgment.errors = judging::signed_errors(known[place], answers[i], judgment);
      all[place][subject] = std::move(judgment);
    }
  }
  return all;
}

// One after another, in the same memory; equal questions are to be answered alike.
std::vector<Judgments> judge_sequence(const Round& round) {
  const std::vector<Asked>& asked = round.asked;
  std::vector<Judgments> all(asked.size(), Judgments(round.worker.subjects()));
  for (std::size_t subject = 0; subject < round.worker.subjects(); ++subject) {
    SameMemory memory;
    std::vector<Answer> answers;
    for (std::size_t i = 0; i < asked.size(); ++i) {
      answers.emplace_back(Unsupported{});
      if (!takes_part(round.parts, round.worker, subject, asked[i].step.test_case)) continue;
      const Case test_case = memory(asked[i].step.test_case);
      const Answer expected = round.worker.reference().answer(test_case);
      answers.back() = round.worker.subject(subject).answer(test_case);
      Judgment judgment = judge_answer(round, subject, test_case, answers.back(), expected);
      if (const auto same = asked[i].step.same_as) {
        object_to_change(judgment, answers.back(), answers[*same], expected);
      }
      all[i][subject] = std::move(judgment);
    }
  }
  return all;
}

bool is_sequence(const Round& round) { return round.asked.front().drawn().ordinals > 1; }

// The judgments on the cases at these places, which the log is told of; of a sequence all.
std::vector<Judgments> ask(const Round& round, const std::vector<std::size_t>& places) {
  Checkpoint* const log = round.options.log;
  if (log != nullptr) {
    std::vector<std::uint64_t> ordinals;
    for (const std::size_t place : places) ordinals.push_back(round.asked[place].ordinal);
    log->begin(ordinals);
  }
  std::vector<Judgments> all =
      is_sequence(round) ? judge_sequence(round) : judge_together(round, places);
  if (log == nullptr) return all;
  for (std::size_t i = 0; i < places.size(); ++i) {
    std::vector<Judgment> judgments;
    for (const auto& judgment : all[i]) judgments.push_back(judgment.value_or(Judgment{}));
    log->add(round.asked[places[i]].ordinal, judgments);
  }
  return all;
}

// What an earlier run wrote down of a case, if that can be.
std::optional<Judgments> judgments_of_log(const Round& round, const Asked& asked) {
  const Case& test_case = asked.step.test_case;
  const std::vector<Judgment>* const earlier =
      round.options.log == nullptr ? nullptr : round.options.log->find(asked.ordinal);
  if (earlier == nullptr || earlier->size() != round.worker.subjects() ||
      !std::ranges::all_of(*earlier,
                           [&](const Judgment& judgment) { return is_of(test_case, judgment); })) {
    return std::nullopt;
  }
  Judgments judgments(earlier->size());
  for (std::size_t subject = 0; subject < earlier->size(); ++subject) {
    if (takes_part(round.parts, round.worker, subject, test_case))
      judgments[subject] = (*earlier)[subject];
  }
  return judgments;
}

}  // namespace

Parts parts_of(Worker& worker, Checkpoint* log) {
  Parts parts;
  std::uint64_t ordinal = std::uint64_t{1} << 62U;  // of no case that is drawn
  for (std::size_t i = 0; i < worker.subjects(); ++i) {
    FunctionSubject noted([log, &subject = worker.subject(i), &ordinal](const Case& test_case) {
      return noting(log, subject, ordinal++, test_case);
    });
    parts.of_each.push_back(part_of(noted));
    parts.of_all |= parts.of_each.back();
  }
  return parts;
}

bool takes_part(const Parts& parts, const Worker& worker, std::size_t subject,
                const Case& test_case) {
  const auto kind = kind_index(test_case);
  if (!kind) return true;
  return parts.of_each[subject].has(test_case) &&
         !worker.losses().are_known(subject, *kind, test_case);
}

std::vector<Asked> cases_of(std::vector<Drawn> drawn, const Part& part) {
  std::vector<Asked> asked;
  for (Drawn& one : drawn) {
    const auto origin = std::make_shared<const Drawn>(std::move(one));
    std::vector<Step> steps = steps_of(*origin, part);
    for (std::size_t i = 0; i < steps.size(); ++i)
      asked.push_back({{origin, i}, origin->ordinal + i, std::move(steps[i])});
  }
  return asked;
}

std::vector<Judgments> judge_answers(const CampaignOptions& options, const Parts& parts,
                                     Worker& worker, const std::vector<Asked>& asked) {
  const Round round{options, parts, worker, asked};
  std::vector<Judgments> all(asked.size());
  std::vector<std::size_t> together;  // places of the cases that are to be asked
  for (std::size_t i = 0; i < asked.size(); ++i) {
    if (auto known = judgments_of_log(round, asked[i])) {
      all[i] = *std::move(known);
      continue;
    }
    const bool was_cut_off = options.log != nullptr && options.log->was_cut_off(asked[i].ordinal);
    if (was_cut_off) options.log->ask_again(asked[i].ordinal, asked[i].step.test_case);
    if (was_cut_off && !is_sequence(round)) {
      all[i] = std::move(ask(round, {i}).front());
    } else {
      together.push_back(i);
    }
  }
  if (together.empty()) return all;
  // Of a sequence each step needs those before it.
  if (is_sequence(round)) {
    together.resize(asked.size());
    std::iota(together.begin(), together.end(), std::size_t{0});
  }
  std::vector<Judgments> now = ask(round, together);
  for (std::size_t i = 0; i < together.size(); ++i) all[together[i]] = std::move(now[i]);
  return all;
}

std::function<std::vector<Case>()> asked_before(const Parts& parts, const Worker& worker,
                                                std::size_t subject,
                                                const std::vector<Asked>& asked,
                                                std::size_t place) {
  std::vector<Origin> origins = worker.recent(subject);
  for (std::size_t i = 0; i < place; ++i) {
    if (takes_part(parts, worker, subject, asked[i].step.test_case))
      origins.push_back(asked[i].origin);
  }
  return [origins = std::move(origins), part = parts.of_all] {
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

}  // namespace gridproof
