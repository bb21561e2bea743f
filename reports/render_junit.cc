#include "reports/render_junit.h"

#include <fmt/core.h>

#include <algorithm>
#include <pugixml.hpp>
#include <set>
#include <sstream>

#include "reports/findings/text.h"

namespace gridproof::reports {
namespace {

using Counts = std::array<std::int64_t, verdict_count>;

// What a suite counts.
struct Tally {
  std::size_t tests = 0;
  std::size_t failures = 0;
  std::size_t errors = 0;
  std::size_t skipped = 0;
};

void set(pugi::xml_node node, const char* attribute, const std::string& value) {
  node.append_attribute(attribute).set_value(valid_text(value).c_str());
}

// The schema wants three decimals at most.
std::string seconds(double time) { return fmt::format("{:.3f}", std::max(time, 0.0)); }

void set_counts(pugi::xml_node node, const Tally& tally) {
  set(node, "tests", std::to_string(tally.tests));
  set(node, "failures", std::to_string(tally.failures));
  set(node, "errors", std::to_string(tally.errors));
}

std::string clause_text(const std::string& clause) {
  return clause.empty() ? "no clause" : '[' + clause + ']';
}

// "latitude 1,000, undecided 5".
std::string counts_text(const Counts& counts) {
  std::string text;
  for (const auto& [verdict, name] : names<Verdict>) {
    const std::int64_t count = counts[static_cast<std::size_t>(verdict)];
    if (count != 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name, grouped(count));
  }
  return text;
}

pugi::xml_node add_test(pugi::xml_node suite, const std::string& subject, const std::string& name,
                        Tally& tally) {
  ++tally.tests;
  pugi::xml_node test = suite.append_child("testcase");
  set(test, "name", name);
  set(test, "classname", subject);
  return test;
}

void add_finding(pugi::xml_node suite, const Report& report, const Finding& finding,
                 std::size_t line, Tally& tally) {
  const bool lost = finding.verdict == Verdict::lost;
  const std::string verdict(name(finding.verdict));
  // The name has no numbers of this run, so that services recognize a test the next time.
  const bool explained = !finding.cause.empty() && finding.cause != verdict;
  pugi::xml_node test = add_test(
      suite, finding.subject,
      fmt::format("{}{}{}", finding.clause.empty() ? "" : clause_text(finding.clause) + ' ',
                  verdict, explained ? ": " + printable(finding.cause, 200) : ""),
      tally);
  if (const std::string excuse = excuse_of(finding); !excuse.empty()) {
    ++tally.skipped;
    set(test.append_child("skipped"), "message",
        excuse + ": " + title_of(finding, report.options.profile));
    return;
  }
  ++(lost ? tally.errors : tally.failures);
  pugi::xml_node failure = test.append_child(lost ? "error" : "failure");
  set(failure, "type", verdict);
  set(failure, "message", title_of(finding, report.options.profile));
  const std::string question = to_line(finding.incidents.front().reduced);
  const std::string text = fmt::format(
      "{}\n{} in {}\ncase ({}:{}): {}\n{}\n", statement_of(finding, report.options.profile),
      counted(finding.samples, "sample"), counted(cases_of(finding), "case"), case_file_name, line,
      question.size() <= longest_case ? question : "too long for this page",
      replay_command(report, finding, line));
  failure.text().set(valid_text(text).c_str());
}

// A waiver that does not hold fails like a subject.
Tally add_waivers(pugi::xml_node suites, const Report& report) {
  Tally tally;
  const std::vector<std::string> sentences = broken_waivers(report);
  if (sentences.empty()) return tally;
  pugi::xml_node suite = suites.append_child("testsuite");
  for (const std::string& sentence : sentences) {
    pugi::xml_node test = add_test(suite, "waivers", sentence, tally);
    ++tally.failures;
    pugi::xml_node failure = test.append_child("failure");
    set(failure, "type", "waiver");
    set(failure, "message", sentence);
  }
  set(suite, "name", "waivers");
  set_counts(suite, tally);
  set(suite, "skipped", "0");
  set(suite, "time", seconds(0));
  return tally;
}

// Samples without findings. What nobody answered, or nobody could decide, is no success.
void add_clean(pugi::xml_node suite, const std::string& subject, const std::string& name,
               const Counts& counts, Tally& tally) {
  pugi::xml_node test = add_test(suite, subject, name, tally);
  Counts proved = counts;
  proved[static_cast<std::size_t>(Verdict::unsupported)] = 0;
  proved[static_cast<std::size_t>(Verdict::undecided)] = 0;
  if (std::ranges::all_of(proved, [](std::int64_t count) { return count == 0; })) {
    ++tally.skipped;
    set(test.append_child("skipped"), "message", counts_text(counts));
  } else {
    test.append_child("system-out").text().set((counts_text(counts) + '\n').c_str());
  }
}

void add_properties(pugi::xml_node suite, const Report& report) {
  pugi::xml_node properties = suite.append_child("properties");
  const auto add = [&](const std::string& name, const std::string& value) {
    pugi::xml_node property = properties.append_child("property");
    set(property, "name", name);
    set(property, "value", value);
  };
  add("gridproof", report.version);
  add("command", report.command);
  add("profile", to_string(report.options.profile));
}

Tally add_suite(pugi::xml_node suites, const Report& report, const CaseFile& cases,
                const std::string& subject) {
  const CampaignResult& result = report.result;
  pugi::xml_node suite = suites.append_child("testsuite");
  add_properties(suite, report);
  Tally tally;
  std::set<std::string> with_findings;
  for (std::size_t i = 0; i < result.findings.size(); ++i) {
    if (result.findings[i].subject != subject) continue;
    add_finding(suite, report, result.findings[i], cases.findings[i], tally);
    for (const ClauseCounts& of_clause : clauses_of(result.findings[i])) {
      with_findings.insert(of_clause.clause);
    }
  }
  if (const auto clauses = result.clauses.find(subject); clauses != result.clauses.end()) {
    for (const auto& [clause, counts] : clauses->second) {
      const bool touched =
          std::ranges::any_of(counts, [](std::int64_t count) { return count > 0; });
      if (touched && !with_findings.contains(clause)) {
        add_clean(suite, subject, clause_text(clause), counts, tally);
      }
    }
  }
  // A suite without tests reads as one that did not run.
  if (tally.tests == 0) {
    add_clean(suite, subject, "every sample", totals_of(result, subject), tally);
  }
  set(suite, "name", subject);
  set_counts(suite, tally);
  set(suite, "skipped", std::to_string(tally.skipped));
  if (result.elapsed.count() > 0) {  // a merged report does not know it
    // The subjects are asked side by side; the time is all of theirs.
    set(suite, "time",
        seconds(result.elapsed.count() / static_cast<double>(report.subjects.size())));
  }
  return tally;
}

}  // namespace

std::string render_junit(const Report& report, const CaseFile& cases) {
  pugi::xml_document document;
  pugi::xml_node declaration = document.append_child(pugi::node_declaration);
  set(declaration, "version", "1.0");
  set(declaration, "encoding", "UTF-8");
  pugi::xml_node suites = document.append_child("testsuites");
  Tally all;
  const auto add = [&all](const Tally& tally) {
    all.tests += tally.tests;
    all.failures += tally.failures;
    all.errors += tally.errors;
  };
  for (const SubjectEntry& subject : report.subjects) {
    add(add_suite(suites, report, cases, subject.name));
  }
  add(add_waivers(suites, report));
  set(suites, "name", "gridproof");
  set_counts(suites, all);
  if (report.result.elapsed.count() > 0) {
    set(suites, "time", seconds(report.result.elapsed.count()));
  }
  std::ostringstream text;
  document.save(text, "  ", pugi::format_indent, pugi::encoding_utf8);
  return text.str();
}

}  // namespace gridproof::reports
