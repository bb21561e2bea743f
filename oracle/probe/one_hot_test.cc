#include "oracle/probe/one_hot.h"

#include <gtest/gtest.h>

#include <cmath>

#include "reference/semantics/grid_sample.h"

namespace gridproof::probe {
namespace {

Weights weights_of(const OneHotQuery& question, const Case& asked) {
  return std::get<Weights>(weights_in(question, grid_sample(asked)));
}

TEST(OneHot, GivesTheWeightsOfEverySample) {
  const OneHotQuery question{.request = {.mode = "bilinear"},
                             .dtype = Dtype::f32,
                             .pixels = {2, 4},
                             .coordinates = {-0.5, -0.5, 0.3F, 0.25}};
  const Weights weights = weights_of(question, one_hot_case(question));
  ASSERT_EQ(weights.of_sample.size(), 2U);
  EXPECT_EQ(weights.of_sample[0], (std::vector<double>{0.5, 0.5, 0, 0, 0, 0, 0, 0}));
  double sum = 0;
  for (const double weight : weights.of_sample[1]) sum += weight;
  EXPECT_NEAR(sum, 1, 1e-6);
}

TEST(OneHot, InThreeDimensionsXIsFirst) {
  const OneHotQuery question{.request = {.mode = "nearest", .align_corners = true},
                             .dtype = Dtype::f64,
                             .pixels = {2, 2, 3},
                             .coordinates = {1, -1, 1}};
  const Weights weights = weights_of(question, one_hot_case(question));
  EXPECT_EQ(weights.of_sample[0][8], 1);  // x = 2, y = 0, z = 1
}

TEST(OneHot, ATaintShowsWhatIsReadWithAWeightOfZero) {
  const OneHotQuery question{.request = {.mode = "bilinear", .align_corners = true},
                             .dtype = Dtype::f32,
                             .pixels = {1, 5},
                             .coordinates = {0, 0}};
  const Weights taint = weights_of(question, taint_case(question));
  EXPECT_FALSE(std::isnan(taint.of_sample[0][1]));
  EXPECT_TRUE(std::isnan(taint.of_sample[0][2]));
  EXPECT_TRUE(std::isnan(taint.of_sample[0][3]));  // the right neighbor, with the weight 0
}

TEST(OneHot, ReportsNonTensorAnswersByKind) {
  const OneHotQuery question{
      .request = {}, .dtype = Dtype::f32, .pixels = {1, 2}, .coordinates = {0, 0}};
  EXPECT_EQ(std::get<std::string>(weights_in(question, Refusal{"", "no"})), "refused");
  EXPECT_EQ(std::get<std::string>(weights_in(question, Unsupported{"f32"})), "unsupported");
  EXPECT_EQ(std::get<std::string>(weights_in(question, Lost{"gone"})), "lost");
  EXPECT_EQ(std::get<std::string>(weights_in(question, Tensor(Dtype::f32, {1, 2, 1, 2}))),
            "another shape");
}

}  // namespace
}  // namespace gridproof::probe
