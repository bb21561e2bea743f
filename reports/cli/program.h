// The program `gridproof`: what it is given, and its subcommands. Nothing below asks the process
// for anything, so that a test is as good a caller as a shell. Tested by program_test.cc (in
// process) and gridproof_test.cc (the built program).
#pragma once

#include <cstddef>
#include <functional>
#include <istream>
#include <ostream>
#include <span>
#include <string>
#include <vector>

#include "reference/contract/subject.h"
#include "reports/cli/arguments.h"
#include "reports/text/terminal.h"

namespace gridproof::reports {

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
  std::function<int(const std::vector<std::string>&)> bench = nullptr;
  // Runs the program that manages peers with these arguments.
  std::function<int(const std::vector<std::string>&)> peers = nullptr;
};

// The exit code.
enum Exit : int { conforms = 0, findings = 1, bad_input = 2 };

// Runs a command line, without the program's name. Whatever is wrong with it is one sentence on
// `err`. Returns the exit code.
int run(std::span<const std::string> arguments, const Context& program);

}  // namespace gridproof::reports
