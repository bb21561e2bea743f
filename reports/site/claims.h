// What people say about grid_sample: reports/claims/claims.md, as data. Tested by site_test.cc.
#pragma once

#include <string>
#include <vector>

#include "reference/semantics/clauses.h"

namespace gridproof::reports::site {

struct Claim {
  std::string name;                  // "claim.nan"
  std::string verdict;               // true, imprecise or false
  std::string says;                  // the claim, one sentence or two, Markdown
  std::string text;                  // what really happens, Markdown
  std::string chapter;               // "Values"
  std::vector<std::string> clauses;  // that the text names
  std::vector<ClauseCase> cases;
};

// In the order of the file.
const std::vector<Claim>& claims();

}  // namespace gridproof::reports::site
