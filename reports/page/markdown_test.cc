#include "reports/page/markdown.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <fstream>
#include <iterator>
#include <pugixml.hpp>

#include "reference/semantics/clauses.h"

namespace gridproof::reports {
namespace {

// The names and files that these tests know.
std::string address_of(std::string_view name) {
  if (name == "coord.nan" || name == "claim.nan") return "#" + std::string(name);
  if (name == "coordinates.md#words") return "coordinates.html#words";
  if (name == "coord.corners") return "\"><script>";
  return "";
}

std::string html(std::string_view markdown) { return html_of(markdown, address_of); }

pugi::xml_parse_result parsed(const std::string& html) {
  pugi::xml_document document;
  return document.load_string(("<div>" + html + "</div>").c_str());
}

TEST(Markdown, Prose) {
  EXPECT_EQ(
      html("A *word* and **two**, `a < b`.\n\nNext."),
      "<p>A <em>word</em> and <strong>two</strong>, <code>a &lt; b</code>.</p>\n<p>Next.</p>\n");
  EXPECT_EQ(html("- a\n- b\n  1. c\n"),
            "<ul>\n<li>a</li>\n<li>b<ol>\n<li>c</li>\n</ol>\n</li>\n</ul>\n");
  EXPECT_EQ(html("> a  \n> b\n\n---\n"),
            "<blockquote>\n<p>a<br />\nb</p>\n</blockquote>\n<hr />\n");
  EXPECT_EQ(html("    case: a\n"), "<pre><code>case: a\n</code></pre>\n");
  EXPECT_EQ(html("```cpp\na && b\n```\n"),
            "<pre><code class=\"language-cpp\">a &amp;&amp; b\n</code></pre>\n");
  EXPECT_EQ(html(""), "");
}

TEST(Markdown, Tables) {
  EXPECT_EQ(
      html("| a | |\n|---|--:|\n| [coord.nan] | `1` |\n"),
      "<table>\n<thead>\n<tr>\n<th>a</th>\n<th align=\"right\"></th>\n</tr>\n</thead>\n<tbody>\n"
      "<tr>\n<td><a class=\"clause\" href=\"#coord.nan\">[coord.nan]</a></td>\n"
      "<td align=\"right\"><code>1</code></td>\n</tr>\n</tbody>\n</table>\n");
}

TEST(Markdown, NamesAreLinksOutsideOfCode) {
  const std::string link = R"(<a class="clause" href="#coord.nan">[coord.nan]</a>)";
  EXPECT_EQ(html("As [coord.nan], *[coord.nan]*; [claim.nan]."),
            "<p>As " + link + ", <em>" + link +
                "</em>; <a class=\"clause\" href=\"#claim.nan\">[claim.nan]</a>.</p>\n");
  EXPECT_EQ(html("`[coord.nan]`"), "<p><code>[coord.nan]</code></p>\n");
  EXPECT_EQ(html("    [coord.nan]"), "<pre><code>[coord.nan]\n</code></pre>\n");
  EXPECT_EQ(html("[see [coord.nan] there](https://example.org)"),
            "<p><a href=\"https://example.org\">see [coord.nan] there</a></p>\n");
}

TEST(Markdown, WhatIsNoNameStays) {
  for (const std::string text :
       {"[coord.normalized]", "[coord]", "[N, C]", "[]", "[.]", "[coord.nan", "[-1, 1]",
        "[Coord.nan]", "[coord.nan ]", "[[", "a[i.j]"}) {
    EXPECT_EQ(html(text), "<p>" + text + "</p>\n");
  }
}

TEST(Markdown, LinksLeadWhereTheyMay) {
  EXPECT_EQ(html("[a](https://example.org/?b=1&c=2 \"d\")"),
            "<p><a href=\"https://example.org/?b=1&amp;c=2\" title=\"d\">a</a></p>\n");
  EXPECT_EQ(html("[a](coordinates.md#words)"), "<p><a href=\"coordinates.html#words\">a</a></p>\n");
  EXPECT_EQ(html("[a *b*](other.md)"), "<p>a <em>b</em></p>\n");
  EXPECT_EQ(html("[a `[x]`](other.md) [b](coordinates.md#words)"),
            "<p>a <code>[x]</code> <a href=\"coordinates.html#words\">b</a></p>\n");
}

TEST(Markdown, ForeignTextIsData) {
  EXPECT_EQ(html("<script>alert(1)</script>"), "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n");
  EXPECT_EQ(html("a <b onclick=\"c\">d</b> <!-- e -->"),
            "<p>a &lt;b onclick=&quot;c&quot;&gt;d&lt;/b&gt; &lt;!-- e --&gt;</p>\n");
  EXPECT_EQ(html("&lt;i&gt; &#60;b&#62; &amp;amp;"), "<p>&lt;i&gt; &lt;b&gt; &amp;amp;</p>\n");
  EXPECT_EQ(html("![a](https://example.org/a.png)"), "<p>a</p>\n");
  EXPECT_EQ(html("a\x1b[2Jb\xff\xe2\x80\xae"), "<p>a\uFFFD[2Jb\uFFFD\uFFFD</p>\n");
  EXPECT_EQ(html("_[](_) <b>"), "<p>_[](_) &lt;b&gt;</p>\n");
  EXPECT_EQ(html("[coord.corners]"),
            "<p><a class=\"clause\" href=\"&quot;&gt;&lt;script&gt;\">[coord.corners]</a></p>\n");
}

TEST(Markdown, NoLinkRunsAnything) {
  const auto anything = [](std::string_view target) { return std::string(target); };
  for (const std::string target :
       {"javascript:alert(1)", "JAVASCRIPT:alert(1)", "&#106;avascript:alert(1)",
        "javascript&colon;alert(1)", "data:text/html;base64,AA", "vbscript:a",
        "file:///etc/passwd"}) {
    EXPECT_EQ(html_of("[a](" + target + ")", anything), "<p>a</p>\n") << target;
    EXPECT_EQ(html_of("[a]\n\n[a]: " + target, anything), "<p>a</p>\n") << target;
  }
  EXPECT_EQ(html_of("<javascript:alert(1)>", anything), "<p>javascript:alert(1)</p>\n");
}

TEST(Markdown, DeepNesting) {
  std::string quoted;
  for (int i = 0; i < 20'000; ++i) quoted += '>';
  EXPECT_GT(html(quoted + " a").size(), quoted.size());
  std::string open;
  for (int i = 0; i < 100'000; ++i) open += '[';
  EXPECT_EQ(html(open), "<p>" + open + "</p>\n");
}

// Whatever the text is, it becomes well-formed, of elements that do nothing, and links that lead to
// http, https or an address.
RC_GTEST_PROP(Markdown, AnyTextIsHarmless, ()) {
  const auto words = *rc::gen::container<std::vector<std::string>>(
      rc::gen::elementOf(std::vector<std::string>{"[",
                                                  "]",
                                                  "(",
                                                  ")",
                                                  "](",
                                                  "![",
                                                  "<",
                                                  ">",
                                                  "</",
                                                  "javascript:a()",
                                                  "&#106;",
                                                  "&lt;",
                                                  "&",
                                                  "`",
                                                  "*",
                                                  "_",
                                                  "\n",
                                                  "\n\n",
                                                  "    ",
                                                  "| a |\n|---|\n",
                                                  "> ",
                                                  "- ",
                                                  "1. ",
                                                  "# ",
                                                  "[coord.nan]",
                                                  "coordinates.md",
                                                  "\"",
                                                  "'",
                                                  "https://a.b",
                                                  "\\",
                                                  "\x01",
                                                  "\xff",
                                                  "~~~\n",
                                                  "<a href=\"data:b\">",
                                                  "<!--",
                                                  "<![CDATA[",
                                                  "<?",
                                                  "]: ",
                                                  "a"}));
  std::string markdown;
  for (const std::string& word : words) markdown += word;
  const std::string page =
      html_of(markdown, [](std::string_view target) { return "#" + std::string(target); });
  pugi::xml_document document;
  RC_ASSERT(document.load_string(("<div>" + page + "</div>").c_str()));
  for (const pugi::xpath_node& found : document.select_nodes("//*")) {
    const std::string_view name = found.node().name();
    RC_ASSERT(name != "script" && name != "img" && name != "style" && name != "iframe");
    for (const pugi::xml_attribute& attribute : found.node().attributes()) {
      const std::string_view value = attribute.value();
      RC_ASSERT(!std::string_view(attribute.name()).starts_with("on"));
      if (std::string_view(attribute.name()) == "href") {
        RC_ASSERT(value.starts_with("#") || value.starts_with("http://") ||
                  value.starts_with("https://"));
      }
    }
  }
}

TEST(Markdown, EscapedInTextAndAttributes) {
  EXPECT_EQ(escaped("<a href='b'>&\"\n\t"), "&lt;a href=&#39;b&#39;&gt;&amp;&quot;\n\t");
  EXPECT_EQ(escaped("\x01\xc3(é"), "\uFFFD\uFFFD(é");
}

TEST(Markdown, PlainTextWithLinks) {
  EXPECT_EQ(
      with_links("*a* <b> [coord.nan] [coord.normalized]", address_of),
      "*a* &lt;b&gt; <a class=\"clause\" href=\"#coord.nan\">[coord.nan]</a> [coord.normalized]");
}

TEST(Markdown, EveryClauseAndDocument) {
  for (const Clause& clause : clauses()) {
    EXPECT_TRUE(parsed(html(clause.text))) << clause.name;
    EXPECT_EQ(html(clause.text).find('`'), std::string::npos) << clause.name;
  }
  for (const Document& document : documents()) {
    EXPECT_TRUE(parsed(html(document.text))) << document.stem;
  }
  for (const Statement& statement : documentation()) {
    EXPECT_TRUE(parsed(html(statement.text))) << statement.number;
  }
}

TEST(Markdown, EveryClaim) {
  std::ifstream file(GRIDPROOF_SOURCE_DIR "/reports/claims/claims.md");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::string page = html(text);
  EXPECT_TRUE(parsed(page));
  EXPECT_NE(page.find("<td>position of coordinate x on S pixels</td>"), std::string::npos);
}

}  // namespace
}  // namespace gridproof::reports
