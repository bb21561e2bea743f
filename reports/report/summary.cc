#include "reports/report/summary.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "reports/report/statistics.h"
#include "reports/text/text.h"

namespace gridproof::reports {
namespace {

constexpr std::size_t max_shown = 40;

Paint paint_of(Verdict verdict, bool strict) {
  if (is_finding(verdict, strict)) return Paint::red;
  return verdict == Verdict::same_bits || verdict == Verdict::admissible ? Paint::green
                                                                         : Paint::yellow;
}

// The table of verdicts; one verdict a line where a line of all would be too long.
std::string painted_table(const Report& report, const Painter& painter, std::size_t columns) {
  const Table table = verdict_table(
      report, report.subjects.size(),
      [](const std::string& subject) { return Table::Cell(subject, Paint::bold); },
      [&](Verdict verdict, std::int64_t count) {
        return Table::Cell(grouped(count),
                           count == 0 ? Paint::dim : paint_of(verdict, report.options.strict));
      });
  const std::string plain = table.text(Painter());
  if (width(std::string_view(plain).substr(0, plain.find('\n'))) <= columns) {
    return table.text(painter);
  }
  return table.turned().text(painter);
}

std::string finding_lines(const FullReport& report, const Painter& painter, std::size_t columns,
                          bool has_file) {
  std::string text;
  const std::vector<FindingText>& findings = report.findings;
  for (std::size_t i = 0; i < findings.size() && i < max_shown; ++i) {
    const FindingText& finding = findings[i];
    const std::string samples = extent_of(report.result.findings[i]);
    const std::string excuse = finding.excuse.empty() ? "" : ", " + finding.excuse;
    text +=
        fmt::format("{:>3}  {}. {} {}\n", i + 1,
                    painter(excuse.empty() ? Paint::red : Paint::yellow, finding.title),
                    finding.sentence, painter(Paint::dim, fmt::format("({}{})", samples, excuse)));
    if (!finding.cause.empty()) text += "     " + finding.cause + '\n';
    if (!finding.clauses.empty()) text += "     " + painter(Paint::dim, finding.clauses) + '\n';
    const std::size_t room = std::max<std::size_t>(columns, 40) - 5;
    const std::string place = has_file ? fmt::format(" ({})", finding.place) : "";
    for (const std::string& line : finding.lines) {
      const bool is_last = &line == &finding.lines.back();
      if (width(line) <= room && finding.lines.size() == 1) {
        text += "     " + printable(line, line.size()) + '\n';
      } else {
        const std::string whole = is_last ? place : "";
        text +=
            "     " + printable(line, room - whole.size() - 1) + painter(Paint::dim, whole) + '\n';
      }
    }
  }
  if (findings.size() > max_shown) {
    text += fmt::format("     … and {} more{}\n", findings.size() - max_shown,
                        has_file ? " in the report" : "");
  }
  return text;
}

// What is counted of a waiver.
std::string_view unit_of(const Waiver& waiver) {
  return waiver.predicate.covered_direction() == Direction::backward ? "case" : "sample";
}

std::string waiver_lines(const Report& report, const Painter& painter) {
  std::string text;
  for (const WaiverOutcome& outcome : report.result.waivers) {
    text += fmt::format(
        "     {}: {} of {} that it covers {}; {}\n", printable(outcome.waiver.name, 100),
        grouped(outcome.waived), counted(outcome.covered, unit_of(outcome.waiver)),
        outcome.waived == 1 ? "fails" : "fail", printable(outcome.waiver.reason, 200));
  }
  for (const std::string& sentence : broken_waivers(report)) {
    text += "     " + painter(Paint::red, sentence) + '\n';
  }
  return text;
}

// What a subject's remarks have in common, on one line for each verdict.
struct RemarkGroup {
  std::int64_t samples = 0;           // of gradients cases
  std::vector<std::string> clauses;   // each once, in the order of the remarks
  std::vector<std::string> profiles;  // that explain quality warnings, likewise
};

void add_once(std::vector<std::string>& list, const std::string& item) {
  if (std::ranges::find(list, item) == list.end()) list.push_back(item);
}

std::string joined(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) text += (text.empty() ? "" : ", ") + item;
  return text;
}

std::string remark_lines(const FullReport& report, const Painter& painter) {
  std::map<std::tuple<std::string, bool, Verdict>, RemarkGroup> groups;
  for (std::size_t i = 0; i < report.remarks.size(); ++i) {
    const Finding& remark = report.result.remarks[i];
    RemarkGroup& group = groups[{remark.subject, is_of_gradients(remark), remark.verdict}];
    group.samples += remark.samples;
    add_once(group.clauses, '[' + printable(remark.clause, 60) + ']');
    const auto& within = report.remarks[i].evidence.front().within;
    if (within) add_once(group.profiles, to_string(*within));
  }
  std::string text;
  for (const auto& [key, group] : groups) {
    const auto& [name, is_backward, verdict] = key;
    const std::string subject = printable(name);
    const std::string samples = is_backward ? counted(group.samples, "case") + " about gradients"
                                            : counted(group.samples, "sample");
    text += verdict == Verdict::quality_warning
                ? fmt::format("     {} is less exact than {} asks in {}{}:\n", subject,
                              to_string(report.options.profile), samples,
                              group.profiles.empty()  // an older report may not have them
                                  ? ""
                                  : ", but inside " + alternatives(group.profiles))
                : fmt::format("     {} uses latitude in {}:\n", subject, samples);
    text += "       " + painter(Paint::dim, joined(group.clauses)) + '\n';
  }
  return text;
}

// The clearest bias of each subject; the report has all.
std::string bias_lines(const Report& report) {
  std::string text;
  const std::vector<SubjectBias> all = biases_of(report);
  for (const SubjectEntry& subject : report.subjects) {
    const SubjectBias* clearest = nullptr;
    std::int64_t count = 0;
    for (const SubjectBias& one : all) {
      if (one.subject != subject.name) continue;
      ++count;
      if (clearest == nullptr || one.bias.chance < clearest->bias.chance) clearest = &one;
    }
    if (clearest == nullptr) continue;
    text +=
        fmt::format("     {}: {}{}\n", printable(subject.name, 100), sentence_of(clearest->bias),
                    count == 1 ? "" : fmt::format("; and {} more like it", count - 1));
  }
  return text;
}

std::string undecided_table(const Report& report, const Painter& painter) {
  Table table({{""}, {""}, {"", Table::Align::right}, {"", Table::Align::right}});
  for (const auto* const of_direction : {&report.result.strata, &report.result.gradients}) {
    for (const auto& [subject, strata] : *of_direction) {
      const bool is_backward = of_direction == &report.result.gradients;
      for (const auto& [stratum, counts] : strata) {
        const std::int64_t undecided =
            counts.verdicts[static_cast<std::size_t>(Verdict::undecided)];
        if (undecided == 0) continue;
        const std::int64_t asked = asked_of(counts);
        table.add({subject, (is_backward ? "gradients, " : "") + stratum,
                   fmt::format("{} of {}", grouped(undecided), grouped(asked)),
                   percent(undecided, asked)});
      }
    }
  }
  return table.text(painter, 5);
}

// What each subject took part in, where that is not everything, and how many combinations of traits
// it was asked.
std::string part_lines(const Report& report) {
  std::string text;
  for (const SubjectEntry& subject : report.subjects) {
    const Participation part = participation_of(report.result, subject.name);
    const std::string name = printable(subject.name);
    if (const std::string what = part_of(part); !what.empty()) {
      text += fmt::format("     {} takes part in {}\n", name, what);
    }
    if (!part.unsupported.empty()) {
      text += fmt::format("     {} takes no part in {}\n", name,
                          part.unsupported.size() == 1
                              ? '[' + printable(part.unsupported.front(), 60) + ']'
                              : counted(std::ssize(part.unsupported), "clause"));
    }
    for (const std::string& line : coverage_lines(part)) {
      text += fmt::format("     {}: {}\n", name, line);
    }
    if (const std::string what = gradient_part_of(part); !what.empty()) {
      text += fmt::format("     {} has gradients of {}\n", name, what);
    }
    if (const std::string why = why_no_gradients(report, subject.name); !why.empty()) {
      text += fmt::format("     {}: {}\n", name, why);
    }
  }
  return text;
}

}  // namespace

