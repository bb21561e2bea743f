#include <fmt/core.h>

#include <algorithm>

#include "reports/cli/command.h"
#include "reports/cli/foreign.h"
#include "reports/cli/help.h"
#include "reports/cli/options.h"
#include "reports/cli/select.h"
#include "reports/text/input_error.h"
#include "reports/text/text.h"

namespace gridproof::reports {
namespace {

// Why there is no benchmark, and the command that builds one.
std::string obstacle(const std::vector<SubjectEntry>& roster) {
  const auto torch = std::ranges::find_if(roster, is_torch, &SubjectEntry::name);
  if (torch == roster.end()) {
    return "no LibTorch was built with this program (CMake: GRIDPROOF_LIBTORCH), so bench has "
           "nothing to compare with";
  }
  return fmt::format("the benchmark is not built: cmake --build {} --target gridproof-bench-{}",
                     shell_quoted(program_folder().string()),
                     torch->name.substr(torch->name.find('-') + 1));
}

// The benchmark is a program of its own, because LibTorch is in it, and has its own options.
ExitCode execute(const HandedOn& arguments, const Context& program) {
  const std::vector<std::string> given = arguments.app->remaining();
  if (program.bench) return program.bench(given);
  const bool asks = std::ranges::any_of(
      given, [](const std::string& option) { return option == "--help" || option == "-h"; });
  const std::string why = obstacle(program.roster);
  if (!asks) throw InputError(why);
  program.out << arguments.app->help("gridproof") << '\n'
              << wrapped("Its options are not listed here, because " + why, program.help_columns, 0,
                         0)
              << '\n';
  return ExitCode::ok;
}

}  // namespace

namespace commands {
extern const Command bench = {.name = "bench",
                              .group = Group::more,
                              .summary = "Time the fast kernels against LibTorch",
                              .example = "gridproof bench --quick",
                              .prepare = prepare<HandedOn, hand_on, execute>};
}  // namespace commands

}  // namespace gridproof::reports
