// Conforming variations of the reference: what correct implementations do differently. The judge
// may object to none of them under their profile (controls_test.cc).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "reference/contract/subject.h"

namespace gridproof {

struct ConformingVariation {
  std::string name;      // "fused.position"
  std::string profile;   // the tightest profile that it conforms to: "P1"
  std::string sentence;  // what it does
  std::function<Answer(const Case&)> answer;
  // Of one that keeps something: makes an instance, which answers as `answer` does.
  std::function<std::unique_ptr<Subject>()> remembering = {};

  [[nodiscard]] SubjectEntry subject() const;  // named "conforming:<name>"
};

std::vector<ConformingVariation> conforming_variations();

}  // namespace gridproof
