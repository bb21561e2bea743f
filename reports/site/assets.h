// Files that are compiled in (site.cmake): texts, results, and the WebAssembly modules, compressed.
#pragma once

#include <string_view>

namespace gridproof::reports {

// The contents of "claims.md", …; empty if it was not there when the program was built, as the
// modules are without their compiler. Throws std::invalid_argument for a name that is none.
std::string_view site_asset(std::string_view name);

}  // namespace gridproof::reports
