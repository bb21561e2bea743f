#include "fuzz/campaign/repeats.h"

#include <algorithm>
#include <cstdint>
#include <variant>
#include <vector>

namespace gridproof {

bool ask_the_same(const Case& one, const Case& other) {
  return one.request == other.request && one.input.dtype() == other.input.dtype() &&
         one.grid.dtype() == other.grid.dtype() && one.input.shape() == other.input.shape() &&
         one.grid.shape() == other.grid.shape() && one.input.is_copyable() &&
         one.input.same_values(other.input) && one.grid.same_values(other.grid);
}

void object_to_change(Judgment& judgment, const Answer& answer, const Answer& earlier,
                      const Answer& expected) {
  const auto* const now = std::get_if<Tensor>(&answer);
  const auto* const before = std::get_if<Tensor>(&earlier);
  const auto* const right = std::get_if<Tensor>(&expected);
  if (now == nullptr || before == nullptr || right == nullptr || judgment.whole ||
      now->shape() != before->shape() || now->shape() != right->shape() ||
      now->same_values(*before)) {
    return;
  }
  const std::vector<double> values = now->values();
  const std::vector<double> old = before->values();
  const std::vector<double> best = right->values();
  const std::int64_t samples = now->element_count() / std::max<std::int64_t>(now->size(1), 1);
  for (std::int64_t sample = 0; sample < samples; ++sample) {
    bool is_right = true;
    std::int64_t changed = -1;
    for (std::int64_t channel = 0; channel < now->size(1); ++channel) {
      const auto at = static_cast<std::size_t>(element_place(now->shape(), sample, channel));
      is_right = is_right && same_bits(values[at], best[at]);
      if (changed < 0 && !same_bits(values[at], old[at])) changed = channel;
    }
    const auto is_noted = [&](const SampleVerdict& verdict) { return verdict.sample == sample; };
    if (changed < 0 || std::ranges::any_of(judgment.notable, is_noted)) continue;
    --judgment[is_right ? Verdict::same_bits : Verdict::admissible];
    ++judgment[Verdict::deviates];
    judgment.notable.push_back({.verdict = Verdict::deviates,
                                .sample = sample,
                                .channel = changed,
                                .clause = "shape.sample"});
  }
  std::ranges::stable_sort(judgment.notable, {}, &SampleVerdict::sample);
}

}  // namespace gridproof
