// Where a subject is lost: the neighbors of a case that took an answer away. Tested by
// loss_test.cc.
#pragma once

#include <optional>
#include <string>

#include "fuzz/causes/cause.h"

namespace gridproof {

// Whether a loss is one by time: each further one would take as long.
bool takes_long(const Answer& answer);

struct Loss {
  Case reduced;           // no axis can be made shorter
  std::string threshold;  // "lost from width 32,769 on; 32,768 is answered"; empty if always
  // The mutant that is wrong about those neighbors that are lost or answered wrongly, and only
  // about those; `probes` are the neighbors, whose texels differ.
  std::optional<Cause> cause;
};

// Whether a subject says that it has no memory, and may: it lays the elements of an input beside
// each other, as many do, and they take more than 2^28 bytes, however few are stored.
bool lacks_memory(const Case& test_case, const Answer& answer);

// Looks for the shortest axes of the input, the batch and the output with which the subject is
// still lost, by halving; then moves the coordinates. Each loss is a question: at most 64 are
// asked. `question` must be lost each time it is asked.
Loss look_around(const Interrogation& interrogation, const Case& test_case);

}  // namespace gridproof
