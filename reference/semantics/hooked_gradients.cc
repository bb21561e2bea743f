#include "reference/semantics/hooked_gradients.h"

#include <utility>

namespace gridproof::semantics {

BackwardAnswer grid_sample_backward_with(const BackwardCase& test_case,
                                         const HookedGradients& rules) {
  if (auto refusal = refusal_of(test_case)) return *std::move(refusal);
  BackwardAnswer answer =
      grid_sample_backward_with<HookedGradients>(rules.before_gradients(test_case), rules);
  if (auto* gradients = std::get_if<Gradients>(&answer)) {
    return rules.after_gradients(test_case, std::move(*gradients));
  }
  return answer;
}

}  // namespace gridproof::semantics
