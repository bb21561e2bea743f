#include "reports/page/code.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <pugixml.hpp>

#include "reference/semantics/clauses.h"

namespace gridproof::reports {
namespace {

std::string address_of(std::string_view name) {
  return name == "coord.nan" ? "#" + std::string(name) : "";
}

// The one line of `source` in colors, without the span of the line.
std::string colored(std::string_view source) {
  const std::string html = code_html(source, [](int) { return false; }, address_of);
  const std::string open = "<span class=\"line\" data-number=\"1\">";
  EXPECT_TRUE(html.starts_with(open)) << html;
  EXPECT_TRUE(html.ends_with("</span>\n")) << html;
  return html.substr(open.size(), html.size() - open.size() - 8);
}

std::string span(const std::string& name, const std::string& text) {
  return "<span class=\"" + name + "\">" + text + "</span>";
}

TEST(Code, Colors) {
  EXPECT_EQ(colored("if (a<b> && 0x1p-62 > 1'000U) return \"a\\\"<\";"),
            span("keyword", "if") + " (a&lt;b&gt; &amp;&amp; " + span("number", "0x1p-62") +
                " &gt; " + span("number", "1&#39;000U") + ") " + span("keyword", "return") + " " +
                span("string", "&quot;a\\&quot;&lt;&quot;") + ";");
  EXPECT_EQ(colored("a = 'x';  // if"),
            "a = " + span("string", "&#39;x&#39;") + ";  " + span("comment", "// if"));
  EXPECT_EQ(colored("#include <cmath>"), span("keyword", "#include") + " &lt;cmath&gt;");
  EXPECT_EQ(colored("iff /* 1 */ a2"), "iff " + span("comment", "/* 1 */") + " a2");
  EXPECT_EQ(colored("R\"x(\"1\")x\" 2"),
            span("string", "R&quot;x(&quot;1&quot;)x&quot;") + " " + span("number", "2"));
  EXPECT_EQ(colored("\"not closed"), span("string", "&quot;not closed"));
  EXPECT_EQ(colored("'"), span("string", "&#39;"));
  EXPECT_EQ(colored("\"\\"), span("string", "&quot;\\"));
}

// Whatever the source is, the page shows its characters, on its lines.
RC_GTEST_PROP(Code, AnySourceIsShownAsItStands, ()) {
  const auto words = *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(
      std::vector<std::string>{"if", "a",  "1",           "1'",           "\"",    "'",    "\\",
                               "/*", "*/", "//",          "R\"",          "R\"x(", ")x\"", "(",
                               "{",  "}",  ";",           "\n",           "\n\n",  " ",    "<",
                               "&",  "#",  "[coord.nan]", "namespace a {"}));
  std::string source;
  for (const std::string& word : words) source += word;
  pugi::xml_document document;
  const std::string html = code_html(source, [](int) { return false; }, address_of);
  RC_ASSERT(document.load_string(("<pre>" + html + "</pre>").c_str(),
                                 pugi::parse_default | pugi::parse_ws_pcdata));
  std::string shown;
  for (const pugi::xpath_node& text : document.select_nodes("//text()"))
    shown += text.node().value();
  if (source.empty() || source.back() != '\n') source += '\n';
  RC_ASSERT(shown == source);
  for (const Excerpt& excerpt : excerpts_of(source, "coord.nan")) {
    RC_ASSERT(source.find(excerpt.text) != std::string::npos);
    RC_ASSERT(!excerpt.lit.empty());
  }
}

TEST(Code, NamesInCommentsAreLinks) {
  EXPECT_EQ(
      colored("a[i];  // [coord.nan] <b>"),
      "a[i];  " +
          span("comment", "// <a class=\"clause\" href=\"#coord.nan\">[coord.nan]</a> &lt;b&gt;"));
  EXPECT_EQ(colored("\"[coord.nan]\""), span("string", "&quot;[coord.nan]&quot;"));
}

TEST(Code, Lines) {
  EXPECT_EQ(code_html(
                "/* a\n\nb */ int\n", [](int line) { return line == 8; }, address_of, 7),
            "<span class=\"line\" data-number=\"7\">" + span("comment", "/* a") +
                "</span>\n<span class=\"line lit\" data-number=\"8\"></span>\n"
                "<span class=\"line\" data-number=\"9\">" +
                span("comment", "b */") + " " + span("keyword", "int") + "</span>\n");
}

constexpr std::string_view source = R"lines(// A file. [coord.corners]
#pragma once

#include <cmath>

namespace gridproof {

// [coord.normalized] Both.
// [coord.order] The one, and
// more. [coord.extremes]
template <class T>
T one(T x) {
  if (x < 0) {  // [coord.outside]

    return 0;
  }
  // [coord.nan] A statement
  // of two lines.
  const T y = std::abs(x,
                       "}");
  return y;  // [coord.nan]
}

struct Two {
  int a = 0;
};
// [coord.order]
inline int two() { return 2; }

}  // namespace gridproof
)lines";

