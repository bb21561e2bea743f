// Counts and words as a person reads them. Whatever is written here is the same in every locale.
// Tested by text_test.cc.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "reference/contract/foreign_text.h"

namespace gridproof::reports {

std::string grouped(std::int64_t count);                          // "12,345,678"
std::string counted(std::int64_t count, std::string_view thing);  // "1 sample", "2,000 samples"
// "0.40 %" with two digits after the point; what is not zero never reads as zero.
std::string percent(std::int64_t part, std::int64_t whole);

// Text of other people in Markdown: one line that is shown as it stands (printable of
// foreign_text.h), in a paragraph, a heading or a cell of a table, and no HTML; the same as code,
// and in a block of code.
std::string markdown(std::string_view text, std::size_t most = 2000);
std::string markdown_code(std::string_view text);
std::string markdown_block(std::string_view language, std::string_view text);
// How many columns a terminal needs for it (a code point is one).
std::size_t width(std::string_view text);

// An argument for a POSIX shell, in quotes where it needs them. It is one line that is shown as it
// stands, whatever the argument is.
std::string shell_quoted(std::string_view argument);
// "a, b or c".
std::string alternatives(const std::vector<std::string>& items);
// The candidates that somebody who wrote `name` may have meant, the best first, at most three.
std::vector<std::string> similar(std::string_view name, const std::vector<std::string>& candidates);

}  // namespace gridproof::reports
