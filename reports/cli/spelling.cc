#include "reports/cli/spelling.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "reports/text/parse.h"
#include "reports/text/text.h"

namespace gridproof::reports {

std::string suggestion(const std::string& argument, const CLI::App& command) {
  if (!argument.starts_with("--")) return "";
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  const std::vector<std::string> near = similar(argument.substr(0, argument.find('=')), names);
  return near.empty() ? "" : ": did you mean " + alternatives(near) + "?";
}

std::string as_spelled(const std::string& argument, const CLI::App& command) {
  if (!argument.starts_with("--")) return argument;
  const std::size_t end = std::min(argument.find('='), argument.size());
  const std::string typed = argument.substr(0, end);
  std::string name = lower(typed);
  std::ranges::replace(name, '_', '-');
  const bool is_known =
      command.get_option_no_throw(typed) == nullptr && command.get_option_no_throw(name) != nullptr;
  return is_known ? name + argument.substr(end) : argument;
}

std::vector<std::string> with_intent_joined(const std::vector<std::string>& arguments) {
  std::vector<std::string> joined;
  bool is_intent = false;
  for (const std::string& argument : arguments) {
    const bool is_number = argument.size() > 1 && argument[0] == '-' && argument[1] != '-' &&
                           !parse_numbers(argument).empty();
    const bool is_word =
        is_number || (!argument.starts_with('-') && argument.find(' ') == std::string::npos);
    if (is_intent && is_word && joined.back() != "--intent") {
      joined.back() += ' ' + argument;
      continue;
    }
    is_intent = argument == "--intent" || (is_intent && joined.back() == "--intent");
    joined.push_back(argument);
  }
  return joined;
}

}  // namespace gridproof::reports
