// What corresponds to grid_sample in other libraries: migration.md, as data. Tested by
// site_test.cc.
#pragma once

#include <string>
#include <vector>

namespace gridproof::reports::site {

struct Library {
  std::string name;   // "migration.remap"
  std::string title;  // "OpenCV: `remap(…)`", Markdown
  std::string text;   // its tables and cases, Markdown
};

// In the order of the file.
const std::vector<Library>& libraries();
// What stands above the first of them.
std::string about_libraries();

}  // namespace gridproof::reports::site
