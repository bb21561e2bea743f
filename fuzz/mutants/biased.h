// Implementations that err to one side, each answer inside its set: what the statistic of
// fuzz/campaign/bias.h is for. It must notice every one, and none of conforming.h
// (fuzz/campaign/bias_test.cc).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "reference/contract/subject.h"

namespace gridproof {

enum class Leaning : std::uint8_t { up, away };

struct BiasedVariation {
  std::string name;      // "sum.cut"
  std::string sentence;  // what it does
  // Up or down, or away from zero or toward it; none: one here and the other there.
  std::optional<Leaning> leaning;
  bool of_16_bit = false;  // it shows in f16 and bf16, else in f32 and f64
  std::function<Answer(const Case&)> answer;

  [[nodiscard]] SubjectEntry subject() const;  // named "biased:<name>"
};

std::vector<BiasedVariation> biased_variations();

}  // namespace gridproof
