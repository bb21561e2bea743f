#include "reports/text/quoting.h"

#include <fmt/core.h>

#include <algorithm>
#include <span>

namespace gridproof::reports {

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

}  // namespace gridproof::reports
