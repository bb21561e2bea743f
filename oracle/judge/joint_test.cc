#include "oracle/judge/joint.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <random>
#include <type_traits>
#include <vector>

#include "oracle/judge/element_set.h"
#include "oracle/judge/testing/random_case.h"

namespace gridproof::judging {
namespace {

template <class Sums>
struct Sample {
  using Wide = typename Sums::Wide;

  Budget budget;
  Box<Wide, Sums::axes> box;
  std::vector<typename Sums::Texels> channels;
  std::mt19937_64 random;

  // A box as wide as the position of pixel 1000 is uncertain in f32.
  explicit Sample(std::uint64_t seed, std::size_t count) : channels(count), random(seed) {
    for (CellRange<Wide>& cell : box) {
      cell.lo = Wide{0.1} + Wide{0.8} * uniform();
      cell.hi = cell.lo + Wide{0x1p-13};
    }
    for (auto& texels : channels) {
      for (Wide& texel : texels) texel = 2 * uniform() - 1;
    }
  }

  Wide uniform() { return std::uniform_real_distribution<double>(0, 1)(random); }

  Box<Wide, Sums::axes> at(std::array<Wide, Sums::axes> share) const {
    Box<Wide, Sums::axes> point = box;
    for (std::size_t axis = 0; axis < Sums::axes; ++axis)
      point[axis].lo = point[axis].hi = box[axis].lo + share[axis] * (box[axis].hi - box[axis].lo);
    return point;
  }

  // The interval from which what a channel is at a point is rounded.
  Interval<Wide> answer(const Box<Wide, Sums::axes>& point, std::size_t channel) const {
    const Wide value = Sums(point, budget).interpolant(channels[channel]).lo;
    return {value - fabs(value) * Wide{0x1p-25}, value + fabs(value) * Wide{0x1p-25}};
  }
};

template <class Sums>
class Joint : public testing::Test {};
using AllSums = testing::Types<LinearSums<double, 2>, LinearSums<double, 3>, CubicSums<double>,
                               LinearSums<exact::Wide, 2>, CubicSums<exact::Wide>>;
TYPED_TEST_SUITE(Joint, AllSums);

// Whether it is surely found.
template <class Sums>
bool is_sure(const Sample<Sums>& sample,
             const std::vector<Interval<typename Sums::Wide>>& answers) {
  const Sums sums(sample.box, sample.budget);
  SureTargets<Sums> targets;
  for (std::size_t c = 0; c < answers.size(); ++c)
    targets.add(sums, sample.channels[c], answers[c]);
  return targets.have_position(sums, [&](std::size_t c) { return sample.channels[c]; });
}

TYPED_TEST(Joint, APositionIsFoundWhereverInTheBoxTheAnswersAreFrom) {
  using Sums = TypeParam;
  using Wide = typename Sums::Wide;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    Sample<Sums> sample(seed, 5);
    std::array<Wide, Sums::axes> share{};
    for (auto& part : share) part = sample.uniform();
    const auto point = sample.at(share);
    std::vector<Interval<Wide>> answers;
    for (std::size_t c = 0; c < sample.channels.size(); ++c)
      answers.push_back(sample.answer(point, c));
    EXPECT_TRUE(is_sure(sample, answers)) << seed;
  }
}

TYPED_TEST(Joint, NoneIsFoundForAnswersFromTwoEnds) {
  using Sums = TypeParam;
  using Wide = typename Sums::Wide;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    Sample<Sums> sample(seed, 5);
    std::array<Wide, Sums::axes> low{};
    std::array<Wide, Sums::axes> high{};
    high.fill(1);
    std::vector<Interval<Wide>> answers;
    ChannelTargets<Sums> targets;
    Sums sums(sample.box, sample.budget);
    for (std::size_t c = 0; c < sample.channels.size(); ++c) {
      answers.push_back(sample.answer(sample.at(c % 2 == 0 ? low : high), c));
      targets.add(sample.channels[c], sums.range(sample.channels[c]), answers[c]);
    }
    EXPECT_FALSE(is_sure(sample, answers)) << seed;
    EXPECT_FALSE(targets.have_position(sums)) << seed;
  }
}

