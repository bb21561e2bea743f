#include "reference/contract/foreign_text.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "reference/contract/case.h"

namespace gridproof {
namespace {

TEST(ForeignText, PlainTextStaysAsItIs) {
  for (const char* text : {"", "plain", "é € \U0001F600", "עברית", "a\u200Db", "std::vector",
                           "a: b", "## [x]", "100 %"}) {
    EXPECT_EQ(printable(text), text);
    EXPECT_EQ(valid_text(text), text);
  }
}

TEST(ForeignText, PrintableIsOneLineThatMovesNothing) {
  EXPECT_EQ(printable("two\nlines\r\t\x1b[31m\x7f"), "two lines   [31m ");
  EXPECT_EQ(printable(std::string("a\0b", 3)), "a b");
  EXPECT_EQ(printable("\xc2\x9b"
                      "31m"),
            "\uFFFD31m");  // CSI of C1
  EXPECT_EQ(printable("\x9b"
                      "31m"),
            "\uFFFD31m");
  for (const char* mark : {"\u202E", "\u2066", "\u200F", "\u061C", "\u2028", "\u2029", "\uFEFF",
                           "\U000E0041", "\uFFFE", "\U0001FFFF"}) {
    EXPECT_EQ(printable(mark), "\uFFFD");
  }
  EXPECT_EQ(printable("\xff\xc3\xed\xa0\x80"), "\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(printable("\xc0\xaf"), "\uFFFD\uFFFD");  // a slash in two bytes
}

TEST(ForeignText, PrintableCommandsNoLog) {
  EXPECT_EQ(printable("::error::x"), "\\::error::x");
  // What stands before it or behind it could make it one.
  EXPECT_EQ(printable(":"), "\\:");
  EXPECT_EQ(printable(" :"), " \\:");
  EXPECT_EQ(printable("a:"), "a:");
  EXPECT_EQ(printable("##"), "#\\#");
  EXPECT_EQ(printable("#[a"), "#\\[a");
  EXPECT_EQ(printable(" \t::x"), "  \\::x");
  EXPECT_EQ(printable("\u00A0::x"), "\u00A0\\::x");
  EXPECT_EQ(printable("a::b:::c"), "a::b:::c");
  EXPECT_EQ(printable("a ##[error]x"), "a ##\\[error]x");
  EXPECT_EQ(printable("####[x"), "####\\[x");
}

TEST(ForeignText, LongTextIsCutBetweenCharacters) {
  EXPECT_EQ(printable("0123456789", 4), "0123…");
  EXPECT_EQ(printable("aé", 2), "a…");  // not half of the é
  EXPECT_EQ(printable("aé", 3), "aé");
  EXPECT_EQ(printable("é", 1), "…");
  EXPECT_EQ(printable("\x80\x80\x80", 1), "\uFFFD…");
}

TEST(ForeignText, ValidTextKeepsLines) { EXPECT_EQ(valid_text("a\tb\nc\rd"), "a\tb\nc\uFFFDd"); }

// Bytes that mean something somewhere, more often than others.
rc::Gen<std::string> bytes() {
  return rc::gen::container<std::string>(
      rc::gen::oneOf(rc::gen::arbitrary<char>(),
                     rc::gen::elementOf(std::string("\n\r\x1b\x9b\xe2\x80\xae\xc2%#[: "))));
}

RC_GTEST_PROP(ForeignText, AnyBytesBecomeOneLineOfValidText, ()) {
  const std::string text = *bytes();
  const std::string line = printable(text, 1000);
  RC_ASSERT(valid_text(line) == line);
  RC_ASSERT(printable(line, 10000) == line);
  RC_ASSERT(line.find('\n') == std::string::npos);
  RC_ASSERT(!line.starts_with("::"));
  RC_ASSERT(line.find("##[") == std::string::npos);
  RC_ASSERT(valid_text(valid_text(text)) == valid_text(text));
}

// The names of a request stand in the line of a case, whatever they are.
RC_GTEST_PROP(ForeignText, AnyBytesAreAModeOfACaseLine, ()) {
  Case test_case;
  test_case.input = Tensor(Dtype::f32, {1, 1, 1, 1});
  test_case.grid = Tensor(Dtype::f32, {1, 1, 1, 2});
  test_case.request.mode = *bytes();
  test_case.request.padding_mode = *bytes();
  const std::string line = to_line(test_case);
  RC_ASSERT(printable(line, line.size()) == line);
  const Case again = parse_case(line);
  RC_ASSERT(again.request.mode == test_case.request.mode);
  RC_ASSERT(again.request.padding_mode == test_case.request.padding_mode);
}

}  // namespace
}  // namespace gridproof
