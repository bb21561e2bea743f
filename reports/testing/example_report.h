// For tests: a report made by hand, with one finding or remark of every kind. Covered by the tests
// of the renderers.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "reports/report/report.h"

namespace gridproof::reports {

inline constexpr const char* nan_line =
    "grid_sample mode=nearest padding_mode=zeros align_corners=False input=f32[1,1,1,2]{1,2} "
    "grid=f32[1,1,1,2]{nan,0}";

// An incident whose case is `line`.
inline Incident incident_of(Verdict verdict, std::string clause, const std::string& line,
                            Answer answer) {
  const Case test_case = parse_case(line);
  return {.subject = "fake",
          .verdict = verdict,
          .clause = std::move(clause),
          .features = "nearest zeros align_corners=False 4-D f32",
          .samples = 1500,
          .cases = 12,
          .ordinal = 7,
          .stratum = "nan",
          .original = test_case,
          .reduced = test_case,
          .answer = std::move(answer),
          .cause = "answers zero"};
}

inline Finding finding_of(std::vector<Incident> incidents) {
  Finding finding{.subject = incidents.front().subject,
                  .verdict = incidents.front().verdict,
                  .clause = incidents.front().clause,
                  .cause = incidents.front().cause};
  for (const Incident& incident : incidents) finding.samples += incident.samples;
  finding.incidents = std::move(incidents);
  return finding;
}

inline Answer one_value(Dtype dtype, double value) {
  return Tensor(dtype, {1, 1, 1, 1}, std::vector{value});
}

inline Report example_report() {
  const std::string plain =
      "grid_sample mode=bilinear padding_mode=zeros align_corners=False input=f32[1,1,1,2]{1,2} "
      "grid=f32[1,1,1,2]{0.125,0}";
  const std::string narrow =
      "grid_sample mode=bicubic padding_mode=zeros align_corners=False input=bf16[1,1,7,4]{1*28} "
      "grid=bf16[1,1,1,2]{0,0.5}";
  const std::string refused =
      "grid_sample mode=bicubic padding_mode=zeros align_corners=False "
      "input=f32[1,1,1,1,1]{1} grid=f32[1,1,1,1,3]{0,0,0}";
  Report report{.version = "1.2.3",
                .command = "gridproof check --subject fake --seed 1",
                .subjects = {{.name = "fake", .description = "made by hand"}},
                .day = "2026-01-31"};
  Incident less_exact = incident_of(Verdict::quality_warning, "bicubic.kernel", narrow,
                                    one_value(Dtype::bf16, 0.96875));
  less_exact.within = Profile{.kind = Profile::Kind::narrow_arithmetic, .type = Dtype::bf16};
  CampaignResult& result = report.result;
  result.cases = 100;
  result.samples = 123'456;
  result.elapsed = std::chrono::seconds(3);
  StratumCounts& stratum = result.strata["fake"]["nan"];
  stratum.cases = 100;
  stratum.samples = 123'456;
  stratum.verdicts = {100'000, 20'000, 0, 900, 55, 1, 500, 1999, 1};
  result.clauses["fake"]["coord.nan"][static_cast<std::size_t>(Verdict::deviates)] = 1999;
  Incident other = incident_of(Verdict::deviates, "coord.nan", nan_line, one_value(Dtype::f32, 0));
  other.features = "bilinear border align_corners=True 5-D f16";
  other.samples = 499;
  result.findings = {
      finding_of(
          {incident_of(Verdict::deviates, "coord.nan", nan_line, one_value(Dtype::f32, 2)), other}),
      finding_of({incident_of(Verdict::lost, "", plain, Lost{"it died:\n\x1b[31msignal 11"})}),
      finding_of({incident_of(Verdict::refused_wrongly, "layout.strides", plain,
                              Refusal{"", "strides `1` | not supported"})})};
  result.remarks = {
      finding_of({incident_of(Verdict::latitude, "options.bicubic-4d", refused,
                              Tensor(Dtype::f32, {1, 1, 1, 1, 1}, std::vector{1.0}))}),
      finding_of({less_exact})};
  return report;
}

inline constexpr const char* kink_line =
    "grid_sample_backward padding_mode=border input=f32[1,1,1,4]{1,2,4,8} "
    "grid=f32[1,1,1,2]{-0.75,0} grad_output=f32[1,1,1,1]{1}";

// An incident about gradients: what [grad.border] says of the grid's is 0.
inline Incident gradient_incident(BackwardAnswer answer) {
  Incident incident{.subject = "fake",
                    .verdict = Verdict::deviates,
                    .clause = "grad.border",
                    .features = "bilinear grad_grid",
                    .samples = 5,
                    .cases = 5,
                    .ordinal = 3,
                    .stratum = "specification",
                    .cause = "answers another number"};
  incident.backward = {.gradient = Gradient::grid,
                       .reduced = parse_backward_case(kink_line),
                       .elements = 7,
                       .answer = std::move(answer)};
  return incident;
}

inline BackwardAnswer wrong_gradients() {
  return Gradients{.input = Tensor(Dtype::f32, {1, 1, 1, 4}),
                   .grid = Tensor(Dtype::f32, {1, 1, 1, 2}, std::vector<double>{2, 0})};
}

// A report of `fake` whose values are right, and whose gradients are not.
inline Report clean_report();
inline Report gradient_report() {
  Report report = clean_report();
  report.options.only.reset();
  CampaignResult& result = report.result;
  result.gradients["fake"]["specification"] = {
      .cases = 60, .samples = 400, .verdicts = {300, 80, 0, 0, 10, 0, 0, 10, 0}};
  result.clauses["fake"]["grad.border"][static_cast<std::size_t>(Verdict::deviates)] = 5;
  Participation& part = result.participation["fake"];
  part.decided_by_clause["grad.border"] = 5;
  part.decided_by_clause["grad.grid"] = 20;
  result.findings = {finding_of({gradient_incident(wrong_gradients())})};
  return report;
}

// The parts of a subject that takes part in everything.
inline std::vector<std::string> all_parts() {
  std::vector<std::string> parts;
  for (const std::string mode : {"bicubic", "bilinear", "nearest"}) {
    for (const std::string padding : {"border", "reflection", "zeros"}) {
      for (const std::string rank : {"4-D", "5-D"}) {
        if (mode == "bicubic" && rank == "5-D") continue;
        for (const std::string dtype : {"bf16", "f16", "f32", "f64"}) {
          parts.push_back(mode + ' ' + padding + ' ' + rank + ' ' + dtype);
        }
      }
    }
  }
  return parts;
}

// A report of `fake` without findings and remarks, with everything of it known.
inline Report clean_report() {
  Report report = example_report();
  CampaignResult& result = report.result;
  result.findings.clear();
  result.remarks.clear();
  result.clauses.clear();
  result.samples = 1010;
  result.strata["fake"]["nan"] = {
      .cases = 100, .samples = 1010, .verdicts = {990, 5, 10, 0, 5, 0, 0, 0, 0}};
  result.participation["fake"] = {.asked = 1000,
                                  .decided = 995,
                                  .decided_by_clause = {{"coord.nan", 600}, {"padding.zeros", 395}},
                                  .parts = all_parts(),
                                  .coverage = {{.strength = 2, .asked = 900, .possible = 900},
                                               {.strength = 3, .asked = 7000, .possible = 7001}}};
  return report;
}

}  // namespace gridproof::reports
