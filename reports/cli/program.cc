#include "reports/cli/program.h"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>
#include <new>
#include <system_error>
#include <vector>

#include "oracle/subjects/host/isolation.h"
#include "reference/contract/limits.h"
#include "reports/cli/help.h"
#include "reports/cli/options.h"
#include "reports/cli/spelling.h"
#include "reports/text/input_error.h"
#include "reports/text/parse.h"
#include "reports/text/text.h"

namespace gridproof::reports {
namespace {

// The commands of a program, each with its part of CLI11's tree.
struct Prepared {
  const Command* command;
  CLI::App* app;
  Execution execute;
};

constexpr std::string_view title_of(Group group) {
  switch (group) {
    case Group::judge:
      return "Judge an implementation";
    case Group::wrong_values:
      return "Find out why values are wrong";
    case Group::meaning:
      return "Look up what the operator means";
    default:
      return "More";
  }
}

std::vector<Prepared> prepared(Commands commands, CLI::App& app) {
  std::vector<Prepared> all;
  for (const Command* const command : commands) {
    CLI::App* const part =
        app.add_subcommand(std::string(command->name), std::string(command->summary));
    part->group(std::string(title_of(command->group)));
    part->footer("Example:\n  " + std::string(command->example));
    all.push_back({command, part, command->prepare(*part)});
    // What follows bench and peers is for other programs.
    if (!part->get_prefix_command()) part->fallthrough();
  }
  return all;
}

// What CLI11 has against a command line, in our words.
std::string sentence_of(const CLI::ParseError& error, const std::string& command,
                        const CLI::App& app) {
  const std::string what = error.what();
  std::string sentence = what;
  if (dynamic_cast<const CLI::ValidationError*>(&error) != nullptr) return sentence;
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
    // The only one, or the first of several, which stands last.
    const bool single = what.starts_with("The following argument was");
    const std::string argument = what.substr(single ? what.find(": ") + 2 : what.rfind(' ') + 1);
    sentence = "unexpected argument: " + argument + suggestion(argument, app);
  } else if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
    sentence = "no " + what.substr(0, what.find(" is required")) + " was given";
  } else if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
    const std::size_t least = what.find("At least ");
    sentence = what.substr(0, what.find(": "));
    if (least != std::string::npos) {
      const char values = what[least + 9];
      sentence += values == '1' ? " needs a value" : fmt::format(" needs {} values", values);
    } else {
      sentence += what.ends_with("missing") ? " needs a value" : " is given more than once";
    }
  }
  return fmt::format("{} (see 'gridproof{}{} --help')", printable(sentence, 300),
                     command.empty() ? "" : " ", command);
}

ExitCode complain(const Context& context, const std::string& sentence) {
  context.err << "gridproof: " << printable(sentence, 4000) << '\n';
  return ExitCode::usage_error;
}

std::string unknown_command(const std::string& given, const std::vector<std::string>& names) {
  const std::string expected = "expected " + alternatives(names) + " (see 'gridproof --help')";
  if (given.empty()) return "no command: " + expected;
  const std::vector<std::string> near = similar(lower(given), names);
  const std::string instead =
      near.empty() ? expected : "did you mean " + alternatives(near) + "? " + expected;
  return fmt::format("unknown command '{}': {}", printable(given, 60), instead);
}

// "help check" is "check --help".
std::vector<std::string> without_help_command(std::span<const std::string> arguments,
                                              const std::vector<std::string>& names) {
  if (arguments.empty() || arguments.front() != "help") return {arguments.begin(), arguments.end()};
  const std::string name = arguments.size() > 1 ? current_command(arguments[1]) : "";
  if (std::ranges::find(names, name) == names.end()) return {"--help"};
  return {name, "--help"};
}

ExitCode parse_and_execute(Commands commands, std::span<const std::string> arguments,
                           const Context& context) {
  max_elements() = default_max_elements;
  isolate_children({});
  CLI::App app("Judges implementations of torch.nn.functional.grid_sample.", "gridproof");
  app.formatter(help_formatter(context.help_columns));  // the commands have it as well
  app.set_version_flag("--version", std::string("gridproof ") + GRIDPROOF_VERSION);
  app.footer(
      "Example:\n  gridproof check --max-samples 1e6\n\n"
      "Exit code: 0 no findings; 1 findings; 2 the command line or its input is invalid.");
  const std::vector<Prepared> all = prepared(commands, app);
  add_parsed(app, "--max-elements", max_elements(), parse_count, "N",
             "Refuse tensors and outputs with more elements than this [67108864]");
  std::vector<std::string> names;
  for (const Prepared& one : all) names.emplace_back(one.command->name);
  std::vector<std::string> words = without_help_command(arguments, names);
  const std::string given = words.empty() ? "" : words.front();
  const std::string first = current_command(given);
  const auto named = std::ranges::find(
      all, first, [](const Prepared& one) { return std::string(one.command->name); });
  const bool is_named = named != all.end();
  if (!is_named && !given.starts_with('-')) {
    return complain(context, unknown_command(given, names));
  }
  std::vector<std::string> notes;
  if (is_named) {
    if (given != first) notes.push_back(fmt::format("{} is now {}", given, first));
    words.front() = first;
  }
  if (is_named && !named->app->get_prefix_command()) {
    words = with_intent_joined(as_spelled(std::move(words), *named->app, notes));
  }
  for (const std::string& note : notes) context.err << "gridproof: " << note << '\n';
  try {
    std::ranges::reverse(words);
    app.parse(words);
  } catch (const CLI::Success& success) {  // --help and --version
    app.exit(success, context.out, context.err);
    return ExitCode::ok;
  } catch (const CLI::ParseError& error) {
    return complain(context,
                    sentence_of(error, is_named ? first : "", is_named ? *named->app : app));
  }
  if (!is_named) return complain(context, "no command was given");
  const ExitCode code = named->execute(context);
  if (const std::string isolation = isolation_in_force(); !isolation.empty()) {
    context.out.flush();
    context.err << "isolation of foreign code: " << isolation << '\n';
  }
  return code;
}

}  // namespace

ExitCode run(Commands commands, std::span<const std::string> arguments, const Context& context) {
  try {
    const ExitCode code = parse_and_execute(commands, arguments, context);
    if (context.out.flush()) return code;
    return complain(context, "cannot write to the standard output");
  } catch (const InputError& error) {
    return complain(context, error.what());
  } catch (const std::bad_alloc&) {
    return complain(context, "there is not enough memory for this");
  } catch (const std::system_error& error) {  // no more processes, threads or files
    return complain(context, std::string("system error: ") + error.code().message());
  } catch (const std::exception& error) {
    return complain(context, "internal error: " + printable(error.what(), 400));
  }
}

}  // namespace gridproof::reports
