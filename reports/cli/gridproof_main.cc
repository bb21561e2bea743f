// The program: the process around reports/cli/program.h.
#include <malloc.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "reports/cli/help.h"
#include "reports/cli/program.h"
#include "reports/cli/registry.h"

namespace {

// The words as the system's calls take them: pointers, then a null.
std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> list;
  for (std::string& word : words) list.push_back(word.data());
  list.push_back(nullptr);
  return list;
}

// Replaces this process by that of `command` and further arguments.
std::function<int(const std::vector<std::string>&)> becoming(std::vector<std::string> command) {
  return [command = std::move(command)](const std::vector<std::string>& arguments) mutable -> int {
    command.insert(command.end(), arguments.begin(), arguments.end());
    execvp(command.front().c_str(), pointers(command).data());
    throw std::runtime_error(command.front() + " does not start");
  };
}

// Runs `command` with further arguments and waits for it; its exit status.
std::function<int(const std::vector<std::string>&)> running(std::vector<std::string> command) {
  return [command = std::move(command)](const std::vector<std::string>& arguments) -> int {
    std::vector<std::string> all = command;
    all.insert(all.end(), arguments.begin(), arguments.end());
    std::cout.flush();
    pid_t child = 0;
    int status = 0;
    if (posix_spawnp(&child, all.front().c_str(), nullptr, nullptr, pointers(all).data(),
                     environ) != 0 ||
        waitpid(child, &status, 0) != child || !WIFEXITED(status)) {
      throw std::runtime_error(all.front() + " does not run");
    }
    return WEXITSTATUS(status);
  };
}

int run_with(int argc, char** argv) {
  using namespace gridproof::reports;
  std::ios::sync_with_stdio(false);
  // What cannot be written because a file would be too large is told like a full disk.
  std::signal(SIGXFSZ, SIG_IGN);
  // Images come and go: memory that is given back to the kernel each time costs a third of the
  // time.
  mallopt(M_MMAP_THRESHOLD, std::numeric_limits<int>::max());
  mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
  const auto variable = [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return value;
  };
  const bool plain = !variable("NO_COLOR").value_or("").empty() || variable("TERM") == "dumb";
  Context program{.in = std::cin,
                  .out = std::cout,
                  .err = std::cerr,
                  .roster = make_roster(program_folder()),
                  .variable = variable,
                  .painter = Painter(!plain && is_terminal(STDOUT_FILENO)),
                  .progress = is_terminal(STDERR_FILENO)};
  const std::optional<int> columns = columns_of_terminal(STDOUT_FILENO);
  if (columns) program.columns = static_cast<std::size_t>(*columns);
  program.help_columns = help_columns(columns, variable);
  if (const auto bench = bench_program(program_folder())) program.bench = becoming({*bench});
  program.peers = running({"python3", peers_program()});
  return run(std::vector<std::string>(argv + std::min(argc, 1), argv + argc), program);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run_with(argc, argv);
  } catch (const std::exception& error) {  // before the program is there, or when it is over
    std::fprintf(stderr, "gridproof: it does not start: %s\n", error.what());
    return gridproof::reports::bad_input;
  }
}