TYPED_TEST(Joint, TheLikelyStepStaysInTheBox) {
  using Sums = TypeParam;
  using Wide = typename Sums::Wide;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    Sample<Sums> sample(seed, 1 + seed % 5);
    if (seed % 3 == 0) sample.box[0].hi = sample.box[0].lo;           // known along one axis
    if (seed % 7 == 0) sample.channels[0].fill(Wide{1});              // nothing changes
    if (seed % 11 == 0) sample.channels.back() = sample.channels[0];  // one equation twice
    const Sums sums(sample.box, sample.budget);
    LikelyStep<Wide, Sums::axes> likely;
    for (const auto& texels : sample.channels)
      likely.add(sums.tangent(texels), seed % 2 == 0 ? Wide{0} : Wide{-1e29});
    const auto point = point_of(sample.box, likely.step());
    for (std::size_t axis = 0; axis < Sums::axes; ++axis) {
      EXPECT_EQ(point[axis].lo, point[axis].hi);
      EXPECT_GE(point[axis].lo, sample.box[axis].lo);
      EXPECT_LE(point[axis].lo, sample.box[axis].hi);
    }
  }
}

TYPED_TEST(Joint, ATangentIsTheInterpolantToFirstOrder) {
  using Sums = TypeParam;
  using Wide = typename Sums::Wide;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    Sample<Sums> sample(seed, 1);
    const Sums sums(sample.box, sample.budget);
    const auto& texels = sample.channels[0];
    const auto tangent = sums.tangent(texels);
    std::array<Wide, Sums::axes> step{};
    for (Wide& part : step) part = 2 * sample.uniform() - 1;
    const Sums there(point_of(sample.box, step), sample.budget);
    const Wide value = there.interpolant(texels).lo;
    EXPECT_LE(fabs(value - tangent.after(step)), tangent.total * sums.neglected(step)) << seed;
    EXPECT_LE(tangent.total * sums.neglected(step), Wide{0x1p-20});
  }
}

// Boxes, texels, profiles and answers of all kinds: what the quick way admits, the slow way admits.
template <class Sums_, class Element_>
struct Judged {
  using Sums = Sums_;
  using Element = Element_;
};

template <class Kind>
class QuickWay : public testing::Test {
 public:
  using Sums = typename Kind::Sums;
  using Element = typename Kind::Element;
  using Wide = typename Sums::Wide;
  using Real = RealOf<Element>;

  RandomCase random{7};
  Profile profile;
  Budget budget;
  Box<Wide, Sums::axes> box;
  std::vector<typename Sums::Texels> channels;
  std::vector<Element> answers;

  void draw_question() {
    constexpr std::array<const char*, 4> profiles = {"P1", "P2", "P3", "P4a(f16)"};
    profile = *parse_profile(
        profiles[static_cast<std::size_t>(random.below(std::is_same_v<Element, Half> ? 4 : 3))]);
    budget = budget_of<Real>(profile);
    for (CellRange<Wide>& cell : box) cell = drawn_cell();
    channels.resize(static_cast<std::size_t>(1 + random.below(5)));
    const auto kind = random.below(6);
    for (auto& texels : channels) {
      for (Wide& texel : texels) texel = drawn_texel(kind);
      for (std::size_t axis = 0; axis < Sums::axes; ++axis) {
        if (box[axis].constant) repeat_along(axis, texels);
      }
    }
  }

  // What rounding makes of a position in the box, `strength` times.
  void draw_answers(double strength) {
    const Box<Wide, Sums::axes> point = drawn_point();
    answers.clear();
    for (const auto& texels : channels) {
      const Range<Wide> range = Sums(point, budget).range(texels);
      const double side = random.below(2) == 0 ? -strength : strength;
      const Wide value = range.lo + side * (side < 0 ? range.below : range.above);
      const auto answer = from_double<Element>(static_cast<double>(value));
      answers.push_back(isfinite(to_double(answer)) ? answer : Element{});
    }
  }

  [[nodiscard]] bool quick() const {
    const Sums sums(box, budget);
    SureTargets<Sums> targets;
    const LastRounding<Element> rounding(profile);
    for (std::size_t c = 0; c < channels.size(); ++c)
      targets.add(sums, channels[c], rounding.preimage(to_double(answers[c])));
    return targets.have_position(sums, [&](std::size_t c) { return channels[c]; });
  }
  [[nodiscard]] bool slow() const {
    const LastRounding<Element> rounding(profile);
    Sums sums(box, budget);
    ChannelTargets<Sums> targets;
    for (std::size_t c = 0; c < channels.size(); ++c) {
      const double got = to_double(answers[c]);
      const Range<Wide> range = sums.range(channels[c]);
      if (!holds(rounding, sums, channels[c], range, got)) return false;
      targets.add(channels[c], range, rounding.preimage(got));
    }
    return targets.have_position(sums);
  }

