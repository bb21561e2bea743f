#include "reports/report/notation.h"

#include <gtest/gtest.h>

#include <limits>

namespace gridproof::reports {
namespace {

TEST(Notation, LocationsHaveTheLettersOfTheirAxes) {
  EXPECT_EQ(location(indices_of(17, {2, 3, 4, 2})), "n=1, h=1, w=1");
  EXPECT_EQ(location(indices_of(23, {1, 2, 3, 4, 3})), "n=0, d=1, h=2, w=3");
}

TEST(Notation, NotationGivesTheDecimalWhereItIsNotOneAlready) {
  EXPECT_EQ(notation(1.5, Dtype::f32), "1.5");
  EXPECT_EQ(notation(static_cast<double>(0.1F), Dtype::f32), "0.1 (0x1.99999ap-4)");
  EXPECT_EQ(notation(0.1, Dtype::f64), "0.1 (0x1.999999999999ap-4)");
  EXPECT_EQ(notation(NAN, Dtype::f32), "nan");
  EXPECT_EQ(notation(-INFINITY, Dtype::f32), "-inf");
}

TEST(Notation, ExactNumbersAreCutOnlyWhereTheyAreLong) {
  EXPECT_EQ(short_exact({.number = exact::Dyadic(0.375)}), "0.375");
  EXPECT_EQ(short_exact({.special = NAN}), "nan");
  const exact::Element tiny{.number = exact::Dyadic(0.1) * exact::Dyadic(0.1)};
  EXPECT_EQ(short_exact(tiny), "0.01000000000000000111…");
  EXPECT_GT(whole_exact(tiny).size(), short_exact(tiny).size());
}

TEST(Notation, AQuestionInShortHasItsDefaultsFilledIn) {
  EXPECT_EQ(describe(parse_case("grid_sample input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{0,0}")),
            "bilinear, zeros, align_corners=False; input f32[1,1,1,2], grid f32[1,1,1,2]");
  EXPECT_EQ(describe(parse_case("grid_sample mode=cubic align_corners=True "
                                "input=f64[1,1,1,2]strides[2,2,2,0]{1} grid=f16[1,1,1,2]{0,0}")),
            "cubic, zeros, align_corners=True; input f64[1,1,1,2] strides [2,2,2,0], "
            "grid f16[1,1,1,2]");
}

}  // namespace
}  // namespace gridproof::reports
