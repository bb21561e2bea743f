#include <fmt/core.h>

#include <algorithm>
#include <exception>

#include "reports/cli/command.h"
#include "reports/cli/options.h"
#include "reports/cli/select.h"
#include "reports/text/text.h"

namespace gridproof::reports {
namespace {

struct Arguments {
  bool controls = false;
};

// Why the subject does not start, if it does not.
std::optional<std::string> obstacle(const SubjectEntry& entry) {
  try {
    entry.open();
    return std::nullopt;
  } catch (const std::exception& error) {
    return printable(error.what(), 200);
  }
}

void options(CLI::App& app, Arguments& arguments) {
  app.add_flag("--controls", arguments.controls,
               "List the controls instead: conforming variations, biased variations, and mutants");
  add_isolation(app);
}

ExitCode execute(const Arguments& arguments, const Context& program) {
  Table table({{"subject"}, {"starts"}, {"description"}});
  for (const SubjectEntry& entry : program.roster) {
    if (is_control(entry.name) != arguments.controls) continue;
    const auto why = obstacle(entry);
    table.add({{entry.name, Paint::bold},
               why ? Table::Cell("no", Paint::red) : Table::Cell("yes", Paint::green),
               entry.description + (why ? ": " + *why : "")});
  }
  program.out << table.text(program.painter);
  if (arguments.controls) return ExitCode::ok;
  if (std::ranges::none_of(program.roster, is_torch, &SubjectEntry::name)) {
    program.out << "\nNo LibTorch was built with this program (CMake: GRIDPROOF_LIBTORCH).\n";
  }
  program.out << "\nThe torch of a Python, $GRIDPROOF_PYTHON or python3, is the subject torch, or "
                 "torch:cuda on "
                 "a device.\n";
  if (const auto controls =
          std::ranges::count_if(program.roster, is_control, &SubjectEntry::name)) {
    program.out << fmt::format("\n{} that test the judge itself: gridproof subjects --controls\n",
                               counted(controls, "control"));
  }
  return ExitCode::ok;
}

}  // namespace

namespace commands {
extern const Command subjects = {.name = "subjects",
                                 .group = Group::more,
                                 .summary = "List the subjects and whether they start",
                                 .example = "gridproof subjects",
                                 .prepare = prepare<Arguments, options, execute>};
}  // namespace commands

}  // namespace gridproof::reports
