#include <CLI/CLI.hpp>

#include "reports/cli/command.h"

namespace gridproof::reports {
namespace {

// The program that manages peers has options of its own.
struct Arguments {
  const CLI::App* app = nullptr;
};

void options(CLI::App& app, Arguments& arguments) {
  app.prefix_command();
  app.set_help_flag();
  arguments.app = &app;
}

ExitCode execute(const Arguments& arguments, const Context& program) {
  return program.peers(arguments.app->remaining());
}

}  // namespace

namespace commands {
extern const Command peers = {.name = "peers",
                              .group = Group::more,
                              .summary = "Install or list implementations by others",
                              .example = "gridproof peers install onnxruntime",
                              .prepare = prepare<Arguments, options, execute>};
}  // namespace commands

}  // namespace gridproof::reports
