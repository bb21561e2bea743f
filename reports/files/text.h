// Names from files, in sentences. Tested by text_test.cc.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gridproof::files {

// One line for any terminal: control characters become question marks, and what is longer than
// `most` bytes ends in "…", never inside a character.
std::string printable(std::string_view text, std::size_t most = 200);
// The same, at most 60 bytes, in single quotes.
std::string in_quotes(std::string_view text);
// "'a', 'b', 'c'"; of more than ten names "'a', …, 'j' and 12 more".
std::string listed(const std::vector<std::string>& names);

}  // namespace gridproof::files