Table verdict_table(const Report& report, std::size_t most,
                    const std::function<Table::Cell(const std::string&)>& name_cell,
                    const std::function<Table::Cell(Verdict, std::int64_t)>& count_cell) {
  std::vector<std::array<std::int64_t, verdict_count>> totals;
  std::vector<std::string> whose;
  std::vector<std::int64_t> untested;  // clauses
  for (std::size_t i = 0; i < std::min(most, report.subjects.size()); ++i) {
    const std::string& subject = report.subjects[i].name;
    const auto add = [&](const std::array<std::int64_t, verdict_count>& counts,
                         const std::string& who, bool is_backward) {
      totals.push_back(counts);
      whose.push_back(who);
      untested.push_back(std::ranges::count_if(
          participation_of(report.result, subject).untested,
          [&](const std::string& clause) { return is_of_gradients(clause) == is_backward; }));
    };
    if (report.options.only != Direction::backward)
      add(totals_of(report.result, subject), subject, false);
    if (was_asked_gradients(report.result, subject))
      add(gradient_totals_of(report.result, subject), subject + ", gradients", true);
  }
  const bool all_tested = std::ranges::all_of(untested, [](std::int64_t n) { return n == 0; });
  const std::vector<Verdict> verdicts =
      occurring(totals, {Verdict::same_bits, Verdict::admissible});
  std::vector<Table::Column> columns = {{"subject"}};
  for (const Verdict verdict : verdicts) {
    columns.push_back({std::string(name(verdict)), Table::Align::right});
  }
  if (!all_tested) columns.push_back({"not tested", Table::Align::right});
  Table table(std::move(columns));
  for (std::size_t i = 0; i < totals.size(); ++i) {
    std::vector<Table::Cell> row = {name_cell(whose[i])};
    for (const Verdict verdict : verdicts) {
      row.push_back(count_cell(verdict, totals[i][static_cast<std::size_t>(verdict)]));
    }
    if (!all_tested) {
      row.emplace_back(counted(untested[i], "clause"), untested[i] == 0 ? Paint::dim : Paint::red);
    }
    table.add(std::move(row));
  }
  return table;
}

