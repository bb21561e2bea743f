#include "reference/semantics/grid_sample.h"

#include <memory>

#include "reference/semantics/evaluate.h"

namespace gridproof {

Answer grid_sample(const Case& test_case) {
  return semantics::grid_sample_with(test_case, semantics::Documented{});
}

SubjectEntry reference_subject() {
  return {.name = "reference", .description = "the specification as scalar code", .open = [] {
            return std::make_unique<FunctionSubject>(grid_sample);
          }};
}

}  // namespace gridproof
