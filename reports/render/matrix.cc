#include "reports/render/matrix.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "reference/semantics/clauses.h"
#include "reports/page/markdown.h"
#include "reports/page/report_page.h"
#include "reports/render/snippets.h"
#include "reports/report/notation.h"
#include "reports/text/table.h"
#include "reports/text/text.h"

namespace gridproof::reports {
namespace {

using Json = nlohmann::ordered_json;
using Counts = std::array<std::int64_t, verdict_count>;

constexpr std::string_view legend =
    "✓ right; ~ uses latitude that the clause leaves; △ less exact than the profile asks; ✗ "
    "deviates; "
    "R refuses what has an answer; L lost (no answer came); ? undecided; with the share of the "
    "samples under this clause; – not tested: no sample was decided. Empty: not asked, or the "
    "subject "
    "takes no part.";

std::string cell_text(const MatrixCell& cell) {
  if (cell.untested) return "– not tested";
  if (cell.asked == 0) return "";
  std::string text(sign_of(cell.worst));
  if (cell.worst <= Verdict::admissible) return text;
  const double share = 100.0 * static_cast<double>(cell.samples) / static_cast<double>(cell.asked);
  return text + (share < 1 ? " <1 %" : fmt::format(" {:.0f} %", share));
}

std::int64_t judged_of(const MatrixRow& row) {
  return participation_of(row.report.result, row.subject).asked;
}

// How many numbers of gradients, or why none.
std::string gradients_text(const MatrixRow& row) {
  if (was_asked_gradients(row.report.result, row.subject)) return grouped(gradients_of(row.report));
  const bool is_wanted = row.report.options.only != Direction::forward && row.obstacle.empty();
  return is_wanted ? "it declares none" : "not asked";
}

// Anybody's text, in one line.
std::string in_a_line(std::string_view text) { return escaped(printable(text, text.size())); }

// The rows of the table: every clause of the specification, asked of somebody or not, and what else
// verdicts are under.
std::vector<std::string> rows_of(const Matrix& matrix) {
  std::vector<std::string> rows;
  for (const Clause& clause : clauses()) rows.push_back(clause.name);
  for (const std::string& name : clauses_of(matrix)) {
    if (std::ranges::find(clauses(), name, &Clause::name) == clauses().end()) rows.push_back(name);
  }
  return rows;
}

std::string_view class_of(const MatrixCell& cell) {
  if (cell.untested) return "unknown";
  if (cell.asked == 0) return "none";
  if (cell.worst <= Verdict::admissible) return "right";
  return is_finding(cell.worst, false) ? "wrong" : "remark";
}

// The values of a tensor that is small enough for a script.
constexpr std::int64_t max_values = 5000;
Json tensor_json(const Tensor& tensor) {
  if (tensor.element_count() > max_values) {
    return {{"dtype", name(tensor.dtype())}, {"shape", tensor.shape()}, {"values", nullptr}};
  }
  Json values = Json::array();
  for (const double value : tensor.values()) values.push_back(to_text(value, Dtype::f64));
  return {{"dtype", name(tensor.dtype())}, {"shape", tensor.shape()}, {"values", values}};
}

// What a question about gradients has besides, and which number of which gradient is wrong.
Json backward_json(const std::optional<BackwardIncident>& backward) {
  if (!backward) return nullptr;
  Json wanted = Json::array();
  if (backward->reduced.output_mask.input) wanted.push_back("input");
  if (backward->reduced.output_mask.grid) wanted.push_back("grid");
  return {{"grad_output", tensor_json(backward->reduced.grad_output)},
          {"wanted", wanted},
          {"gradient", backward->gradient == Gradient::input ? "input" : "grid"},
          {"element", backward->element}};
}

// A finding with all that a script needs which reproduces it elsewhere.
Json finding_json(const Finding& finding, const FindingText& text) {
  const Incident& first = finding.incidents.front();
  const FindingEvidence& evidence = text.evidence.front();
  const Case& test_case = first.backward ? first.backward->reduced.forward : first.reduced;
  const Request& request = test_case.request;
  Json options = Json::object();
  if (request.mode) options["mode"] = *request.mode;
  if (request.padding_mode) options["padding_mode"] = *request.padding_mode;
  if (request.align_corners) options["align_corners"] = *request.align_corners;
  return {{"clause", finding.clause},
          {"verdict", name(finding.verdict)},
          {"title", text.title},
          {"sentence", text.sentence},
          {"cause", text.cause},
          {"samples", finding.samples},
          {"case", text.lines.back()},
          {"options", options},
          {"input", tensor_json(test_case.input)},
          {"grid", tensor_json(test_case.grid)},
          {"backward", backward_json(first.backward)},
          {"sample", first.sample},
          {"channel", first.channel},
          {"got", element_text(evidence.got, evidence.dtype)},
          {"admissible", evidence.admissible}};
}

std::string cell_html(const MatrixCell& cell) {
  const std::string words = cell.untested ? "not tested"
                            : cell.asked == 0
                                ? "not asked"
                                : fmt::format("{}: {} of {}", name(cell.worst),
                                              grouped(cell.samples), grouped(cell.asked));
  return fmt::format(R"(<td class="{}" title="{}">{}</td>)", class_of(cell), words,
                     in_a_line(cell_text(cell)));
}

std::string table_html(const Matrix& matrix) {
  std::string html =
      R"(<div class="wide" tabindex="0" role="region" aria-label="Clauses by subjects"><table class="matrix"><thead><tr><th scope="col">clause</th>)";
  for (const MatrixRow& row : matrix.rows) {
    if (!row.obstacle.empty()) continue;
    html += fmt::format(R"(<th scope="col" title="{0}"><span><a href="#{1}">{1}</a></span></th>)",
                        in_a_line(row.name), in_a_line(row.subject));
  }
  html += "</tr></thead>\n<tbody>\n";
  for (const std::string& clause : rows_of(matrix)) {
    const Clause* const known = find_clause(clause);
    html += fmt::format(R"(<tr><th scope="row" title="{}">{}</th>)",
                        in_a_line(known == nullptr ? "" : known->text),
                        clause.empty() ? "no answer" : '[' + in_a_line(clause) + ']');
    for (const MatrixRow& row : matrix.rows) {
      if (row.obstacle.empty()) html += cell_html(cell_of(row, clause));
    }
    html += "</tr>\n";
  }
  return html + "</tbody></table></div>\n";
}

// A subject with its findings, folded.
std::string row_html(const MatrixRow& row) {
  std::string html = fmt::format(
      "<h2 id=\"{0}\">{0}</h2>\n<p>{1}; dialect {2}; {3} judged in {4:.0f} s</p>\n",
      in_a_line(row.subject),
      row.obstacle.empty() ? in_a_line(row.name) : "does not start: " + in_a_line(row.obstacle),
      name(row.dialect), asked_text(row.report), row.seconds);
  for (std::size_t k = 0; k < row.report.findings.size(); ++k) {
    const FindingText& told = row.report.findings[k];
    const Finding& finding = row.report.result.findings[k];
    html += fmt::format(
        R"(<details class="finding" data-subject="{}" data-about="{}" data-verdict="{}"><summary>{} in {}</summary><p>{} {}</p><pre tabindex="0">{}</pre></details>
)",
        in_a_line(row.subject), in_a_line(finding.clause), name(finding.verdict),
        in_a_line(told.title), extent_of(finding), in_a_line(told.sentence), in_a_line(told.cause),
        in_a_line(told.replay));
  }
  return html;
}

}  // namespace

