#include "fuzz/campaign/campaign.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <numeric>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "fuzz/campaign/history.h"
#include "fuzz/mutants/mutants.h"
#include "oracle/exact/exact.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof {
namespace {

SubjectEntry mutant_named(const std::string& name) {
  for (const Mutant& mutant : mutants()) {
    if (mutant.name == name) return mutant_subject(mutant);
  }
  throw std::out_of_range(name);
}

CampaignOptions of_cases(std::int64_t cases) {
  CampaignOptions options;
  options.max_cases = cases;
  return options;
}

// Everything of a result that must not depend on how the work was divided.
std::string digest(const CampaignResult& result) {
  std::string text = std::to_string(result.cases) + ' ' + std::to_string(result.samples) + '\n';
  for (const Finding& finding : result.findings) {
    text += finding.subject + ' ' + finding.clause + ' ' + finding.cause + ' ' +
            std::to_string(finding.samples) + '\n';
    for (const Incident& incident : finding.incidents) {
      text += "  " + incident.features + ' ' + std::to_string(incident.samples) + ' ' +
              std::to_string(incident.ordinal) + ' ' + to_line(incident.reduced) + '\n';
    }
  }
  return text;
}

TEST(Campaign, DoesNotDependOnTheNumberOfThreads) {
  const std::vector subjects = {mutant_named("nan.centre"), mutant_named("reflect.once")};
  CampaignOptions options = of_cases(60);
  options.threads = 1;
  const std::string alone = digest(run_campaign(options, subjects, reference_subject()));
  options.threads = 3;
  EXPECT_EQ(digest(run_campaign(options, subjects, reference_subject())), alone);
  EXPECT_NE(alone.find("nan.centre"), std::string::npos);
}

// What an instance answers may depend on what it was asked before: which instance is asked what
// must not depend on which thread is faster.
TEST(Campaign, IsTheSameAgainForASubjectWithAState) {
  const std::vector subjects = {mutant_named("state.flag-not-in-key"),
                                mutant_named("state.refusal-stays")};
  CampaignOptions options = of_cases(1500);
  options.threads = 3;
  const std::string once = digest(run_campaign(options, subjects, reference_subject()));
  EXPECT_NE(once.find("state.flag-not-in-key"), std::string::npos);
  for (int times = 0; times < 3; ++times) {
    EXPECT_EQ(digest(run_campaign(options, subjects, reference_subject())), once);
  }
}

// The union of the shards: counts add up, and every incident is found by the shard that has its
// first case.
TEST(Campaign, ShardsFindTogetherWhatOneRunFinds) {
  const std::vector subjects = {mutant_named("nan.centre")};
  const CampaignResult whole = run_campaign(of_cases(90), subjects, reference_subject());
  std::map<std::string, Incident> first;
  std::int64_t cases = 0;
  std::int64_t samples = 0;
  for (int shard = 0; shard < 3; ++shard) {
    CampaignOptions options = of_cases(90);
    options.shard = {shard, 3};
    const CampaignResult part = run_campaign(options, subjects, reference_subject());
    EXPECT_LT(part.cases, whole.cases);
    cases += part.cases;
    samples += part.samples;
    for (const Finding& finding : part.findings) {
      for (const Incident& incident : finding.incidents) {
        const auto [place, is_new] =
            first.try_emplace(incident.clause + incident.features, incident);
        if (!is_new && incident.ordinal < place->second.ordinal) place->second = incident;
      }
    }
  }
  EXPECT_EQ(cases, whole.cases);
  EXPECT_EQ(samples, whole.samples);
  std::size_t incidents = 0;
  for (const Finding& finding : whole.findings) {
    for (const Incident& incident : finding.incidents) {
      ++incidents;
      const auto found = first.find(incident.clause + incident.features);
      ASSERT_NE(found, first.end());
      EXPECT_EQ(to_line(found->second.reduced), to_line(incident.reduced));
      EXPECT_EQ(found->second.cause, incident.cause);
    }
  }
  EXPECT_EQ(first.size(), incidents);
}

TEST(Campaign, NamesTheCauseAndReducesToOneSample) {
  const CampaignResult result =
      run_campaign(of_cases(200), {mutant_named("reflect.wrong-edge")}, reference_subject());
  ASSERT_FALSE(result.findings.empty());
  bool named = false;
  for (const Finding& finding : result.findings) named |= finding.cause == "reflect.wrong-edge";
  EXPECT_TRUE(named);
  EXPECT_EQ(sample_count(result.findings.front().incidents.front().reduced), 1);
}

// A subject with one fault in volumes of 16 bits and another one in the rest. Reduced to f32, or to
// a plane, what was wrong by the one would be wrong by the other.
TEST(Campaign, NamesTheCauseOfTheKernelThatWasWrong) {
  const SubjectEntry two{
      .name = "two", .description = "", .open = [] {
        return std::make_unique<FunctionSubject>([](const Case& test_case) {
          const bool is_other = is_16_bit(test_case.input.dtype()) && test_case.input.rank() == 5;
          return find_mutant(is_other ? "own-type.volumes" : "nan.propagates")->answer(test_case);
        });
      }};
  const CampaignResult result = run_campaign(of_cases(2500), {two}, reference_subject());
  std::set<std::string> causes;
  for (const Finding& finding : result.findings) {
    if (find_mutant(finding.cause) != nullptr) causes.insert(finding.cause);
  }
  EXPECT_EQ(causes, (std::set<std::string>{"nan.propagates", "own-type.volumes"}));
}

// A crash that depends on more than the question.
TEST(Campaign, SaysWhenALossDoesNotRecur) {
  std::atomic<int> asked = 0;
  const SubjectEntry flaky{.name = "flaky", .description = "", .open = [&asked] {
                             return std::make_unique<FunctionSubject>([&](const Case& test_case) {
                               return ++asked == 150 ? Answer(Lost{"was killed"})
                                                     : grid_sample(test_case);
                             });
                           }};
  CampaignOptions options = of_cases(50);
  options.threads = 1;
  const CampaignResult result = run_campaign(options, {flaky}, reference_subject());
  ASSERT_EQ(result.findings.size(), 1U);
  const Incident& incident = result.findings[0].incidents[0];
  ASSERT_TRUE(std::holds_alternative<Lost>(incident.answer));
  EXPECT_EQ(std::get<Lost>(incident.answer).why, "was killed, but not every time");
}

TEST(Campaign, FindsNothingInTheWitnesses) {
  CampaignOptions options = of_cases(900);
  options.shortcut = false;
  const CampaignResult result =
      run_campaign(options, {reference_subject(), exact::subject()}, reference_subject());
  EXPECT_TRUE(result.findings.empty()) << digest(result);
  EXPECT_GT(result.samples, 50000);
}

TEST(Campaign, LostSubjectsAreFindings) {
  const SubjectEntry dead{.name = "dead", .description = "", .open = [] {
                            return std::make_unique<FunctionSubject>(
                                [](const Case&) -> Answer { return Lost{"killed by signal 11"}; });
                          }};
  const CampaignResult result = run_campaign(of_cases(3), {dead}, reference_subject());
  ASSERT_FALSE(result.findings.empty());
  EXPECT_EQ(result.findings.front().verdict, Verdict::lost);
}

TEST(Campaign, ASubjectThatCannotStartEndsIt) {
  const SubjectEntry absent{
      .name = "absent", .description = "", .open = []() -> std::unique_ptr<Subject> {
        throw std::runtime_error("no such program");
      }};
  EXPECT_THROW(run_campaign(of_cases(3), {absent}, reference_subject()), std::runtime_error);
}

TEST(Campaign, EndsWhenASubjectIsLostTooOften) {
  const SubjectEntry crashing{.name = "crashing", .description = {}, .open = [] {
                                return std::make_unique<FunctionSubject>([](const Case&) {
                                  return Answer(Lost{"was killed by signal 11"});
                                });
                              }};
  const CampaignResult result =
      run_campaign({.max_samples = 10'000'000, .max_lost = 40}, {crashing}, reference_subject());
  EXPECT_TRUE(result.ended.starts_with("the campaign ended early: crashing was lost in 4"))
      << result.ended;
  EXPECT_LT(result.cases, 200);
  EXPECT_FALSE(result.findings.empty());
}

// Of the first cases, those come first that decide much for what they cost.
TEST(Campaign, ABudgetIsSpentOnCheapCasesFirst) {
  std::vector<double> worth;
  int asked = 0;
  const SubjectEntry watching{
      .name = "watching", .description = {}, .open = [&] {
        return std::make_unique<FunctionSubject>([&](const Case& test_case) {
          const double samples = static_cast<double>(sample_count(test_case));
          const double texels = static_cast<double>(test_case.input.element_count());
          const double outputs = samples * static_cast<double>(test_case.input.size(1));
          constexpr int harmless = 130;  // that it is asked before, to learn what it takes part in
          if (++asked > harmless && worth.size() < 500)
            worth.push_back(samples / (100 + texels + outputs));
          return grid_sample(test_case);
        });
      }};
  const CampaignResult result = run_campaign({.budget = std::chrono::seconds(2), .threads = 1},
                                             {watching}, reference_subject());
  ASSERT_EQ(worth.size(), 500U);
  EXPECT_GT(result.cases, 500);
  const auto mean = [&](std::size_t from) {
    return std::accumulate(worth.begin() + static_cast<std::ptrdiff_t>(from),
                           worth.begin() + static_cast<std::ptrdiff_t>(from) + 100, 0.0) /
           100;
  };
  EXPECT_GT(mean(0), 1.5 * mean(400));
}

// Looking into what was found does not take longer than was given.
TEST(Campaign, ABudgetHoldsForWhatIsLookedIntoAsWell) {
  const SubjectEntry slow{
      .name = "slow", .description = {}, .open = [] {
        return std::make_unique<FunctionSubject>([](const Case& test_case) -> Answer {
          std::this_thread::sleep_for(std::chrono::milliseconds(2));
          Answer answer = grid_sample(test_case);
          const auto* const output = std::get_if<Tensor>(&answer);
          if (test_case.request.mode != "nearest" || output == nullptr) return answer;
          return Tensor(output->dtype(), output->shape());
        });
      }};
  constexpr std::chrono::seconds budget(4);
  const CampaignResult result =
      run_campaign({.budget = budget, .threads = 1}, {slow}, reference_subject());
  EXPECT_FALSE(result.findings.empty());
  EXPECT_LT(result.elapsed, budget * 3 / 2);
}

// A clause that any shard tested is tested; one that another was only not asked is as the first
// found it.
TEST(Campaign, ParticipationsOfShardsAddUp) {
  Participation sum{.asked = 10,
                    .decided = 8,
                    .decided_by_clause = {{"both", 5}, {"here", 3}},
                    .untested = {"neither", "there"},
                    .unsupported = {"never", "perhaps"},
                    .parts = {"bilinear zeros 4-D f32"},
                    .coverage = {{.strength = 3, .asked = 7, .possible = 20}}};
  const Participation other{.asked = 5,
                            .decided = 3,
                            .decided_by_clause = {{"both", 1}, {"there", 2}},
                            .untested = {"here", "neither", "perhaps"},
                            .unsupported = {"never"},
                            .parts = {"bilinear zeros 4-D f32", "nearest zeros 4-D f32"},
                            .coverage = {{.strength = 2, .asked = 4, .possible = 4},
                                         {.strength = 3, .asked = 9, .possible = 20}}};
  add_participation(sum, other);
  const Participation expected{.asked = 15,
                               .decided = 11,
                               .decided_by_clause = {{"both", 6}, {"here", 3}, {"there", 2}},
                               .untested = {"neither"},
                               .unsupported = {"never", "perhaps"},
                               .parts = {"bilinear zeros 4-D f32", "nearest zeros 4-D f32"},
                               .coverage = {{.strength = 2, .asked = 4, .possible = 4},
                                            {.strength = 3, .asked = 16, .possible = 20}}};
  EXPECT_EQ(sum, expected);
  Participation none;
  add_participation(none, expected);
  EXPECT_EQ(none, expected);
}

// Questions without an answer are asked of everybody; who declines them takes no part in their
// clauses, however the campaign is cut, and whoever answers nothing else is judged by nothing.
TEST(Campaign, WhatHasNoAnswerMayBeDeclined) {
  const SubjectEntry declines{
      .name = "declines", .description = {}, .open = [] {
        return std::make_unique<FunctionSubject>([](const Case& test_case) -> Answer {
          if (exact::refusal_of(test_case)) return Unsupported{"questions without an answer"};
          return grid_sample(test_case);
        });
      }};
  CampaignOptions options;
  options.max_samples = 20'000;
  const Participation whole =
      run_campaign(options, {declines}, reference_subject()).participation["declines"];
  EXPECT_EQ(whole.untested, std::vector<std::string>());
  EXPECT_TRUE(std::ranges::binary_search(whole.unsupported, "shape.last-dimension"));
  EXPECT_TRUE(std::ranges::binary_search(whole.unsupported, "shape.empty-spatial"));
  Participation sum;
  for (int i = 0; i < 3; ++i) {
    options.shard = {.index = i, .count = 3};
    add_participation(
        sum, run_campaign(options, {declines}, reference_subject()).participation["declines"]);
  }
  EXPECT_EQ(sum.untested, whole.untested);
  EXPECT_EQ(sum.unsupported, whole.unsupported);
}

// --- what a log is told -------------------------------------------------------------------------

// Keeps the judgments on every case, and gives back those of an earlier run.
class Notes final : public Checkpoint {
 public:
  explicit Notes(std::map<std::uint64_t, std::vector<Judgment>> earlier = {})
      : earlier_(std::move(earlier)) {}
  [[nodiscard]] const std::vector<Judgment>* find(std::uint64_t ordinal) const override {
    const auto found = earlier_.find(ordinal);
    return found == earlier_.end() ? nullptr : &found->second;
  }
  void begin(std::span<const std::uint64_t>) override {}
  [[nodiscard]] bool was_cut_off(std::uint64_t) const override { return false; }
  void ask_again(std::uint64_t, const Case&) override {}
  [[nodiscard]] std::chrono::milliseconds spent() const override { return {}; }
  void add(std::uint64_t ordinal, const std::vector<Judgment>& judgments) override {
    const std::scoped_lock lock(mutex_);
    if (judgments.empty()) return;  // to learn what somebody takes part in
    EXPECT_TRUE(judged.emplace(ordinal, judgments).second) << ordinal;
  }

