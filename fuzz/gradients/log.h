// What a campaign about gradients writes down as it goes.
#pragma once

#include <cstdint>
#include <vector>

#include "oracle/gradients/gradient_judge.h"

namespace gridproof {

// Keeps what was judged, so that a campaign that was cut off can go on.
class GradientLog {
 public:
  GradientLog() = default;
  GradientLog(const GradientLog&) = delete;
  GradientLog& operator=(const GradientLog&) = delete;
  virtual ~GradientLog() = default;

  // The judgments by an earlier run, one for each subject; null if it did not get there.
  [[nodiscard]] virtual const std::vector<GradientJudgment>* find_gradients(
      std::uint64_t /*ordinal*/) const {
    return nullptr;
  }
  // Called once for each further question, by any thread.
  virtual void add_gradients(std::uint64_t /*ordinal*/,
                             const std::vector<GradientJudgment>& /*judgments*/) {}
};

}  // namespace gridproof
