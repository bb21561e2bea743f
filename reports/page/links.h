// Addresses within the pages. Tested by links_test.cc.
#pragma once

#include <string>
#include <string_view>

namespace gridproof::reports {

// Where a clause, a claim, another library or one of the files of clause texts is found:
// "coordinates.html#coord.nan", "myths.html#claim.nan", "coordinates.html". Empty for what has no
// place.
std::string address_of(std::string_view name);

// A question as a link: "question.html#q=…", the case line compressed (raw DEFLATE, then base64url
// without padding), so that any program can carry it.
std::string question_link(std::string_view line);
// The same on the pages that are known (site_address); empty if none are, or if browsers and mail
// programs would cut it.
std::string question_address(std::string_view line);
// The text of what follows "q=". Throws std::invalid_argument.
std::string unpacked(std::string_view packed);

// Where the pages are, from the environment variable GRIDPROOF_SITE (an address or a folder), with
// a slash at the end; empty if it is not set.
std::string site_address();

}  // namespace gridproof::reports
