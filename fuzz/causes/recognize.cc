#include "fuzz/causes/recognize.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "fuzz/mutants/conforming.h"
#include "fuzz/mutants/mutants.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof {
namespace {

bool same_answer(const Answer& one, const Answer& other) {
  const auto* a = std::get_if<Tensor>(&one);
  const auto* b = std::get_if<Tensor>(&other);
  return a != nullptr && b != nullptr && a->same_values(*b);
}

}  // namespace

Recognition recognize(const std::vector<std::pair<Case, Answer>>& all) {
  Recognition result;
  std::vector<std::pair<Case, Answer>> asked;
  std::ranges::copy_if(all, std::back_inserter(asked), [](const auto& entry) {
    return std::holds_alternative<Tensor>(entry.second);
  });
  result.test_cases = asked.size();
  std::vector<Answer> right;
  for (const auto& [test_case, given] : asked) {
    right.push_back(grid_sample(test_case));
    result.differing += same_answer(given, right.back()) ? 0 : 1;
  }
  if (result.differing == 0) {
    if (!asked.empty()) result.same.emplace_back("reference");
    return result;
  }
  // Which of the differing questions each explains, and to how many it gives other bits than the
  // reference.
  struct Explanation {
    std::string name;
    std::vector<bool> explained;
    std::int64_t visible;
  };
  std::vector<Explanation> explanations;
  const auto add = [&](std::string name, const auto& answer) {
    std::vector<bool> explained(asked.size());
    std::size_t agreeing = 0;
    std::int64_t visible = 0;
    for (std::size_t i = 0; i < asked.size(); ++i) {
      const auto& [test_case, given] = asked[i];
      const Answer own = answer(test_case, right[i]);
      const bool agrees = same_answer(given, own);
      agreeing += agrees ? 1 : 0;
      visible += same_answer(own, right[i]) ? 0 : 1;
      explained[i] = agrees && !same_answer(given, right[i]);
    }
    if (agreeing == asked.size()) result.same.push_back(name);
    // Who would be seen in many more questions than these agrees by accident.
    if (8 * std::ranges::count(explained, true) >= visible) {
      explanations.push_back({std::move(name), std::move(explained), visible});
    }
  };
  for (const ConformingVariation& variation : conforming_variations()) {
    add("conforming:" + variation.name,
        [&](const Case& test_case, const Answer&) { return variation.answer(test_case); });
  }
  for (const Mutant& mutant : mutants()) {
    add("mutant:" + mutant.name, [&](const Case& test_case, const Answer& expected) {
      return mutant.is_right_about(test_case) ? expected : mutant.answer(test_case);
    });
  }
  if (!result.same.empty()) return result;
  result.unexplained = result.differing;
  const auto worth = [](const Explanation& one) {
    return std::pair(std::ranges::count(one.explained, true), -one.visible);
  };
  while (result.unexplained > 0 && !explanations.empty()) {
    const auto best = std::ranges::max_element(explanations, {}, worth);
    const auto gain = static_cast<std::size_t>(worth(*best).first);
    if (gain == 0) break;
    result.causes.emplace_back(best->name, gain);
    result.unexplained -= gain;
    const std::vector<bool> explained = best->explained;
    for (Explanation& other : explanations) {
      for (std::size_t i = 0; i < explained.size(); ++i) {
        other.explained[i] = other.explained[i] && !explained[i];
      }
    }
  }
  return result;
}

}  // namespace gridproof
