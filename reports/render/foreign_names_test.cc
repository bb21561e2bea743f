// Text of other people is data in every notation: whatever the bytes of a name, a version or a
// message are, a report has the same structure as with plain ones.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <pugixml.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "reference/semantics/grid_sample.h"
#include "reports/evidence/evidence.h"
#include "reports/render/badge.h"
#include "reports/render/github.h"
#include "reports/render/json.h"
#include "reports/render/junit.h"
#include "reports/render/markdown.h"
#include "reports/render/matrix.h"
#include "reports/render/sarif.h"
#include "reports/report/summary.h"
#include "reports/report/waivers.h"
#include "reports/testing/example_report.h"
#include "reports/testing/temporary_folder.h"
#include "reports/text/case_reader.h"
#include "reports/text/input_error.h"
#include "reports/text/text.h"

namespace gridproof::reports {
namespace {

// What has a meaning in some notation, among any bytes.
rc::Gen<std::string> hostile() {
  const std::vector<std::string> pieces = {"\n",
                                           "\r\n",
                                           "\n\n# every subject conforms\n\n",
                                           "\x1b[2J",
                                           "\x9b"
                                           "31m",
                                           "\xc2\x9b",
                                           "\u202E",
                                           "\u2028",
                                           "::error::x",
                                           "\n::error::x",
                                           "##[error]x",
                                           "```",
                                           "`",
                                           "|",
                                           "\\",
                                           "| x |",
                                           "<script>",
                                           "</b>",
                                           "&lt;",
                                           "]]>",
                                           "**",
                                           "[a](b)",
                                           "{0}",
                                           "%0A",
                                           "'''",
                                           "\"\"\"",
                                           "\"",
                                           "'",
                                           "--",
                                           "-->",
                                           "\xff",
                                           "\xed\xa0\x80",
                                           "a",
                                           " ",
                                           "\t",
                                           "1. ",
                                           "grid_sample ",
                                           "# finding 1",
                                           "$x$",
                                           "~~~",
                                           ";",
                                           "$(id)",
                                           std::string(1, '\0'),
                                           "https://x.org"};
  return rc::gen::map(
      rc::gen::container<std::vector<std::string>>(rc::gen::oneOf(
          rc::gen::elementOf(pieces),
          rc::gen::map(rc::gen::arbitrary<char>(), [](char c) { return std::string(1, c); }))),
      [](const std::vector<std::string>& parts) {
        std::string text;
        for (const std::string& part : parts) text += part;
        return text.empty() ? "x" : text;
      });
}

Report report_with(const std::string& name, const std::string& words) {
  Report report = example_report();
  report.version = words;
  report.command = "gridproof check --subject " + shell_quoted(name);
  report.subjects.front() = {.name = name, .description = words, .spec = name};
  report.result.ended = words;
  for (auto* counts : {&report.result.strata}) {
    auto node = counts->extract(counts->begin());
    node.key() = name;
    counts->insert(std::move(node));
  }
  auto node = report.result.clauses.extract(report.result.clauses.begin());
  node.key() = name;
  report.result.clauses.insert(std::move(node));
  report.result.waivers = {{.waiver = {.name = words,
                                       .predicate = {.subjects = {name}, .modes = {words}},
                                       .reason = words,
                                       .link = words,
                                       .expires = "2025-01-31"},
                            .covered = 1,
                            .waived = 1}};
  for (auto* findings : {&report.result.findings, &report.result.remarks}) {
    for (Finding& finding : *findings) {
      finding.subject = name;
      if (finding.verdict == Verdict::quality_warning) finding.cause = words;
      for (Incident& incident : finding.incidents) {
        incident.subject = name;
        incident.features = words;
        incident.reduced.request.mode = words;
        incident.answer = Refusal{.clause = words, .message = words};
      }
    }
  }
  return report;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// The marks of a line of Markdown that make it what it is: how it begins, and those in it that are
// neither escaped nor in code.
std::string shape_of(const std::string& line) {
  const std::string start = line.substr(0, line.find(' '));
  const bool is_mark = start == "|" || start == "-" || start == "+" || start == ">" ||
                       start.find_first_not_of('#') == std::string::npos ||
                       (start.size() > 1 && (start.ends_with('.') || start.ends_with(')')) &&
                        start.find_first_not_of("0123456789") == start.size() - 1);
  std::string shape = is_mark ? start : "";
  bool is_escaped = false;
  std::string code;  // the fence of the code that the place is in
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '`' && !is_escaped) {
      const std::size_t end = std::min(line.find_first_not_of('`', i), line.size());
      const std::string fence = line.substr(i, end - i);
      if (code.empty()) {
        code = fence;
      } else if (code == fence) {
        code.clear();
        shape += 'c';
      }
      i = end - 1;
      continue;
    }
    const bool is_special =
        line[i] == '|' ||
        (code.empty() && (line[i] == '<' || line[i] == '*' || line[i] == '[' || line[i] == '&'));
    // Of an entity, which stands for a character that is none of these.
    const bool is_entity = line[i] == '&' && line.find(';', i) - i < 6;
    if (!is_escaped && is_special && !is_entity) shape += line[i];
    is_escaped = line[i] == '\\' && !is_escaped && (code.empty() || line[i + 1] == '|');
  }
  return shape + code;
}

std::vector<std::string> shapes_of(const std::string& markdown) {
  std::vector<std::string> shapes;
  std::string fence;  // of the block that a line is in
  for (const std::string& line : lines_of(markdown)) {
    const std::size_t ticks = std::min(line.find_first_not_of('`'), line.size());
    if (!fence.empty()) {
      const bool ends = ticks == line.size() && ticks >= fence.size();
      if (ends) fence.clear();
      shapes.emplace_back(ends ? "end" : "block");
    } else if (ticks >= 3) {
      fence = line.substr(0, ticks);
      shapes.push_back("begin " + line.substr(ticks));
    } else {
      shapes.push_back(line.starts_with("    ") ? "code" : shape_of(line));
    }
  }
  return shapes;
}

// How many nodes of each name a document has.
std::vector<std::string> nodes_of(const std::string& xml) {
  pugi::xml_document document;
  if (!document.load_string(xml.c_str())) return {"no XML"};
  std::vector<std::string> names;
  for (const auto& found : document.select_nodes("//*")) names.emplace_back(found.node().name());
  return names;
}

void require_shown(const std::string& text) {
  for (const std::string& line : lines_of(text)) {
    // What an end may need is for text that something is written behind.
    RC_ASSERT(printable(line + '.', line.size() + 1) == line + '.');
  }
}

RC_GTEST_PROP(ForeignNames, ChangeNoStructureOfAReport, ()) {
  const std::string name = *hostile();
  const std::string words = *hostile();
  const FullReport plain = with_evidence(report_with("fake", "words"));
  const FullReport report = with_evidence(report_with(name, words));
  for (std::size_t i = 0; i < plain.findings.size(); ++i) {
    RC_ASSERT(report.findings.at(i).line == plain.findings[i].line);
  }
  require_shown(report.cases);
  std::istringstream lines(report.cases);
  const TemporaryFolder folder;
  RC_ASSERT(read_cases(folder.write("cases.txt", report.cases), lines).size() ==
            read_cases(folder.write("plain.txt", plain.cases), lines).size());

  const std::string page = render_markdown(report);
  require_shown(page);
  RC_ASSERT(shapes_of(page) == shapes_of(render_markdown(plain)));
  const std::string summary = render_step_summary(report);
  require_shown(summary);
  RC_ASSERT(shapes_of(summary) == shapes_of(render_step_summary(plain)));

  const std::string annotations = render_annotations(report);
  RC_ASSERT(lines_of(annotations).size() == lines_of(render_annotations(plain)).size());
  for (const std::string& line : lines_of(annotations)) {
    RC_ASSERT(line.starts_with("::error title=") || line.starts_with("::notice title="));
    RC_ASSERT(valid_text(line) == line);
    RC_ASSERT(line.find('\r') == std::string::npos);
  }

  const std::string terminal = render_summary(report, "out", Painter(false), 100);
  require_shown(terminal);
  RC_ASSERT(lines_of(terminal).size() ==
            lines_of(render_summary(plain, "out", Painter(false), 100)).size());

  RC_ASSERT(nodes_of(render_junit(report)) == nodes_of(render_junit(plain)));
  RC_ASSERT(nodes_of(render_badge_svg(report)) == nodes_of(render_badge_svg(plain)));
  const auto sarif = nlohmann::json::parse(render_sarif(report));
  const auto plain_sarif = nlohmann::json::parse(render_sarif(plain));
  RC_ASSERT(sarif["runs"][0]["results"].size() == plain_sarif["runs"][0]["results"].size());
  const auto json = nlohmann::json::parse(render_json(report));
  const auto plain_json = nlohmann::json::parse(render_json(plain));
  RC_ASSERT(json.flatten().size() == plain_json.flatten().size());
}

RC_GTEST_PROP(ForeignNames, ChangeNoStructureOfAMatrix, ()) {
  const std::string name = *hostile();
  const std::string words = *hostile();
  const auto matrix_with = [](const std::string& subject, const std::string& said) {
    const FullReport report = with_evidence(report_with(subject, said));
    Matrix matrix{.version = "1", .command = report.command, .day = "2026-01-31"};
    matrix.rows = {{.subject = subject, .name = said, .issues = said, .report = report},
                   {.subject = "absent", .name = "absent", .obstacle = "no " + said}};
    return matrix;
  };
  const Matrix matrix = matrix_with(name, words);
  const Matrix plain = matrix_with("fake", "words");
  const std::string page = render_matrix_markdown(matrix);
  require_shown(page);
  RC_ASSERT(shapes_of(page) == shapes_of(render_matrix_markdown(plain)));
  const std::string html = render_matrix_page(matrix);
  require_shown(html);
  RC_ASSERT(std::ranges::count(html, '<') == std::ranges::count(render_matrix_page(plain), '<'));
  RC_ASSERT(nlohmann::json::parse(render_matrix_json(matrix)).flatten().size() ==
            nlohmann::json::parse(render_matrix_json(plain)).flatten().size());
}

// A waiver that is proposed can be read, and covers what it is for if that is text.
RC_GTEST_PROP(ForeignNames, AreWaivedInToml, ()) {
  const std::string name = *hostile();
  const Waiver waiver{.name = "w " + name,
                      .predicate = {.subjects = {name}},
                      .reason = "r " + name,
                      .expires = "2027-01-31"};
  const std::vector<Waiver> read = parse_waivers(to_toml(waiver), "written");
  RC_ASSERT(read.size() == 1U);
  RC_ASSERT(to_toml(read.front()) == to_toml(waiver));
  if (valid_text(name) == name) {
    RC_ASSERT(read.front().name == waiver.name);
    RC_ASSERT(read.front().predicate == waiver.predicate);
  }
}

}  // namespace
}  // namespace gridproof::reports
