// The kinds of pages, each written by one function. Tested by site_test.cc.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reference/semantics/clauses.h"
#include "reports/site/obedience.h"

namespace gridproof::reports::site {

// What all pages know.
struct Facts {
  std::string version;  // of gridproof
  Obedience obedience;
  bool has_engine = false;  // whether the WebAssembly modules are there
};

// Which of the engine's modules a page loads (reports/engine).
enum class Engine : std::uint8_t { none, picture, question };

// A whole page: head, navigation, `body` and foot. `file` is its own name.
struct Page {
  std::string file;
  std::string title;
  std::string description;  // a sentence, for search engines and links
  std::string body;         // HTML
  Engine engine = Engine::none;
};
std::string document(const Page& page, const Facts& facts);

// A concept is a file of clause texts: "coordinates".
struct Concept {
  std::string_view stem;
  std::string_view title;
  std::string_view sentence;
};
const std::vector<Concept>& concepts();

Page start_page(const Facts& facts);
Page concept_page(const Concept& about, const Facts& facts);
Page clauses_page(const Facts& facts);
Page obedience_page(const Facts& facts);
Page question_page(const Facts& facts);
Page mutants_page(const Facts& facts);
Page myths_page(const Facts& facts);
Page migration_page(const Facts& facts);
Page reports_page();
Page history_page(const Facts& facts);

// A longer case is no link: browsers and mail programs cut addresses.
inline constexpr std::size_t longest_shown_case = 4000;
// A question as a link to the question page.
std::string case_link(std::string_view line, std::string_view words);
// The case of a violation as such a link, or where it is.
std::string case_of(const Violation& violation, std::string_view words);
// A sentence that lists many values, cut.
std::string shortened(const std::string& sentence);

// clauses.json: for the documentation of others. Keys never change their meaning.
std::string clauses_json(const Facts& facts);
// The index that the search in the pages goes through, as a script.
std::string search_script();

}  // namespace gridproof::reports::site
