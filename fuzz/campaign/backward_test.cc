#include "fuzz/campaign/backward.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "fuzz/gradients/plan.h"
#include "fuzz/mutants/gradient_mutants.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof {
namespace {

const SubjectEntry border = gradient_mutant_subject(*find_gradient_mutant("border.not-zero"));

SubjectEntry subject_of(FunctionSubject::Backward backward) {
  return {.name = "test", .description = "", .open = [backward = std::move(backward)] {
            return std::make_unique<FunctionSubject>(grid_sample, backward);
          }};
}

CampaignResult result_of(CampaignOptions options, const SubjectEntry& entry) {
  return run_campaign(options, {entry}, reference_subject());
}

bool is_of_gradients(const Finding& finding) {
  return finding.incidents.front().backward.has_value();
}

TEST(Backward, BothDirectionsAreOneResult) {
  const CampaignOptions both{.only = {}, .max_cases = 200};
  const CampaignResult result = result_of(both, border);
  ASSERT_FALSE(result.findings.empty());
  for (const Finding& finding : result.findings) {
    EXPECT_TRUE(is_of_gradients(finding));
    EXPECT_EQ(finding.clause, "grad.border");
    EXPECT_EQ(finding.verdict, Verdict::deviates);
    EXPECT_EQ(finding.cause, "grad.border.not-zero");
    for (const Incident& incident : finding.incidents) {
      EXPECT_TRUE(line_of(incident).starts_with("grid_sample_backward "));
      EXPECT_EQ(incident.samples, incident.cases);
    }
  }
  // Values are asked as ever.
  CampaignOptions forward = both;
  forward.only = Direction::forward;
  const CampaignResult values = result_of(forward, border);
  EXPECT_TRUE(values.findings.empty());
  EXPECT_TRUE(values.gradients.empty());
  EXPECT_EQ(result.samples, values.samples);
  EXPECT_EQ(result.strata.at(border.name).size(), values.strata.at(border.name).size());
  EXPECT_FALSE(result.participation.at(border.name).decided_by_clause.contains("grad.nobody"));
  EXPECT_TRUE(result.participation.at(border.name).decided_by_clause.contains("grad.mask"));
}

TEST(Backward, TheClausesOwnCasesTestEveryClause) {
  const CampaignResult result =
      result_of({.only = Direction::backward, .max_cases = 120}, reference_subject());
  EXPECT_TRUE(result.findings.empty());
  EXPECT_TRUE(result.strata.empty());
  const Participation& part = result.participation.at("reference");
  EXPECT_EQ(part.untested, std::vector<std::string>{});
  EXPECT_EQ(part.unsupported, std::vector<std::string>{});
  EXPECT_EQ(part.decided_by_clause.size(), gradient_clauses().size());
}

TEST(Backward, WhoHasOneGradientIsAskedForThatAlone) {
  const SubjectEntry only_input = subject_of([](const BackwardCase& test_case) -> BackwardAnswer {
    if (test_case.output_mask.grid) return Unsupported{"the gradient of the grid"};
    return grid_sample_backward(test_case);
  });
  const CampaignResult result =
      result_of({.only = Direction::backward, .max_cases = 300}, only_input);
  EXPECT_TRUE(result.findings.empty());
  const Participation& part = result.participation.at("test");
  EXPECT_TRUE(part.decided_by_clause.contains("grad.input"));
  EXPECT_TRUE(std::ranges::binary_search(part.unsupported, "grad.grid"));
  for (const auto& [stratum, counts] : result.gradients.at("test")) {
    EXPECT_EQ(counts.verdicts[static_cast<std::size_t>(Verdict::unsupported)], 0) << stratum;
  }
}

// A question that has no answer may be declined, like one that is outside of the part.
TEST(Backward, WhoDeclinesWhatHasNoAnswerTakesNoPartInIt) {
  const SubjectEntry only_f32 = subject_of([](const BackwardCase& test_case) -> BackwardAnswer {
    const bool is_f32 = test_case.forward.input.dtype() == Dtype::f32 &&
                        test_case.grad_output.dtype() == Dtype::f32;
    if (!is_f32) return Unsupported{"another dtype than f32"};
    return grid_sample_backward(test_case);
  });
  const CampaignResult result =
      result_of({.only = Direction::backward, .max_cases = 200}, only_f32);
  const Participation& part = result.participation.at("test");
  EXPECT_EQ(part.untested, std::vector<std::string>{});
  EXPECT_TRUE(std::ranges::binary_search(part.unsupported, "grad.dtype"));
}

TEST(Backward, WhoHasNoneIsAskedNone) {
  const SubjectEntry none = subject_of(nullptr);
  const CampaignResult result = result_of({.only = {}, .max_cases = 60}, none);
  EXPECT_TRUE(result.gradients.empty());
  EXPECT_TRUE(result.participation.at("test").gradients.empty());
}

TEST(Backward, WhoIsLostAgainAndAgainEndsIt) {
  const SubjectEntry lost =
      subject_of([](const BackwardCase&) -> BackwardAnswer { return Lost{"it died"}; });
  const CampaignResult result =
      result_of({.only = Direction::backward, .max_cases = 400, .max_lost = 7, .threads = 1}, lost);
  EXPECT_EQ(result.ended, "the campaign ended early: test was lost in 7 cases about gradients");
  ASSERT_FALSE(result.findings.empty());
  EXPECT_EQ(result.findings.front().cause, "gradients lost");
}

TEST(Backward, AWaiverCoversGradients) {
  Waiver waiver{.name = "border", .predicate = {.paddings = {"border"}}};
  const auto run = [&] {
    return result_of({.only = Direction::backward, .max_cases = 300, .waivers = {waiver}}, border);
  };
  CampaignResult result = run();
  EXPECT_EQ(result.waivers.at(0).covered, 0);  // it is about values
  EXPECT_EQ(result.findings.at(0).waiver, "");
  waiver.predicate.direction = Direction::backward;
  result = run();
  EXPECT_GT(result.waivers.at(0).waived, 0);
  EXPECT_GE(result.waivers.at(0).covered, result.waivers.at(0).waived);
  for (const Finding& finding : result.findings) {
    const std::string line = line_of(finding.incidents.front());
    const bool is_border = line.find("padding_mode=border") != std::string::npos;
    EXPECT_EQ(finding.waiver, is_border ? "border" : "") << line;
  }
  waiver.predicate = {.clauses = {"grad.border"}};
  result = run();
  for (const Finding& finding : result.findings)
    EXPECT_EQ(finding.waiver, finding.clause == "grad.border" ? "border" : "") << finding.clause;
  waiver.worst = Verdict::refused_wrongly;
  result = run();
  for (const Finding& finding : result.findings) EXPECT_EQ(finding.waiver, "");
}

// Whoever remembers may show something once and not again.
TEST(Backward, WhatDoesNotRecurSaysSo) {
  const auto asked = std::make_shared<int>(0);
  const SubjectEntry once = subject_of([asked](const BackwardCase& test_case) -> BackwardAnswer {
    BackwardAnswer answer = grid_sample_backward(test_case);
    auto* const gradients = std::get_if<Gradients>(&answer);
    if (gradients == nullptr || !gradients->input || ++*asked != 200) return answer;
    std::vector<double> values = gradients->input->values();
    for (double& value : values) value += 1024;
    gradients->input =
        Tensor(gradients->input->dtype(), gradients->input->shape(), std::span(values));
    return answer;
  });
  const CampaignResult result =
      result_of({.only = Direction::backward, .max_cases = 250, .threads = 1}, once);
  ASSERT_FALSE(result.findings.empty());
  EXPECT_EQ(result.findings.front().cause, "not the same each time");
}

}  // namespace
}  // namespace gridproof
