// The pages that list something: clauses, subjects by clauses, wrong semantics, claims.
#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "fuzz/mutants/mutants.h"
#include "reports/page/links.h"
#include "reports/page/markdown.h"
#include "reports/report/report.h"
#include "reports/site/assets.h"
#include "reports/site/claims.h"
#include "reports/site/pages.h"
#include "reports/text/text.h"

namespace gridproof::reports::site {
namespace {

// The first sentence of a text, as HTML.
std::string beginning(const std::string& text) {
  const std::size_t end = text.find(".\n");
  const std::size_t blank = text.find(". ");
  return html_of(
      text.substr(
          0, std::min(end, blank) == std::string::npos ? text.size() : std::min(end, blank) + 1),
      address_of);
}

std::string subject_heading(const JudgedSubject& subject) {
  return fmt::format(R"(<th scope="col"><span>{}</span></th>)", escaped(subject.called));
}

std::string finding_of(const JudgedSubject& subject, const Violation& violation) {
  const std::string address = address_of(violation.clause);
  const std::string clause =
      address.empty() ? "" : fmt::format(R"(<a href="{}">[{}]</a> )", address, violation.clause);
  return fmt::format(
      R"(<details class="finding" data-subject="{0}" data-about="{1}" data-verdict="{2}"><summary>{3}: [{1}] {4}</summary><p>{5}{6}</p><p>{7}</p></details>)",
      escaped(subject.name), escaped(violation.clause), name(violation.verdict),
      escaped(subject.called), escaped(shortened(violation.sentence)), clause,
      escaped(violation.cause), case_of(violation, violation.line));
}

std::string matrix_row(const Clause& clause, const Facts& facts) {
  std::string cells;
  for (const JudgedSubject& subject : facts.obedience.subjects) {
    if (!subject.obstacle.empty()) continue;
    const Conduct conduct = subject.under(clause.name);
    cells += fmt::format(R"(<td class="{}" title="{}: {}">{}<span class="unseen"> {}</span></td>)",
                         kind_of(conduct), escaped(subject.called), words_of(conduct),
                         sign_of(conduct), words_of(conduct));
  }
  return fmt::format(R"(<tr data-about="{0}"><th scope="row"><a href="{1}">{0}</a></th>{2}</tr>)",
                     clause.name, address_of(clause.name), cells);
}

}  // namespace

Page clauses_page(const Facts& /*facts*/) {
  std::string list;
  for (const Concept& about : concepts()) {
    list += fmt::format(R"(<h2><a href="{}.html">{}</a></h2><dl>)", about.stem, about.title);
    for (const Clause& clause : clauses()) {
      if (clause.stem != about.stem) continue;
      list += fmt::format(
          R"(<div class="entry" data-name="{0}"><dt><a href="{1}">{0}</a> <span class="status {2}">{2}</span></dt><dd>{3}</dd></div>)",
          clause.name, address_of(clause.name), clause.status, beginning(clause.text));
    }
    list += "</dl>";
  }
  return {.file = "clauses.html",
          .title = "All clauses of grid_sample",
          .description = "Every rule of grid_sample with its permanent name",
          .body = fmt::format(R"(<h1>All clauses</h1>
<p class="lead">{} clauses and {} claims. Search by option, error, or whatever you call it; <code>gridproof spec WORD</code> does the same.</p>
<div class="found" aria-live="polite"></div>
{})",
                              clauses().size(), claims().size(), list)};
}

Page obedience_page(const Facts& facts) {
  std::string headings;
  std::string absent;
  for (const JudgedSubject& subject : facts.obedience.subjects) {
    if (subject.obstacle.empty()) {
      headings += subject_heading(subject);
    } else {
      absent += fmt::format("<li><code>{}</code> does not start here.</li>", escaped(subject.name));
    }
  }
  std::string rows;
  for (const Clause& clause : clauses()) rows += matrix_row(clause, facts);
  std::string findings;
  for (const JudgedSubject& subject : facts.obedience.subjects) {
    for (const Violation& violation : subject.violations) {
      findings += finding_of(subject, violation);
    }
  }
  return {.file = "obedience.html",
          .title = "Who obeys the clauses of grid_sample",
          .description =
              "Implementations of grid_sample, clause by clause, each judged by the same cases",
          .body = fmt::format(
              R"(<h1>Who obeys</h1>
<p class="lead">Each implementation was asked the cases of one campaign on {0}: <code>{1}</code>. A cell shows the worst verdict under the clause.</p>
<p class="legend"><span class="right">✓ right</span> <span class="remark">~ uses latitude</span> <span class="remark">△ less exact than P1</span> <span class="remark">? undecided</span> <span class="wrong">✗ deviates</span> <span class="wrong">R refuses</span> <span class="wrong">L lost</span> <span class="unknown">– not tested</span> empty: not asked</p>
<div class="wide" tabindex="0" role="region" aria-label="Subjects by clauses"><table class="matrix"><thead><tr><th scope="col">clause</th>{2}</tr></thead><tbody>{3}</tbody></table></div>
<ul>{4}</ul>
<h2>Findings</h2>
<form class="filter"><label>Only those with <input type="search" name="words" placeholder="openvino coord.nan"></label> <output></output></form>
<div class="findings">{5}</div>)",
              escaped(facts.obedience.day), escaped(facts.obedience.command), headings, rows,
              absent, findings)};
}

