#include "reference/semantics/nearest.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "reference/semantics/clauses.h"

namespace gridproof {
namespace {

// [nearest.ties-to-even]
TEST(Nearest, TiesGoToTheEvenPixel) {
  for (int pixel = -9; pixel < 9; ++pixel) {
    const int even = pixel % 2 == 0 ? pixel : pixel + 1;
    const float tie = static_cast<float>(pixel) + 0.5F;
    EXPECT_EQ(semantics::nearest(tie), static_cast<float>(even));
    EXPECT_EQ(semantics::nearest(std::nextafter(tie, -100.0F)), static_cast<float>(pixel));
    EXPECT_EQ(semantics::nearest(std::nextafter(tie, 100.0F)), static_cast<float>(pixel + 1));
    EXPECT_EQ(semantics::nearest(static_cast<double>(tie)), even);
  }
}

// [nearest.texel]
RC_GTEST_PROP(Nearest, NoPixelIsNearer, ()) {
  const double position = *rc::gen::inRange(-100000, 100000) / 1024.0;
  const double chosen = semantics::nearest(position);
  RC_ASSERT(chosen == std::trunc(chosen));
  RC_ASSERT(std::fabs(chosen - position) <= 0.5);
}

// [nearest.texel] The bits of the texel: the largest number, a subnormal, a negative zero.
TEST(Nearest, TheTexelIsCopied) {
  EXPECT_EQ(
      to_text(answer_line("grid_sample mode=nearest input=f32[1,1,1,4]{0x1.fffffep+127,"
                          "0x1p-149,-0,-inf} grid=f32[1,1,4,2]{-0.75,0,-0.25,0,0.25,0,0.75,0}")),
      "f32[1,1,1,4]{0x1.fffffep+127,0x1p-149,-0,-inf}");
}

// [nearest.pad-first] Reflected about 7/2, 4.5 is 2.5, which goes to 2; 4 would go to 3.
// Clipped, 3.5 is 3; rounded first it would be 4 and clipped to 3 just so.
TEST(Nearest, PaddingComesFirst) {
  EXPECT_EQ(to_text(answer_line("grid_sample mode=nearest padding_mode=reflection "
                                "input=f32[1,1,1,4]{0..3} grid=f32[1,1,3,2]{1.5,0,2.5,0,-1.5,0}")),
            "f32[1,1,1,3]{2,0,0}");
}

}  // namespace
}  // namespace gridproof
