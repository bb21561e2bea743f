// The specification as pages: one for each concept, with an anchor for each clause, the question
// page, who obeys, myths, what corresponds in other libraries, and clauses.json. They need no
// network and work from a folder. Tested by site_test.cc and, in a browser, browser_test.py.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "reports/site/obedience.h"

namespace gridproof::reports::site {

// All files by their names, the same for the same arguments. `version`: of gridproof.
std::vector<std::pair<std::string, std::string>> make_site(const std::string& version,
                                                           const Obedience& obedience);

// The matrix that is compiled in (reports/matrix).
Obedience kept_obedience();

// The clauses about a word, the best first: by name, by sentence, by the words that people use for
// it ("half pixel", "5-D").
struct Hit {
  std::string name;  // of a clause, a claim or another library
  std::string sentence;
};
std::vector<Hit> search(std::string_view words);

}  // namespace gridproof::reports::site
