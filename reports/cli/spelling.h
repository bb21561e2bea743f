// What people write on a command line, as CLI11 has to see it. Tested by program_test.cc.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace gridproof::reports {

// ": did you mean --grid?" of an argument that nobody expects; empty where nothing is like it.
std::string suggestion(const std::string& argument, const CLI::App& command);

// An option as it is spelled here: people write --align_corners and --Align-Corners.
std::string as_spelled(const std::string& argument, const CLI::App& command);

// With the words of an intent as one argument, as people leave out the quotes of --intent 'rotate
// 30'. A case line, which has spaces, is none of them.
std::vector<std::string> with_intent_joined(const std::vector<std::string>& arguments);

}  // namespace gridproof::reports
