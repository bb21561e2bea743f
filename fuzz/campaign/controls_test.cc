// The judge and the domains, tested like a kernel: every conforming variation of the reference must
// pass. (That every named wrong semantics is caught: score_test.cc.)
#include <gtest/gtest.h>

#include <algorithm>

#include "fuzz/campaign/campaign.h"
#include "fuzz/domain/domain.h"
#include "fuzz/mutants/conforming.h"
#include "oracle/subjects/host/process_subject.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof {
namespace {

CampaignOptions of_samples(std::int64_t samples) {
  CampaignOptions options;
  options.max_samples = samples;
  return options;
}

// A control that is a program: control_main.cc.
SubjectEntry control_program(const std::string& name) {
  return process_subject(name, "", {GRIDPROOF_BINARY_DIR "/gridproof-control", name});
}

void expect_no_objection(CampaignOptions options, const SubjectEntry& subject) {
  options.shortcut = false;
  const CampaignResult result = run_campaign(options, {subject}, reference_subject());
  EXPECT_GE(result.samples, *options.max_samples);
  EXPECT_TRUE(biases_of(result.kinds.at(subject.name), options.profile).empty());
  for (const auto* list : {&result.findings, &result.remarks}) {
    for (const Finding& finding : *list) {
      if (finding.verdict == Verdict::latitude) continue;
      ADD_FAILURE() << subject.name << ": " << name(finding.verdict) << " [" << finding.clause
                    << "] " << to_line(finding.incidents.front().reduced);
    }
  }
}

class Conforming : public testing::TestWithParam<std::size_t> {};

TEST_P(Conforming, VariationsAreNotObjectedTo) {
  const ConformingVariation variation = conforming_variations()[GetParam()];
  CampaignOptions options = of_samples(100'000);
  options.profile = parse_profile(variation.profile).value();
  expect_no_objection(options, variation.subject());
}

INSTANTIATE_TEST_SUITE_P(All, Conforming,
                         testing::Range(std::size_t{0}, conforming_variations().size()),
                         [](const auto& instance) {
                           std::string name = conforming_variations()[instance.param].name;
                           std::ranges::replace_if(
                               name, [](char c) { return c == '.' || c == '-'; }, '_');
                           return name;
                         });

TEST(Conforming, ContractionByTheCompilerIsNotObjectedTo) {
  expect_no_objection(of_samples(100'000), control_program("contracted"));
}

// Its bits are right, unless NaN or a guarded page comes after the row.
TEST(Controls, AReadPastTheRowIsCaught) {
  const CampaignResult result =
      run_campaign(of_samples(2'000'000), {control_program("reads-past-row")}, reference_subject());
  bool crashed = false;
  bool differs = false;
  for (const Finding& finding : result.findings) {
    crashed = crashed || finding.verdict == Verdict::lost;
    differs = differs || finding.verdict == Verdict::deviates;
  }
  EXPECT_TRUE(crashed);
  EXPECT_TRUE(differs);
}

// The reference's answer with the first channel of every sample one step beyond what is admissible:
// above it (steps = 1) or below.
SubjectEntry beyond_the_set(int steps) {
  const auto answer = [steps](const Case& test_case) {
    Answer right = grid_sample(test_case);
    auto* output = std::get_if<Tensor>(&right);
    if (output == nullptr || output->element_count() == 0) return right;
    const Judge judge;
    std::vector<double> values = output->values();
    for (std::int64_t sample = 0; sample < sample_count(test_case); ++sample) {
      const Admissible set = judge.admissible(test_case, sample, 0);
      if (set.intervals.empty() || set.undecided) continue;
      const double end = steps > 0 ? set.intervals.back().second : set.intervals.front().first;
      if (!std::isfinite(end) || std::isnan(set.intervals.back().first)) continue;
      const double beyond = nudge(end, steps, output->dtype());
      if (beyond == end) continue;
      values[static_cast<std::size_t>(element_place(output->shape(), sample, 0))] = beyond;
    }
    return Answer(Tensor(output->dtype(), output->shape(), values));
  };
  return {.name = "beyond", .description = "", .open = [answer] {
            return std::make_unique<FunctionSubject>(answer);
          }};
}

TEST(Controls, OneUlpBeyondTheSetIsCaught) {
  for (const int steps : {1, -1}) {
    CampaignResult result =
        run_campaign(of_samples(200'000), {beyond_the_set(steps)}, reference_subject());
    for (const auto& [stratum, counts] : result.strata["beyond"]) {
      const auto count = [&counts = counts](Verdict verdict) {
        return counts.verdicts[static_cast<std::size_t>(verdict)];
      };
      // Of cases at random: what combines traits has mostly special coordinates.
      if (stratum == "refusals" || !parse<Stratum>(stratum)) continue;
      // Left over are NaN, infinity, and what nobody can decide.
      EXPECT_EQ(count(Verdict::admissible), 0) << stratum;
      if (stratum != "huge" && stratum != "nonfinite-texels" && stratum != "infinity") {
        EXPECT_GE(count(Verdict::deviates) + count(Verdict::quality_warning),
                  counts.samples * 9 / 10)
            << stratum;
      }
    }
  }
}

}  // namespace
}  // namespace gridproof
