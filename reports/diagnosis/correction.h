// What was meant if some hypotheses are due. Tested by diagnose_test.cc.
#pragma once

#include <optional>
#include <vector>

#include "reports/diagnosis/hypotheses.h"

namespace gridproof::reports::diagnosis {

using Changes = std::vector<const Hypothesis*>;

// What is meant at some sites, if all of the changes were due.
struct Correction {
  Options options;
  std::vector<double> coordinates;            // x first, site by site
  std::optional<Tensor> input;                // if it is another
  std::optional<std::vector<Affine>> thetas;  // the grid is made of them, but for later changes
  std::vector<double> uncertainty;            // of each coordinate; empty: none
  std::vector<Change::Finish> finishes;
  const Mutant* answers = nullptr;
};
// Adds a change; whether it changes anything.
bool apply(const Change& change, const Sites& sites, Correction& meant);
// Makes of a situation that in which a next hypothesis is looked at.
void carry_over(const Correction& meant, Situation& situation);
// None where a change is not possible, or nothing is changed by any.
std::optional<Correction> corrected(const Changes& changes, const Situation& situation,
                                    const Sites& sites);

// Does with an output, (N, C, sites), what the hypotheses do with it, knowing what was expected.
// Returns the numbers that were found, or none where that is not possible. `input` is the shape of
// the input.
std::optional<std::vector<double>> finish(const Correction& meant, const Sites& sites,
                                          const Shape& input, std::vector<double>& output,
                                          const std::vector<double>& expected);

// The whole question that was meant, where it is still a question to grid_sample: not where what
// was expected is another's answer, or that of grid_sample with something done to it.
std::optional<Case> meant_question(const Changes& changes, const Situation& situation);

}  // namespace gridproof::reports::diagnosis
