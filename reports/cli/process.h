// The process around a program of commands: its streams, its environment, its terminal.
#pragma once

#include <functional>
#include <vector>

#include "reports/cli/program.h"

namespace gridproof::reports {

// What a process gives to its commands. The benchmark and the peers are left out.
Context context_of_process(std::vector<SubjectEntry> roster);

// The `main` of a program. What is wrong before the context is there, or when it is over, is one
// line on the standard error.
int main_of(Commands commands, std::span<char* const> words,
            const std::function<Context()>& make_context);

}  // namespace gridproof::reports
