// The program of the demo: `check` on LibTorch, so that nothing else has to be built for it.
#include <array>

#include "reports/cli/foreign.h"
#include "reports/cli/process.h"

namespace gridproof::reports::commands {
extern const Command check;
}

int main(int argc, char** argv) {
  using namespace gridproof::reports;
  constexpr std::array all = {&commands::check};
  return main_of(all, {argv, static_cast<std::size_t>(argc)},
                 [] { return context_of_process(torch_subjects(program_folder())); });
}
