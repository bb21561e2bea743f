#include "reports/report/statistics.h"

#include <gtest/gtest.h>

#include "reports/evidence/evidence.h"
#include "reports/report/summary.h"
#include "reports/testing/example_report.h"

namespace gridproof::reports {
namespace {

constexpr std::int64_t one = std::int64_t{1} << SignedErrors::bits;

KindCounts leaning(std::int64_t up, std::int64_t away) {
  constexpr std::int64_t cases = 200;
  return {.decided = 1000,
          .cases = cases,
          .elements = 8 * cases,
          .sum = {up * cases, away * cases},
          .squares = {up * up * cases, away * away * cases}};
}

Report conforming() {
  Report report = example_report();
  report.result.findings.clear();
  report.result.remarks.clear();
  return report;
}

TEST(Statistics, ABiasIsASentence) {
  Bias bias{.mean = 0.3125, .cases = 1083, .elements = 5012, .chance = 3e-10};
  EXPECT_EQ(sentence_of(bias),
            "in bilinear 4-D f32 the results lie on average 0.31 units in the last place above the "
            "exact value (5,012 elements of 1,083 cases); a correct implementation shows such a "
            "bias in a whole run with a probability below 1e-9");
  bias = {.mode = Mode::bicubic,
          .dtype = Dtype::bf16,
          .padding = Padding::border,
          .side = Side::away,
          .mean = -1.5,
          .cases = 1,
          .elements = 1,
          .chance = 0};
  EXPECT_EQ(sentence_of(bias),
            "in bicubic 4-D bf16 under border the results lie on average 1.5 units in the last "
            "place nearer to zero than the exact value (1 element of 1 case); a correct "
            "implementation shows such a bias in a whole run with a probability below 1e-300");
  bias.mean = 2;
  EXPECT_NE(sentence_of(bias).find("farther from zero than the exact value"), std::string::npos);
  bias.side = Side::up;
  bias.mean = -2;
  EXPECT_NE(sentence_of(bias).find("below the exact value"), std::string::npos);
}

// The probability of the sentence is one that the numbers have.
TEST(Statistics, ExclusionsAreTrue) {
  EXPECT_EQ(exclusion_of(10'000'000),
            "an error in one of 10,000,000 samples would have been missed with a probability of 37 "
            "%, one in 3,333,334 with 5 %");
  EXPECT_EQ(exclusion_of(2), "too few samples were decided about to exclude rare errors");
  for (const double n : {10.0, 11.0, 12.0, 1e3, 1e7}) {
    EXPECT_LT(std::pow(1 - 1 / n, n), 0.375);
    EXPECT_LT(std::pow(1 - 1 / std::ceil(n / 3), n), 0.06);
  }
}

TEST(Statistics, OfAReportByModes) {
  Report report = conforming();
  report.result.kinds["fake"] = {{SampleKind{.mode = Mode::nearest}, {.decided = 900}},
                                 {SampleKind{}, {.decided = 100}}};
  EXPECT_EQ(exclusion_lines(report),
            "     fake: an error in one of 1,000 samples would have been missed with a probability "
            "of 37 %, one in 334 with 5 %\n");
  const std::string table = exclusion_table(report);
  EXPECT_NE(table.find("| bilinear | 100 | 100 | 34 |"), std::string::npos) << table;
  EXPECT_NE(table.find("| bicubic | 0 | – | – |"), std::string::npos) << table;
}

TEST(Statistics, ABiasFailsOnlyStrictly) {
  Report report = conforming();
  EXPECT_TRUE(passes(report));
  report.result.kinds["fake"][SampleKind{}] = leaning(8 * one / 2, 0);
  report.result.kinds["fake"][SampleKind{.dtype = Dtype::f64}] = leaning(one, 0);
  EXPECT_TRUE(passes(report));
  const auto biases = biases_of(report);
  ASSERT_EQ(biases.size(), 2U);
  EXPECT_EQ(biases[0].subject, "fake");
  const auto summary = [&] { return render_summary(with_evidence(report), "out", {}, 100); };
  EXPECT_NE(summary().find("Bias (it fails only with --strict)\n     fake: in bilinear 4-D f32"),
            std::string::npos);
  EXPECT_NE(summary().find("; and 1 more like it"), std::string::npos) << summary();
  report.options.strict = true;
  EXPECT_FALSE(passes(report));
  EXPECT_NE(summary().find("\nBias\n"), std::string::npos);
  EXPECT_NE(summary().find("2 kinds of samples with a bias"), std::string::npos) << summary();
}

}  // namespace
}  // namespace gridproof::reports