  std::map<std::uint64_t, std::vector<Judgment>> judged;

 private:
  std::map<std::uint64_t, std::vector<Judgment>> earlier_;
  std::mutex mutex_;
};

std::int64_t sum_of(const Judgment& judgment) {
  return std::accumulate(judgment.counts.begin(), judgment.counts.end(), std::int64_t{0});
}

// Every sample is counted once, with the verdict that it got, under its clause and its incident;
// an incident is that of the first case that has it.
TEST(Campaign, CountsAreThoseOfTheJudgments) {
  const SubjectEntry clumsy{
      .name = "clumsy", .description = {}, .open = [] {
        return std::make_unique<FunctionSubject>([](const Case& test_case) -> Answer {
          const std::size_t size = to_line(test_case).size();
          if (size % 29 == 3) return Lost{"was killed by signal 11"};
          if (size % 29 == 4) return Refusal{"shape.rank", "not today"};
          return find_mutant("nan.centre")->answer(test_case);
        });
      }};
  Notes notes;
  CampaignOptions options = of_cases(260);
  options.log = &notes;
  options.max_lost = 1000;
  options.threads = 2;
  const CampaignResult result = run_campaign(options, {clumsy}, reference_subject());
  EXPECT_EQ(result.cases, std::ssize(notes.judged));
  std::array<std::int64_t, verdict_count> verdicts{};
  std::int64_t samples = 0;
  std::map<std::string, std::array<std::int64_t, verdict_count>> clauses;
  struct Sighting {
    std::uint64_t ordinal;
    std::int64_t samples = 0;
    std::int64_t cases = 0;
    std::uint64_t last = 0;
  };
  std::map<std::pair<std::string, Verdict>, Sighting> sightings;
  for (const auto& [ordinal, judgments] : notes.judged) {
    ASSERT_EQ(judgments.size(), 1U);
    const Judgment& judgment = judgments[0];
    samples += sum_of(judgment);
    for (std::size_t i = 0; i < verdict_count; ++i) verdicts[i] += judgment.counts[i];
    std::set<std::pair<std::string, Verdict>> seen;
    for (const SampleVerdict& verdict : judgment.notable) {
      const std::int64_t more = judgment.whole ? judgment[verdict.verdict] : 1;
      clauses[verdict.clause][static_cast<std::size_t>(verdict.verdict)] += more;
      const std::pair key(verdict.clause, verdict.verdict);
      Sighting& sighting = sightings.try_emplace(key, Sighting{.ordinal = ordinal}).first->second;
      sighting.samples += more;
      sighting.cases += seen.insert(key).second ? 1 : 0;
      sighting.last = ordinal;
    }
  }
  EXPECT_EQ(result.samples, samples);
  EXPECT_EQ(result.clauses.at("clumsy"), clauses);
  std::array<std::int64_t, verdict_count> of_strata{};
  std::int64_t cases = 0;
  for (const auto& [stratum, counts] : result.strata.at("clumsy")) {
    cases += counts.cases;
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < verdict_count; ++i) {
      of_strata[i] += counts.verdicts[i];
      sum += counts.verdicts[i];
    }
    EXPECT_EQ(counts.samples, sum) << stratum;
  }
  EXPECT_EQ(of_strata, verdicts);
  EXPECT_EQ(cases, result.cases);
  for (const Verdict verdict : {Verdict::lost, Verdict::refused_wrongly, Verdict::deviates}) {
    EXPECT_GT(verdicts[static_cast<std::size_t>(verdict)], 0) << name(verdict);
  }
  EXPECT_EQ(verdicts[static_cast<std::size_t>(Verdict::unsupported)], 0);
  // Incidents of one clause and verdict, of all kinds together.
  std::map<std::pair<std::string, Verdict>, Sighting> told;
  bool has_many = false;
  for (const Finding& finding : result.findings) {
    for (const Incident& incident : finding.incidents) {
      const std::pair key(incident.clause, incident.verdict);
      Sighting& sighting =
          told.try_emplace(key, Sighting{.ordinal = incident.ordinal}).first->second;
      sighting.ordinal = std::min(sighting.ordinal, incident.ordinal);
      sighting.samples += incident.samples;
      has_many = has_many || incident.cases > 1;
    }
  }
  EXPECT_TRUE(has_many);
  for (const auto& [key, sighting] : told) {
    ASSERT_TRUE(sightings.contains(key)) << key.first;
    EXPECT_EQ(sighting.ordinal, sightings.at(key).ordinal) << key.first;
    EXPECT_EQ(sighting.samples, sightings.at(key).samples) << key.first;
    EXPECT_LT(sighting.ordinal, sightings.at(key).last + (sightings.at(key).cases > 1 ? 0 : 1));
  }
  for (const auto& [key, sighting] : sightings) {
    EXPECT_TRUE(told.contains(key) || !is_finding(key.second, false)) << key.first;
  }
}

