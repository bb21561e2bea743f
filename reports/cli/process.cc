#include "reports/cli/process.h"

#include <malloc.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "reports/cli/help.h"
#include "reports/text/terminal.h"

namespace gridproof::reports {

Context context_of_process(std::vector<SubjectEntry> roster) {
  const auto variable = [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return value;
  };
  const bool plain = !variable("NO_COLOR").value_or("").empty() || variable("TERM") == "dumb";
  Context context{.in = std::cin,
                  .out = std::cout,
                  .err = std::cerr,
                  .roster = std::move(roster),
                  .variable = variable,
                  .painter = Painter(!plain && is_terminal(STDOUT_FILENO)),
                  .progress = is_terminal(STDERR_FILENO)};
  const std::optional<int> columns = columns_of_terminal(STDOUT_FILENO);
  if (columns) context.columns = static_cast<std::size_t>(*columns);
  context.help_columns = help_columns(columns, variable);
  return context;
}

int main_of(Commands commands, std::span<char* const> words,
            const std::function<Context()>& make_context) {
  try {
    std::ios::sync_with_stdio(false);
    // What cannot be written because a file would be too large is told like a full disk.
    std::signal(SIGXFSZ, SIG_IGN);
    // Images come and go: memory that is given back to the kernel each time costs a third of the
    // time.
    mallopt(M_MMAP_THRESHOLD, std::numeric_limits<int>::max());
    mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
    const Context context = make_context();
    if (!words.empty()) words = words.subspan(1);  // the name of the program
    const std::vector<std::string> arguments(words.begin(), words.end());
    return static_cast<int>(run(commands, arguments, context));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "gridproof: cannot start: %s\n", error.what());
    return static_cast<int>(ExitCode::usage_error);
  }
}

}  // namespace gridproof::reports
