// Which questions about gradients a campaign asks, and in which order: the clauses' own cases, then
// those of questions.h. Everything follows from the seed and the part of the operator whose
// gradients the subjects have. Tested by campaign_test.cc.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "fuzz/domain/part.h"
#include "reference/contract/backward.h"

namespace gridproof {

// One question, of which stratum, and of a clause's own case of which clause.
struct DrawnGradient {
  std::string_view stratum;
  std::string_view clause;
  BackwardCase test_case;
};

class GradientPlan {
 public:
  explicit GradientPlan(std::uint64_t seed, const Part& part = {});

  // How many are the clauses' own; they come first.
  [[nodiscard]] std::int64_t specified() const { return std::ssize(specified_); }
  // The question with this number, by any thread.
  [[nodiscard]] DrawnGradient question(std::uint64_t ordinal) const;

 private:
  struct Specified {
    std::string_view clause;
    std::string_view line;
  };

  std::uint64_t seed_;
  Part part_;
  std::vector<Specified> specified_;
};

// The clauses that have cases about gradients: all of them, and those with a case of the part.
std::vector<std::string_view> gradient_clauses();
std::vector<std::string_view> gradient_clauses(const Part& part);

}  // namespace gridproof
