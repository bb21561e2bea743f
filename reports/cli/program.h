// The program `gridproof`: a command line, and the command that it names. Tested by program_test.cc
// (in process) and gridproof_test.cc (the built program).
#pragma once

#include <span>
#include <string>

#include "reports/cli/command.h"

namespace gridproof::reports {

using Commands = std::span<const Command* const>;

// All commands, in the order of the help (commands.cc).
Commands all_commands();

// Runs a command line, without the program's name. Whatever is wrong with it is one sentence on
// `err`.
ExitCode run(Commands commands, std::span<const std::string> arguments, const Context& context);

}  // namespace gridproof::reports
