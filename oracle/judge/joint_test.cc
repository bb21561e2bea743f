#include "oracle/judge/joint.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <random>
#include <vector>

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
                               LinearSums<exact::Wide, 2>>;
TYPED_TEST_SUITE(Joint, AllSums);

TYPED_TEST(Joint, APositionIsFoundWhereverInTheBoxTheAnswersAreFrom) {
  using Sums = TypeParam;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    Sample<Sums> sample(seed, 5);
    std::array<typename Sums::Wide, Sums::axes> share{};
    for (auto& part : share) part = sample.uniform();
    const auto point = sample.at(share);
    SureTargets<Sums> targets;
    for (std::size_t c = 0; c < sample.channels.size(); ++c)
      targets.add(sample.channels[c], sample.answer(point, c));
    const Sums sums(sample.box, sample.budget);
    EXPECT_TRUE(targets.have_position(sums)) << seed;
  }
}

TYPED_TEST(Joint, NoneIsFoundForAnswersFromTwoEnds) {
  using Sums = TypeParam;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    Sample<Sums> sample(seed, 5);
    std::array<typename Sums::Wide, Sums::axes> low{};
    std::array<typename Sums::Wide, Sums::axes> high{};
    high.fill(1);
    SureTargets<Sums> sure;
    ChannelTargets<Sums> targets;
    Sums sums(sample.box, sample.budget);
    for (std::size_t c = 0; c < sample.channels.size(); ++c) {
      const auto from = sample.answer(sample.at(c % 2 == 0 ? low : high), c);
      sure.add(sample.channels[c], from);
      targets.add(sample.channels[c], sums.range(sample.channels[c]), from);
    }
    EXPECT_FALSE(sure.have_position(sums)) << seed;
    EXPECT_FALSE(targets.have_position(sums)) << seed;
  }
}

TYPED_TEST(Joint, ALikelyPositionIsInTheBox) {
  using Sums = TypeParam;
  using Wide = typename Sums::Wide;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    Sample<Sums> sample(seed, 1 + seed % 5);
    if (seed % 3 == 0) sample.box[0].hi = sample.box[0].lo;           // known along one axis
    if (seed % 7 == 0) sample.channels[0].fill(Wide{1});              // nothing changes
    if (seed % 11 == 0) sample.channels.back() = sample.channels[0];  // one equation twice
    std::vector<Target<Sums>> targets;
    for (const auto& texels : sample.channels)
      targets.push_back({texels, Wide{-1e30}, seed % 2 == 0 ? Wide{1e30} : Wide{-1e29}});
    const Sums sums(sample.box, sample.budget);
    const auto point = LikelyPosition<Sums>(sums, targets).point();
    for (std::size_t axis = 0; axis < Sums::axes; ++axis) {
      EXPECT_EQ(point[axis].lo, point[axis].hi);
      EXPECT_GE(point[axis].lo, sample.box[axis].lo);
      EXPECT_LE(point[axis].lo, sample.box[axis].hi);
    }
  }
}

}  // namespace
}  // namespace gridproof::judging
