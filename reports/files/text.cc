#include "reports/files/text.h"

#include <fmt/core.h>

#include <algorithm>
#include <span>

namespace gridproof::files {

std::string printable(std::string_view text, std::size_t most) {
  std::size_t end = std::min(text.size(), most);
  const auto continues_a_character = [&](std::size_t place) {
    return (static_cast<unsigned char>(text[place]) & 0xc0U) == 0x80;
  };
  while (end < text.size() && end > 0 && continues_a_character(end)) --end;
  std::string line(text.substr(0, end));
  std::ranges::replace_if(line, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
  if (end < text.size()) line += "…";
  return line;
}

std::string in_quotes(std::string_view text) { return '\'' + printable(text, 60) + '\''; }

std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t most = 10;
  std::string list;
  for (const std::string& name : std::span(names).first(std::min(most, names.size()))) {
    list += (list.empty() ? "" : ", ") + in_quotes(name);
  }
  if (names.size() > most) list += fmt::format(" and {} more", names.size() - most);
  return list;
}

}  // namespace gridproof::files
