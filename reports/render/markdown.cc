#include "reports/render/markdown.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <utility>

#include "reports/page/links.h"
#include "reports/render/snippets.h"
#include "reports/report/statistics.h"
#include "reports/text/table.h"
#include "reports/text/text.h"

namespace gridproof::reports {
namespace {

constexpr std::size_t max_features = 12;

std::string quoted(const std::string& text) {
  std::string quote = "> ";
  for (const char c : text) {
    quote += c;
    if (c == '\n') quote += "> ";
  }
  return quote + '\n';
}

std::string limits_text(const CampaignOptions& options) {
  std::string text;
  const auto add = [&](const std::string& limit) { text += (text.empty() ? "" : ", ") + limit; };
  if (options.max_cases) add(counted(*options.max_cases, "case"));
  if (options.max_samples) add(counted(*options.max_samples, "sample"));
  if (options.budget) add(fmt::format("{} s", static_cast<double>(options.budget->count()) / 1000));
  return text.empty() ? "the default run" : "at most " + text;
}

std::string how_it_was_made(const Report& report) {
  const CampaignOptions& options = report.options;
  std::string text = markdown_block("sh", report.command) + '\n';
  Table table({{"gridproof"}, {report.version}});
  for (const SubjectEntry& subject : report.subjects)
    table.add({subject.name, subject.description});
  table.add({"profile",
             fmt::format("{}{}", to_string(options.profile), options.strict ? ", strictly" : "")});
  table.add({"seed", std::to_string(options.seed)});
  table.add({"extent", limits_text(options)});
  if (options.shard.count > 1) {
    table.add({"shard", fmt::format("{} of {}", options.shard.index + 1, options.shard.count)});
  }
  table.add({"judged",
             fmt::format("{} in {}", asked_text(report), counted(report.result.cases, "case"))});
  for (const SubjectEntry& subject : report.subjects) {
    const Participation part = participation_of(report.result, subject.name);
    if (const std::string what = part_of(part); !what.empty()) {
      table.add({subject.name, "takes part in " + what});
    }
    for (const std::string& line : coverage_lines(part)) table.add({subject.name, line});
    if (const std::string what = gradient_part_of(part); !what.empty()) {
      table.add({subject.name, "has gradients of " + what});
    }
    if (const std::string why = why_no_gradients(report, subject.name); !why.empty()) {
      table.add({subject.name, why});
    }
  }
  return text + table.markdown();
}

using Counts = std::array<std::int64_t, verdict_count>;

void add_verdict_columns(std::vector<Table::Column>& columns,
                         const std::vector<Verdict>& verdicts) {
  for (const Verdict verdict : verdicts) {
    columns.push_back({std::string(name(verdict)), Table::Align::right});
  }
}

void add_verdict_cells(std::vector<Table::Cell>& row, const std::vector<Verdict>& verdicts,
                       const Counts& counts) {
  for (const Verdict verdict : verdicts) {
    row.emplace_back(grouped(counts[static_cast<std::size_t>(verdict)]));
  }
}

// Subject x clause, with the samples that were decided where that is known by clause. What is the
// reference's bits or admissible touches no clause in particular.
std::string summary_table(const Report& report) {
  std::vector<Counts> all;
  std::vector<Counts> gradients;
  for (const SubjectEntry& subject : report.subjects) {
    all.push_back(totals_of(report.result, subject.name));
    gradients.push_back(gradient_totals_of(report.result, subject.name));
  }
  std::vector<Counts> both = all;
  both.insert(both.end(), gradients.begin(), gradients.end());
  const std::vector<Verdict> verdicts = occurring(both, {Verdict::same_bits, Verdict::admissible});
  const bool by_clause = !report.result.participation.empty();
  std::vector<Table::Column> columns = {{"subject"}, {"clause"}};
  if (by_clause) columns.push_back({"decided", Table::Align::right});
  add_verdict_columns(columns, verdicts);
  Table table(std::move(columns));
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::string& subject = report.subjects[i].name;
    const Participation part = participation_of(report.result, subject);
    std::vector<Table::Cell> total = {Table::Cell::formatted("**" + markdown(subject) + "**"),
                                      Table::Cell::formatted("**all**")};
    if (by_clause) total.emplace_back(grouped(part.decided));
    add_verdict_cells(total, verdicts, all[i]);
    table.add(std::move(total));
    if (was_asked_gradients(report.result, subject)) {
      std::vector<Table::Cell> row = {"", Table::Cell::formatted("**all gradients**")};
      if (by_clause) row.emplace_back("");
      add_verdict_cells(row, verdicts, gradients[i]);
      table.add(std::move(row));
    }
    for (const ClauseResult& result : clause_results(report.result, subject)) {
      const std::string& clause = result.clause;
      std::vector<Table::Cell> row = {"", clause.empty() ? "none" : '[' + clause + ']'};
      if (by_clause) {
        row.push_back(result.standing == Standing::untested
                          ? Table::Cell::formatted("**not tested**")
                      : result.standing == Standing::unsupported ? Table::Cell("takes no part")
                      : result.decided == 0                      ? Table::Cell("")
                                            : Table::Cell(grouped(result.decided)));
      }
      add_verdict_cells(row, verdicts, result.verdicts);
      table.add(std::move(row));
    }
  }
  return table.markdown();
}

// The command, and the question on the pages of the specification, where these are known.
std::string replay_block(const FindingText& text) {
  const std::string address = text.lines.size() == 1 ? question_address(text.lines.front()) : "";
  return (text.is_short ? "" : "The case is too long for this page. ") +
         ('\n' + markdown_block("sh", text.replay)) +
         (address.empty() ? "" : "\n[This question with its picture](<" + address + ">)\n");
}

// Of gradients, a script that asks PyTorch alone, where a page can hold it.
std::string script_block(const Finding& finding) {
  const auto& backward = finding.incidents.front().backward;
  const std::string script = backward ? gradient_script(*backward) : "";
  return script.empty() ? "" : "\nIn PyTorch alone:\n\n" + markdown_block("python", script);
}

std::string evidence_table(const Finding& finding, const FindingEvidence& evidence) {
  const Incident& first = finding.incidents.front();
  Table table({{"element"}, {evidence.place}});
  const auto code = [](const std::string& value, const char* more = "") {
    return Table::Cell::formatted(markdown_code(value) + more);
  };
  table.add({"got", code(element_text(evidence.got, evidence.dtype))});
  table.add({"admissible",
             code(evidence.admissible, evidence.undecided ? "; being inside says nothing" : "")});
  table.add({"reference", code(element_text(evidence.reference, evidence.dtype))});
  if (!evidence.exact.empty()) table.add({"exact", code(evidence.short_exact)});
  table.add({"first seen", fmt::format("stratum {}, case {}", first.stratum, first.ordinal)});
  table.add({"how often", whole_extent_of(finding)});
  return table.markdown();
}

// How often for which questions, where that is more than one kind.
std::string feature_table(const Finding& finding) {
  if (finding.incidents.size() < 2) return "";
  std::vector<const Incident*> incidents;
  for (const Incident& incident : finding.incidents) incidents.push_back(&incident);
  std::ranges::stable_sort(incidents, std::greater{}, [](const Incident* i) { return i->samples; });
  const bool has_samples = !is_of_gradients(finding);
  std::vector<Table::Column> columns = {{"question"}};
  if (has_samples) columns.push_back({"samples", Table::Align::right});
  columns.push_back({"cases", Table::Align::right});
  Table table(std::move(columns));
  for (std::size_t i = 0; i < std::min(max_features, incidents.size()); ++i) {
    std::vector<Table::Cell> row = {printable(incidents[i]->features, 200)};
    if (has_samples) row.emplace_back(grouped(incidents[i]->samples));
    row.emplace_back(grouped(incidents[i]->cases));
    table.add(std::move(row));
  }
  std::string text = '\n' + table.markdown();
  if (incidents.size() > max_features) {
    const std::ptrdiff_t more = std::ssize(incidents) - std::ptrdiff_t{max_features};
    text += fmt::format("\n… and {} of question more, in report.json.\n", counted(more, "kind"));
  }
  return text;
}

std::string finding_section(const Finding& finding, const FindingText& told, std::size_t number) {
  std::string text = fmt::format("### {}. {}{}\n\n{}", number, markdown(told.title),
                                 told.excuse.empty() ? "" : " (" + markdown(told.excuse) + ')',
                                 markdown(told.sentence));
  if (!told.cause.empty()) text += ' ' + markdown(told.cause);
  text += "\n\n";
  if (!told.clauses.empty()) text += markdown(told.clauses) + "\n\n";
  if (const Clause* clause = find_clause(finding.clause)) {
    text += quoted(fmt::format("**[{}]** ({}): {}", clause->name, clause->status, clause->text));
  }
  return text + replay_block(told) + script_block(finding) + '\n' +
         evidence_table(finding, told.evidence.front()) + feature_table(finding) + '\n';
}

std::string remark_section(const Finding& remark, const FindingText& told, std::size_t number) {
  return fmt::format("### Remark {}. {}\n\n{} {}.\n{}\n", number, markdown(told.title),
                     markdown(told.sentence), whole_extent_of(remark), replay_block(told));
}

std::string waiver_section(const Report& report) {
  if (report.result.waivers.empty()) return {};
  std::string text = "\n## Waivers\n\n";
  Table table(
      {{"waiver"}, {"fail", Table::Align::right}, {"covered", Table::Align::right}, {"reason"}});
  for (const WaiverOutcome& outcome : report.result.waivers) {
    table.add({printable(outcome.waiver.name, 100), grouped(outcome.waived),
               grouped(outcome.covered),
               printable(outcome.waiver.reason + ' ' + outcome.waiver.link, 400)});
  }
  text += table.markdown() + '\n';
  for (const std::string& sentence : broken_waivers(report))
    text += "- **" + markdown(sentence) + "**\n";
  return text;
}

// `unit`: what they count.
std::string strata_table(
    const std::map<std::string, std::map<std::string, StratumCounts>>& of_subjects,
    const std::string& unit) {
  std::vector<Counts> all;
  for (const auto& [subject, strata] : of_subjects) {
    for (const auto& [stratum, counts] : strata) all.push_back(counts.verdicts);
  }
  const std::vector<Verdict> verdicts = occurring(all, {Verdict::undecided});
  std::vector<Table::Column> columns = {
      {"subject"}, {"stratum"}, {"cases", Table::Align::right}, {unit, Table::Align::right}};
  add_verdict_columns(columns, verdicts);
  columns.push_back({"undecided share", Table::Align::right});
  Table table(std::move(columns));
  for (const auto& [subject, strata] : of_subjects) {
    for (const auto& [stratum, counts] : strata) {
      const std::int64_t asked = asked_of(counts);
      std::vector<Table::Cell> row = {subject, stratum, grouped(counts.cases), grouped(asked)};
      add_verdict_cells(row, verdicts, counts.verdicts);
      row.emplace_back(
          percent(counts.verdicts[static_cast<std::size_t>(Verdict::undecided)], asked));
      table.add(std::move(row));
    }
  }
  return table.markdown();
}

}  // namespace

