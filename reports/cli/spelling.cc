#include "reports/cli/spelling.h"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <string_view>

#include "reports/text/parse.h"
#include "reports/text/text.h"

namespace gridproof::reports {
namespace {

struct Renamed {
  std::string_view old_name;
  std::string_view new_name;
};

constexpr std::array<Renamed, 3> renamed_commands = {
    {{"gradients", "check"}, {"score", "mutation-score"}, {"waive", "propose-waivers"}}};

// Where a command has the new name and not the old one.
constexpr std::array<Renamed, 6> renamed_options = {{{"--cases", "--max-cases"},
                                                     {"--cases", "--cases-per-clause"},
                                                     {"--most-elements", "--max-elements"},
                                                     {"--most-lost", "--max-lost"},
                                                     {"--report", "--out"},
                                                     {"--samples", "--max-samples"}}};

// Whether the command, or the program for all its commands, has an option of that name.
bool is_option(const std::string& name, const CLI::App& command) {
  const CLI::App* const program = command.get_parent();
  return command.get_option_no_throw(name) != nullptr ||
         (program != nullptr && program->get_option_no_throw(name) != nullptr);
}

}  // namespace

std::string suggestion(const std::string& argument, const CLI::App& command) {
  if (!argument.starts_with("--")) return "";
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  const std::vector<std::string> near = similar(argument.substr(0, argument.find('=')), names);
  return near.empty() ? "" : ": did you mean " + alternatives(near) + "?";
}

std::string current_command(const std::string& name) {
  const auto* const renamed = std::ranges::find(renamed_commands, name, &Renamed::old_name);
  return renamed == renamed_commands.end() ? name : std::string(renamed->new_name);
}

std::vector<std::string> as_spelled(std::vector<std::string> arguments, const CLI::App& command,
                                    std::vector<std::string>& notes) {
  for (std::string& argument : arguments) {
    if (!argument.starts_with("--")) continue;
    const std::size_t end = std::min(argument.find('='), argument.size());
    const std::string typed = argument.substr(0, end);
    if (is_option(typed, command)) continue;
    std::string name = lower(typed);
    std::ranges::replace(name, '_', '-');
    if (is_option(name, command)) {
      argument = name + argument.substr(end);
      continue;
    }
    const auto* const renamed = std::ranges::find_if(renamed_options, [&](const Renamed& one) {
      return one.old_name == name && is_option(std::string(one.new_name), command);
    });
    if (renamed == renamed_options.end()) continue;
    argument = std::string(renamed->new_name) + argument.substr(end);
    const std::string note = fmt::format("{} is now {}", renamed->old_name, renamed->new_name);
    if (std::ranges::find(notes, note) == notes.end()) notes.push_back(note);
  }
  return arguments;
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
