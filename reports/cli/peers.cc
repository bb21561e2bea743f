#include "reports/cli/command.h"
#include "reports/cli/options.h"

namespace gridproof::reports {
namespace {

// The program that manages peers has options of its own.
ExitCode execute(const HandedOn& arguments, const Context& program) {
  return program.peers(arguments.app->remaining());
}

}  // namespace

namespace commands {
extern const Command peers = {.name = "peers",
                              .group = Group::more,
                              .summary = "Install or list implementations by others",
                              .example = "gridproof peers install onnxruntime",
                              .prepare = prepare<HandedOn, hand_on, execute>};
}  // namespace commands

}  // namespace gridproof::reports
