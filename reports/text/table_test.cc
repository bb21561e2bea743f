#include "reports/text/table.h"

#include <gtest/gtest.h>

namespace gridproof::reports {
namespace {

TEST(Painter, PaintsOnlyWhereColorsAreWanted) {
  EXPECT_EQ(Painter(false)(Paint::red, "x"), "x");
  EXPECT_EQ(Painter(true)(Paint::red, "x"), "\x1b[31mx\x1b[0m");
  EXPECT_EQ(Painter(true)(Paint::none, "x"), "x");
}

TEST(Table, AlignsColumnsAndLeavesNoBlanksBehind) {
  Table table({{"name"}, {"count", Table::Align::right}, {""}});
  table.add({"é", "5", "!"});
  table.add({"longer", "12,345", ""});
  EXPECT_EQ(table.text(Painter(), 2),
            "  name     count\n"
            "  é            5  !\n"
            "  longer  12,345\n");
}

TEST(Table, ColorsDoNotChangeTheWidths) {
  Table table({{""}, {""}});
  table.add({{"a", Paint::red}, "b"});
  table.add({"long", "c"});
  EXPECT_EQ(table.text(Painter(true)), "\x1b[31ma\x1b[0m     b\nlong  c\n");
}

TEST(Table, MarkdownEscapesBars) {
  Table table({{"a"}, {"b", Table::Align::right}});
  table.add({"x|y", "1"});
  EXPECT_EQ(table.markdown(), "| a | b |\n| --- | ---: |\n| x&#124;y | 1 |\n");
}

}  // namespace
}  // namespace gridproof::reports
