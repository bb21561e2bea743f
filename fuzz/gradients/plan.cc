#include "fuzz/gradients/plan.h"

#include <algorithm>

#include "fuzz/gradients/questions.h"
#include "reference/semantics/clauses.h"

namespace gridproof {
namespace {

// Calls `visit(clause, line)` for each case of a clause that asks for gradients and is of the part.
// What has no answer is asked of everybody.
template <class Visitor>
void for_each_specified(const Part& part, Visitor&& visit) {
  for (const Clause& clause : clauses()) {
    for (const ClauseCase& entry : clause.cases) {
      if (!entry.line.starts_with("grid_sample_backward ")) continue;
      const Case forward = parse_backward_case(entry.line).forward;
      if (!kind_index(forward) || part.has(forward)) visit(clause.name, entry.line);
    }
  }
}

}  // namespace

GradientPlan::GradientPlan(std::uint64_t seed, const Part& part) : seed_(seed), part_(part) {
  for_each_specified(part, [&](std::string_view clause, std::string_view line) {
    specified_.push_back({clause, line});
  });
}

DrawnGradient GradientPlan::question(std::uint64_t ordinal) const {
  if (ordinal < specified_.size()) {
    const auto& [clause, line] = specified_[ordinal];
    return {"specification", clause, parse_backward_case(line)};
  }
  const std::uint64_t number = ordinal - specified_.size();
  return {name(gradient_stratum_of(number)), {}, gradient_question(seed_, number, part_)};
}

std::vector<std::string_view> gradient_clauses(const Part& part) {
  std::vector<std::string_view> names;
  for_each_specified(part, [&](std::string_view clause, std::string_view /*line*/) {
    if (names.empty() || names.back() != clause) names.push_back(clause);
  });
  return names;
}

std::vector<std::string_view> gradient_clauses() { return gradient_clauses(Part{}); }

}  // namespace gridproof
