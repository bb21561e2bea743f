// The question that was meant if some hypotheses hold. Tested by diagnose_test.cc.
#pragma once

#include <optional>
#include <vector>

#include "reports/diagnosis/hypotheses.h"

namespace gridproof::reports::diagnosis {

using Changes = std::vector<const Hypothesis*>;

// What was meant at some sites if all of the changes hold.
struct Correction {
  Options options;
  std::vector<double> coordinates;            // x first, site by site
  std::optional<Tensor> input;                // if it is another
  std::optional<std::vector<Affine>> thetas;  // the grid is made of them, but for later changes
  std::vector<double> uncertainty;            // of each coordinate; empty: none
  std::vector<Change::Finish> finishes;
  const Mutant* answers = nullptr;
};
// Adds a change. Returns whether it changes anything.
bool apply(const Change& change, const Sites& sites, Correction& meant);
// Updates the situation so that the next hypothesis is evaluated after this one.
void carry_over(const Correction& meant, Situation& situation);
// Nothing if a change is not possible, or if no change has any effect.
std::optional<Correction> corrected(const Changes& changes, const Situation& situation,
                                    const Sites& sites);

// Applies the hypotheses to an output, (N, C, sites), given the expected values. Returns the
// numbers that were fitted, or nothing if that is not possible. `input` is the shape of the input.
std::optional<std::vector<double>> finish(const Correction& meant, const Sites& sites,
                                          const Shape& input, std::vector<double>& output,
                                          const std::vector<double>& expected);

// The whole question that was meant, if it is still a question to grid_sample. It is not if the
// expected values are another implementation's answer, or a processed answer of grid_sample.
std::optional<Case> meant_question(const Changes& changes, const Situation& situation);

}  // namespace gridproof::reports::diagnosis
