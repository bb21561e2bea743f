#include "oracle/probe/sample.h"

#include <gtest/gtest.h>

#include <cmath>

#include "reference/semantics/grid_sample.h"

namespace gridproof::probe {
namespace {

ProbedSample probed(const OneHotQuery& question) {
  FunctionSubject subject([](const Case& asked) { return grid_sample(asked); });
  return probed_samples(subject, question).at(0);
}
const OneHotQuery two_axes{
    .request = {}, .dtype = Dtype::f32, .pixels = {3, 4}, .coordinates = {0.3, 0}};

TEST(Sample, TapsAndThePositionThatTheyMean) {
  const ProbedSample sample = probed(two_axes);
  ASSERT_EQ(sample.taps.size(), 2U);
  EXPECT_EQ(sample.taps[0].first, (Shape{2, 1}));
  EXPECT_EQ(sample.taps[1].first, (Shape{3, 1}));
  ASSERT_EQ(sample.implied.size(), 2U);
  EXPECT_NEAR(sample.implied[0].position, 2.1, 1e-6);
  EXPECT_LE(std::fabs(sample.implied[0].ulps), 2);
  EXPECT_EQ(sample.implied[1].position, 1);
  EXPECT_EQ(sample.implied[1].bits, 0);
  // With the weight 0 the row below is read as well.
  EXPECT_EQ(sample.read.size(), 4U);
}

TEST(Sample, AQuantizedPositionHasFewBits) {
  // The position 2.1 in steps of 1/32 is 67/32, which is that of 0.296875.
  FunctionSubject subject([](Case asked) {
    asked.grid = Tensor(Dtype::f32, asked.grid.shape(), std::vector<double>{0.296875, 0});
    return grid_sample(asked);
  });
  const ProbedSample sample = probed_samples(subject, two_axes).at(0);
  ASSERT_EQ(sample.implied.size(), 2U);
  EXPECT_EQ(sample.implied[0].bits, 5);
  EXPECT_LT(sample.implied[0].ulps, -1000);
}

TEST(Sample, OutsideNoPositionIsImplied) {
  OneHotQuery question = two_axes;
  question.coordinates = {1.1, 0};
  EXPECT_TRUE(probed(question).implied.empty());
  question.request.mode = "bicubic";
  EXPECT_TRUE(probed(question).implied.empty());
}

TEST(Sample, DoesNotProbeAfterARefusal) {
  FunctionSubject subject([](const Case&) -> Answer { return Refusal{}; });
  EXPECT_TRUE(probed_samples(subject, two_axes).empty());
}

}  // namespace
}  // namespace gridproof::probe
