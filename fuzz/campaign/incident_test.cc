#include "fuzz/campaign/incident.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace gridproof {
namespace {

Incident incident(const std::string& clause, const std::string& cause,
                  std::vector<std::string> ties = {}, const std::string& coordinate = "0") {
  Incident result{.subject = "subject", .clause = clause, .features = clause, .samples = 10};
  result.cases = 2;
  result.reduced =
      parse_case("grid_sample input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0," + coordinate + "}");
  result.cause = cause;
  result.ties = std::move(ties);
  result.probes = cause.starts_with("answers") ? 0 : 100;
  return result;
}

TEST(Grouping, OneCauseIsOneFindingWithItsClauses) {
  const Findings grouped =
      group_incidents({incident("bilinear.weights", "zeros.whole-sample"),
                       incident("padding.zeros-ramp", "zeros.whole-sample", {}, "0x1.8p+0"),
                       incident("padding.zeros-ramp", "zeros.whole-sample", {}, "2"),
                       incident("coord.nan", "nan.zero")},
                      false);
  ASSERT_EQ(grouped.findings.size(), 2U);
  EXPECT_EQ(grouped.findings[0].cause, "nan.zero");
  const Finding& finding = grouped.findings[1];
  // The clause that the mutant breaks comes first, though another one has a simpler case.
  EXPECT_EQ(finding.clause, "padding.zeros-ramp");
  EXPECT_EQ(finding.samples, 30);
  ASSERT_EQ(finding.incidents.size(), 3U);
  EXPECT_EQ(to_line(finding.incidents[0].reduced).back(), '}');
  const std::vector<ClauseCounts> clauses = clauses_of(finding);
  ASSERT_EQ(clauses.size(), 2U);
  EXPECT_EQ(clauses[0].clause, "padding.zeros-ramp");
  EXPECT_EQ(clauses[0].samples, 20);
  EXPECT_EQ(clauses[0].cases, 4);
  EXPECT_EQ(clauses[1].clause, "bilinear.weights");
}

// Each incident alone would have been given another name.
TEST(Grouping, TheCauseIsTheOneThatExplainsTheMost) {
  const Findings grouped = group_incidents(
      {incident("coord.nan", "nan.zero", {"align.flipped"}),
       incident("padding.zeros", "far.wraps", {"align.flipped", "nan.zero"}),
       incident("nearest.texel", "align.flipped"), incident("bilinear.weights", "answers zero")},
      false);
  ASSERT_EQ(grouped.findings.size(), 2U);
  EXPECT_EQ(grouped.findings[0].cause, "answers zero");
  EXPECT_EQ(grouped.findings[1].cause, "align.flipped");
  EXPECT_EQ(grouped.findings[1].incidents.size(), 3U);
  EXPECT_TRUE(ties_of(grouped.findings[1]).empty());
}

TEST(Grouping, ATieExplainsEveryIncident) {
  const Findings grouped =
      group_incidents({incident("coord.nan", "nan.zero", {"nan.outside", "nan.centre"}),
                       incident("padding.zeros", "nan.zero", {"nan.outside"})},
                      false);
  ASSERT_EQ(grouped.findings.size(), 1U);
  EXPECT_EQ(ties_of(grouped.findings[0]), std::vector<std::string>{"nan.outside"});
}

// What no mutant explains is told apart by clause; subjects and waivers share nothing.
TEST(Grouping, KeepsApartWhatIsNotOne) {
  Incident other = incident("coord.nan", "nan.zero");
  other.subject = "other";
  Incident waived = incident("coord.nan", "nan.zero");
  waived.waiver = "some";
  const Findings grouped = group_incidents(
      {incident("coord.nan", "nan.zero"), other, waived, incident("padding.zeros", "answers zero"),
       incident("nearest.texel", "answers zero")},
      false);
  EXPECT_EQ(grouped.findings.size(), 5U);
}

// The result does not depend on the order of the incidents, nor does grouping twice change it.
TEST(Grouping, DependsOnTheIncidentsOnly) {
  std::vector<Incident> incidents = {incident("coord.nan", "nan.zero", {"align.flipped"}),
                                     incident("padding.zeros", "far.wraps", {"nan.zero"}),
                                     incident("nearest.texel", "align.flipped"),
                                     incident("nearest.texel", "far.wraps")};
  const auto digest = [](const Findings& grouped) {
    std::string text;
    for (const Finding& finding : grouped.findings) {
      text += finding.clause + ' ' + finding.cause + ' ' + std::to_string(finding.samples) + '\n';
    }
    return text;
  };
  const Findings once = group_incidents(incidents, false);
  std::ranges::reverse(incidents);
  EXPECT_EQ(digest(group_incidents(incidents, false)), digest(once));
  std::vector<Incident> again;
  for (const Finding& finding : once.findings) {
    again.insert(again.end(), finding.incidents.begin(), finding.incidents.end());
  }
  EXPECT_EQ(digest(group_incidents(again, false)), digest(once));
}

}  // namespace
}  // namespace gridproof
