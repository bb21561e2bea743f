#include "oracle/judge/bias.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <set>

#include "oracle/exact/exact.h"
#include "oracle/judge/judge.h"
#include "oracle/judge/position.h"
#include "oracle/judge/testing/random_case.h"

namespace gridproof::judging {
namespace {

Case random_question(std::uint64_t seed) {
  RandomCase random(seed);
  const Options options = random.options();
  const auto dtype = static_cast<Dtype>(random.below(4));
  const int axes = options.mode == Mode::bicubic ? 2 : 2 + static_cast<int>(random.below(2));
  return random.make(options, dtype, axes, 16, 3);
}

Case negated(const Case& test_case) {
  std::vector<double> texels = test_case.input.values();
  for (double& texel : texels) texel = -texel;
  Case result = test_case;
  result.input = Tensor(test_case.input.dtype(), test_case.input.shape(), texels);
  return result;
}

TEST(KnownElements, HaveTheValueOfTheWitness) {
  std::set<std::pair<Mode, Dtype>> kinds;
  int count = 0;
  for (std::uint64_t seed = 0; seed < 6000; ++seed) {
    const Case test_case = random_question(seed);
    const auto elements = known_elements(test_case, {});
    if (elements.empty()) continue;
    const exact::Evaluator witness(test_case);
    std::int64_t last = -1;
    for (const KnownElement& element : elements) {
      EXPECT_GT(element.sample, last);
      last = element.sample;
      const exact::Element exact = witness.element(element.sample, element.channel);
      ASSERT_TRUE(exact.is_number());
      const exact::Wide truth = exact::to_wide(exact.number);
      const exact::Wide spacing = std::ldexp(1.0, element.spacing);
      const Format format = format_of(test_case.input.dtype());
      EXPECT_EQ(element.spacing, ilogb(element.value) - format.precision + 1);
      const bool is_f64 = test_case.input.dtype() == Dtype::f64;
      EXPECT_LE(fabs(element.value - truth), spacing * (is_f64 ? 0x1p-5 : 0x1p-20))
          << to_line(test_case);
      ++count;
    }
    kinds.insert({witness.options().mode, test_case.input.dtype()});
  }
  EXPECT_GT(count, 2000);
  EXPECT_EQ(kinds.size(), 8U);  // two modes, four dtypes
}

// The claim of judging.md, section 11, stands on this.
TEST(KnownElements, AreTheSameWhereEveryTexelHasTheOtherSign) {
  int count = 0;
  for (std::uint64_t seed = 0; seed < 1500; ++seed) {
    const Case test_case = random_question(seed);
    const auto elements = known_elements(test_case, {});
    const auto others = known_elements(negated(test_case), {});
    ASSERT_EQ(elements.size(), others.size());
    for (std::size_t i = 0; i < elements.size(); ++i) {
      EXPECT_EQ(elements[i].sample, others[i].sample);
      EXPECT_EQ(elements[i].channel, others[i].channel);
      EXPECT_EQ(elements[i].value, -others[i].value);
      EXPECT_EQ(elements[i].spacing, others[i].spacing);
      ++count;
    }
  }
  EXPECT_GT(count, 500);
}

// One output location for each coordinate x, in the upper row of two.
Case at(const std::string& coordinates, const std::string& texels = "1,0x1.8p0,3,5") {
  std::string grid;
  std::int64_t count = 0;
  for (std::size_t start = 0; start <= coordinates.size(); ++count) {
    const std::size_t end = std::min(coordinates.find(',', start), coordinates.size());
    grid += (count == 0 ? "" : ",") + coordinates.substr(start, end - start) + ",0";
    start = end + 1;
  }
  return parse_case("grid_sample padding_mode=border input=f32[1,1,1,4]{" + texels +
                    "} grid=f32[1,1," + std::to_string(count) + ",2]{" + grid + "}");
}

TEST(KnownElements, AreThoseOfPositionsWithoutErrorBetweenPixels) {
  const auto samples = [](const Case& test_case) {
    std::vector<std::int64_t> result;
    for (const KnownElement& element : known_elements(test_case, {}))
      result.push_back(element.sample);
    return result;
  };
  using List = std::vector<std::int64_t>;
  // On a pixel, between two, beyond the last, at a position that rounds.
  EXPECT_EQ(samples(at("-0.25,-0.125,2,0x1.99999ap-4")), List{1});
  EXPECT_EQ(samples(at("inf,nan,0.125")), List{2});
  // x + 1 rounds.
  EXPECT_EQ(samples(at("0x1p-24,0.125")), List{1});
  // Cancellation, subnormal numbers, and texels that are none.
  EXPECT_EQ(samples(at("0", "1,1,-0x1.000002p0,1")), List{});
  EXPECT_EQ(samples(at("0.0625", "0x1p-130,0x1p-130,0x1p-130,0x1p-130")), List{});
  EXPECT_EQ(samples(at("0.0625", "nan,1,nan,1")), List{});
  EXPECT_EQ(samples(at("0.0625", "1,inf,1,1")), List{});
  EXPECT_EQ(samples(parse_case("grid_sample mode=nearest input=f32[1,1,1,4]{1,2,3,4} "
                               "grid=f32[1,1,1,2]{0.125,0}")),
            List{});
  EXPECT_EQ(samples(parse_case("grid_sample mode=lanczos input=f32[1,1,1,4]{1,2,3,4} "
                               "grid=f32[1,1,1,2]{0.125,0}")),
            List{});
}

Tensor output_of(const std::vector<double>& values) {
  return {Dtype::f32, {1, 1, 1, std::ssize(values)}, values};
}

TEST(SignedErrors, CountInPartsOfTheSpacingToBothSides) {
  const Case test_case = at("-0.125,-0.125", "-1,-1,-1,-1");
  const auto elements = known_elements(test_case, {});
  ASSERT_EQ(elements.size(), 2U);
  const double below = std::nextafter(-1.0F, -2.0F);
  SignedErrors errors = signed_errors(elements, output_of({below, -1}), {});
  EXPECT_EQ(errors.elements, 2);
  EXPECT_EQ(errors.up, -(1 << SignedErrors::bits));
  EXPECT_EQ(errors.away, 1 << SignedErrors::bits);
  // No single answer outweighs all others; what is no number does not count.
  errors = signed_errors(elements, output_of({1e30, std::nan("")}), {});
  EXPECT_EQ(errors.elements, 1);
  EXPECT_EQ(errors.up, 64 << SignedErrors::bits);
  EXPECT_EQ(errors.away, -(64 << SignedErrors::bits));
}

TEST(SignedErrors, LeaveOutWhatIsExcludedAnyway) {
  const Case test_case = at("-0.125,-0.125,-0.125");
  const auto elements = known_elements(test_case, {});
  ASSERT_EQ(elements.size(), 3U);
  const Tensor output = output_of({2, 3, 4});
  const auto counted = [&](const Judgment& judgment, const Answer& answer) {
    return signed_errors(elements, answer, judgment).elements;
  };
  Judgment judgment;
  EXPECT_EQ(counted(judgment, output), 3);
  judgment.notable = {{.verdict = Verdict::deviates, .sample = 1},
                      {.verdict = Verdict::quality_warning, .sample = 2}};
  judgment[Verdict::deviates] = judgment[Verdict::quality_warning] = 1;
  EXPECT_EQ(counted(judgment, output), 2);
  judgment[Verdict::deviates] = 2;  // which of them, is not listed
  EXPECT_EQ(counted(judgment, output), 0);
  EXPECT_EQ(counted({.whole = true}, output), 0);
  EXPECT_EQ(counted({}, Lost{"gone"}), 0);
}

}  // namespace
}  // namespace gridproof::judging
