#include <fmt/core.h>

#include <array>

#include "reports/page/links.h"
#include "reports/page/markdown.h"
#include "reports/site/pages.h"

namespace gridproof::reports::site {
namespace {

struct Entry {
  std::string_view file;
  std::string_view title;
};
constexpr auto navigation = std::to_array<Entry>({{"index.html", "Where it reads"},
                                                  {"clauses.html", "Clauses"},
                                                  {"obedience.html", "Who obeys"},
                                                  {"question.html", "Ask"},
                                                  {"wrong.html", "Break it"},
                                                  {"myths.html", "Myths"},
                                                  {"migration.html", "Other libraries"},
                                                  {"reports.html", "Your report"}});

std::string links_to_pages(const std::string& here) {
  std::string html;
  for (const Entry& entry : navigation) {
    html += fmt::format(R"(<li><a href="{}"{}>{}</a></li>)", entry.file,
                        entry.file == here ? R"( aria-current="page")" : "", entry.title);
  }
  return html;
}

std::string_view module_of(Engine engine) {
  return engine == Engine::picture ? "picture" : "question";
}

}  // namespace

std::string document(const Page& page, const Facts& facts) {
  std::string scripts;
  if (page.engine != Engine::none && facts.has_engine) {
    scripts = fmt::format("<script src=\"engine.js\"></script>\n<script src=\"{}.js\"></script>\n",
                          module_of(page.engine));
  }
  return fmt::format(
      R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{0}</title>
<meta name="description" content="{1}">
<link rel="stylesheet" href="style.css">
<link rel="icon" href="data:,">
</head>
<body data-page="{2}">
<a class="skip" href="#main">To the text</a>
<header>
<p class="name"><a href="index.html">grid_sample</a> <span>what it means, and who obeys</span></p>
<nav aria-label="Pages"><ul>{3}</ul></nav>
<form class="search" role="search" action="clauses.html">
<label for="search" class="unseen">Search the clauses</label>
<input id="search" name="word" type="search" placeholder="NaN, half pixel, 5-D …" autocomplete="off">
<div class="hits" hidden></div>
</form>
</header>
<main id="main" tabindex="-1">
{4}
</main>
<footer>
<p>gridproof {5}. Results of {6}, of gridproof {7}. <a href="history.html">Changes, promise, how to cite</a>.
<a href="clauses.json">clauses.json</a></p>
</footer>
{8}<script src="site.js"></script>
</body>
</html>
)",
      escaped(page.title), escaped(page.description), page.file, links_to_pages(page.file),
      page.body, escaped(facts.version), escaped(facts.obedience.day),
      escaped(facts.obedience.version), scripts);
}

std::string case_link(std::string_view line, std::string_view words) {
  return fmt::format(R"(<a class="case" href="{}"><code>{}</code></a>)", question_link(line),
                     escaped(words));
}

std::string case_of(const Violation& violation, std::string_view words) {
  if (violation.line.empty()) {
    return "Its case is too large to be kept here; 'gridproof matrix' writes it into cases.txt.";
  }
  return violation.line.size() <= longest_shown_case
             ? case_link(violation.line, words)
             : "Its case is too long for a link; matrix.json has it.";
}

std::string shortened(const std::string& sentence) {
  constexpr std::size_t most = 240;
  if (sentence.size() <= most) return sentence;
  return sentence.substr(0, sentence.rfind(' ', most)) + " …";
}

}  // namespace gridproof::reports::site
