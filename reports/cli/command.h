// What a command is, and what it is given. Nothing here asks the process for anything, so that a
// test is as good a caller as a shell.
#pragma once

#include <cstddef>
#include <functional>
#include <istream>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "reference/contract/subject.h"
#include "reports/cli/arguments.h"
#include "reports/text/table.h"

namespace CLI {  // NOLINT(readability-identifier-naming): the library's
class App;
}

namespace gridproof::reports {

enum class ExitCode : int { ok = 0, findings = 1, usage_error = 2 };

struct Context {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  std::vector<SubjectEntry> roster;  // as make_roster makes it
  Environment variable;
  Painter painter;            // for `out`
  bool progress = false;      // whether `err` is a terminal
  std::size_t columns = 240;  // where long case lines are cut
  std::size_t help_columns = 80;
  // Runs the benchmark's program with these arguments; empty if none was built.
  std::function<ExitCode(const std::vector<std::string>&)> bench = nullptr;
  // Runs the program that manages peers with these arguments.
  std::function<ExitCode(const std::vector<std::string>&)> peers = nullptr;
};

// What a command does once its options are parsed. Throws InputError for what it cannot work with.
using Execution = std::function<ExitCode(const Context&)>;

enum class Group { judge, wrong_values, meaning, more };

struct Command {
  std::string_view name;
  Group group;
  std::string_view summary;         // in the list of all commands
  std::string_view example;         // a command line, and what else is to stand below the options
  Execution (*prepare)(CLI::App&);  // adds the options
};

// The `prepare` of a command whose options are written into its Arguments.
template <class Arguments, void (*options)(CLI::App&, Arguments&),
          ExitCode (*execute)(const Arguments&, const Context&)>
Execution prepare(CLI::App& app) {
  const auto arguments = std::make_shared<Arguments>();
  options(app, *arguments);
  return [arguments](const Context& context) { return execute(*arguments, context); };
}

}  // namespace gridproof::reports
