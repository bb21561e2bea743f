// Files that are compiled in (page.cmake): the style sheet and the script of all pages.
#pragma once

#include <string_view>

namespace gridproof::reports {

// The contents of "style.css" or "site.js". Throws std::invalid_argument for another name.
std::string_view page_asset(std::string_view name);

}  // namespace gridproof::reports
