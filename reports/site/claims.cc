#include "reports/site/claims.h"

#include <algorithm>
#include <optional>
#include <regex>
#include <sstream>

#include "reports/report/report.h"
#include "reports/site/assets.h"

namespace gridproof::reports::site {
namespace {

std::vector<std::string> names_in(const std::string& text) {
  static const std::regex bracketed(R"(\[([a-z_]+\.[a-z0-9-]+)\])");
  std::vector<std::string> names;
  for (std::sregex_iterator at(text.begin(), text.end(), bracketed), end; at != end; ++at) {
    const std::string name = (*at)[1].str();
    if (find_clause(name) != nullptr && std::ranges::find(names, name) == names.end()) {
      names.push_back(name);
    }
  }
  return names;
}

std::vector<Claim> read() {
  std::vector<Claim> claims;
  std::string chapter;
  bool in_claim = false;
  std::istringstream lines{std::string(site_asset("claims.md"))};
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("## ")) {
      chapter = line.substr(3);
      in_claim = false;
    } else if (line.starts_with("### [claim.")) {
      const std::size_t end = line.find(']');
      claims.push_back({.name = line.substr(5, end - 5),
                        .verdict = line.substr(end + 2),
                        .says = {},
                        .text = {},
                        .chapter = chapter,
                        .clauses = {},
                        .cases = {}});
      in_claim = true;
    } else if (const auto test_case = in_claim ? read_case(line) : std::nullopt) {
      claims.back().cases.push_back(*test_case);
    } else if (in_claim) {
      std::string& part = line.starts_with("> ") ? claims.back().says : claims.back().text;
      part += line.substr(line.starts_with("> ") ? 2 : 0) + '\n';
    }
  }
  for (Claim& claim : claims) claim.clauses = names_in(claim.text);
  return claims;
}

}  // namespace

const std::vector<Claim>& claims() {
  static const std::vector<Claim> all = read();
  return all;
}

}  // namespace gridproof::reports::site
