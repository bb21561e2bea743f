#include "reference/semantics/hooked.h"

namespace gridproof::semantics {

Answer grid_sample_with(const Case& test_case, const Hooked& rules) {
  const Case asked = rules.before(test_case);
  Answer answer = grid_sample_with<Hooked>(asked, rules);
  if (auto* output = std::get_if<Tensor>(&answer))
    return rules.after(test_case, std::move(*output));
  return answer;
}

}  // namespace gridproof::semantics
