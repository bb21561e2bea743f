#include "reports/text/text.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace gridproof::reports {
namespace {

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

}  // namespace
}  // namespace gridproof::reports