MatrixCell cell_of(const MatrixRow& row, const std::string& clause) {
  MatrixCell cell;
  const Participation part = participation_of(row.report.result, row.subject);
  cell.untested = std::ranges::binary_search(part.untested, clause);
  const auto clauses = row.report.result.clauses.find(row.subject);
  if (clauses == row.report.result.clauses.end()) return cell;
  const auto counts = clauses->second.find(clause);
  if (counts == clauses->second.end()) return cell;
  for (std::size_t i = 0; i < verdict_count; ++i) {
    const auto verdict = static_cast<Verdict>(i);
    const std::int64_t samples = counts->second[i];
    if (samples == 0 || verdict == Verdict::unsupported) continue;
    cell.asked += samples;
    cell.worst = verdict;
    cell.samples = samples;
  }
  return cell;
}

std::vector<std::string> clauses_of(const Matrix& matrix) {
  std::set<std::string> asked;
  for (const MatrixRow& row : matrix.rows) {
    const Participation part = participation_of(row.report.result, row.subject);
    asked.insert(part.untested.begin(), part.untested.end());
    const auto clauses = row.report.result.clauses.find(row.subject);
    if (clauses == row.report.result.clauses.end()) continue;
    for (const auto& [clause, counts] : clauses->second) {
      if (cell_of(row, clause).asked != 0) asked.insert(clause);
    }
  }
  std::vector<std::string> ordered;
  for (const Clause& clause : clauses()) {
    if (asked.erase(clause.name) != 0) ordered.push_back(clause.name);
  }
  ordered.insert(ordered.end(), asked.rbegin(), asked.rend());  // "" comes last
  return ordered;
}

