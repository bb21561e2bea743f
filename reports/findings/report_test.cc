#include "reports/findings/report.h"

#include <gtest/gtest.h>

#include <cmath>
#include <sstream>

#include "fuzz/mutants/mutants.h"
#include "reports/findings/example_report.h"

namespace gridproof::reports {
namespace {

std::string sentence(const Incident& incident) {
  const Finding finding = finding_of({incident});
  return sentence_of(finding, evidence_of(incident, {}), {});
}

TEST(Report, EvidenceOfAValue) {
  const Evidence evidence = evidence_of(
      incident_of(Verdict::deviates, "coord.nan", nan_line, one_value(Dtype::f32, 2)), {});
  EXPECT_EQ(element_text(evidence.got, Dtype::f32), "2");
  EXPECT_EQ(element_text(evidence.reference, Dtype::f32), "1");
  EXPECT_EQ(evidence.admissible, "1");
  EXPECT_TRUE(evidence.single);
  ASSERT_TRUE(evidence.exact);
  EXPECT_EQ(evidence.exact->number, exact::Dyadic(1));
}

TEST(Report, TheElementOfALargerOutput) {
  const Case question = parse_case(
      "grid_sample mode=nearest input=f32[2,3,1,2]{1..12} "
      "grid=f32[2,1,2,2]{-0.5,0,0.5,0,-0.5,0,0.5,0}");
  Tensor output(Dtype::f32, {2, 3, 1, 2});
  for (std::size_t i = 0; i < 12; ++i) {
    output.elements<float>()[i] = static_cast<float>(i);
  }
  // Sample 3 is the second location of the second batch.
  EXPECT_EQ(element_of(question, output, 3, 2).value, 11);
  EXPECT_EQ(element_of(question, output, 1, 0).value, 1);
  EXPECT_EQ(element_of(question, Tensor(Dtype::f32, {2, 3, 1, 1}), 3, 0).instead,
            "an output of shape [2,3,1,1]");
  EXPECT_EQ(element_of(question, Tensor(Dtype::f64, {2, 3, 1, 2}), 0, 0).instead, "0 as f64");
}

TEST(Report, SentencesSayWhatInsteadOfWhat) {
  EXPECT_EQ(
      sentence(incident_of(Verdict::deviates, "coord.nan", nan_line, one_value(Dtype::f32, 2))),
      "It gives 2 where only 1 is right.");
  EXPECT_EQ(sentence(incident_of(Verdict::deviates, "shape.output", nan_line,
                                 Tensor(Dtype::f32, {1, 1, 1}))),
            "The output has the shape [1,1,1], not [1,1,1,1].");
  EXPECT_EQ(sentence(incident_of(Verdict::lost, "", nan_line, Lost{"killed by\nsignal 11"})),
            "It gave no answer: killed by signal 11.");
  EXPECT_EQ(sentence(incident_of(Verdict::refused_wrongly, "layout.strides", nan_line,
                                 Refusal{"", "no strides here"})),
            "It refused a question that has an answer: no strides here.");
}

TEST(Report, AnIntervalIsGivenAsOne) {
  const Incident incident =
      incident_of(Verdict::deviates, "bilinear.weights",
                  "grid_sample input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{0x1.99999ap-4,0}",
                  one_value(Dtype::f32, 7));
  const Evidence evidence = evidence_of(incident, {});
  EXPECT_FALSE(evidence.single);
  EXPECT_EQ(sentence(incident), "It gives 7, outside " + evidence.admissible + ".");
}

TEST(Report, ChannelsThatDoNotFitTogether) {
  const std::string line =
      "grid_sample mode=nearest input=f32[1,2,1,4]{1,2,4,8,10,20,40,80} "
      "grid=f32[1,1,1,2]{-0x1p-30,0}";
  Tensor output(Dtype::f32, {1, 2, 1, 1}, std::vector<double>{2, 40});
  EXPECT_EQ(sentence(incident_of(Verdict::deviates, "nearest.texel", line, output)),
            "It gives 2, inside 2 or 4, but no one position gives the answers of all channels.");
}

TEST(Report, AQualityWarningNamesTheProfileThatAdmitsIt) {
  const Finding remark = example_report().result.remarks[1];
  EXPECT_EQ(sentence_of(remark, evidence_of(remark.incidents[0], {}), {}),
            "It gives 0.96875 where P1 admits only 1; P4a(bf16) does not exclude it.");
}

TEST(Report, AMutantIsACauseWithItsSentence) {
  Finding finding =
      finding_of({incident_of(Verdict::deviates, "coord.nan", nan_line, one_value(Dtype::f32, 2))});
  EXPECT_EQ(cause_of(finding), "");
  ASSERT_FALSE(mutants().empty());
  finding.cause = mutants().front().name;
  finding.incidents.front().agreeing = 1234;
  finding.incidents.front().probes = 1234;
  const std::string mutant =
      "mutant `" + mutants().front().name + "`: " + mutants().front().sentence;
  EXPECT_EQ(cause_of(finding), "The same bits in all 1,234 probes as " + mutant);
  finding.incidents.front().agreeing = 1200;
  EXPECT_EQ(cause_of(finding), "The same answers in all 1,234 probes as " + mutant +
                                   " (bit by bit in 1,200, but for rounding in the rest)");
  finding.incidents.front().ties = {"nan.zero"};
  EXPECT_TRUE(cause_of(finding).ends_with("; nothing asked tells it from `nan.zero`"));
  // Of several incidents: only what is a tie in all of them.
  finding.incidents.push_back(finding.incidents.front());
  finding.incidents.back().ties = {};
  EXPECT_FALSE(cause_of(finding).ends_with("`nan.zero`"));
  finding.incidents.pop_back();
  finding.verdict = Verdict::lost;
  finding.incidents.front().common = "lost from width 9 on; 8 is answered";
  EXPECT_TRUE(cause_of(finding).starts_with(
      "It is lost from width 9 on; 8 is answered. Of 1234 neighbors those are lost, or answered "
      "wrongly, in which mutant `"))
      << cause_of(finding);
}

TEST(Report, WithoutAMutantItSaysWhatWrongSamplesHaveInCommon) {
  Finding finding =
      finding_of({incident_of(Verdict::deviates, "coord.nan", nan_line, one_value(Dtype::f32, 2))});
  finding.incidents.front().common = "3 of 9 samples around it are wrong.";
  EXPECT_EQ(cause_of(finding), "No known mistake explains it. 3 of 9 samples around it are wrong.");
  finding.verdict = Verdict::lost;
  finding.incidents.front().common = "lost from width 9 on; 8 is answered";
  EXPECT_EQ(cause_of(finding), "It is lost from width 9 on; 8 is answered.");
}

TEST(Report, AFindingHasItsClausesBelow) {
  Finding finding = finding_of(
      {incident_of(Verdict::deviates, "coord.nan", nan_line, one_value(Dtype::f32, 2)),
       incident_of(Verdict::deviates, "padding.zeros", nan_line, one_value(Dtype::f32, 2)),
       incident_of(Verdict::deviates, "bilinear.weights", nan_line, one_value(Dtype::f32, 2))});
  EXPECT_EQ(title_of(finding, {}), "fake deviates from [coord.nan] and 2 more clauses");
  EXPECT_EQ(clause_list(finding),
            "[coord.nan] (1,500 samples), [bilinear.weights] (1,500 samples), [padding.zeros] "
            "(1,500 samples)");
  finding.incidents.pop_back();
  finding.incidents.pop_back();
  EXPECT_EQ(title_of(finding, {}), "fake deviates from [coord.nan]");
  EXPECT_EQ(clause_list(finding), "");
}

TEST(Report, TitlesNameTheClause) {
  Finding finding{.subject = "fake", .verdict = Verdict::deviates, .clause = "coord.nan"};
  EXPECT_EQ(title_of(finding, {}), "fake deviates from [coord.nan]");
  finding.verdict = Verdict::latitude;
  EXPECT_EQ(title_of(finding, {}), "fake uses the latitude of [coord.nan]");
  finding.verdict = Verdict::quality_warning;
  finding.cause = "inside P2";
  EXPECT_EQ(title_of(finding, {}), "fake is less exact than P1 asks at [coord.nan] (inside P2)");
  finding.verdict = Verdict::lost;
  EXPECT_EQ(title_of(finding, {}), "fake was lost");
}

TEST(Report, TheCaseFileCanBeReplayed) {
  const Report report = example_report();
  const CaseFile file = case_file(report);
  ASSERT_EQ(file.findings.size(), report.result.findings.size());
  ASSERT_EQ(file.remarks.size(), report.result.remarks.size());
  std::vector<std::string> lines;
  std::istringstream in(file.text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  std::size_t cases = 0;
  for (const std::string& line : lines) {
    if (line.starts_with('#')) continue;
    EXPECT_EQ(to_line(parse_case(line)), line);
    ++cases;
  }
  EXPECT_EQ(cases, 6U);  // one of the findings has two incidents
  EXPECT_EQ(lines[file.findings[0] - 1], nan_line);
  EXPECT_EQ(lines[file.remarks[0] - 1], to_line(report.result.remarks[0].incidents[0].reduced));
}

TEST(Report, TheCommandThatReplaysAFinding) {
  Report report = example_report();
  Finding& finding = report.result.findings.front();
  const std::string question = " '" + std::string(nan_line) + "'";
  EXPECT_EQ(replay_command(report, finding, 4), "gridproof replay" + question + " --subject fake");
  finding.subject = "mine two";
  report.options.profile = {.kind = Profile::Kind::narrow_arithmetic, .type = Dtype::bf16};
  report.options.dialect = Dialect::onnx;
  report.options.strict = true;
  EXPECT_EQ(replay_command(report, finding, 4),
            "gridproof replay" + question +
                " --subject 'mine two' --profile 'P4a(bf16)' --dialect onnx --strict");
}

TEST(Report, Totals) {
  const Report report = example_report();
  EXPECT_EQ(totals_of(report.result, "fake")[0], 100'000);
  EXPECT_EQ(totals_of(report.result, "nobody")[0], 0);
  EXPECT_EQ(undecided_of(report.result), 55);
  EXPECT_EQ(cases_of(report.result.findings[0]), 24);
  EXPECT_EQ(occurring({{0, 0, 0, 1}}, {Verdict::same_bits}),
            (std::vector{Verdict::same_bits, Verdict::latitude}));
}

}  // namespace
}  // namespace gridproof::reports
