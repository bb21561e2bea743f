#include "reports/evidence/evidence.h"

#include <gtest/gtest.h>

#include <sstream>

#include "fuzz/campaign/history.h"
#include "fuzz/mutants/mutants.h"
#include "reports/report/notation.h"
#include "reports/testing/example_report.h"

namespace gridproof::reports {
namespace {

std::string sentence(const Incident& incident) {
  const Finding finding = finding_of({incident});
  return sentence_of(finding, evidence_of(incident, {}), {});
}

TEST(Evidence, EvidenceOfAValue) {
  const FindingEvidence evidence = evidence_of(
      incident_of(Verdict::deviates, "coord.nan", nan_line, one_value(Dtype::f32, 2)), {});
  EXPECT_EQ(element_text(evidence.got, Dtype::f32), "2");
  EXPECT_EQ(element_text(evidence.reference, Dtype::f32), "1");
  EXPECT_EQ(evidence.admissible, "1");
  EXPECT_TRUE(evidence.single);
  EXPECT_EQ(evidence.exact, "1");
  EXPECT_EQ(evidence.short_exact, "1");
}

TEST(Evidence, OfAGradient) {
  const Incident incident = gradient_incident(wrong_gradients());
  const FindingEvidence evidence = evidence_of(incident, {});
  EXPECT_EQ(element_text(evidence.got, Dtype::f32), "2");
  EXPECT_EQ(element_text(evidence.reference, Dtype::f32), "0");
  EXPECT_EQ(evidence.admissible, "0");
  EXPECT_EQ(evidence.exact, "0");
  EXPECT_EQ(evidence.place, "grad_grid at n=0, h=0, w=0, x");
  EXPECT_EQ(sentence(incident), "It gives 2 where only 0 is right.");
  EXPECT_EQ(lines_of(incident), (std::vector{to_line(parse_backward_case(kink_line))}));
  const FullReport report = with_evidence(gradient_report());
  EXPECT_EQ(report.findings.front().title, "fake deviates from [grad.border]");
  EXPECT_TRUE(report.findings.front().replay.starts_with("gridproof replay 'grid_sample_backward "))
      << report.findings.front().replay;
  // Any side is right where another text binds.
  Incident at_a_kink = incident;
  at_a_kink.dialect = Dialect::onnx;
  EXPECT_EQ(evidence_of(at_a_kink, {}).admissible, "[0, 2]");
}

TEST(Evidence, SentencesSayWhatInsteadOfWhat) {
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

TEST(Evidence, AnIntervalIsGivenAsOne) {
  const Incident incident =
      incident_of(Verdict::deviates, "bilinear.weights",
                  "grid_sample input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{0x1.99999ap-4,0}",
                  one_value(Dtype::f32, 7));
  const FindingEvidence evidence = evidence_of(incident, {});
  EXPECT_FALSE(evidence.single);
  EXPECT_EQ(sentence(incident), "It gives 7, outside " + evidence.admissible + ".");
}

TEST(Evidence, ChannelsThatDoNotFitTogether) {
  const std::string line =
      "grid_sample mode=nearest input=f32[1,2,1,4]{1,2,4,8,10,20,40,80} "
      "grid=f32[1,1,1,2]{-0x1p-30,0}";
  Tensor output(Dtype::f32, {1, 2, 1, 1}, std::vector<double>{2, 40});
  EXPECT_EQ(sentence(incident_of(Verdict::deviates, "nearest.texel", line, output)),
            "It gives 2, inside 2 or 4, but no one position gives the answers of all channels.");
}

TEST(Evidence, AQualityWarningNamesTheProfileThatAdmitsIt) {
  const Finding remark = example_report().result.remarks[1];
  EXPECT_EQ(sentence_of(remark, evidence_of(remark.incidents[0], {}), {}),
            "It gives 0.96875 where P1 admits only 1; P4a(bf16) does not exclude it.");
}

TEST(Evidence, AMutantIsACauseWithItsSentence) {
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
      "It is lost from width 9 on; 8 is answered. Of 1234 neighbors it is lost on, or wrong about, "
      "exactly those that mutant `"))
      << cause_of(finding);
}

TEST(Evidence, WithoutAMutantItSaysWhatWrongSamplesHaveInCommon) {
  Finding finding =
      finding_of({incident_of(Verdict::deviates, "coord.nan", nan_line, one_value(Dtype::f32, 2))});
  finding.incidents.front().common = "3 of 9 samples around it are wrong.";
  EXPECT_EQ(cause_of(finding), "No known mistake explains it. 3 of 9 samples around it are wrong.");
  finding.verdict = Verdict::lost;
  finding.incidents.front().common = "lost from width 9 on; 8 is answered";
  EXPECT_EQ(cause_of(finding), "It is lost from width 9 on; 8 is answered.");
}

TEST(Evidence, AFindingHasItsClausesBelow) {
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

TEST(Evidence, TitlesNameTheClause) {
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

TEST(Evidence, TheCaseFileCanBeReplayed) {
  const FullReport report = with_evidence(example_report());
  ASSERT_EQ(report.findings.size(), report.result.findings.size());
  ASSERT_EQ(report.remarks.size(), report.result.remarks.size());
  std::vector<std::string> lines;
  std::istringstream in(report.cases);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  std::size_t cases = 0;
  for (const std::string& line : lines) {
    if (line.starts_with('#')) continue;
    EXPECT_EQ(to_line(parse_case(line)), line);
    ++cases;
  }
  EXPECT_EQ(cases, 6U);  // one of the findings has two incidents
  EXPECT_EQ(lines[report.findings[0].line - 1], nan_line);
  EXPECT_EQ(lines[report.remarks[0].line - 1],
            to_line(report.result.remarks[0].incidents[0].reduced));
}

TEST(Evidence, TheCommandThatReplaysAFinding) {
  Report report = example_report();
  Finding& finding = report.result.findings.front();
  const std::string test_case = " '" + std::string(nan_line) + "'";
  EXPECT_EQ(with_evidence(report).findings[0].replay,
            "gridproof replay" + test_case + " --subject fake");
  finding.subject = "mine two";
  report.options.profile = {.kind = Profile::Kind::narrow_arithmetic, .type = Dtype::bf16};
  report.options.dialect = Dialect::onnx;
  report.options.strict = true;
  EXPECT_EQ(with_evidence(report).findings[0].replay,
            "gridproof replay" + test_case +
                " --subject 'mine two' --profile 'P4a(bf16)' --dialect onnx --strict");
}

// A finding that takes what was asked before: its case is the sequence, whoever tells of it.
TEST(Evidence, ACaseCanBeASequence) {
  Report report = example_report();
  Incident incident =
      incident_of(Verdict::deviates, "coord.nan", nan_line, one_value(Dtype::f32, 2));
  const std::string earlier =
      "grid_sample mode=nearest input=f32[1,1,1,2]{3,4} grid=f32[1,1,1,2]{0,0}";
  incident.before = {parse_case(earlier), parse_case(earlier)};
  incident.cause = not_the_same;
  incident.common = "Asked alone, the last question is answered right; it is wrong after the 2.";
  report.result.findings = {finding_of({incident})};
  report.result.remarks.clear();
  EXPECT_EQ(lines_of(incident), (std::vector<std::string>{earlier, earlier, nan_line}));
  const FullReport full = with_evidence(report);
  ASSERT_EQ(full.findings.size(), 1U);
  const FindingText& text = full.findings.front();
  EXPECT_EQ(text.line, 4U);
  EXPECT_TRUE(full.cases.ends_with('\n' + earlier + '\n' + earlier + '\n' + nan_line + '\n'));
  EXPECT_EQ(text.place, "cases.txt:4-6");
  EXPECT_EQ(text.replay, "gridproof replay '" + earlier + "' '" + earlier + "' '" + nan_line +
                             "' --subject fake");
  EXPECT_EQ(text.cause, incident.common);
  // What is admissible, but not what was answered before.
  Incident changed = incident;
  changed.answer = one_value(Dtype::f32, 1);
  EXPECT_EQ(sentence(changed),
            "It gives 1, and gave another answer when it was asked the same before.");
}

// A long one is in the file only.
TEST(Evidence, ALongSequenceIsReplayedFromTheFile) {
  Report report = example_report();
  Incident incident =
      incident_of(Verdict::deviates, "coord.nan", nan_line, one_value(Dtype::f32, 2));
  incident.before.assign(20, parse_case(nan_line));
  report.result.findings = {finding_of({incident})};
  const FindingText text = with_evidence(report).findings.front();
  EXPECT_FALSE(text.is_short);
  EXPECT_EQ(text.replay, "gridproof replay cases.txt:4-24 --subject fake");
  // Behind the cases of another report.
  EXPECT_EQ(with_evidence(report, 10).findings.front().place, "cases.txt:14-34");
}

// What could not be brought back is not told as what it gives.
TEST(Evidence, WhatDoesNotRecurIsToldSo) {
  Incident incident =
      incident_of(Verdict::deviates, "coord.nan", nan_line, one_value(Dtype::f32, 1));
  incident.cause = not_the_same;
  incident.common = "It was answered wrong once.";
  EXPECT_EQ(sentence(incident), "It gave what is not right; asked again, it gives 1.");
  EXPECT_EQ(cause_of(finding_of({incident})), "It was answered wrong once.");
  incident.verdict = Verdict::lost;
  incident.answer = Lost{"was killed, but not every time"};
  EXPECT_EQ(cause_of(finding_of({incident})), "It was answered wrong once.");
}

// Whoever is silent about the reason is not quoted.
TEST(Evidence, SentencesEndOnce) {
  EXPECT_EQ(sentence(incident_of(Verdict::lost, "", nan_line, Lost{""})), "It gave no answer.");
  EXPECT_EQ(sentence(incident_of(Verdict::lost, "", nan_line, Lost{"it died."})),
            "It gave no answer: it died.");
  EXPECT_EQ(sentence(incident_of(Verdict::refused_wrongly, "", nan_line, Refusal{"", ""})),
            "It refused a question that has an answer.");
  EXPECT_EQ(sentence(incident_of(Verdict::refused_wrongly, "", nan_line, Refusal{"", "No. "})),
            "It refused a question that has an answer: No.");
}

// A sample that deviates was decided, however wide its set.
TEST(Evidence, AWideSetThatDecidesIsNotCalledUndecided) {
  const std::string line =
      "grid_sample mode=bilinear padding_mode=border align_corners=False "
      "input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{0x1p60,0}";
  Incident incident =
      incident_of(Verdict::deviates, "padding.border", line, one_value(Dtype::f32, 100));
  FindingEvidence evidence = evidence_of(incident, {});
  evidence.undecided = true;
  EXPECT_EQ(sentence_of(finding_of({incident}), evidence, {}).find("too wide"), std::string::npos);
  Admissible wide{.intervals = {{1, 2}}, .undecided = true};
  EXPECT_EQ(notation(wide, Dtype::f32), "[1, 2]");
}

TEST(Evidence, OneChannelHasNoOthers) {
  const Finding finding = finding_of(
      {incident_of(Verdict::deviates, "nearest.texel", nan_line, one_value(Dtype::f32, 1))});
  FindingEvidence evidence{.got = {.value = 1}, .admissible = "1 or 3", .inside = true};
  EXPECT_EQ(sentence_of(finding, evidence, {}),
            "It gives 1, inside 1 or 3, but no one position gives it.");
  evidence.channels = 2;
  EXPECT_EQ(sentence_of(finding, evidence, {}),
            "It gives 1, inside 1 or 3, but no one position gives the answers of all channels.");
}

TEST(Evidence, ASignOfZeroIsNoMatterOfPositions) {
  const std::string line =
      "grid_sample mode=nearest input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{5,0}";
  EXPECT_EQ(sentence(incident_of(Verdict::latitude, "arith.zero-sign", line,
                                 one_value(Dtype::f32, -0.0))),
            "It gives -0 where the reference gives 0: only the sign of the zero differs.");
}

// Without the shortcut, what has the reference's bits may be a quality warning: the profile is that
// which the campaign found.
TEST(Evidence, TheProfileIsTheCampaignsOwn) {
  Incident incident =
      incident_of(Verdict::quality_warning, "coord.nan", nan_line, one_value(Dtype::f32, 1));
  incident.within = Profile{.kind = Profile::Kind::formula};
  CampaignOptions options;
  EXPECT_EQ(evidence_of(incident, options).within, incident.within);
  options.shortcut = false;
  EXPECT_EQ(evidence_of(incident, options).within, incident.within);
}

// What is said follows from what was found, in one pass.
TEST(Evidence, EachFindingIsToldWhole) {
  Report report = example_report();
  report.result.findings.front().known = true;
  const FullReport full = with_evidence(report);
  const FindingText& text = full.findings.front();
  EXPECT_EQ(text.title, "fake deviates from [coord.nan]");
  EXPECT_EQ(text.sentence, "It gives 2 where only 1 is right.");
  EXPECT_EQ(text.excuse, "known");
  EXPECT_EQ(text.evidence.size(), 2U);
  EXPECT_EQ(statement_of(text),
            "fake deviates from [coord.nan]. It gives 2 where only 1 is right.");
}

}  // namespace
}  // namespace gridproof::reports
