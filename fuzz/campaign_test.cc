#include "fuzz/campaign.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <numeric>
#include <stdexcept>

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
  options.most_cases = cases;
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

// A crash that depends on more than the question.
TEST(Campaign, SaysWhenALossDoesNotRecur) {
  std::atomic<int> asked = 0;
  const SubjectEntry flaky{.name = "flaky", .description = "", .open = [&asked] {
                             return std::make_unique<FunctionSubject>([&](const Case& question) {
                               return ++asked == 150 ? Answer(Lost{"was killed"})
                                                     : grid_sample(question);
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
      run_campaign({.most_samples = 10'000'000, .most_lost = 40}, {crashing}, reference_subject());
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
        return std::make_unique<FunctionSubject>([&](const Case& question) {
          const double samples = static_cast<double>(sample_count(question));
          const double texels = static_cast<double>(question.input.element_count());
          const double outputs = samples * static_cast<double>(question.input.size(1));
          constexpr int harmless = 130;  // that it is asked before, to learn what it takes part in
          if (++asked > harmless && worth.size() < 500)
            worth.push_back(samples / (100 + texels + outputs));
          return grid_sample(question);
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
        return std::make_unique<FunctionSubject>([](const Case& question) -> Answer {
          if (exact::refusal_of(question)) return Unsupported{"questions without an answer"};
          return grid_sample(question);
        });
      }};
  CampaignOptions options;
  options.most_samples = 20'000;
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

}  // namespace
}  // namespace gridproof