std::size_t findings_of(const Matrix& matrix) {
  std::size_t count = 0;
  for (const MatrixRow& row : matrix.rows) count += row.report.result.findings.size();
  return count;
}

std::string total_line(const Matrix& matrix) {
  const auto started =
      std::ranges::count_if(matrix.rows, [](const MatrixRow& row) { return row.obstacle.empty(); });
  std::size_t named = 0;
  for (const std::string& clause : clauses_of(matrix)) named += clause.empty() ? 0 : 1;
  return fmt::format("{}, {}, {}", counted(started, "subject"),
                     counted(static_cast<std::int64_t>(named), "clause"),
                     counted(static_cast<std::int64_t>(findings_of(matrix)), "finding"));
}

std::vector<std::string> gaps_of(const Matrix& matrix) {
  std::vector<std::string> sentences;
  for (const MatrixRow& row : matrix.rows) {
    if (!row.obstacle.empty()) {
      sentences.push_back(printable(row.subject, 300) +
                          " does not start: " + printable(row.obstacle, 200));
      continue;
    }
    std::ranges::move(gaps(row.report), std::back_inserter(sentences));
  }
  return sentences;
}

std::string outcome_of(const Matrix& matrix) {
  const auto findings = static_cast<std::int64_t>(findings_of(matrix));
  const std::ptrdiff_t open = std::ssize(gaps_of(matrix));
  if (findings == 0 && open == 0) return "passes";
  std::string text = "does not pass: ";
  if (findings != 0) text += counted(findings, "finding") + (open == 0 ? "" : ", ");
  if (open != 0) text += counted(open, "gap");
  return text;
}

std::string render_matrix_cases(const Matrix& matrix) {
  std::string text;
  for (const MatrixRow& row : matrix.rows) text += row.report.cases;
  return text;
}

