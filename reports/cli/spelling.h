// What people write on a command line, as CLI11 has to see it. Tested by program_test.cc.
#pragma once

#include <string>
#include <vector>

namespace CLI {  // NOLINT(readability-identifier-naming): the library's
class App;
}

namespace gridproof::reports {

// ": did you mean --grid?" of an argument that nobody expects; empty where nothing is like it.
std::string suggestion(const std::string& argument, const CLI::App& command);

// The name of a command as it is called now.
std::string current_command(const std::string& name);

// The arguments with their options as they are called here: people write --align_corners and
// --Align-Corners, and options of earlier versions still work. For each of these one sentence is
// added to `notes`.
std::vector<std::string> as_spelled(std::vector<std::string> arguments, const CLI::App& command,
                                    std::vector<std::string>& notes);

// With the words of an intent as one argument, as people leave out the quotes of --intent 'rotate
// 30'. A case line, which has spaces, is none of them.
std::vector<std::string> with_intent_joined(const std::vector<std::string>& arguments);

}  // namespace gridproof::reports
