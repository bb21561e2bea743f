#include "reports/site/site.h"

#include <fmt/core.h>

#include "reports/page/assets.h"
#include "reports/site/assets.h"
#include "reports/site/pages.h"

namespace gridproof::reports::site {
namespace {

std::string base64(std::string_view bytes) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve(bytes.size() * 4 / 3 + 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t three = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      three = three << 8U | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0U);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      text += i + j > bytes.size() ? '=' : digits[three >> (18 - 6 * j) & 63U];
    }
  }
  return text;
}

// A module as a script, since a page from a folder may not fetch anything else.
std::string module_script(std::string_view module) {
  return fmt::format("gridproof.module(\"{}\");\n",
                     base64(site_asset(std::string(module) + ".wasm.gz")));
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
