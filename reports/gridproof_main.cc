// The program: the process around reports/program.h.
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

#include "reports/program.h"
#include "reports/roster.h"

int main(int argc, char** argv) {
  using namespace gridproof::reports;
  std::ios::sync_with_stdio(false);
  const auto variable = [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return value;
  };
  const bool plain = !variable("NO_COLOR").value_or("").empty() || variable("TERM") == "dumb";
  Program program{.in = std::cin,
                  .out = std::cout,
                  .err = std::cerr,
                  .roster = make_roster(program_folder()),
                  .variable = variable,
                  .painter = Painter(!plain && is_terminal(STDOUT_FILENO)),
                  .progress = is_terminal(STDERR_FILENO)};
  if (const auto columns = columns_of_terminal(STDOUT_FILENO)) {
    program.columns = static_cast<std::size_t>(*columns);
  }
  if (const auto bench = bench_program(program_folder())) {
    program.bench = [path = bench->string()](std::vector<std::string> arguments) -> int {
      arguments.insert(arguments.begin(), path);
      std::vector<char*> words;
      for (std::string& word : arguments) words.push_back(word.data());
      words.push_back(nullptr);
      execv(path.c_str(), words.data());
      throw std::runtime_error(path + " does not start");
    };
  }
  return run(std::vector<std::string>(argv + 1, argv + argc), program);
}
