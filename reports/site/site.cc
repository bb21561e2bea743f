#include "reports/site/site.h"

#include <span>

#include "reference/encoding/base64.h"
#include "reports/page/assets.h"
#include "reports/site/assets.h"
#include "reports/site/pages.h"

namespace gridproof::reports::site {
namespace {

// A module as a script, since a page from a folder may not fetch anything else.
std::string module_script(std::string_view module) {
  const std::string_view packed = site_asset(std::string(module) + ".wasm.gz");
  std::string script = "gridproof.module(\"";
  append_base64(script, std::as_bytes(std::span(packed)));
  return script + "\");\n";
}

}  // namespace

Obedience kept_obedience() {
  return read_obedience(site_asset("matrix.json"), site_asset("answers.json"));
}

std::vector<std::pair<std::string, std::string>> make_site(const std::string& version,
                                                           const Obedience& obedience) {
  const Facts facts{.version = version,
                    .obedience = obedience,
                    .has_engine = !site_asset("question.wasm.gz").empty()};
  std::vector<std::pair<std::string, std::string>> files;
  const auto add = [&](const Page& page) { files.emplace_back(page.file, document(page, facts)); };
  add(start_page(facts));
  for (const Concept& about : concepts()) add(concept_page(about, facts));
  add(clauses_page(facts));
  add(obedience_page(facts));
  add(question_page(facts));
  add(mutants_page(facts));
  add(myths_page(facts));
  add(migration_page(facts));
  add(reports_page());
  add(history_page(facts));
  files.emplace_back("clauses.json", clauses_json(facts));
  files.emplace_back("search.js", search_script());
  files.emplace_back("style.css", page_asset("style.css"));
  files.emplace_back("site.js", page_asset("site.js"));
  if (facts.has_engine) {
    files.emplace_back("engine.js", site_asset("engine.js"));
    files.emplace_back("picture.js", module_script("picture"));
    files.emplace_back("question.js", module_script("question"));
  }
  return files;
}

}  // namespace gridproof::reports::site
