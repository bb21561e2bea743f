// The pages that are mostly text: the question page, other libraries, history.
#include <fmt/core.h>

#include <sstream>
#include <stdexcept>

#include "reference/semantics/clauses.h"
#include "reports/page/links.h"
#include "reports/page/markdown.h"
#include "reports/site/assets.h"
#include "reports/site/libraries.h"
#include "reports/site/pages.h"

namespace gridproof::reports::site {
namespace {

constexpr std::string_view example =
    "grid_sample padding_mode=border align_corners=True input=f32[1,1,3,3]{1..9} "
    "grid=f32[1,1,3,2]{nan,0,0.25,-0.5,2,0.75}";

// A text whose lines "case: question -> answer" are run, and become links with the answer.
std::string with_cases(std::string_view markdown) {
  std::string html;
  std::string prose;
  std::istringstream lines{std::string(markdown)};
  const auto flush = [&] {
    html += html_of(prose, address_of);
    prose.clear();
  };
  for (std::string line; std::getline(lines, line);) {
    const std::size_t begin = line.find_first_not_of(' ');
    if (begin == std::string::npos || !line.substr(begin).starts_with("case: ")) {
      prose += line + '\n';
      continue;
    }
    flush();
    const std::size_t arrow = line.find(" -> ");
    if (arrow == std::string::npos) throw std::logic_error("a case without an answer: " + line);
    const Outcome outcome = run(
        {.line = line.substr(begin + 6, arrow - begin - 6), .expected = line.substr(arrow + 4)});
    html += fmt::format(R"(<p class="run">{} → <code>{}</code>{}</p>)",
                        case_link(outcome.test_case, outcome.test_case), escaped(outcome.got),
                        outcome.passed ? "" : " <strong>not what this page says</strong>");
  }
  flush();
  return html;
}

}  // namespace

Page question_page(const Facts& facts) {
  return {.file = "question.html",
          .title = "Ask grid_sample a question",
          .description = "One question of grid_sample: picture, value, admissible set, explanation",
          .body = fmt::format(R"html(<h1>Ask</h1>
<p class="lead">A case is a line. The reference, the exact oracle and the judge answer it here, in the page; nothing is sent anywhere.
The address of this page holds the question: send it.</p>
{}
<form class="ask"><label for="line">Case</label>
<textarea id="line" name="line" rows="4" spellcheck="false">{}</textarea>
<label for="given">What did you get? <span class="note">a tensor such as <code>f32[1,1,1,3]{{4,5,6}}</code>, or only its numbers; may be empty</span></label>
<textarea id="given" name="given" rows="2" spellcheck="false"></textarea>
<label>Profile <select name="profile"><option value="P1">P1: IEEE arithmetic</option><option value="P0">P0: the reference's bits</option><option value="P2">P2: subnormal numbers may be flushed</option><option value="P3">P3: any listed formula</option><option value="P4a(f16)">P4a(f16)</option><option value="P4a(bf16)">P4a(bf16)</option><option value="P5(8)">P5(8): texture units</option></select></label>
<button>Ask</button></form>
<p class="error" role="alert"></p>
<section class="result" aria-live="polite" hidden>
<h2 class="which"></h2>
<p class="judged"></p>
<div class="element"><label>Sample <input type="number" name="sample" min="0" value="0"></label> <label>Channel <input type="number" name="channel" min="0" value="0"></label></div>
<figure><div class="drawing"></div></figure>
<dl class="facts"></dl>
<figure class="line"></figure>
<details open><summary>Step by step</summary><pre class="explanation" tabindex="0"></pre></details>
<details><summary>The same on the command line</summary><pre class="command" tabindex="0"></pre></details>
<details><summary>As a script for PyTorch</summary><pre class="script" tabindex="0"></pre></details>
</section>)html",
                              facts.has_engine
                                  ? ""
                                  : "<p><strong>This program was built without a compiler for "
                                    "WebAssembly: this page cannot answer.</strong></p>",
                              escaped(example)),
          .engine = Engine::question};
}

Page migration_page(const Facts& /*facts*/) {
  std::string body = with_cases(about_libraries());
  for (const Library& library : libraries()) {
    const std::string html = with_cases("## " + library.title + '\n' + library.text);
    body += fmt::format("<h2 id=\"{}\"{}", library.name, html.substr(3));  // after "<h2"
  }
  return {.file = "migration.html",
          .title = "grid_sample and other libraries",
          .description = "Which options of other libraries agree with grid_sample, or why none do",
          .body = body};
}

Page reports_page() {
  return {.file = "reports.html",
          .title = "Your report of gridproof",
          .description = "Opens a report.json, or tells what changed between two",
          .body = R"(<h1>Your report</h1>
<p class="lead">Choose the <code>report.json</code> of a run, or drop it here. Choose two, and the page tells what changed from the
older to the newer. Nothing leaves your computer.</p>
<p class="drop"><label>Reports <input type="file" name="reports" accept=".json,application/json" multiple></label></p>
<p class="error" role="alert"></p>
<section class="opened" aria-live="polite" hidden>
<p class="judged"></p><p class="note made"></p>
<form class="filter"><label>Only those with <input type="search" name="words" placeholder="new coord.nan"></label> <output></output></form>
<div class="findings"></div>
</section>)"};
}

Page history_page(const Facts& facts) {
  std::string text(site_asset("history.md"));
  const std::string mark = "VERSION";
  for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at)) {
    text.replace(at, mark.size(), facts.version);
  }
  return {.file = "history.html",
          .title = "Changes of the specification of grid_sample",
          .description = "What changed in the clauses, what never changes, and how to cite them",
          .body = html_of(text, address_of)};
}

}  // namespace gridproof::reports::site