 private:
  CellRange<Wide> drawn_cell() {
    CellRange<Wide> cell;
    constexpr int digits = std::numeric_limits<Real>::digits;
    const double t = random.real(0, 1);
    switch (random.below(8)) {
      case 0:  // a pixel center
        cell.lo = cell.hi = random.below(2);
        break;
      case 1:  // few bits
        cell.lo = cell.hi = static_cast<Wide>(random.below(17)) / 16;
        break;
      case 2:
        cell.lo = cell.hi = static_cast<Real>(t);
        break;
      case 3:  // beyond the cell
        cell.lo = -std::ldexp(t, -1 - static_cast<int>(random.below(digits)));
        cell.hi = random.below(2) == 0 ? 1 - cell.lo : -cell.lo;
        break;
      case 4:  // beyond the edge
        cell.constant = Sums::taps == 4;
        cell.hi = t;
        cell.lo = random.below(2) == 0 ? cell.hi : Wide{0};
        break;
      default:
        cell.lo = t;
        cell.hi = std::min(t + std::ldexp(t, -static_cast<int>(random.below(digits))), 1.0);
        break;
    }
    return cell;
  }
  Wide drawn_texel(std::int64_t kind) {
    if (kind == 1 && random.below(3) > 0) return 0;
    if (kind == 2) return static_cast<Wide>(random.below(9) - 4);
    const Format format = format_of(dtype_of<Element>);
    int exponent = 0;
    if (kind == 3) exponent = static_cast<int>(random.below(30)) - 25;
    if (kind == 4) exponent = format.max_exponent - static_cast<int>(random.below(3));
    if (kind == 5) exponent = format.min_subnormal_exponent() + static_cast<int>(random.below(12));
    return to_double(from_double<Element>(random.scaled_real(1, exponent)));
  }
  // All taps along the axis are one texel.
  static void repeat_along(std::size_t axis, typename Sums::Texels& texels) {
    const std::size_t step = tap_count(Sums::taps, axis);
    for (std::size_t i = 0; i < texels.size(); ++i)
      texels[i] = texels[i - tap_along<Sums::taps>(i, axis) * step];
  }
  Box<Wide, Sums::axes> drawn_point() {
    Box<Wide, Sums::axes> point = box;
    for (CellRange<Wide>& cell : point)
      cell.lo = cell.hi = cell.lo + random.real(0, 1) * (cell.hi - cell.lo);
    return point;
  }
};
using Kinds =
    testing::Types<Judged<LinearSums<double, 2>, float>, Judged<LinearSums<double, 3>, float>,
                   Judged<LinearSums<double, 2>, Half>, Judged<LinearSums<exact::Wide, 2>, double>,
                   Judged<CubicSums<double>, float>, Judged<CubicSums<double>, Half>,
                   Judged<CubicSums<exact::Wide>, double>>;
TYPED_TEST_SUITE(QuickWay, Kinds);

TYPED_TEST(QuickWay, AdmitsNothingThatTheSlowWayExcludes) {
  int admitted = 0;
  int excluded = 0;
  for (int i = 0; i < 20000; ++i) {
    this->draw_question();
    this->draw_answers(this->random.real(0, 2));
    if (this->quick()) {
      ++admitted;
      ASSERT_TRUE(this->slow()) << i;
    } else if (!this->slow()) {
      ++excluded;
    }
  }
  EXPECT_GT(admitted, 2000);
  EXPECT_GT(excluded, 2000);
}

TYPED_TEST(QuickWay, SeesMostRightAnswers) {
  int seen = 0;
  constexpr int questions = 5000;
  for (int i = 0; i < questions; ++i) {
    this->draw_question();
    this->draw_answers(0);
    if (this->quick()) {
      ++seen;
    } else {
      EXPECT_TRUE(this->slow()) << i;
    }
  }
  EXPECT_GT(seen, questions / 4);  // the rest has wide boxes, or texels near the end of the range
}

}  // namespace
}  // namespace gridproof::judging
