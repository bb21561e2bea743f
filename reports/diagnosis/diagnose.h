// Somebody holds an input, a grid, options and an output, and says that the values are wrong. Is
// the implementation wrong, or the grid? Which mistake explains what was expected? Tested by
// diagnose_test.cc.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "oracle/judge/judge.h"
#include "reports/diagnosis/hypotheses.h"

namespace gridproof::diagnosis {

struct Symptom {
  Case question;
  std::optional<Tensor> observed;  // what an implementation gave
  std::optional<Tensor> expected;  // what the user wanted
};

// How far an output is from what was expected.
struct Distance {
  double share = 0;   // of the elements that are equal, up to 1e-3 of the range of what is expected
  double median = 0;  // of the absolute differences
  double worst = 0;
};

// One or two hypotheses, applied in their order.
struct Trial {
  std::vector<const Hypothesis*> changes;
  bool keeps_flag = true;  // align_corners is what it was
  Distance distance;

  [[nodiscard]] std::string name() const;  // "units.pixels + axes.reversed"
};

enum class Fault : std::uint8_t {
  none,            // the output is right and what was expected
  unknown,         // the output is right, and nobody says what was expected
  refused,         // the documentation demands a refusal
  implementation,  // the output is not what the documentation demands
  usage,           // it is, but a mistake in the question explains what was expected
  unexplained,     // it is, and no mistake that is known explains what was expected
};

struct Diagnosis {
  Fault fault = Fault::none;
  std::string sentence;              // the answer
  std::vector<std::string> mutants;  // implementation: those with the same bits everywhere
  std::vector<Trial> trials;         // usage: every hypothesis tried, the best first
  std::vector<std::string> ties;     // others that explain as much with as few hypotheses
  Distance before;                   // of the documented output from what was expected
  Judgement judgement;               // on what was observed
};

// Throws std::invalid_argument when the shapes of observed or expected are not those of the output.
Diagnosis diagnose(const Symptom& symptom);

}  // namespace gridproof::diagnosis
