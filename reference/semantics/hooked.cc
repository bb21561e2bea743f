#include "reference/semantics/hooked.h"

namespace gridproof::semantics {

Answer grid_sample_with(const Case& question, const Hooked& rules) {
  const Case asked = rules.before(question);
  Answer answer = grid_sample_with<Hooked>(asked, rules);
  if (auto* output = std::get_if<Tensor>(&answer)) return rules.after(question, std::move(*output));
  return answer;
}

}  // namespace gridproof::semantics
