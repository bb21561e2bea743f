// The backward pass of a black box, beside its forward pass. The gradient of the input is the
// transpose of the forward pass: with the identity in grad_output (channel s is 1 at sample s and 0
// elsewhere) one answer holds what every sample gives to every pixel, which is the weight that the
// sample reads it with. Tested by adjoint_test.cc.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "oracle/probe/one_hot.h"
#include "reference/contract/subject.h"

namespace gridproof::probe {

// The question whose gradient of the input has what sample s gives in channel s.
BackwardCase adjoint_case(const OneHotQuery& question);

// What each sample gives to every pixel; or a word for what there is instead.
Probed given_in(const OneHotQuery& question, const BackwardAnswer& answer);

// A pixel and a sample of which the two passes say different things.
struct Difference {
  std::size_t sample = 0;
  Shape pixel;  // x first
  double forward = 0;
  double backward = 0;
};

struct Transpose {
  std::size_t weights = 0;              // that were compared
  std::size_t rounded = 0;              // of these, equal but for rounding
  std::vector<Difference> differences;  // the others, that are not equal
};

// Entry by entry; or a word why there is nothing to compare.
std::variant<Transpose, std::string> transpose_of(Subject& subject, const OneHotQuery& question);

}  // namespace gridproof::probe
