#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>

#include "reference/semantics/clauses.h"
#include "reports/cli/command.h"
#include "reports/report/report.h"
#include "reports/text/input_error.h"
#include "reports/text/text.h"

namespace gridproof::reports {
namespace {

struct Arguments {
  std::optional<std::string> clause;
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

ExitCode print_one(const std::string& wanted, const Context& program) {
  const std::string name = wanted.starts_with('[') && wanted.ends_with(']')
                               ? wanted.substr(1, wanted.size() - 2)
                               : wanted;
  const Clause* clause = find_clause(name);
  if (clause == nullptr) {
    std::vector<std::string> names;
    for (const Clause& known : clauses()) names.push_back(known.name);
    const std::vector<std::string> near = similar(name, names);
    throw InputError(fmt::format("there is no clause '{}': {}", printable(name, 60),
                                 near.empty() ? "expected one that 'gridproof spec' lists"
                                              : "did you mean " + alternatives(near) + "?"));
  }
  const Executed result = executed(*clause);
  program.out << program.painter(Paint::bold, '[' + clause->name + ']') << ' ' << clause->status
              << "\n\n"
              << clause->text << '\n';
  for (std::size_t i = 0; i < clause->formulas.size(); ++i) {
    program.out << (i == 0 ? "\n" : "") << "    " << clause->formulas[i] << '\n';
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

void options(CLI::App& app, Arguments& arguments) {
  app.add_option("clause", arguments.clause, "A clause to show with its text and cases")
      ->type_name("CLAUSE");
}

ExitCode execute(const Arguments& arguments, const Context& program) {
  return arguments.clause ? print_one(*arguments.clause, program) : print_all(program);
}

}  // namespace

namespace commands {
extern const Command spec = {.name = "spec",
                             .group = Group::meaning,
                             .summary = "List the clauses of the specification and run their cases",
                             .example = "gridproof spec coord.nan",
                             .prepare = prepare<Arguments, options, execute>};
}  // namespace commands

}  // namespace gridproof::reports
