#include "reports/text/quoting.h"

#include <gtest/gtest.h>

namespace gridproof::reports {
namespace {

TEST(Text, NamesAreShownInOneLine) {
  EXPECT_EQ(in_quotes("a\nb\x1b"), "'a b '");
  EXPECT_EQ(in_quotes(std::string(70, 'x')), '\'' + std::string(60, 'x') + "…'");
}

TEST(Text, TenNamesAreListed) {
  EXPECT_EQ(listed({}), "");
  EXPECT_EQ(listed({"a", "b"}), "'a', 'b'");
  EXPECT_EQ(listed(std::vector<std::string>(12, "x")),
            "'x', 'x', 'x', 'x', 'x', 'x', 'x', 'x', 'x', 'x' and 2 more");
}

}  // namespace
}  // namespace gridproof::reports
