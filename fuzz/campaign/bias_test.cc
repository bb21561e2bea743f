#include "fuzz/campaign/bias.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <set>

#include "fuzz/campaign/campaign.h"
#include "fuzz/campaign/plan.h"
#include "fuzz/domain/domain.h"
#include "fuzz/mutants/biased.h"
#include "oracle/judge/bias.h"
#include "oracle/judge/judge.h"
#include "oracle/judge/testing/any_rounding.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof {
namespace {

constexpr std::int64_t one = std::int64_t{1} << SignedErrors::bits;

KindCounts counts_of(std::int64_t cases, std::int64_t elements_of_each, std::int64_t up,
                     std::int64_t away) {
  return {.decided = cases * elements_of_each,
          .cases = cases,
          .elements = cases * elements_of_each,
          .sum = {cases * up, cases * away},
          .squares = {cases * up * up, cases * away * away}};
}

// Errors of a correct implementation: of any size, alike within a case, with a fair sign.
TEST(Bias, ChanceIsABoundForFairSigns) {
  std::mt19937_64 random(1);
  const SampleKind kind;
  constexpr int runs = 20'000;
  std::array<int, 3> rarer{};
  constexpr std::array<double, 3> levels = {0.3, 0.1, 0.01};
  for (int run = 0; run < runs; ++run) {
    KindCounts counts;
    for (int i = 0; i < 60; ++i) {
      // Some cases are a thousand times as noisy as others.
      const auto size = static_cast<std::int64_t>(std::exp2(static_cast<double>(random() % 11)));
      const std::int64_t sum = (random() % 2 == 0 ? 1 : -1) * size * 8;
      counts += {.cases = 1, .elements = 8, .sum = {sum, 0}, .squares = {sum * sum, 0}};
    }
    const double chance = chance_of(kind, counts, Side::up);
    for (std::size_t i = 0; i < levels.size(); ++i) rarer[i] += chance <= levels[i] ? 1 : 0;
  }
  for (std::size_t i = 0; i < levels.size(); ++i) {
    EXPECT_LT(rarer[i], levels[i] * runs);
    // And not so blunt that it could never tell: normal tails would give these shares.
    const double tail = std::erfc(std::sqrt(std::log(2 / levels[i])));
    EXPECT_GT(rarer[i], tail * runs / 4);
  }
}

TEST(Bias, IsReportedFromTheThresholdOn) {
  const auto reported = [](std::int64_t cases) {
    return biases_of({{SampleKind{}, counts_of(cases, 8, 8 * one / 2, 0)}}).size();
  };
  // All errors alike: chance = 192 exp(-cases / 2), for all paddings or for the only one.
  EXPECT_EQ(reported(38), 0U);
  EXPECT_EQ(reported(39), 1U);
}

TEST(Bias, MayLeanALittleFromZeroButNotUp) {
  const KindCounts little = counts_of(100'000, 8, 8 * one / 40, 8 * one / 40);
  const auto biases = biases_of({{SampleKind{}, little}});
  ASSERT_EQ(biases.size(), 1U);
  EXPECT_EQ(biases[0].side, Side::up);
  const KindCounts more = counts_of(100'000, 8, 0, -8 * one / 10);
  EXPECT_EQ(biases_of({{SampleKind{}, more}}).size(), 1U);
  // The coefficients of the cubic are the same for all texels, unless a coarser rounding follows.
  EXPECT_TRUE(biases_of({{SampleKind{.mode = Mode::bicubic}, more}}).empty());
  // Nor are weights of a narrow type any different from case to case.
  const Profile narrow{.kind = Profile::Kind::narrow_arithmetic, .type = Dtype::bf16};
  EXPECT_TRUE(biases_of({{SampleKind{}, more}}, narrow).empty());
  EXPECT_EQ(biases_of({{SampleKind{}, little}}, narrow).size(), 1U);
  EXPECT_EQ(biases_of({{SampleKind{.mode = Mode::bicubic, .dtype = Dtype::bf16}, more}}).size(),
            1U);
}

TEST(Bias, SaysWhereAndHowMuch) {
  const KindCounts none = counts_of(500, 8, 0, 0);
  KindTable table = {{SampleKind{.dtype = Dtype::f64}, counts_of(500, 8, 0, -8 * one / 4)},
                     {SampleKind{.dtype = Dtype::f64, .padding = Padding::border}, none}};
  auto biases = biases_of(table);
  ASSERT_EQ(biases.size(), 1U);
  EXPECT_FALSE(biases[0].padding);
  EXPECT_EQ(biases[0].dtype, Dtype::f64);
  EXPECT_EQ(biases[0].side, Side::away);
  EXPECT_DOUBLE_EQ(biases[0].mean, -0.125);
  EXPECT_EQ(biases[0].cases, 1000);
  EXPECT_EQ(biases[0].elements, 8000);
  EXPECT_LT(biases[0].chance, false_alarm);
  // Where it does not show over all, the padding is named.
  table.begin()->second = counts_of(500, 8, 0, -8 * one / 4);
  table.rbegin()->second = counts_of(500, 8, 0, 8 * one / 4);
  biases = biases_of(table);
  ASSERT_EQ(biases.size(), 2U);
  EXPECT_EQ(biases[0].padding, Padding::zeros);
  EXPECT_EQ(biases[1].padding, Padding::border);
  EXPECT_GT(biases[1].mean, 0);
}

TEST(Kinds, CountWhatIsDecided) {
  const Case test_case = parse_case(
      "grid_sample mode=bicubic padding_mode=border input=f16[1,1,1,1]{1} "
      "grid=f16[1,1,1,2]{0,0}");
  Judgment judgment{.errors = {.elements = 2, .up = -3, .away = 5}};
  judgment[Verdict::same_bits] = 1;
  judgment[Verdict::admissible] = 10;
  judgment[Verdict::latitude] = 100;
  judgment[Verdict::undecided] = 1000;
  judgment[Verdict::quality_warning] = 10'000;
  judgment[Verdict::deviates] = 100'000;
  KindTable table;
  count_kind(table, test_case, judgment);
  count_kind(table, test_case, judgment);
  count_kind(table, test_case, {.whole = true});
  ASSERT_EQ(table.size(), 1U);
  const auto& [kind, counts] = *table.begin();
  EXPECT_EQ(kind, (SampleKind{Mode::bicubic, 4, Dtype::f16, Padding::border}));
  EXPECT_EQ(counts.decided, 2 * 110'011);
  EXPECT_EQ(counts.cases, 2);
  EXPECT_EQ(counts.elements, 4);
  EXPECT_EQ(counts.sum, (std::array<std::int64_t, 2>{-6, 10}));
  EXPECT_EQ(counts.squares, (std::array<std::int64_t, 2>{18, 50}));
  EXPECT_EQ(decided_of(table), 2 * 110'011);
  EXPECT_EQ(decided_of(table, Mode::nearest), 0);
}

// The kinds of what the default run asks of `answer`, of those dtypes only.
KindTable measured(const std::function<Answer(const Case&)>& answer, bool of_16_bit,
                   std::uint64_t seed) {
  constexpr std::int64_t default_samples = 10'000'000;
  KindTable table;
  const Part part;
  Plan plan(seed, part, strength_of(default_samples));
  for (std::int64_t samples = 0; samples < default_samples;) {
    const Drawn drawn = plan.next();
    samples += counted_samples(drawn);
    if (!has_random_texels(drawn)) continue;
    const Case test_case = steps_of(drawn, part).front().test_case;
    if (is_16_bit(test_case.input.dtype()) != of_16_bit) continue;
    const auto known = judging::known_elements(test_case, {});
    if (known.empty()) continue;
    Judgment judgment;
    judgment[Verdict::admissible] = 1;
    judgment.errors = judging::signed_errors(known, answer(test_case), judgment);
    count_kind(table, test_case, judgment);
  }
  return table;
}

std::set<std::tuple<Mode, int, Dtype>> where(const std::vector<Bias>& biases, Side side) {
  std::set<std::tuple<Mode, int, Dtype>> result;
  for (const Bias& bias : biases) {
    if (bias.side == side && !bias.padding) result.insert({bias.mode, bias.rank, bias.dtype});
  }
  return result;
}

class Biased : public testing::TestWithParam<std::size_t> {};

// In nearly every mode, rank and dtype, but for bicubic in f32 and f64: the errors of its
// coefficients hide half a unit for a little longer (judging.md, section 11). Where it is known to
// which side, to no other.
TEST_P(Biased, IsNoticedByTheDefaultRun) {
  const BiasedVariation variation = biased_variations()[GetParam()];
  const auto biases = biases_of(measured(variation.answer, variation.of_16_bit, 1));
  auto all = where(biases, Side::up);
  all.merge(where(biases, Side::away));
  const auto linear = std::ranges::count_if(
      all, [](const auto& kind) { return std::get<Mode>(kind) == Mode::bilinear; });
  EXPECT_GE(linear, 3);
  EXPECT_GE(all.size(), variation.of_16_bit ? 5U : 3U);
  if (!variation.leaning) return;
  const Side other = variation.leaning == Leaning::up ? Side::away : Side::up;
  EXPECT_EQ(where(biases, other).size(), 0U);
}

INSTANTIATE_TEST_SUITE_P(All, Biased, testing::Range(std::size_t{0}, biased_variations().size()),
                         [](const auto& instance) {
                           std::string name = biased_variations()[instance.param].name;
                           std::ranges::replace(name, '.', '_');
                           return name;
                         });

// Correct arithmetic at its most contrary leans to no side.
TEST(Bias, NoneOfAnyRounding) {
  for (const judging::RoundingChoices habits :
       {judging::RoundingChoices{}, judging::RoundingChoices{.rounded = 8},
        judging::RoundingChoices{.rounded = 0},
        judging::RoundingChoices{.powers = true, .lerp = true}}) {
    KindTable table;
    std::mt19937_64 random(7);
    const auto real = [&] { return static_cast<double>(random() >> 11U) * 0x1p-52 - 1; };
    for (std::uint64_t seed = 0; seed < 900; ++seed) {
      const auto mode = seed % 2 == 0 ? Mode::bilinear : Mode::bicubic;
      const auto dtype = static_cast<Dtype>(seed / 2 % 4);
      const auto number = [&](double value) {
        return visit(dtype, [&]<class T>(T) { return to_double(from_double<T>(value)); });
      };
      std::vector<double> texels(16);
      for (double& texel : texels) texel = number(real());
      std::vector<double> grid(16);
      for (double& x : grid) x = number((real() - 1) / 2);  // x + 1 is exact
      const Case test_case{request_for({.mode = mode, .padding = Padding::border}),
                           Tensor(dtype, {1, 1, 4, 4}, texels), Tensor(dtype, {1, 1, 8, 2}, grid)};
      Judgment judgment;
      judgment[Verdict::admissible] = 1;
      judgment.errors = judging::signed_errors(judging::known_elements(test_case, {}),
                                               judging::any_rounding(test_case, seed, habits), {});
      count_kind(table, test_case, judgment);
    }
    EXPECT_EQ(table.size(), 8U);
    for (const auto& [kind, counts] : table) {
      EXPECT_GT(counts.cases, 50);
      for (const Side side : {Side::up, Side::away}) {
        EXPECT_GT(chance_of(kind, counts, side), 1e-4)
            << name(kind.mode) << ' ' << name(kind.dtype) << ' ' << static_cast<int>(side);
      }
    }
  }
}

// A campaign counts the same whatever its threads and shards are.
TEST(Bias, OfACampaign) {
  CampaignOptions options;
  options.max_samples = 3'000'000;
  const BiasedVariation cut = biased_variations().front();
  const std::vector<SubjectEntry> subjects = {cut.subject()};
  const auto sums = [&](const CampaignResult& result) {
    std::vector<std::array<std::int64_t, 6>> rows;
    for (const auto& [kind, counts] : result.kinds.at(subjects[0].name)) {
      rows.push_back({counts.decided, counts.elements, counts.sum[0], counts.sum[1],
                      counts.squares[0], counts.squares[1]});
    }
    return rows;
  };
  options.threads = 1;
  const CampaignResult whole = run_campaign(options, subjects, reference_subject());
  EXPECT_FALSE(biases_of(whole.kinds.at(subjects[0].name)).empty());
  CampaignResult added;
  for (int shard = 0; shard < 2; ++shard) {
    options.threads = 2;
    options.shard = {.index = shard, .count = 2};
    add_counts(added, run_campaign(options, subjects, reference_subject()));
  }
  EXPECT_EQ(sums(added), sums(whole));
}

}  // namespace
}  // namespace gridproof