std::string render_markdown(const FullReport& report) {
  const CampaignResult& result = report.result;
  std::string text = "# grid_sample: ";
  for (std::size_t i = 0; i < report.subjects.size(); ++i) {
    text += (i > 0 ? ", " : "") + markdown(report.subjects[i].name, 100);
  }
  text += fmt::format(
      "\n\n{} judged against the documentation of `torch.nn.functional.grid_sample`: **{}**, {} "
      "undecided. The gate: **{}**.\n\n",
      asked_text(report), counted(std::ssize(result.findings), "finding"),
      grouped(undecided_of(report)), markdown(outcome_of(report)));
  for (const std::string& sentence : gaps(report)) text += "**" + markdown(sentence) + "**\n\n";
  text += how_it_was_made(report);
  text += "\n## Summary\n\n" + summary_table(report);
  text += "\n## Findings\n\n";
  if (result.findings.empty()) text += "None.\n";
  for (std::size_t i = 0; i < result.findings.size(); ++i) {
    text += finding_section(result.findings[i], report.findings[i], i + 1);
  }
  text += waiver_section(report);
  if (!result.remarks.empty()) {
    text +=
        "\n## Remarks\n\nWhat an open clause leaves free, and answers that only a looser profile "
        "explains. They fail only with `--strict`.\n\n";
    for (std::size_t i = 0; i < result.remarks.size(); ++i) {
      text += remark_section(result.remarks[i], report.remarks[i], i + 1);
    }
  }
  if (const auto biases = biases_of(report); !biases.empty()) {
    text +=
        "\n## Bias\n\nEach of these results may be admissible; together they lean to one side. "
        "This fails only with "
        "`--strict`.\n\n";
    for (const auto& [subject, bias] : biases)
      text += fmt::format("- {}: {}.\n", printable(subject, 100), sentence_of(bias));
  }
  text +=
      "\n## What the run can exclude\n\nThe probability that an error is missed which strikes each "
      "sample with the same probability, one independently of the other.\n\n" +
      exclusion_table(report);
  text += "\n## Strata\n\nWhere in the domain the cases come from.\n\n" +
          strata_table(result.strata, "samples");
  if (!result.gradients.empty()) text += '\n' + strata_table(result.gradients, "gradients");
  return text;
}

}  // namespace gridproof::reports
