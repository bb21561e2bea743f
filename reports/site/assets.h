// Files that are compiled into the program (site.cmake): style sheet and scripts of the pages,
// texts, results, and the WebAssembly modules, compressed.
#pragma once

#include <string_view>

namespace gridproof::reports::site {

// The contents of "style.css", …; empty if it was not there when the program was built, as the
// modules are without their compiler. Throws std::invalid_argument for a name that is none.
std::string_view asset(std::string_view name);

}  // namespace gridproof::reports::site
