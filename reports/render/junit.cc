#include "reports/render/junit.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <pugixml.hpp>
#include <sstream>
#include <utility>

#include "reports/text/text.h"

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

// A finding, and what is said of it.
struct Told {
  const Finding* finding = nullptr;
  const FindingText* text = nullptr;
};

// One finding in full, below the heading of its failure.
std::string finding_text(const Told& told) {
  const auto& [finding, text] = told;
  return fmt::format(
      "{}{}\n{}\ncase ({}): {}\n{}\n", text->excuse.empty() ? "" : '(' + text->excuse + ") ",
      statement_of(*text), whole_extent_of(*finding), text->place,
      text->is_short ? fmt::format("{}", fmt::join(text->lines, "\n")) : "too long for this page",
      text->replay);
}

// The test of a clause with findings: a failure, an error where the subject was lost, and skipped
// where each has an excuse.
void add_failed(pugi::xml_node test, const std::vector<Told>& findings, Tally& tally) {
  std::vector<Told> open;
  std::ranges::copy_if(findings, std::back_inserter(open),
                       [](const Told& told) { return told.text->excuse.empty(); });
  const std::vector<Told>& told = open.empty() ? findings : open;
  const auto& [finding, first] = told.front();
  std::string message = first->title;
  if (told.size() > 1) {
    message += fmt::format(", and {} more", counted(std::ssize(told) - 1, "finding"));
  }
  if (open.empty()) {
    ++tally.skipped;
    set(test.append_child("skipped"), "message", first->excuse + ": " + message);
    return;
  }
  const bool lost = finding->verdict == Verdict::lost;
  ++(lost ? tally.errors : tally.failures);
  pugi::xml_node failure = test.append_child(lost ? "error" : "failure");
  set(failure, "type", std::string(name(finding->verdict)));
  set(failure, "message", message);
  std::string text;
  for (const Told& one : findings) text += (text.empty() ? "" : "\n") + finding_text(one);
  failure.text().set(valid_text(text).c_str());
}

// What closes the gate beside findings fails like a subject: a waiver that does not hold, and what
// was left open.
Tally add_gate(pugi::xml_node suites, const Report& report) {
  Tally tally;
  pugi::xml_node suite = suites.append_child("testsuite");
  const auto add = [&](const std::string& test_name, const std::string& type,
                       const std::vector<std::string>& sentences) {
    pugi::xml_node test = add_test(suite, "gate", test_name, tally);
    if (sentences.empty()) return;
    ++tally.failures;
    pugi::xml_node failure = test.append_child("failure");
    set(failure, "type", type);
    set(failure, "message", fmt::format("{}", fmt::join(sentences, "; ")));
  };
  add("every waiver holds", "waiver", broken_waivers(report));
  add("everything was tested", "not tested", gaps(report));
  set(suite, "name", "gate");
  set_counts(suite, tally);
  set(suite, "skipped", "0");
  set(suite, "time", seconds(0));
  return tally;
}

// The test of a clause without findings. What nobody answered, or nobody could decide, is no
// success.
void add_clean(pugi::xml_node test, const ClauseResult& result, Tally& tally) {
  Counts proved = result.verdicts;
  proved[static_cast<std::size_t>(Verdict::unsupported)] = 0;
  proved[static_cast<std::size_t>(Verdict::undecided)] = 0;
  const bool is_proved = result.standing == Standing::tested &&
                         (result.decided > 0 || std::ranges::any_of(proved, [](std::int64_t count) {
                            return count != 0;
                          }));
  std::string said = counts_text(result.verdicts);
  const auto add = [&said](const std::string& text) {
    said = text + (said.empty() ? "" : ", " + said);
  };
  if (result.standing == Standing::untested) add("not tested");
  if (result.standing == Standing::unsupported) add("the subject takes no part");
  if (result.decided > 0) add("decided " + grouped(result.decided));
  if (is_proved) {
    test.append_child("system-out").text().set((said + '\n').c_str());
  } else {
    ++tally.skipped;
    set(test.append_child("skipped"), "message", said);
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

Tally add_suite(pugi::xml_node suites, const FullReport& report, const std::string& subject) {
  const CampaignResult& result = report.result;
  pugi::xml_node suite = suites.append_child("testsuite");
  add_properties(suite, report);
  Tally tally;
  // The names have no numbers of this run, so that services recognize a test the next time.
  std::map<std::string, std::vector<Told>>
      findings;  // by clause; those without an answer have none
  for (std::size_t i = 0; i < result.findings.size(); ++i) {
    const Finding& finding = result.findings[i];
    if (finding.subject != subject) continue;
    for (const ClauseCounts& of_clause : clauses_of(finding)) {
      findings[of_clause.clause].push_back({&finding, &report.findings[i]});
    }
  }
  std::map<std::string, ClauseResult> clauses;
  for (ClauseResult& clause : clause_results(result, subject)) {
    clauses[clause.clause] = std::move(clause);
  }
  for (const auto& [clause, unused] : findings) clauses[clause];
  for (const auto& [clause, counts] : clauses) {
    if (clause.empty()) continue;
    pugi::xml_node test = add_test(suite, subject, '[' + clause + ']', tally);
    if (const auto found = findings.find(clause); found != findings.end()) {
      add_failed(test, found->second, tally);
    } else {
      add_clean(test, counts, tally);
    }
  }
  pugi::xml_node whole = add_test(suite, subject, "every question gets an answer", tally);
  if (const auto found = findings.find(""); found != findings.end()) {
    add_failed(whole, found->second, tally);
  } else {
    Counts totals = totals_of(result, subject);
    const Counts of_gradients = gradient_totals_of(result, subject);
    for (std::size_t i = 0; i < verdict_count; ++i) totals[i] += of_gradients[i];
    add_clean(whole, {.verdicts = totals}, tally);
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

std::string render_junit(const FullReport& report) {
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
    add(add_suite(suites, report, subject.name));
  }
  add(add_gate(suites, report));
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