std::string render_matrix_markdown(const Matrix& matrix) {
  std::string text = fmt::format(
      "# grid_sample, subjects and clauses\n\n{}\n{}, gridproof {}. Every subject "
      "gets the same cases in the same order, until its time is over. The gate: **{}**.\n\n",
      markdown_block("sh", matrix.command), matrix.day, matrix.version, outcome_of(matrix));
  for (const std::string& sentence : gaps_of(matrix)) text += "- " + markdown(sentence) + '\n';
  if (!text.ends_with("\n\n")) text += '\n';
  Table subjects({{"subject"},
                  {"who"},
                  {"dialect"},
                  {"samples judged", Table::Align::right},
                  {"gradients judged", Table::Align::right},
                  {"seconds", Table::Align::right},
                  {"findings", Table::Align::right}});
  for (const MatrixRow& row : matrix.rows) {
    subjects.add(
        {row.subject,
         row.obstacle.empty() ? printable(row.name) : "does not start: " + printable(row.obstacle),
         std::string(name(row.dialect)), grouped(judged_of(row)), gradients_text(row),
         fmt::format("{:.0f}", row.seconds), std::to_string(row.report.result.findings.size())});
  }
  text += subjects.markdown() + "\n## Subjects by clauses\n\n" + std::string(legend) + "\n\n";
  std::vector<Table::Column> columns = {{"clause"}};
  for (const MatrixRow& row : matrix.rows) {
    if (row.obstacle.empty()) columns.push_back({row.subject});
  }
  Table table(std::move(columns));
  for (const std::string& clause : rows_of(matrix)) {
    std::vector<Table::Cell> cells = {clause.empty() ? "no answer" : '[' + clause + ']'};
    for (const MatrixRow& row : matrix.rows) {
      if (row.obstacle.empty()) cells.emplace_back(cell_text(cell_of(row, clause)));
    }
    table.add(std::move(cells));
  }
  text += table.markdown() + "\n## Findings\n";
  if (findings_of(matrix) == 0) text += "\nNone.\n";
  for (const MatrixRow& row : matrix.rows) {
    if (row.report.result.findings.empty()) continue;
    text += fmt::format("\n### {} ({})\n\n", markdown(row.subject, 200), markdown(row.name, 200));
    if (!row.report.result.ended.empty()) text += markdown(row.report.result.ended, 300) + "\n\n";
    for (std::size_t k = 0; k < row.report.findings.size(); ++k) {
      const FindingText& finding = row.report.findings[k];
      text +=
          fmt::format("{}. **{}** in {}. {}{}{}\n\n       {}\n\n", k + 1, markdown(finding.title),
                      extent_of(row.report.result.findings[k]), markdown(finding.sentence),
                      finding.cause.empty() ? "" : " ", markdown(finding.cause), finding.replay);
    }
  }
  return text + '\n' + total_line(matrix) + '\n';
}

std::string render_matrix_json(const Matrix& matrix) {
  const std::vector<std::string> clauses = clauses_of(matrix);
  Json subjects = Json::array();
  for (const MatrixRow& row : matrix.rows) {
    Json cells = Json::object();
    for (const std::string& clause : clauses) {
      const MatrixCell cell = cell_of(row, clause);
      if (cell.asked == 0) continue;
      cells[clause] = {
          {"worst", name(cell.worst)}, {"samples", cell.samples}, {"asked", cell.asked}};
    }
    Json findings = Json::array();
    for (std::size_t i = 0; i < row.report.findings.size(); ++i) {
      findings.push_back(finding_json(row.report.result.findings[i], row.report.findings[i]));
    }
    subjects.push_back({{"subject", row.subject},
                        {"name", row.name},
                        {"issues", row.issues},
                        {"dialect", name(row.dialect)},
                        {"obstacle", row.obstacle.empty() ? Json() : Json(row.obstacle)},
                        {"samples", judged_of(row)},
                        {"gradients", gradients_of(row.report)},
                        {"seconds", row.seconds},
                        {"clauses", std::move(cells)},
                        {"untested", participation_of(row.report.result, row.subject).untested},
                        {"findings", std::move(findings)}});
  }
  const Json json = {{"gridproof", matrix.version},
                     {"command", matrix.command},
                     {"day", matrix.day},
                     {"profile", to_string(matrix.options.profile)},
                     {"seed", matrix.options.seed},
                     {"clauses", clauses},
                     {"subjects", std::move(subjects)},
                     {"outcome", outcome_of(matrix)},
                     {"gaps", gaps_of(matrix)},
                     {"total", total_line(matrix)}};
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + '\n';
}

std::string render_matrix_page(const Matrix& matrix) {
  std::string html = fmt::format(
      "<h1>Who obeys the clauses</h1>\n<p class=\"lead\">{}; {}. Made by <code>{}</code></p>\n"
      "<p class=\"legend\">{}</p>\n",
      in_a_line(total_line(matrix)), in_a_line(outcome_of(matrix)), in_a_line(matrix.command),
      in_a_line(legend));
  for (const std::string& sentence : gaps_of(matrix)) {
    html += fmt::format("<p>{}</p>\n", in_a_line(sentence));
  }
  html +=
      table_html(matrix) +
      R"(<form class="filter"><label>Only the findings with <input type="search" name="words" placeholder="coord.nan -waived"></label> <output></output></form>
)";
  for (const MatrixRow& row : matrix.rows) html += row_html(row);
  return single_file("matrix", "grid_sample: " + total_line(matrix), html);
}

}  // namespace gridproof::reports
