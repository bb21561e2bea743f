#include "reports/render/junit.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <pugixml.hpp>
#include <regex>

#include "reference/contract/foreign_text.h"
#include "reports/evidence/evidence.h"
#include "reports/testing/example_report.h"

namespace gridproof::reports {
namespace {

std::string rendered(const Report& report) { return render_junit(with_evidence(report)); }

// The tests of the only suite, by name.
struct Suite {
  explicit Suite(const Report& report) : text(rendered(report)) {
    const pugi::xml_parse_result result = document.load_string(text.c_str());
    EXPECT_TRUE(result) << result.description() << text;
    node = document.child("testsuites").child("testsuite");
  }
  [[nodiscard]] pugi::xml_node test(const std::string& name) const {
    return node.find_child_by_attribute("testcase", "name", name.c_str());
  }
  [[nodiscard]] std::int64_t count(const char* attribute) const {
    return node.attribute(attribute).as_llong(-1);
  }

  std::string text;
  pugi::xml_document document;
  pugi::xml_node node;
};

void count_clause(Report& report, const std::string& clause, Verdict verdict, std::int64_t count) {
  report.result.clauses["fake"][clause][static_cast<std::size_t>(verdict)] = count;
}

TEST(Junit, ClausesOfGradientsAreTestsToo) {
  const Suite suite(gradient_report());
  const pugi::xml_node failed = suite.test("[grad.border]").child("failure");
  ASSERT_TRUE(failed) << suite.text;
  EXPECT_STREQ(failed.attribute("message").value(), "fake deviates from [grad.border]");
  const std::string text = failed.text().get();
  EXPECT_NE(text.find("where only 0 is right.\n5 cases\ncase (cases.txt:"), std::string::npos)
      << text;
  EXPECT_NE(text.find("grid_sample_backward "), std::string::npos) << text;
  EXPECT_TRUE(suite.test("[grad.grid]").child("system-out")) << suite.text;
}

TEST(RenderJunit, AFindingIsAFailureWithAllThatOneNeeds) {
  const Suite suite(example_report());
  const pugi::xml_node test = suite.test("[coord.nan]");
  ASSERT_TRUE(test) << suite.text;
  EXPECT_STREQ(test.attribute("classname").value(), "fake");
  const pugi::xml_node failure = test.child("failure");
  EXPECT_STREQ(failure.attribute("type").value(), "deviates");
  EXPECT_STREQ(failure.attribute("message").value(), "fake deviates from [coord.nan]");
  EXPECT_EQ(std::string(failure.text().get()),
            "fake deviates from [coord.nan]. It gives 2 where only 1 is right.\n"
            "1,999 samples in 24 cases\n"
            "case (cases.txt:4): " +
                std::string(nan_line) + "\ngridproof replay '" + nan_line + "' --subject fake\n");
}

TEST(RenderJunit, ALostSubjectIsAnError) {
  const Suite suite(example_report());
  const pugi::xml_node error = suite.test("every question gets an answer").child("error");
  EXPECT_STREQ(error.attribute("message").value(), "fake was lost");
  EXPECT_NE(std::string(error.text().get()).find("it died:"), std::string::npos);
}

TEST(RenderJunit, ClausesWithoutFindingsAreTests) {
  Report report = example_report();
  count_clause(report, "padding.zeros", Verdict::latitude, 1000);
  count_clause(report, "padding.zeros", Verdict::unsupported, 5);
  count_clause(report, "padding.border", Verdict::unsupported, 7);
  count_clause(report, "bicubic.kernel", Verdict::undecided, 1);
  count_clause(report, "bilinear.weights", Verdict::latitude, 0);
  const Suite suite(report);
  EXPECT_STREQ(suite.test("[padding.zeros]").child("system-out").text().get(),
               "unsupported 5, latitude 1,000\n");
  EXPECT_STREQ(suite.test("[padding.border]").child("skipped").attribute("message").value(),
               "unsupported 7");
  EXPECT_TRUE(suite.test("[bicubic.kernel]").child("skipped"));
  EXPECT_FALSE(suite.test("[bilinear.weights]"));  // touched by nothing
  EXPECT_TRUE(suite.test("[coord.nan]").child("failure"));
  EXPECT_EQ(suite.count("tests"), 6);
  EXPECT_EQ(suite.count("failures"), 2);
  EXPECT_EQ(suite.count("errors"), 1);
  EXPECT_EQ(suite.count("skipped"), 2);
}

TEST(RenderJunit, CountsAndTimesAreThoseOfTheElements) {
  Report report = example_report();
  report.subjects.push_back({.name = "other", .description = "says nothing"});
  report.result.elapsed = std::chrono::duration<double>(4321.98765);
  const Suite suite(report);
  const pugi::xml_node suites = suite.document.child("testsuites");
  EXPECT_STREQ(suites.attribute("time").value(), "4321.988");
  EXPECT_EQ(suites.attribute("tests").as_int(), 6);
  EXPECT_EQ(suites.attribute("failures").as_int(), 3);  // of `other` nothing was judged
  EXPECT_EQ(suites.attribute("errors").as_int(), 1);
  for (const pugi::xml_node one : suites.children("testsuite")) {
    EXPECT_TRUE(std::regex_match(one.attribute("time").value(), std::regex(R"(\d+\.\d{3})")));
    int failures = 0;
    int tests = 0;
    for (const pugi::xml_node test : one.children("testcase")) {
      ++tests;
      failures += test.child("failure") ? 1 : 0;
    }
    EXPECT_EQ(one.attribute("tests").as_int(), tests);
    EXPECT_EQ(one.attribute("failures").as_int(), failures);
  }
}

TEST(RenderJunit, ASubjectWithNothingToSayPassesOneTest) {
  Report report = example_report();
  report.result.findings.clear();
  report.result.clauses.clear();
  EXPECT_EQ(Suite(report).count("tests"), 1);
  EXPECT_EQ(Suite(report).count("skipped"), 0);
  EXPECT_TRUE(Suite(report).test("every question gets an answer"));
  report.result.strata.clear();
  EXPECT_EQ(Suite(report).count("skipped"), 1);
}

// One test for each clause: passed, failed, not tested, or not taken part in.
TEST(RenderJunit, EveryClauseIsATest) {
  Report report = clean_report();
  Participation& part = report.result.participation["fake"];
  part.untested = {"infinity.zeros"};
  part.unsupported = {"bicubic.kernel"};
  count_clause(report, "infinity.zeros", Verdict::undecided, 5);
  count_clause(report, "coord.nan", Verdict::deviates, 1);
  report.result.findings = {finding_of(
      {incident_of(Verdict::deviates, "coord.nan", nan_line, one_value(Dtype::f32, 2))})};
  const Suite suite(report);
  EXPECT_TRUE(suite.test("[coord.nan]").child("failure"));
  EXPECT_STREQ(suite.test("[padding.zeros]").child("system-out").text().get(), "decided 395\n");
  EXPECT_STREQ(suite.test("[infinity.zeros]").child("skipped").attribute("message").value(),
               "not tested, undecided 5");
  EXPECT_STREQ(suite.test("[bicubic.kernel]").child("skipped").attribute("message").value(),
               "the subject takes no part");
  EXPECT_EQ(suite.count("tests"), 5);
  EXPECT_EQ(suite.count("failures"), 1);
  EXPECT_EQ(suite.count("skipped"), 2);
  const pugi::xml_node gate = suite.node.next_sibling();
  EXPECT_STREQ(gate.attribute("name").value(), "gate");
  EXPECT_EQ(gate.attribute("failures").as_int(), 1);
  EXPECT_STREQ(gate.find_child_by_attribute("testcase", "name", "everything was tested")
                   .child("failure")
                   .attribute("message")
                   .value(),
               "of fake 1 clause was not tested: [infinity.zeros]");
}

// Several findings of one clause are one test, which fails while one of them has no excuse.
TEST(RenderJunit, FindingsOfOneClauseAreOneTest) {
  Report report = clean_report();
  const Finding finding =
      finding_of({incident_of(Verdict::deviates, "coord.nan", nan_line, one_value(Dtype::f32, 2))});
  report.result.findings = {finding, finding, finding};
  const auto failure = [&] {
    return std::string(
        Suite(report).test("[coord.nan]").child("failure").attribute("message").value());
  };
  EXPECT_EQ(failure(), "fake deviates from [coord.nan], and 2 findings more");
  report.result.findings.pop_back();
  EXPECT_EQ(failure(), "fake deviates from [coord.nan], and 1 finding more");
  report.result.findings.front().waiver = "w";
  EXPECT_EQ(failure(), "fake deviates from [coord.nan]");
  EXPECT_NE(Suite(report).text.find("(waived: w) fake deviates"), std::string::npos);
  report.result.findings.back().known = true;
  EXPECT_EQ(failure(), "");
  EXPECT_STREQ(Suite(report).test("[coord.nan]").child("skipped").attribute("message").value(),
               "waived: w: fake deviates from [coord.nan], and 1 finding more");
}

// Whatever subjects say or are called.
TEST(RenderJunit, NothingBreaksTheNotation) {
  const std::string hostile = "</testsuite> <&\"' ]]> \x01\xff\x1b[0m \ufffe \xc3";
  Report report = example_report();
  report.subjects.front().name = hostile;
  Finding finding = finding_of(
      {incident_of(Verdict::refused_wrongly, "coord.nan", nan_line, Refusal{"", hostile})});
  finding.subject = hostile;
  finding.cause = hostile;
  report.result.findings = {finding};
  const Suite suite(report);
  EXPECT_EQ(suite.text, valid_text(suite.text));
  EXPECT_EQ(suite.node.attribute("name").value(), valid_text(hostile));
  EXPECT_EQ(suite.count("failures"), 1);
  EXPECT_STREQ(suite.node.next_sibling().attribute("name").value(), "gate");
  EXPECT_FALSE(suite.node.next_sibling().next_sibling());
}

TEST(RenderJunit, ALongCaseIsInTheFileOfCases) {
  Report report = example_report();
  std::string line = "grid_sample mode=nearest input=f32[1,1,1,2]{1,2} grid=f32[1,1,600,2]{";
  for (int i = 0; i < 1200; ++i) line += i % 2 == 0 ? "nan," : "0,";
  line.back() = '}';
  // As the only value is wrong in its size, the answer as a whole is.
  report.result.findings = {
      finding_of({incident_of(Verdict::deviates, "coord.nan", line, one_value(Dtype::f32, 0))})};
  const Suite suite(report);
  EXPECT_LT(suite.text.size(), 3000U);
  EXPECT_NE(suite.text.find("gridproof replay cases.txt:4 --subject fake"), std::string::npos);
}

TEST(RenderJunit, NothingButTheTimeDiffersBetweenRuns) {
  Report later = example_report();
  const std::string first = rendered(later);
  later.day = "2027-01-01";
  EXPECT_EQ(rendered(later), first);
}

TEST(RenderJunit, WhatIsKnownDoesNotFail) {
  Report report = example_report();
  for (Finding& finding : report.result.findings) finding.known = true;
  const std::string text = render_junit(with_evidence(report));
  EXPECT_EQ(text.find("<failure"), std::string::npos);
  EXPECT_EQ(text.find("<error"), std::string::npos);
  EXPECT_NE(text.find("<skipped message=\"known: fake deviates from [coord.nan]\""),
            std::string::npos);
}

}  // namespace
}  // namespace gridproof::reports
