// Names from files, in sentences. Tested by quoting_test.cc.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reference/contract/foreign_text.h"

namespace gridproof::reports {

// The printable text (foreign_text.h), at most 60 bytes, in single quotes.
std::string in_quotes(std::string_view text);
// "'a', 'b', 'c'"; of more than ten names "'a', …, 'j' and 12 more".
std::string listed(const std::vector<std::string>& names);

}  // namespace gridproof::reports
