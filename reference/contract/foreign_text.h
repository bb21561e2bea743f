// Text from outside: names, versions, messages. Whatever its bytes are, it is data. It never ends a
// line, moves a cursor, reverses the reading order, or issues commands to the log that shows it.
// Every notation (terminal, Markdown, XML, …) escapes what is special in it on top of this. Tested
// by foreign_text_test.cc.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace gridproof {

// Whether the character at the start of `text` is shown unchanged, and its size in bytes; 1 for a
// byte that is not a character. Not shown are control characters (C0, DEL, C1), the separators of
// lines and paragraphs, marks of the direction of reading, and what is no character.
struct Character {
  std::size_t size = 1;
  bool is_shown = false;
};
Character character_of(std::string_view text);

// Valid UTF-8 that keeps its tabs and line ends; everything else that is not shown becomes U+FFFD.
std::string valid_text(std::string_view text);

// One line for any terminal or log: C0 and DEL become spaces, and what else is not shown U+FFFD.
// Text longer than `most` bytes is cut and ends in "…", never inside a character. A backslash takes
// their meaning from the commands of GitHub's logs, "::" behind blanks or nothing and "##["
// anywhere.
std::string printable(std::string_view text, std::size_t most = 200);

}  // namespace gridproof