// Each case is of one shard.
TEST(Campaign, ShardsShareNoCase) {
  std::set<std::uint64_t> all;
  Notes whole;
  CampaignOptions options = of_cases(400);
  options.log = &whole;
  run_campaign(options, {reference_subject()}, reference_subject());
  std::size_t cases = 0;
  for (int shard = 0; shard < 3; ++shard) {
    Notes notes;
    options.log = &notes;
    options.shard = {shard, 3};
    run_campaign(options, {reference_subject()}, reference_subject());
    EXPECT_GT(notes.judged.size(), 60U);
    cases += notes.judged.size();
    for (const auto& [ordinal, judgments] : notes.judged) all.insert(ordinal);
  }
  EXPECT_EQ(all.size(), cases);
  EXPECT_EQ(all.size(), whole.judged.size());
}

// What an earlier run wrote down is taken and not asked; not if it is of other subjects, or of
// samples that the case does not have.
TEST(Campaign, TakesWhatWasWrittenOfTheSameQuestions) {
  std::atomic<int> asked = 0;
  const SubjectEntry counting{
      .name = "counting", .description = {}, .open = [&] {
        return std::make_unique<FunctionSubject>([&](const Case& test_case) {
          ++asked;
          return find_mutant("nan.centre")->answer(test_case);
        });
      }};
  const auto asked_with = [&](std::map<std::uint64_t, std::vector<Judgment>> earlier,
                              std::string& result) {
    Notes notes(std::move(earlier));
    CampaignOptions options = of_cases(120);
    options.log = &notes;
    options.threads = 1;
    result = digest(run_campaign(options, {counting}, reference_subject()));
    return std::pair(notes.judged, asked.exchange(0));
  };
  std::string fresh;
  std::string again;
  const auto [judged, test_cases] = asked_with({}, fresh);
  ASSERT_EQ(judged.size(), 120U);
  const auto [further, fewer] = asked_with(judged, again);
  EXPECT_TRUE(further.empty());
  EXPECT_EQ(again, fresh);
  EXPECT_EQ(test_cases - fewer, 120);
  auto of_two = judged;
  for (auto& [ordinal, judgments] : of_two) judgments.push_back(judgments[0]);
  const auto [all, as_many] = asked_with(of_two, again);
  EXPECT_EQ(all.size(), 120U);
  EXPECT_EQ(as_many, test_cases);
  EXPECT_EQ(again, fresh);
  auto beyond = judged;
  int changed = 0;
  for (auto& [ordinal, judgments] : beyond) {
    if (judgments[0].whole || judgments[0].notable.empty()) continue;
    judgments[0].notable.back().sample = 1'000'000;
    ++changed;
  }
  EXPECT_GT(changed, 3);
  EXPECT_EQ(std::ssize(asked_with(beyond, again).first), changed);
  EXPECT_EQ(again, fresh);
}

