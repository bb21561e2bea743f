#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <map>

#include "reference/semantics/clauses.h"
#include "reports/cli/command.h"
#include "reports/cli/write_files.h"
#include "reports/report/report.h"
#include "reports/site/site.h"
#include "reports/text/input_error.h"
#include "reports/text/text.h"
#include "reports/text/text_file.h"

namespace gridproof::reports {
namespace {

struct Arguments {
  std::optional<std::string> wanted;  // a clause, or words to look for
  std::string folder;                 // for pages
  std::string matrix;                 // who obeys, for these
  std::string answers;                // and their answers to the cases of the clauses
};

struct Executed {
  const Clause* clause;
  std::vector<Outcome> outcomes;

  [[nodiscard]] std::int64_t passed() const {
    return std::ranges::count_if(outcomes, &Outcome::passed);
  }
  [[nodiscard]] bool holds() const {
    return !outcomes.empty() && std::ranges::all_of(outcomes, &Outcome::passed);
  }
};

Executed executed(const Clause& clause) {
  Executed result{.clause = &clause};
  for (const ClauseCase& test_case : clause.cases) result.outcomes.push_back(run(test_case));
  return result;
}

ExitCode print_all(const Context& program) {
  Table table({{"clause"}, {"status"}, {"cases", Table::Align::right}});
  std::map<std::string_view, bool> holds;
  std::map<std::string_view, std::int64_t> by_status;
  std::vector<std::string_view> statuses;
  std::int64_t cases = 0;
  std::int64_t passed = 0;
  for (const Clause& clause : clauses()) {
    const Executed result = executed(clause);
    const auto total = static_cast<std::int64_t>(result.outcomes.size());
    cases += total;
    passed += result.passed();
    holds[clause.name] = result.holds();
    if (by_status[clause.status]++ == 0) statuses.push_back(clause.status);
    table.add({clause.name,
               clause.status,
               {fmt::format("{}/{}", result.passed(), total),
                result.holds() ? Paint::green : Paint::red}});
  }
  program.out << table.text(program.painter) << '\n'
              << counted(static_cast<std::int64_t>(clauses().size()), "clause") << ": ";
  for (std::size_t i = 0; i < statuses.size(); ++i) {
    program.out << (i > 0 ? ", " : "") << by_status[statuses[i]] << ' ' << statuses[i];
  }
  program.out << fmt::format("; {} of {} {}\n", passed, counted(cases, "case"),
                             passed == 1 ? "passes" : "pass");

  // A statement is covered when every clause that says it has cases and all of them pass.
  std::int64_t covered = 0;
  std::int64_t without_rule = 0;
  for (const Statement& statement : documentation()) {
    if (statement.clauses.empty()) {
      ++without_rule;
    } else if (std::ranges::all_of(statement.clauses,
                                   [&](const std::string& name) { return holds[name]; })) {
      ++covered;
    }
  }
  const auto statements = static_cast<std::int64_t>(documentation().size());
  if (without_rule > 0) {
    program.out << counted(without_rule, "statement")
                << " of the documentation give no rule about values\n";
  }
  program.out << fmt::format("{} of {} documentation statements covered\n", covered,
                             statements - without_rule);
  return passed == cases && covered == statements - without_rule ? ExitCode::ok
                                                                 : ExitCode::findings;
}

ExitCode print_one(const Clause& clause, const Context& program) {
  const Executed result = executed(clause);
  program.out << program.painter(Paint::bold, '[' + clause.name + ']') << ' ' << clause.status
              << "\n\n"
              << clause.text << '\n';
  for (std::size_t i = 0; i < clause.formulas.size(); ++i) {
    program.out << (i == 0 ? "\n" : "") << "    " << clause.formulas[i] << '\n';
  }
  for (const Outcome& outcome : result.outcomes) {
    program.out << '\n'
                << outcome.test_case << '\n'
                << "  expected  " << outcome.expected << '\n'
                << "  got       "
                << program.painter(outcome.passed ? Paint::green : Paint::red, outcome.got) << '\n';
  }
  program.out << fmt::format("\n{} of {} {}\n", result.passed(),
                             counted(static_cast<std::int64_t>(result.outcomes.size()), "case"),
                             result.passed() == 1 ? "passes" : "pass");
  return result.holds() ? ExitCode::ok : ExitCode::findings;
}

// What is about these words.
ExitCode print_found(const std::string& words, const Context& program) {
  const std::vector<site::Hit> hits = site::search(words);
  if (hits.empty()) {
    std::vector<std::string> names;
    for (const Clause& known : clauses()) names.push_back(known.name);
    const std::vector<std::string> near = similar(words, names);
    throw InputError(fmt::format("no clause is named '{0}' or speaks of it: {1}",
                                 printable(words, 60),
                                 near.empty() ? "expected one that 'gridproof spec' lists"
                                              : "did you mean " + alternatives(near) + "?"));
  }
  Table table({{""}, {""}});
  for (const site::Hit& hit : hits) table.add({{hit.name, Paint::bold}, hit.sentence});
  program.out << table.text(program.painter) << "\n'gridproof spec NAME' prints one\n";
  return ExitCode::ok;
}

ExitCode write_pages(const Arguments& arguments, const Context& program) {
  const site::Obedience obedience =
      arguments.matrix.empty()
          ? site::kept_obedience()
          : site::read_obedience(
                text_of_file(arguments.matrix),
                arguments.answers.empty() ? std::string() : text_of_file(arguments.answers));
  const auto files = site::make_site(GRIDPROOF_VERSION, obedience);
  replace_folder(arguments.folder, files);
  std::size_t size = 0;
  for (const auto& [name, contents] : files) size += contents.size();
  program.out << fmt::format("wrote {} with {}, {} kB in all; open {}\n",
                             counted(static_cast<std::int64_t>(files.size()), "file"),
                             counted(static_cast<std::int64_t>(clauses().size()), "clause"),
                             size / 1000,
                             (std::filesystem::path(arguments.folder) / "index.html").string());
  return ExitCode::ok;
}

void options(CLI::App& app, Arguments& arguments) {
  app.add_option("clause", arguments.wanted,
                 "A clause to show with its text and cases, or words to look for")
      ->type_name("CLAUSE|WORDS");
  CLI::Option* html =
      app.add_option("--html", arguments.folder,
                     "Write the specification as pages into this folder; what this command wrote "
                     "there before is replaced")
          ->type_name("DIR");
  app.add_option("--matrix", arguments.matrix,
                 "Whose results the pages show: matrix.json of 'gridproof matrix' [the ones of "
                 "this release]")
      ->type_name("FILE")
      ->needs(html);
  app.add_option("--answers", arguments.answers, "The answers.json beside it [none]")
      ->type_name("FILE")
      ->needs("--matrix");
}

ExitCode execute(const Arguments& arguments, const Context& program) {
  if (!arguments.folder.empty()) return write_pages(arguments, program);
  if (!arguments.wanted) return print_all(program);
  std::string name = *arguments.wanted;
  if (name.starts_with('[') && name.ends_with(']')) name = name.substr(1, name.size() - 2);
  const Clause* clause = find_clause(name);
  return clause != nullptr ? print_one(*clause, program) : print_found(name, program);
}

}  // namespace

namespace commands {
extern const Command spec = {
    .name = "spec",
    .group = Group::meaning,
    .summary = "List the clauses of the specification and run their cases, or write them as pages",
    .example = "gridproof spec coord.nan",
    .prepare = prepare<Arguments, options, execute>};
}  // namespace commands

}  // namespace gridproof::reports
