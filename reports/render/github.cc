#include "reports/render/github.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "reports/report/summary.h"
#include "reports/text/text.h"

namespace gridproof::reports {
namespace {

constexpr std::size_t max_annotations = 10;
constexpr std::size_t max_bytes = 60'000;
constexpr std::size_t max_subjects = 100;
constexpr std::size_t longest_name = 100;
constexpr std::size_t longest_line = 2000;

// The data of a workflow command; in a property ':' and ',' would end it.
std::string command_text(const std::string& text, bool is_property) {
  std::string escaped;
  for (const char c : text) {
    if (c == '%' || c == '\r' || c == '\n' || (is_property && (c == ':' || c == ','))) {
      escaped += fmt::format("%{:02X}", static_cast<unsigned>(c));
    } else {
      escaped += c;
    }
  }
  return valid_text(escaped);
}

std::string subjects_table(const Report& report) {
  const Table table = verdict_table(
      report, max_subjects,
      [](const std::string& subject) { return Table::Cell(printable(subject, longest_name)); },
      [](Verdict, std::int64_t count) { return Table::Cell(grouped(count)); });
  std::string text = table.markdown();
  if (report.subjects.size() > max_subjects) {
    text += fmt::format(
        "\n… and {} more.\n",
        counted(static_cast<std::int64_t>(report.subjects.size() - max_subjects), "subject"));
  }
  return text;
}

std::string finding_line(const Finding& finding, const FindingText& text, std::size_t number) {
  return fmt::format("{}. {}{} ({}, `{}:{}`)\n", number,
                     text.excuse.empty() ? "" : '(' + markdown(text.excuse, longest_name) + ") ",
                     markdown(statement_of(text), longest_line), extent_of(finding), case_file_name,
                     text.line);
}

// What closes the gate beside findings, the first few sentences.
std::vector<std::string> what_else(const Report& report) {
  std::vector<std::string> sentences = broken_waivers(report);
  std::ranges::move(gaps(report), std::back_inserter(sentences));
  if (sentences.size() > max_annotations) {
    const std::size_t more = sentences.size() - max_annotations + 1;
    sentences.resize(max_annotations - 1);
    sentences.push_back(fmt::format("and {} more reasons, in report.md", more));
  }
  return sentences;
}

}  // namespace

std::string render_annotations(const FullReport& report) {
  std::string text;
  std::size_t shown = 0;
  std::size_t more = 0;
  for (const FindingText& finding : report.findings) {
    if (!finding.excuse.empty()) continue;
    if (shown == max_annotations) {
      ++more;
      continue;
    }
    ++shown;
    text += fmt::format("::error title={}::{}\n", command_text(finding.title, true),
                        command_text(statement_of(finding) + '\n' + finding.replay, false));
  }
  for (const std::string& sentence : what_else(report)) {
    text += fmt::format("::error title=gridproof::{}\n", command_text(sentence, false));
  }
  if (more > 0) {
    text += fmt::format("::notice title=gridproof::{} more in report.md\n",
                        counted(static_cast<std::int64_t>(more), "finding"));
  }
  return text;
}

std::string render_step_summary(const FullReport& report) {
  const CampaignResult& result = report.result;
  std::string text = fmt::format(
      "## grid\\_sample: {}\n\n{} judged by gridproof {}, {} undecided. The gate: {}.\n\n",
      counted(static_cast<std::int64_t>(result.findings.size()), "finding"), asked_text(report),
      markdown(report.version, longest_name), grouped(undecided_of(report)),
      markdown(outcome_of(report), longest_line));
  text += subjects_table(report) + '\n';
  for (const std::string& sentence : what_else(report)) {
    text += "**" + markdown(sentence, longest_line) + "**\n\n";
  }
  for (std::size_t i = 0; i < result.findings.size(); ++i) {
    const std::string line = finding_line(result.findings[i], report.findings[i], i + 1);
    const std::string rest =
        fmt::format("\n… and {} more in report.md.\n", result.findings.size() - i);
    if (text.size() + line.size() + rest.size() > max_bytes) return text + rest;
    text += line;
  }
  return text;
}

}  // namespace gridproof::reports
