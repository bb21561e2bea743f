#include "reports/findings/text.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace gridproof::reports {
namespace {

TEST(Text, LocationsHaveTheLettersOfTheirAxes) {
  EXPECT_EQ(location(indices_of(17, {2, 3, 4, 2})), "n=1, h=1, w=1");
  EXPECT_EQ(location(indices_of(23, {1, 2, 3, 4, 3})), "n=0, d=1, h=2, w=3");
}

TEST(Text, Counts) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(12345678), "12,345,678");
  EXPECT_EQ(grouped(-1234), "-1,234");
  EXPECT_EQ(counted(1, "sample"), "1 sample");
  EXPECT_EQ(counted(2000, "sample"), "2,000 samples");
}

TEST(Text, PercentNeverHidesAnything) {
  EXPECT_EQ(percent(0, 10), "0 %");
  EXPECT_EQ(percent(0, 0), "0 %");
  EXPECT_EQ(percent(1, 3), "33.33 %");
  EXPECT_EQ(percent(1, 1'000'000), "< 0.01 %");
  EXPECT_EQ(percent(7, 7), "100.00 %");
}

TEST(Text, NotationGivesTheDecimalWhereItIsNotOneAlready) {
  EXPECT_EQ(notation(1.5, Dtype::f32), "1.5");
  EXPECT_EQ(notation(static_cast<double>(0.1F), Dtype::f32), "0.1 (0x1.99999ap-4)");
  EXPECT_EQ(notation(0.1, Dtype::f64), "0.1 (0x1.999999999999ap-4)");
  EXPECT_EQ(notation(NAN, Dtype::f32), "nan");
  EXPECT_EQ(notation(-INFINITY, Dtype::f32), "-inf");
}

TEST(Text, ExactNumbersAreCutOnlyWhereTheyAreLong) {
  EXPECT_EQ(short_exact({.number = exact::Dyadic(0.375)}), "0.375");
  EXPECT_EQ(short_exact({.special = NAN}), "nan");
  const exact::Element tiny{.number = exact::Dyadic(0.1) * exact::Dyadic(0.1)};
  EXPECT_EQ(short_exact(tiny), "0.01000000000000000111…");
  EXPECT_GT(whole_exact(tiny).size(), short_exact(tiny).size());
}

TEST(Text, WidthCountsCharacters) { EXPECT_EQ(width("é…"), 2U); }

TEST(Text, MarkdownShowsTextAsItStands) {
  EXPECT_EQ(markdown("torch-2.15.0 gives 1.5, not (2)"), "torch-2.15.0 gives 1.5, not (2)");
  EXPECT_EQ(markdown("*a* _b_ `c` [d](e) #f ~g~ $h$ ![i]"),
            "\\*a\\* \\_b\\_ \\`c\\` \\[d\\](e) \\#f \\~g\\~ \\$h\\$ \\!\\[i\\]");
  EXPECT_EQ(markdown("<b>&amp;|\\"), "&lt;b&gt;&amp;amp;&#124;\\\\");
  EXPECT_EQ(markdown("https://x.org www.x.org a.b"), "https\\://x.org www\\.x.org a.b");
  EXPECT_EQ(markdown("a\n\n# b"), "a  \\# b");
}

TEST(Text, MarkdownCodeHoldsAnything) {
  EXPECT_EQ(markdown_code("a | b"), "`a | b`");
  EXPECT_EQ(markdown_code("`"), "`` ` ``");
  EXPECT_EQ(markdown_code("a```b\nc"), "```` a```b c ````");
  EXPECT_EQ(markdown_code(""), "`  `");
  EXPECT_EQ(markdown_block("sh", "a\n```\nb````"), "`````sh\na ``` b````\n`````\n");
}

TEST(Text, ShellQuoting) {
  EXPECT_EQ(shell_quoted("torch-2.15.0"), "torch-2.15.0");
  EXPECT_EQ(shell_quoted("f32[1]{1}"), "'f32[1]{1}'");
  EXPECT_EQ(shell_quoted("it's"), R"('it'\''s')");
  EXPECT_EQ(shell_quoted(""), "''");
  EXPECT_EQ(shell_quoted("::error::"), "$'\\072\\072error\\072\\072'");
  EXPECT_EQ(shell_quoted("a\n'é\xff"), "$'a\\012\\047é\\377'");
  EXPECT_EQ(shell_quoted("##[x]"), "$'\\043\\043[x]'");
}

TEST(Text, SimilarNames) {
  const std::vector<std::string> names = {"coord.nan", "coord.order", "padding.zeros",
                                          "padding.zeros-ramp"};
  EXPECT_EQ(similar("coord.nam", names), std::vector<std::string>{"coord.nan"});
  EXPECT_EQ(similar("zeros", names), (std::vector<std::string>{names[2], names[3]}));
  EXPECT_TRUE(similar("xyzzy", names).empty());
  EXPECT_EQ(alternatives({"a", "b", "c"}), "a, b or c");
  EXPECT_EQ(alternatives({"a"}), "a");
}

TEST(Text, AQuestionInShortHasItsDefaultsFilledIn) {
  EXPECT_EQ(describe(parse_case("grid_sample input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{0,0}")),
            "bilinear, zeros, align_corners=False; input f32[1,1,1,2], grid f32[1,1,1,2]");
  EXPECT_EQ(describe(parse_case("grid_sample mode=cubic align_corners=True "
                                "input=f64[1,1,1,2]strides[2,2,2,0]{1} grid=f16[1,1,1,2]{0,0}")),
            "cubic, zeros, align_corners=True; input f64[1,1,1,2] strides [2,2,2,0], "
            "grid f16[1,1,1,2]");
}

}  // namespace
}  // namespace gridproof::reports
