#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "fuzz/mutants/mutants.h"
#include "oracle/judge/judge.h"
#include "reference/semantics/grid_sample.h"
#include "reports/page/code.h"
#include "reports/page/formula.h"
#include "reports/page/links.h"
#include "reports/page/markdown.h"
#include "reports/page/number_line.h"
#include "reports/site/claims.h"
#include "reports/site/pages.h"
#include "reports/site/plots.h"
#include "reports/text/text.h"

namespace gridproof::reports::site {
namespace {

constexpr std::string_view documentation_page =
    "https://docs.pytorch.org/docs/2.8/generated/torch.nn.functional.grid_sample.html";

std::string_view meaning_of_status(std::string_view status) {
  if (status == "documented") return "PyTorch's documentation says so.";
  if (status == "settled") return "The documentation is silent; every release agrees. Binding.";
  if (status == "open") return "The documentation is silent and PyTorch itself differs.";
  return "The documentation is wrong here; the clause gives the arithmetic.";
}

// The values of everybody on the line of the admissible set, where the answer is one number and
// they are not all the same.
std::string line_of(const std::string& line, const std::vector<KeptAnswer>& answers) {
  if (!line.starts_with("grid_sample ")) return "";
  const Case test_case = parse_case(line);
  const Answer expected = grid_sample(test_case);
  const auto* output = std::get_if<Tensor>(&expected);
  if (output == nullptr || output->element_count() != 1) return "";
  std::vector<double> values;
  for (const KeptAnswer& answer : answers) {
    // Instead of an answer there may be any text.
    if (answer.answer.starts_with("refused") || answer.verdict == Verdict::lost ||
        answer.verdict == Verdict::unsupported || !answer.answer.ends_with('}')) {
      continue;
    }
    const Tensor tensor = parse_tensor(answer.answer);
    if (tensor.shape() == output->shape()) values.push_back(tensor.values().front());
  }
  const double right = output->values().front();
  if (std::ranges::all_of(values, [&](double value) { return value == right; })) return "";
  return number_line(Judge().admissible(test_case, 0, 0), right, values, test_case.input.dtype());
}

// Who answered a case how, folded.
std::string answers_to(const std::string& line, const Facts& facts) {
  const auto found = facts.obedience.answers.find(line);
  if (found == facts.obedience.answers.end()) return "";
  int right = 0;
  int wrong = 0;
  std::string items;
  for (const KeptAnswer& answer : found->second) {
    if (answer.verdict == Verdict::unsupported) continue;
    const Conduct conduct{.kind = Conduct::Kind::judged, .worst = answer.verdict, .asked = 1};
    const std::string_view kind = kind_of(conduct);
    right += kind == "right" ? 1 : 0;
    wrong += kind == "wrong" ? 1 : 0;
    items += fmt::format(
        R"(<li class="{}"><span class="sign" aria-hidden="true">{}</span> <span class="who">{}</span> {} <code>{}</code></li>)",
        kind, sign_of(conduct), escaped(answer.called), name(answer.verdict),
        escaped(answer.answer));
  }
  if (items.empty()) return "";
  return fmt::format(
      R"(<tr><td colspan="2"><details class="obedience"><summary>{} answer so{}</summary>{}<ul>{}</ul></details></td></tr>)",
      right, wrong == 0 ? "" : fmt::format(R"(, <span class="wrong">{} wrong</span>)", wrong),
      line_of(line, found->second), items);
}

std::string cases_of(const Clause& clause, const Facts& facts) {
  if (clause.cases.empty()) return "";
  std::string rows;
  for (const ClauseCase& test_case : clause.cases) {
    const Outcome outcome = run(test_case);
    rows += fmt::format(
        R"(<tr><td>{}</td><td><code>{}</code>{}</td></tr>{})",
        case_link(outcome.test_case, outcome.test_case), escaped(outcome.got),
        outcome.passed
            ? ""
            : " <strong>not as the clause says: " + escaped(outcome.expected) + "</strong>",
        answers_to(test_case.line, facts));
  }
  return fmt::format(R"(<h3>Cases, run when this page was written</h3>
<div class="wide" tabindex="0"><table class="cases"><thead><tr><th scope="col">question</th><th scope="col">answer</th></tr></thead><tbody>{}</tbody></table></div>)",
                     rows);
}

std::string statements_of(const Clause& clause) {
  std::string items;
  for (const Statement& statement : documentation()) {
    if (std::ranges::find(statement.clauses, clause.name) == statement.clauses.end()) continue;
    items += fmt::format("<li value=\"{}\">{}</li>", statement.number,
                         html_of(statement.text, address_of));
  }
  if (items.empty()) return "";
  return fmt::format(
      R"(<h3>Where the documentation says it</h3>
<p class="note">In our words, numbered in the order of <a href="{}">PyTorch's page</a>.</p><ol class="statements">{}</ol>)",
      documentation_page, items);
}

// "18 of 20 right, 2 deviate", without those that were not asked.
std::string summary_of(const Clause& clause, const Facts& facts) {
  std::map<std::string_view, int> count;
  for (const JudgedSubject& subject : facts.obedience.subjects) {
    if (subject.obstacle.empty()) ++count[kind_of(subject.under(clause.name))];
  }
  std::string text;
  const auto say = [&](std::string_view kind, std::string_view words) {
    if (count[kind] == 0) return;
    text += fmt::format(R"({}<span class="{}">{} {}</span>)", text.empty() ? "" : ", ", kind,
                        count[kind], words);
  };
  say("right", "right");
  say("remark", "with a remark");
  say("wrong", "wrong");
  say("unknown", "not tested");
  say("none", "not asked");
  return text;
}

std::string obeying(const Clause& clause, const Facts& facts) {
  std::string items;
  for (const JudgedSubject& subject : facts.obedience.subjects) {
    const Conduct conduct = subject.under(clause.name);
    const std::string words =
        subject.obstacle.empty() ? words_of(conduct) : std::string("does not start here");
    std::string cases;
    for (const Violation& violation : subject.violations) {
      if (violation.clause != clause.name) continue;
      cases += fmt::format(R"(<p>{} {}</p>)", escaped(shortened(violation.sentence)),
                           case_of(violation, "the case"));
    }
    items += fmt::format(
        R"(<li class="{}"><span class="sign" aria-hidden="true">{}</span> <span class="who">{}</span> <span class="words">{}</span>{}</li>)",
        kind_of(conduct), sign_of(conduct),
        escaped(subject.obstacle.empty() ? subject.called : subject.name), escaped(words), cases);
  }
  if (items.empty()) return "";
  return fmt::format(
      R"(<details class="obedience"><summary><h3>Who obeys</h3> {}</summary>
<p class="note">The worst verdict of each among the cases of one campaign, {}, that are mainly about this clause. Not asked and not tested are not passed.</p>
<ul>{}</ul></details>)",
      summary_of(clause, facts), escaped(facts.obedience.day), items);
}