std::string render_summary(const FullReport& report, const std::string& folder,
                           const Painter& painter, std::size_t columns) {
  std::string text = painted_table(report, painter, columns);
  const auto section = [&](const std::string& heading, const std::string& body) {
    if (!body.empty()) text += '\n' + painter(Paint::bold, heading) + '\n' + body;
  };
  for (const std::string& sentence : gaps(report)) {
    text += '\n' + painter(Paint::red, sentence) + '\n';
  }
  section("Findings", finding_lines(report, painter, columns, !folder.empty()));
  section("Waivers", waiver_lines(report, painter));
  section("Remarks (they fail only with --strict)", remark_lines(report, painter));
  section(report.options.strict ? "Bias" : "Bias (it fails only with --strict)",
          bias_lines(report));
  section("Undecided", undecided_table(report, painter));
  section("What the run can exclude", exclusion_lines(report));
  section("What was asked", part_lines(report));
  text += '\n';
  if (!folder.empty())
    text += fmt::format("report: {}/report.md\n", printable(folder, folder.size()));
  const std::string outcome = outcome_of(report);
  text += painter(outcome == "passes" ? Paint::green
                  : passes(report)    ? Paint::yellow
                                      : Paint::red,
                  outcome) +
          '\n' + totals_line(report) + '\n';
  return text;
}

}  // namespace gridproof::reports