std::vector<int> lit_of(std::string_view clause) {
  const std::vector<Excerpt> excerpts = excerpts_of(source, clause);
  return excerpts.empty() ? std::vector<int>{} : excerpts.front().lit;
}

TEST(Code, ExcerptsAreWhatStandsTogether) {
  const std::vector<Excerpt> excerpts = excerpts_of(source, "coord.order");
  ASSERT_EQ(excerpts.size(), 2U);
  EXPECT_EQ(excerpts[0].first_line, 8);
  EXPECT_TRUE(excerpts[0].text.starts_with("// [coord.normalized] Both.\n"));
  EXPECT_TRUE(excerpts[0].text.ends_with("  return y;  // [coord.nan]\n}\n"));
  EXPECT_EQ(excerpts[1].first_line, 24);
  EXPECT_TRUE(excerpts[1].text.starts_with("struct Two {"));
  EXPECT_TRUE(excerpts[1].text.ends_with("{ return 2; }\n"));
  EXPECT_TRUE(excerpts_of(source, "coord.resolution").empty());
  EXPECT_TRUE(excerpts_of("", "coord.nan").empty());
  EXPECT_EQ(excerpts_of("// [coord.nan]", "coord.nan").front().text, "// [coord.nan]");
  EXPECT_EQ(excerpts_of("{{{ // [coord.nan]\n\n}", "coord.nan").front().lit,
            (std::vector{1, 2, 3}));
}

TEST(Code, LitIsTheCommentAndItsStatement) {
  EXPECT_EQ(lit_of("coord.normalized"),
            (std::vector{8, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22}));
  EXPECT_EQ(lit_of("coord.order"),
            (std::vector{9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22}));
  EXPECT_EQ(lit_of("coord.extremes").front(), 10);
  EXPECT_EQ(lit_of("coord.outside"), (std::vector{13, 14, 15, 16}));
  EXPECT_EQ(lit_of("coord.nan"), (std::vector{17, 18, 19, 20, 21}));
  EXPECT_EQ(excerpts_of(source, "coord.order")[1].lit, (std::vector{27, 28}));
}

// .ci/clauses.py demands a comment in one of the two for every clause.
TEST(Code, EveryClauseHasAnExcerptWithALitLine) {
  for (const Clause& clause : clauses()) {
    const auto document = std::ranges::find(documents(), clause.stem, &Document::stem);
    int excerpts = 0;
    for (const std::string_view code : {document->code, document->definitions}) {
      for (const Excerpt& excerpt : excerpts_of(code, clause.name)) {
        ++excerpts;
        EXPECT_FALSE(excerpt.lit.empty()) << clause.name;
        EXPECT_GE(excerpt.lit.front(), excerpt.first_line) << clause.name;
        EXPECT_LT(excerpt.lit.back(), excerpt.first_line + std::ranges::count(excerpt.text, '\n'))
            << clause.name;
        EXPECT_NE(code.find(excerpt.text), std::string_view::npos) << clause.name;
        EXPECT_LT(std::ranges::count(excerpt.text, '\n'), 60) << clause.name;
        const std::string html = code_html(excerpt.text, [](int) { return true; }, address_of);
        pugi::xml_document parsed;
        EXPECT_TRUE(parsed.load_string(("<pre>" + html + "</pre>").c_str())) << clause.name;
      }
    }
    EXPECT_GT(excerpts, 0) << clause.name;
  }
}

}  // namespace
}  // namespace gridproof::reports