Page mutants_page(const Facts& facts) {
  std::string list;
  std::string chapter;
  std::size_t count = 0;
  for (const Mutant& mutant : mutants()) {
    if (mutant.is_interaction || mutant.remembers()) continue;
    ++count;
    if (mutant.chapter != chapter) {
      if (!chapter.empty()) list += "</ul>";
      chapter = mutant.chapter;
      list += fmt::format(R"(<h2>{}</h2><ul class="mutants">)", escaped(chapter));
    }
    list += fmt::format(
        R"(<li id="{0}"><code>{0}</code>: {1} <a class="clause" href="{2}">[{3}]</a> <a class="try" href="#{0}" data-mutant="{0}" data-line="{4}">show</a></li>)",
        escaped(mutant.name), escaped(mutant.sentence), address_of(mutant.clause), mutant.clause,
        escaped(mutant.separating));
  }
  list += "</ul>";
  return {.file = "wrong.html",
          .title = "Break it yourself: wrong semantics of grid_sample",
          .description = "Named wrong semantics, each with the case that shows it",
          .body = fmt::format(R"(<h1>Break it yourself</h1>
<p class="lead">{} ways to get <code>grid_sample</code> wrong, many of them seen in real libraries. Choose one: the
picture shows what is right, the table what it answers instead, and what the judge says of that. Where a question is to be
refused, an answer is no deviation but latitude.</p>
<section class="bench" aria-live="polite" hidden><h2 class="which"></h2>
<form class="ask"><label for="line">Case</label><textarea id="line" name="line" rows="3" spellcheck="false"></textarea><button>Ask both</button></form>
<p class="error" role="alert"></p><div class="drawing"></div><div class="answers"></div></section>
{}{})",
                              count,
                              facts.has_engine ? ""
                                               : "<p>This program was built without a compiler for "
                                                 "WebAssembly: nothing can be shown here.</p>",
                              list),
          .engine = Engine::question};
}

Page myths_page(const Facts& /*facts*/) {
  std::string list;
  std::string chapter;
  for (const Claim& claim : claims()) {
    if (claim.chapter != chapter) {
      chapter = claim.chapter;
      list += fmt::format("<h2>{}</h2>", escaped(chapter));
    }
    std::string cases;
    for (const ClauseCase& test_case : claim.cases) {
      cases += fmt::format(R"(<p class="note">A case to open: {}, which gives <code>{}</code></p>)",
                           case_link(test_case.line, test_case.line), escaped(run(test_case).got));
    }
    list += fmt::format(
        R"(<article class="claim" id="{0}"><blockquote>{1}</blockquote><p class="judgment"><span class="verdict {2}">{2}</span> <a href="#{0}">[{0}]</a></p>{3}{4}</article>)",
        claim.name, html_of(claim.says, address_of), claim.verdict, html_of(claim.text, address_of),
        cases);
  }
  return {.file = "myths.html",
          .title = "Myths about grid_sample",
          .description = "What people say about grid_sample: true, imprecise or false",
          .body = fmt::format(R"(<h1>Myths</h1>
<p class="lead">{} statements about <code>grid_sample</code> from two public questions and answers and from the documentation,
paraphrased. Every number below is computed by a test.</p>
{})",
                              claims().size(), list)};
}

std::string clauses_json(const Facts& facts) {
  using Json = nlohmann::ordered_json;
  Json json;
  json["format"] = 1;
  json["gridproof"] = facts.version;
  json["results"] = {{"day", facts.obedience.day},
                     {"gridproof", facts.obedience.version},
                     {"command", facts.obedience.command}};
  Json& subjects = json["subjects"] = Json::object();
  for (const JudgedSubject& subject : facts.obedience.subjects) {
    subjects[subject.name] = {{"name", subject.called},
                              {"dialect", subject.dialect},
                              {"starts", subject.obstacle.empty()}};
  }
  Json& all = json["clauses"] = Json::object();
  for (const Clause& clause : clauses()) {
    Json& one = all[clause.name];
    one["status"] = clause.status;
    one["since"] = clause.since;
    one["page"] = address_of(clause.name);
    one["text"] = clause.text;
    one["statements"] = Json::array();
    for (const Statement& statement : documentation()) {
      if (std::ranges::find(statement.clauses, clause.name) != statement.clauses.end()) {
        one["statements"].push_back(statement.number);
      }
    }
    Json& cases = one["cases"] = Json::array();
    for (const ClauseCase& test_case : clause.cases) {
      cases.push_back({{"case", test_case.line}, {"answer", test_case.expected}});
    }
    Json& results = one["results"] = Json::object();
    for (const JudgedSubject& subject : facts.obedience.subjects) {
      const Conduct conduct = subject.under(clause.name);
      if (conduct.kind == Conduct::Kind::not_asked) continue;
      if (conduct.kind == Conduct::Kind::not_tested) {
        results[subject.name] = {{"verdict", "not-tested"}};
        continue;
      }
      results[subject.name] = {
          {"verdict", name(conduct.worst)}, {"samples", conduct.samples}, {"asked", conduct.asked}};
    }
  }
  return json.dump(1) + "\n";
}

}  // namespace gridproof::reports::site
