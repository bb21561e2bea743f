#include "optimized/backward.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "fuzz/gradients/questions.h"
#include "reference/semantics/clauses.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof {
namespace {

bool same(const std::optional<Tensor>& one, const std::optional<Tensor>& other) {
  return one && other ? one->same_values(*other) : one.has_value() == other.has_value();
}

// Says what differs from the reference, if something does.
std::string difference(const BackwardCase& test_case, int threads) {
  const BackwardAnswer expected = grid_sample_backward(test_case);
  const BackwardAnswer got = optimized::backward_answer(test_case, threads);
  if (const auto* refusal = std::get_if<Refusal>(&expected)) {
    const auto* its = std::get_if<Refusal>(&got);
    return its != nullptr && its->clause == refusal->clause ? "" : "not refused " + refusal->clause;
  }
  if (!std::holds_alternative<Gradients>(got)) return "refused";
  const auto& one = std::get<Gradients>(expected);
  const auto& other = std::get<Gradients>(got);
  if (!same(one.input, other.input)) return "grad_input";
  return same(one.grid, other.grid) ? "" : "grad_grid";
}

TEST(FastBackward, HasTheBitsOfTheReferenceInEveryCaseOfTheClauses) {
  for (const Clause& clause : clauses()) {
    for (const ClauseCase& one : clause.cases) {
      if (!one.line.starts_with("grid_sample_backward ")) continue;
      EXPECT_EQ(difference(parse_backward_case(one.line), 1), "") << one.line;
    }
  }
}

TEST(FastBackward, HasTheBitsOfTheReferenceInTheCampaign) {
  const char* const given = std::getenv("GRIDPROOF_GRADIENT_SEEDS");
  const std::uint64_t count = given == nullptr ? 1200 : std::strtoull(given, nullptr, 10);
  for (std::uint64_t ordinal = 0; ordinal < count; ++ordinal) {
    const BackwardCase test_case = gradient_question(7, ordinal);
    for (const int threads : {1, 3}) {
      ASSERT_EQ(difference(test_case, threads), "")
          << threads << " threads, ordinal " << ordinal << "\n"
          << to_line(test_case).substr(0, 2000);
    }
  }
}

}  // namespace
}  // namespace gridproof
