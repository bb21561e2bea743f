#include "reports/report/report.h"

#include <gtest/gtest.h>

#include <cmath>
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

TEST(Report, EvidenceOfAValue) {
  const FindingEvidence evidence = evidence_of(
      incident_of(Verdict::deviates, "coord.nan", nan_line, one_value(Dtype::f32, 2)), {});
  EXPECT_EQ(element_text(evidence.got, Dtype::f32), "2");
  EXPECT_EQ(element_text(evidence.reference, Dtype::f32), "1");
  EXPECT_EQ(evidence.admissible, "1");
  EXPECT_TRUE(evidence.single);
  ASSERT_TRUE(evidence.exact);
  EXPECT_EQ(evidence.exact->number, exact::Dyadic(1));
}

TEST(Report, TheElementOfALargerOutput) {
  const Case test_case = parse_case(
      "grid_sample mode=nearest input=f32[2,3,1,2]{1..12} "
      "grid=f32[2,1,2,2]{-0.5,0,0.5,0,-0.5,0,0.5,0}");
  Tensor output(Dtype::f32, {2, 3, 1, 2});
  for (std::size_t i = 0; i < 12; ++i) {
    output.elements<float>()[i] = static_cast<float>(i);
  }
  // Sample 3 is the second location of the second batch.
  EXPECT_EQ(element_of(test_case, output, 3, 2).value, 11);
  EXPECT_EQ(element_of(test_case, output, 1, 0).value, 1);
  EXPECT_EQ(element_of(test_case, Tensor(Dtype::f32, {2, 3, 1, 1}), 3, 0).instead,
            "an output of shape [2,3,1,1]");
  EXPECT_EQ(element_of(test_case, Tensor(Dtype::f64, {2, 3, 1, 2}), 0, 0).instead, "0 as f64");
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
  const FindingEvidence evidence = evidence_of(incident, {});
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
      "It is lost from width 9 on; 8 is answered. Of 1234 neighbors it is lost on, or wrong about, "
      "exactly those that mutant `"))
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
  const std::string test_case = " '" + std::string(nan_line) + "'";
  EXPECT_EQ(replay_command(report, finding, 4), "gridproof replay" + test_case + " --subject fake");
  finding.subject = "mine two";
  report.options.profile = {.kind = Profile::Kind::narrow_arithmetic, .type = Dtype::bf16};
  report.options.dialect = Dialect::onnx;
  report.options.strict = true;
  EXPECT_EQ(replay_command(report, finding, 4),
            "gridproof replay" + test_case +
                " --subject 'mine two' --profile 'P4a(bf16)' --dialect onnx --strict");
}

// A finding that takes what was asked before: its case is the sequence, whoever tells of it.
TEST(Report, ACaseCanBeASequence) {
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
  const Finding& finding = report.result.findings.front();
  EXPECT_EQ(lines_of(incident), (std::vector<std::string>{earlier, earlier, nan_line}));
  const CaseFile file = case_file(report);
  ASSERT_EQ(file.findings, std::vector<std::size_t>{4});
  EXPECT_TRUE(file.text.ends_with('\n' + earlier + '\n' + earlier + '\n' + nan_line + '\n'));
  EXPECT_EQ(place_of(finding, 4), "cases.txt:4-6");
  EXPECT_EQ(replay_command(report, finding, 4), "gridproof replay '" + earlier + "' '" + earlier +
                                                    "' '" + nan_line + "' --subject fake");
  EXPECT_EQ(cause_of(finding), incident.common);
  // What is admissible, but not what was answered before.
  Incident changed = incident;
  changed.answer = one_value(Dtype::f32, 1);
  EXPECT_EQ(sentence(changed),
            "It gives 1, and gave another answer when it was asked the same before.");
}

// A long one is in the file only.
TEST(Report, ALongSequenceIsReplayedFromTheFile) {
  Report report = example_report();
  Incident incident =
      incident_of(Verdict::deviates, "coord.nan", nan_line, one_value(Dtype::f32, 2));
  incident.before.assign(20, parse_case(nan_line));
  const Finding finding = finding_of({incident});
  EXPECT_EQ(replay_command(report, finding, 4), "gridproof replay cases.txt:4-24 --subject fake");
}

