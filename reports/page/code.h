// The reference's code on a page: C++ in colors, and the part of it that a clause is about. Tested
// by code_test.cc.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "reports/page/markdown.h"

namespace gridproof::reports {

// C++ as HTML for an element <pre>: a <span class="line" data-number="N"> for each line, of the
// class "lit" as well where `is_lit(N)`, and in it spans of the classes "comment", "keyword",
// "number" and "string". The names of clauses in comments are links, as in html_of. The first line
// has the number `first`.
std::string code_html(std::string_view source, const std::function<bool(int line)>& is_lit,
                      const AddressOf& address_of, int first = 1);

// A part of a source: what stands together at the outermost level, such as a function and the
// comment above it.
struct Excerpt {
  std::string_view text;
  int first_line = 1;
  std::vector<int> lit;  // the lines that the clause is about, in order
};

// Those with a comment that names the clause. Lit is the comment, from there to its end or to the
// next name, and the statement behind it, or the one that it stands beside.
std::vector<Excerpt> excerpts_of(std::string_view source, std::string_view clause);

}  // namespace gridproof::reports