// --- sequences ----------------------------------------------------------------------------------

// Two witnesses in turns: each answer is admissible, and only equal questions show that it is not
// the same each time.
TEST(Campaign, EqualQuestionsAreCompared) {
  const SubjectEntry fickle{
      .name = "fickle", .description = {}, .open = [] {
        auto turn = std::make_shared<int>(0);
        auto other = std::shared_ptr<Subject>(exact::subject().open());
        return std::make_unique<FunctionSubject>([turn, other](const Case& test_case) {
          return ++*turn % 2 == 0 ? grid_sample(test_case) : other->answer(test_case);
        });
      }};
  CampaignOptions options = of_cases(2700);  // as far as some sequences
  options.threads = 1;
  const CampaignResult result = run_campaign(options, {fickle}, reference_subject());
  ASSERT_FALSE(result.findings.empty());
  for (const Finding& finding : result.findings) {
    EXPECT_EQ(finding.clause, "shape.sample");
    for (const Incident& incident : finding.incidents) EXPECT_EQ(incident.stratum, "sequences");
  }
}

// A question comes where another one lay, as a caller's does who fills a buffer anew.
TEST(Campaign, SequencesAreAskedInTheSameMemory) {
  std::map<const void*, std::set<std::string>> contents;  // by where the input lies
  std::map<const void*, int> test_cases;
  const SubjectEntry watching{
      .name = "watching", .description = {}, .open = [&] {
        return std::make_unique<FunctionSubject>([&](const Case& test_case) {
          ++test_cases[test_case.input.storage()];
          contents[test_case.input.storage()].insert(to_line(test_case));
          return grid_sample(test_case);
        });
      }};
  CampaignOptions options = of_cases(2300);
  options.threads = 1;
  const CampaignResult result = run_campaign(options, {watching}, reference_subject());
  const auto& strata = result.strata.at("watching");
  ASSERT_TRUE(strata.contains("sequences"));
  const auto busiest =
      std::ranges::max_element(test_cases, {}, [](const auto& entry) { return entry.second; });
  EXPECT_GE(busiest->second, 50);
  EXPECT_GE(contents.at(busiest->first).size(), 20U);
  EXPECT_LT(std::ssize(contents.at(busiest->first)), busiest->second);
}

