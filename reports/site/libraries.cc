#include "reports/site/libraries.h"

#include <sstream>

#include "reports/site/assets.h"

namespace gridproof::reports::site {
namespace {

std::vector<Library> read() {
  std::vector<Library> all(1);  // the first is what stands above the others
  std::istringstream lines{std::string(site_asset("migration.md"))};
  for (std::string line; std::getline(lines, line);) {
    const std::size_t name = line.find(" {#");  // ends the heading: ## TITLE {#NAME}
    if (line.starts_with("## ") && name != std::string::npos) {
      all.push_back({.name = line.substr(name + 3, line.size() - name - 4),
                     .title = line.substr(3, name - 3),
                     .text = {}});
    } else {
      all.back().text += line + '\n';
    }
  }
  return all;
}

}  // namespace

const std::vector<Library>& libraries() {
  static const std::vector<Library> all = [] {
    std::vector<Library> list = read();
    list.erase(list.begin());
    return list;
  }();
  return all;
}

std::string about_libraries() { return read().front().text; }

}  // namespace gridproof::reports::site
