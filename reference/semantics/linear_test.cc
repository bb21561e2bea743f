#include "reference/semantics/linear.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "reference/semantics/clauses.h"

namespace gridproof {
namespace {

// [bilinear.weights] At x = 1/4, y = 3/4 of the way the weights are 3/16, 1/16, 9/16 and 3/16.
TEST(Linear, FourPixels) {
  const char* const one_hot[] = {"1,0,0,0", "0,1,0,0", "0,0,1,0", "0,0,0,1"};
  const char* const weight[] = {"0.1875", "0.0625", "0.5625", "0.1875"};
  for (int k = 0; k < 4; ++k) {
    EXPECT_EQ(to_text(answer_line("grid_sample input=f32[1,1,2,2]{" + std::string(one_hot[k]) +
                                  "} grid=f32[1,1,1,2]{-0.25,0.25}")),
              "f32[1,1,1,1]{" + std::string(weight[k]) + "}");
  }
}

// [trilinear.weights] With the texels x + 2y + 4z the value is that of the point.
RC_GTEST_PROP(Linear, EightPixelsReproduceAPlane, ()) {
  const auto quarter = [] { return *rc::gen::inRange(-2, 3); };
  const int x = quarter();
  const int y = quarter();
  const int z = quarter();
  const auto text = [](int quarters) { return to_text(quarters / 4.0, Dtype::f32); };
  const std::string line = "grid_sample input=f32[1,1,2,2,2]{0..7} grid=f32[1,1,1,1,3]{" + text(x) +
                           "," + text(y) + "," + text(z) + "}";
  const double expected = (x + 2) / 4.0 + 2 * (y + 2) / 4.0 + 4 * (z + 2) / 4.0;
  RC_ASSERT(to_text(answer_line(line)) == "f32[1,1,1,1,1]{" + to_text(expected, Dtype::f32) + "}");
}

// The two weights of an axis come from one fraction, and a tap outside is not in the list.
TEST(Linear, CornersAreTheTapsInsideInOrder) {
  struct {
    float corner(float a, float b) const { return a * b; }
  } const rules;
  semantics::Sample<float> sample{};
  sample.axes[0] = {.tap_count = 2, .taps = {{{7, 0.75F}, {semantics::outside, 0.25F}}}};
  sample.axes[1] = {.tap_count = 2, .taps = {{{3, 0.5F}, {4, 0.5F}}}};
  sample.axes[2] = {.tap_count = 1, .taps = {{{0, 1}}}};
  const auto corners = semantics::corners<2>(
      rules, sample, [](auto x, auto y, auto z) { return x + 10 * y + 100 * z; });
  ASSERT_EQ(corners.count, 2);
  EXPECT_EQ(corners.list[0].place, 37);
  EXPECT_EQ(corners.list[1].place, 47);
  EXPECT_EQ(corners.list[0].weight, 0.375F);
  EXPECT_EQ(semantics::linear_weights(0.25F), (std::array{0.75F, 0.25F}));
}

}  // namespace
}  // namespace gridproof
