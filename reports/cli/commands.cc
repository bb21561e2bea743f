#include <array>

#include "reports/cli/program.h"

namespace gridproof::reports {

// Each in the file of its name.
namespace commands {
extern const Command bench;
extern const Command check;
extern const Command diagnose;
extern const Command displacement;
extern const Command explain;
extern const Command matrix;
extern const Command merge;
extern const Command mutation_score;
extern const Command peers;
extern const Command probe;
extern const Command propose_waivers;
extern const Command reduce;
extern const Command replay;
extern const Command smoke;
extern const Command spec;
extern const Command subjects;
extern const Command vectors;
}  // namespace commands

Commands all_commands() {
  using namespace commands;
  static constexpr std::array all = {// Judge an implementation.
                                     &smoke, &check, &matrix, &merge, &propose_waivers,
                                     // Find out why values are wrong.
                                     &diagnose, &explain, &reduce, &displacement,
                                     // Look up what the operator means.
                                     &spec, &replay, &vectors,
                                     // More.
                                     &subjects, &peers, &probe, &mutation_score, &bench};
  return all;
}

}  // namespace gridproof::reports