// What could not be brought back is not told as what it gives.
TEST(Report, WhatDoesNotRecurIsToldSo) {
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

TEST(Report, Totals) {
  const Report report = example_report();
  EXPECT_EQ(totals_of(report.result, "fake")[0], 100'000);
  EXPECT_EQ(totals_of(report.result, "nobody")[0], 0);
  EXPECT_EQ(undecided_of(report), 55);
  EXPECT_EQ(asked_of(report), 123'456);
  EXPECT_EQ(cases_of(report.result.findings[0]), 24);
  EXPECT_EQ(occurring({{0, 0, 0, 1}}, {Verdict::same_bits}),
            (std::vector{Verdict::same_bits, Verdict::latitude}));
}

// Whoever is silent about the reason is not quoted.
TEST(Report, SentencesEndOnce) {
  EXPECT_EQ(sentence(incident_of(Verdict::lost, "", nan_line, Lost{""})), "It gave no answer.");
  EXPECT_EQ(sentence(incident_of(Verdict::lost, "", nan_line, Lost{"it died."})),
            "It gave no answer: it died.");
  EXPECT_EQ(sentence(incident_of(Verdict::refused_wrongly, "", nan_line, Refusal{"", ""})),
            "It refused a question that has an answer.");
  EXPECT_EQ(sentence(incident_of(Verdict::refused_wrongly, "", nan_line, Refusal{"", "No. "})),
            "It refused a question that has an answer: No.");
}

// A sample that deviates was decided, however wide its set.
TEST(Report, AWideSetThatDecidesIsNotCalledUndecided) {
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

TEST(Report, OneChannelHasNoOthers) {
  const Finding finding = finding_of(
      {incident_of(Verdict::deviates, "nearest.texel", nan_line, one_value(Dtype::f32, 1))});
  FindingEvidence evidence{.got = {.value = 1}, .admissible = "1 or 3", .inside = true};
  EXPECT_EQ(sentence_of(finding, evidence, {}),
            "It gives 1, inside 1 or 3, but no one position gives it.");
  evidence.channels = 2;
  EXPECT_EQ(sentence_of(finding, evidence, {}),
            "It gives 1, inside 1 or 3, but no one position gives the answers of all channels.");
}

TEST(Report, ASignOfZeroIsNoMatterOfPositions) {
  const std::string line =
      "grid_sample mode=nearest input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{5,0}";
  EXPECT_EQ(sentence(incident_of(Verdict::latitude, "arith.zero-sign", line,
                                 one_value(Dtype::f32, -0.0))),
            "It gives -0 where the reference gives 0: only the sign of the zero differs.");
}

// ---- What was tested, and of what ----

TEST(Report, WithoutAParticipationTheVerdictsTellIt) {
  Report report = clean_report();
  report.result.participation.clear();
  const Participation part = participation_of(report.result, "fake");
  EXPECT_EQ(part.asked, 1000);
  EXPECT_EQ(part.decided, 995);
  EXPECT_EQ(part.untested, std::vector<std::string>());
  EXPECT_EQ(part_of(part), "");
  EXPECT_TRUE(passes(report));
}

TEST(Report, WhatASubjectTakesPartIn) {
  Participation part;
  part.parts = all_parts();
  EXPECT_EQ(part_of(part), "");
  const auto only = [](const auto& keep) {
    Participation some;
    some.parts = all_parts();
    std::erase_if(some.parts, [&](const std::string& one) { return !keep(one); });
    return part_of(some);
  };
  const auto has = [](const std::string& word) {
    return [word](const std::string& one) { return one.find(word) != std::string::npos; };
  };
  EXPECT_EQ(only(has("4-D")), "4-D");
  EXPECT_EQ(only([&](const std::string& one) {
              return !has("bicubic")(one) && !has("reflection")(one) && has("4-D")(one) &&
                     has("f32")(one);
            }),
            "bilinear, nearest; zeros, border; 4-D; f32");
  // bf16 is not f16, and more words than parts are said to be so.
  EXPECT_EQ(only([&](const std::string& one) { return has(" f16")(one) || has("f64")(one); }),
            "f16, f64");
  EXPECT_EQ(only([&](const std::string& one) {
              return has("bilinear zeros 4-D f32")(one) || has("nearest border 4-D f64")(one);
            }),
            "some of bilinear, nearest; zeros, border; 4-D; f32, f64");
  // Every word occurs, and not every combination.
  EXPECT_EQ(
      only([&](const std::string& one) { return !(has("bicubic")(one) && has(" f16")(one)); }),
      "all but bicubic; 4-D; f16");
  EXPECT_EQ(only([&](const std::string& one) { return !has("nearest zeros 5-D bf16")(one); }),
            "all but nearest; zeros; 5-D; bf16");
  part.unsupported = {"shape.rank"};
  EXPECT_EQ(part_of(part), "all but 1 clause");
  part.unsupported = {"options.mode", "shape.rank"};
  EXPECT_EQ(part_of(part), "all but 2 clauses");
  EXPECT_EQ(part_of({}), "");
}

// Nothing that was left untested passes, and the gate says why it is closed.
TEST(Report, WhatIsNotTestedIsNotPassed) {
  Report report = clean_report();
  Participation& part = report.result.participation["fake"];
  EXPECT_EQ(gaps(report), std::vector<std::string>());
  EXPECT_EQ(outcome_of(report), "passes");
  EXPECT_EQ(totals_line(report), "1000 samples judged, 0 findings, 5 undecided");
  part.untested = {"infinity.zeros"};
  EXPECT_FALSE(passes(report));
  EXPECT_EQ(gaps(report), std::vector<std::string>{"of fake 1 clause was not tested: "
                                                   "[infinity.zeros]"});
  EXPECT_EQ(outcome_of(report), "does not pass: 1 clause not tested");
  EXPECT_EQ(totals_line(report),
            "1000 samples judged, 0 findings, 5 undecided, 1 clause not tested");
  part.untested = {"coord.nan", "infinity.zeros"};
  EXPECT_EQ(gaps(report), std::vector<std::string>{"of fake 2 clauses were not tested: "
                                                   "[coord.nan], [infinity.zeros]"});
  EXPECT_EQ(outcome_of(report), "does not pass: 2 clauses not tested");
  part.untested.clear();
  for (int i = 0; i < 14; ++i) part.untested.push_back("c" + std::to_string(i));
  EXPECT_TRUE(gaps(report).front().ends_with("[c11] and 2 more")) << gaps(report).front();
  // What a shard did not test another may have.
  report.options.shard = {.index = 1, .count = 4};
  EXPECT_TRUE(passes(report));
  EXPECT_EQ(outcome_of(report), "passes, as shard 2 of 4");
}

TEST(Report, WhatDecidesNothingIsNotPassed) {
  Report report = clean_report();
  Participation& part = report.result.participation["fake"];
  part = {.asked = 1, .decided = 0};
  EXPECT_EQ(gaps(report),
            std::vector<std::string>{"fake was not judged: its only sample is undecided"});
  EXPECT_EQ(totals_line(report), "1 sample judged, 0 findings, 1 undecided");
  EXPECT_EQ(outcome_of(report), "does not pass: fake was not judged");
  part.asked = 2000;
  EXPECT_EQ(gaps(report), std::vector<std::string>{
                              "fake was not judged: all of its 2,000 samples are undecided"});
  part.asked = 0;
  EXPECT_EQ(gaps(report),
            std::vector<std::string>{"fake was not judged: it took part in no question"});
  EXPECT_EQ(totals_line(report), "0 samples judged, 0 findings, 0 undecided");
  EXPECT_FALSE(passes(report));
  report.subjects.push_back({.name = "other"});
  EXPECT_EQ(outcome_of(report), "does not pass: 2 subjects were not judged");
}

TEST(Report, TheOutcomeNamesEveryReason) {
  Report report = example_report();
  EXPECT_EQ(outcome_of(report), "does not pass: 3 findings");
  report.result.findings.resize(1, report.result.findings.front());
  EXPECT_EQ(outcome_of(report), "does not pass: 1 finding");
  EXPECT_EQ(totals_line(report), "123456 samples judged, 1 finding, 55 undecided");
  report.result.findings.front().known = true;
  EXPECT_EQ(outcome_of(report), "passes, with 1 finding known or waived");
  EXPECT_EQ(totals_line(report),
            "123456 samples judged, 1 finding (1 known or waived), 55 undecided");
  report.result.waivers = {{.waiver = {.name = "w", .expires = "2026-01-30"}}};
  EXPECT_EQ(outcome_of(report), "does not pass: 1 broken waiver");
  report.result.ended = "fake was lost in 25 cases";
  EXPECT_EQ(outcome_of(report), "does not pass: 1 broken waiver, it ended early");
  report.result.waivers.push_back(report.result.waivers.front());
  report.result.findings.front().known = false;
  EXPECT_EQ(outcome_of(report), "does not pass: 1 finding, 2 broken waivers, it ended early");
}

TEST(Report, ThePartIsSaidWhereItPasses) {
  Report report = clean_report();
  Participation& part = report.result.participation["fake"];
  std::erase_if(part.parts, [](const std::string& one) { return !one.starts_with("nearest"); });
  EXPECT_EQ(outcome_of(report), "passes for nearest");
  report.subjects.push_back({.name = "other"});
  report.result.participation["other"] = {.asked = 5, .decided = 5, .parts = all_parts()};
  EXPECT_EQ(outcome_of(report), "passes, fake for nearest");
}

}  // namespace
}  // namespace gridproof::reports