std::string breaking(const Clause& clause) {
  std::string items;
  for (const Mutant& mutant : mutants()) {
    if (mutant.clause != clause.name || mutant.is_interaction) continue;
    std::string carriers;
    for (const Carrier& carrier : mutant.carriers) {
      carriers += fmt::format(R"({}<a href="{}">{}</a>)", carriers.empty() ? " Seen: " : ", ",
                              escaped(carrier.link), escaped(carrier.who));
    }
    items += fmt::format(R"(<li><a href="wrong.html#{0}"><code>{0}</code></a>: {1}.{2}</li>)",
                         escaped(mutant.name), escaped(mutant.sentence), carriers);
  }
  if (items.empty()) return "";
  return "<h3>Wrong semantics that break it</h3><ul>" + items + "</ul>";
}

std::string claims_about(const Clause& clause) {
  std::string items;
  for (const Claim& claim : claims()) {
    if (std::ranges::find(claim.clauses, clause.name) == claim.clauses.end()) continue;
    items +=
        fmt::format(R"(<li><a href="myths.html#{}">{}</a> <span class="verdict {}">{}</span></li>)",
                    claim.name, escaped(claim.says), claim.verdict, claim.verdict);
  }
  if (items.empty()) return "";
  return R"(<h3>What people say</h3><ul class="claims">)" + items + "</ul>";
}

