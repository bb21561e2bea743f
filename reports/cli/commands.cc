#include <array>

#include "reports/cli/program.h"

namespace gridproof::reports {

// Each in the file of its name.
namespace commands {
extern const Command subjects;
extern const Command check;
extern const Command merge;
extern const Command waive;
extern const Command replay;
extern const Command explain;
extern const Command spec;
extern const Command score;
extern const Command probe;
extern const Command diagnose;
extern const Command reduce;
extern const Command displacement;
extern const Command smoke;
extern const Command matrix;
extern const Command peers;
extern const Command vectors;
extern const Command bench;
}  // namespace commands

Commands all_commands() {
  using namespace commands;
  static constexpr std::array all = {&smoke,    &check,  &matrix,       &merge, &waive,  &diagnose,
                                     &explain,  &reduce, &displacement, &spec,  &replay, &vectors,
                                     &subjects, &peers,  &probe,        &score, &bench};
  return all;
}

}  // namespace gridproof::reports
