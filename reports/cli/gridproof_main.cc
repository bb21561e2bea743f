// The program gridproof: all commands, and the programs beside it.
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

#include "reports/cli/foreign.h"
#include "reports/cli/process.h"
#include "reports/cli/roster.h"

namespace {

using gridproof::reports::ExitCode;

// The words as the system's calls take them: pointers, then a null.
std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> list;
  for (std::string& word : words) list.push_back(word.data());
  list.push_back(nullptr);
  return list;
}

// Replaces this process by that of `command` and further arguments.
std::function<ExitCode(const std::vector<std::string>&)> becoming(
    std::vector<std::string> command) {
  return [command =
              std::move(command)](const std::vector<std::string>& arguments) mutable -> ExitCode {
    command.insert(command.end(), arguments.begin(), arguments.end());
    execvp(command.front().c_str(), pointers(command).data());
    throw std::runtime_error(command.front() + " does not start");
  };
}

// Runs `command` with further arguments and waits for it; its exit status.
std::function<ExitCode(const std::vector<std::string>&)> running(std::vector<std::string> command) {
  return [command = std::move(command)](const std::vector<std::string>& arguments) -> ExitCode {
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
    return ExitCode{WEXITSTATUS(status)};
  };
}

}  // namespace

int main(int argc, char** argv) {
  using namespace gridproof::reports;
  return main_of(all_commands(), {argv, static_cast<std::size_t>(argc)}, [] {
    Context context = context_of_process(make_roster(program_folder()));
    if (const auto bench = bench_program(program_folder())) context.bench = becoming({*bench});
    context.peers = running({"python3", peers_program()});
    return context;
  });
}