// What the clause says as formulas, and the reference's code, its lines lit.
std::string formulas_of(const Clause& clause) {
  std::string html;
  for (const std::string& formula : clause.formulas) html += mathml_of(formula);
  return html.empty() ? "" : "<div class=\"formulas wide\" tabindex=\"0\">" + html + "</div>";
}

std::string excerpts_in(std::string_view code, const std::string& file, const Clause& clause) {
  std::string html;
  for (const Excerpt& excerpt : excerpts_of(code, clause.name)) {
    html += fmt::format(
        R"(<p class="note">reference/semantics/{}, from line {}</p><pre class="code" tabindex="0">{}</pre>)",
        file, excerpt.first_line,
        code_html(
            excerpt.text,
            [&](int line) { return std::ranges::find(excerpt.lit, line) != excerpt.lit.end(); },
            address_of, excerpt.first_line));
  }
  return html;
}

std::string code_of(const Clause& clause) {
  std::string html;
  for (const Document& source : documents()) {
    html += excerpts_in(source.code, fmt::format("{}.h", source.stem), clause) +
            excerpts_in(source.definitions, fmt::format("{}.cc", source.stem), clause);
  }
  if (html.empty()) return "";
  return "<details><summary><h3>The reference's code</h3></summary>" + html + "</details>";
}

std::string section(const Clause& clause, const Facts& facts) {
  return fmt::format(
      R"(<section class="clause" id="{0}" data-about="{0}">
<h2><a href="#{0}">[{0}]</a> <span class="status {1}" title="{2}">{1}</span></h2>
<div class="text">{3}</div>
{4}{5}{6}{7}{8}{9}{10}
</section>
)",
      clause.name, clause.status, meaning_of_status(clause.status),
      html_of(clause.text, address_of), formulas_of(clause), cases_of(clause, facts),
      obeying(clause, facts), code_of(clause), statements_of(clause), breaking(clause),
      claims_about(clause));
}

}  // namespace

const std::vector<Concept>& concepts() {
  static const std::vector<Concept> all = {
      {"options", "Options", "The names, the defaults, and what is refused."},
      {"shapes", "Shapes", "Which tensors go in, and what comes out."},
      {"coordinates", "Coordinates", "Where a number of the grid points, in pixels."},
      {"nonfinite", "NaN and infinity", "In the grid and in the image."},
      {"padding", "Padding", "What is read outside of the input."},
      {"nearest", "Nearest", "Which pixel is the nearest, and who wins a tie."},
      {"linear", "Bilinear and trilinear", "The weights of two pixels along each axis."},
      {"bicubic", "Bicubic", "Four pixels along each axis, and the cubic kernel."},
      {"dtypes", "Types and rounding", "Which types, and which answers rounding leaves."},
      {"layout", "Memory", "Strides and views: values do not depend on them."},
      {"affine_grid", "affine_grid", "The grid of a matrix."},
      {"displacement", "Displacements", "From a grid to pixels moved, and back."},
      {"gradients", "Gradients", "How the output changes with each texel and coordinate."},
  };
  return all;
}

Page concept_page(const Concept& about, const Facts& facts) {
  std::string contents;
  std::string sections;
  for (const Clause& clause : clauses()) {
    if (clause.stem != about.stem) continue;
    contents += fmt::format(R"(<li><a href="#{0}">{0}</a></li>)", clause.name);
    sections += section(clause, facts);
  }
  return {
      .file = std::string(about.stem) + ".html",
      .title = std::string(about.title) + ", the clauses of grid_sample",
      .description = std::string(about.sentence),
      .body = fmt::format(R"(<h1>{}</h1>
<p class="lead">{}</p>
<nav class="contents" aria-label="Clauses of this page"><ul>{}</ul></nav>
{}{})",
                          about.title, about.sentence, contents, plots_of(about.stem), sections)};
}

}  // namespace gridproof::reports::site