// Who declines by the values, although it answers the same with others, refuses wrongly.
TEST(Campaign, DecliningByValuesIsRefusingWrongly) {
  const auto counts_of = [](const std::function<bool(const Case&)>& declines) {
    const SubjectEntry choosy{
        .name = "choosy", .description = {}, .open = [declines] {
          return std::make_unique<FunctionSubject>([declines](const Case& test_case) -> Answer {
            if (declines(test_case)) return Unsupported{"this"};
            return grid_sample(test_case);
          });
        }};
    std::array<std::int64_t, verdict_count> sums{};
    const CampaignResult result = run_campaign(of_cases(150), {choosy}, reference_subject());
    for (const Finding& finding : result.findings) {  // so does a fresh instance
      EXPECT_EQ(finding.verdict, Verdict::refused_wrongly);
      EXPECT_NE(finding.cause, not_the_same);
      EXPECT_TRUE(std::holds_alternative<Refusal>(finding.incidents.front().answer));
    }
    for (const auto& [stratum, counts] : result.strata.at("choosy")) {
      for (std::size_t i = 0; i < verdict_count; ++i) sums[i] += counts.verdicts[i];
    }
    return std::pair(sums[static_cast<std::size_t>(Verdict::refused_wrongly)],
                     sums[static_cast<std::size_t>(Verdict::unsupported)]);
  };
  const auto has_nan = [](const Case& test_case) {
    return std::ranges::any_of(test_case.grid.values(), [](double x) { return std::isnan(x); });
  };
  const auto [refused, unsupported] = counts_of(has_nan);
  EXPECT_GT(refused, 0);
  EXPECT_EQ(unsupported, 0);
  // By what can be told beforehand: it does not take part.
  const auto by_mode = counts_of([](const Case& test_case) {
    return test_case.request.mode.value_or("bilinear") == "bicubic";
  });
  EXPECT_EQ(by_mode.first, 0);
  // By a size: neither.
  const auto by_size =
      counts_of([](const Case& test_case) { return test_case.input.element_count() > 30; });
  EXPECT_EQ(by_size.first, 0);
  EXPECT_GT(by_size.second, 0);
}

}  // namespace
}  // namespace gridproof
