// Gradients that somebody got, and does not believe: are they right, and if not, which known
// mistake gives them? Every mistake is a closed form of the right gradients, or those of other
// options. Tested by diagnose_gradients_test.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "oracle/gradients/gradient_judge.h"
#include "reference/contract/backward.h"

namespace gridproof::reports::diagnosis {

// A mistake that gives all numbers that were observed.
struct GradientCause {
  std::string name;  // "gradient.in-pixels"
  std::string sentence;
  std::string fix;
  std::int64_t telling = 0;  // numbers that are not also right
};

// Where the numbers are from.
struct GradientOrigin {
  std::optional<Tensor> theta;  // a gradient of theta as well, of a grid that affine_grid made
  bool is_expected = false;     // nobody gave them: somebody expects them
};

struct GradientDiagnosis {
  GradientJudgment judgment;
  bool is_expected = false;
  std::int64_t numbers = 0;  // that were observed
  std::int64_t wrong = 0;
  std::vector<GradientCause> causes;  // the simplest first; more than one are not told apart
  std::vector<std::string> remarks;   // what may surprise in gradients that are right
};

// `observed` has one gradient or both, or none beside that of theta, with the shapes and the dtype
// of input, grid and theta. Of a case that is not refused and has numbers.
GradientDiagnosis diagnose_gradients(const BackwardCase& test_case, const Gradients& observed,
                                     const GradientOrigin& origin = {});

// "low", "medium" or "high": whether the first cause could be chance.
std::string confidence_of(const GradientDiagnosis& diagnosis);

// The diagnosis in sentences.
std::string text_of(const GradientDiagnosis& diagnosis);

}  // namespace gridproof::reports::diagnosis
