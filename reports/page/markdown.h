// How prose becomes part of a page. Foreign text is data: what is not Markdown stays text. Tested
// by markdown_test.cc.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace gridproof::reports {

// Anybody's text, for the text of an element or an attribute in quotes. Lines and tabs stay; what
// is not shown unchanged (foreign_text.h) becomes U+FFFD.
std::string escaped(std::string_view text);

// Where a name or a file is found: of "coord.nan", of "coordinates.md#anchor". Empty if nowhere.
using AddressOf = std::function<std::string(std::string_view)>;

// CommonMark with tables as XHTML; tags in it are text and pictures their description. A name in
// brackets such as [coord.nan] that has an address is a link of the class "clause", but not in
// code. Links to http and https stay, others lead to the address of their target; those that have
// none become their text.
std::string html_of(std::string_view markdown, const AddressOf& address_of);

// Text without Markdown, escaped; the names in it are links as in html_of.
std::string with_links(std::string_view text, const AddressOf& address_of);

}  // namespace gridproof::reports
