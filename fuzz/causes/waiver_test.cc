#include "fuzz/causes/waiver.h"

#include <gtest/gtest.h>

#include "fuzz/campaign/campaign.h"
#include "fuzz/mutants/mutants.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof {
namespace {

Case with_grid(const std::string& grid) {
  return parse_case("grid_sample mode=nearest input=f32[1,1,2,2]{1..4} grid=f32" + grid);
}

TEST(Waiver, TheCoordinateOfASampleIsItsLargest) {
  const Case test_case = with_grid("[1,1,4,2]{0.5,-3,nan,inf,-inf,2,0,0}");
  EXPECT_EQ(coordinate_of(test_case, 0).kind, CoordinateKind::finite);
  EXPECT_EQ(coordinate_of(test_case, 0).magnitude, 3);
  EXPECT_EQ(coordinate_of(test_case, 1).kind, CoordinateKind::nan);
  EXPECT_EQ(coordinate_of(test_case, 2).kind, CoordinateKind::infinite);
  EXPECT_EQ(coordinate_of(test_case, 3).magnitude, 0);
  EXPECT_EQ(coordinate_of(with_grid("[1,0,4,2]{}"), 0).kind, CoordinateKind::none);
}

TEST(Waiver, EachKeyOfAPredicateCounts) {
  const Case test_case = with_grid("[1,1,2,2]{0.5,-3,nan,0}");
  const Predicate all{.subjects = {"a", "b"},
                      .clauses = {"padding.zeros"},
                      .modes = {"nearest"},
                      .paddings = {"zeros"},
                      .dtypes = {Dtype::f32},
                      .ranks = {4},
                      .align_corners = false,
                      .kinds = {CoordinateKind::finite},
                      .above = 2,
                      .up_to = 3};
  const auto covers = [&](const Predicate& predicate) {
    return predicate.covers_case("b", test_case) &&
           predicate.covers_sample(test_case, 0, "padding.zeros");
  };
  EXPECT_TRUE(covers({}));
  EXPECT_TRUE(covers(all));
  const auto changed = [&](auto change) {
    Predicate predicate = all;
    change(predicate);
    return covers(predicate);
  };
  EXPECT_FALSE(changed([](Predicate& p) { p.subjects = {"c"}; }));
  EXPECT_FALSE(changed([](Predicate& p) { p.clauses = {"coord.nan"}; }));
  EXPECT_FALSE(changed([](Predicate& p) { p.modes = {"bilinear"}; }));
  EXPECT_FALSE(changed([](Predicate& p) { p.paddings = {"border"}; }));
  EXPECT_FALSE(changed([](Predicate& p) { p.dtypes = {Dtype::f64, Dtype::f16}; }));
  EXPECT_FALSE(changed([](Predicate& p) { p.ranks = {5}; }));
  EXPECT_FALSE(changed([](Predicate& p) { p.align_corners = true; }));
  EXPECT_FALSE(changed([](Predicate& p) { p.kinds = {CoordinateKind::nan}; }));
  EXPECT_FALSE(changed([](Predicate& p) { p.above = 3; }));
  EXPECT_FALSE(changed([](Predicate& p) { p.up_to = 2.5; }));
  EXPECT_FALSE(all.covers_sample(test_case, 1, "padding.zeros")) << "NaN is not finite";
}

TEST(Waiver, IsBrokenInFourWays) {
  const WaiverOutcome holds{
      .waiver = {.max_share = 0.5, .expires = "2027-01-31"}, .covered = 10, .waived = 5};
  EXPECT_EQ(broken(holds, "2027-01-31"), "");
  EXPECT_EQ(broken(holds, "2027-02-01"), "expired on 2027-01-31");
  WaiverOutcome changed = holds;
  changed.waived = 6;
  EXPECT_EQ(broken(changed, "2027-01-31"),
            "got worse: 6 of 10 samples fail, a share of at most 0.5 was to");
  changed.waived = 0;
  EXPECT_EQ(broken(changed, "2027-01-31"), "all that it covers is right now");
  changed.covered = 0;
  EXPECT_EQ(broken(changed, "2027-01-31"), "matches nothing");
}

// A mutant's findings, with waivers.
CampaignResult judged(std::vector<Waiver> waivers, Shard shard = {}) {
  const auto mutant = std::ranges::find(mutants(), "nan.zero", &Mutant::name);
  return run_campaign({.max_samples = 100'000, .shard = shard, .waivers = std::move(waivers)},
                      {mutant_subject(*mutant)}, reference_subject());
}

TEST(Waiver, CoversFindingsAndCountsWhatIsRightAmongThem) {
  const CampaignResult waived =
      judged({{.name = "nothing", .predicate = {.clauses = {"options.mode"}, .ranks = {7}}},
              {.name = "nan", .predicate = {.clauses = {"coord.nan"}}}});
  ASSERT_FALSE(waived.findings.empty());
  std::int64_t failing = 0;
  for (const Finding& finding : waived.findings) {
    EXPECT_EQ(finding.waiver, finding.clause == "coord.nan" ? "nan" : "") << finding.clause;
    failing += finding.samples;
  }
  ASSERT_EQ(waived.waivers.size(), 2U);
  EXPECT_EQ(waived.waivers[0].covered, 0);
  EXPECT_GE(waived.waivers[1].covered, waived.waivers[1].waived);
  EXPECT_LE(waived.waivers[1].waived, failing);
  EXPECT_GT(waived.waivers[1].waived, 0);
}

TEST(Waiver, DoesNotCoverWhatIsWorseThanItSays) {
  const CampaignResult result = judged({{.name = "nan",
                                         .predicate = {.clauses = {"coord.nan"}},
                                         .worst = Verdict::refused_wrongly}});
  for (const Finding& finding : result.findings) EXPECT_EQ(finding.waiver, "");
  EXPECT_GT(result.waivers[0].covered, 0);
  EXPECT_EQ(result.waivers[0].waived, 0);
}

TEST(Waiver, ShardsAddUp) {
  const std::vector<Waiver> waivers = {{.name = "nan", .predicate = {.clauses = {"coord.nan"}}}};
  const CampaignResult whole = judged(waivers);
  CampaignResult sum;
  for (int i = 0; i < 3; ++i) add_counts(sum, judged(waivers, {.index = i, .count = 3}));
  ASSERT_EQ(sum.waivers.size(), 1U);
  EXPECT_EQ(sum.waivers[0].covered, whole.waivers[0].covered);
  EXPECT_EQ(sum.waivers[0].waived, whole.waivers[0].waived);
}

}  // namespace
}  // namespace gridproof
