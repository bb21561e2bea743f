#include "reference/semantics/grid_sample.h"

#include <memory>

#include "reference/semantics/backward.h"
#include "reference/semantics/evaluate.h"

namespace gridproof {

Answer grid_sample(const Case& test_case) {
  return semantics::grid_sample_with(test_case, semantics::Documented{});
}

BackwardAnswer grid_sample_backward(const BackwardCase& test_case) {
  return semantics::grid_sample_backward_with(test_case, semantics::DocumentedGradients{});
}

SubjectEntry reference_subject() {
  return {.name = "reference", .description = "the specification as scalar code", .open = [] {
            return std::make_unique<FunctionSubject>(grid_sample, grid_sample_backward);
          }};
}

}  // namespace gridproof
