// Gradients that are timed are judged in a smaller call: every location adds to the gradient of the
// input, and to judge millions takes longer than to time them. Tested by small_backward_test.cc.
#pragma once

#include "optimized/bench/rival.h"
#include "oracle/gradients/gradient_judge.h"

namespace gridproof::bench {

// A call with up to 2000 of the locations of the first batch entry of another one.
class SmallBackward {
 public:
  explicit SmallBackward(const Call& call);

  [[nodiscard]] const Call& call() const { return call_; }
  // The worst verdict on an answer to it.
  [[nodiscard]] Verdict judge(const GradientJudge& judge, const GradientBytes& answer) const;

 private:
  BackwardCase question_;
  BackwardAnswer expected_;
  Call call_;
};

}  // namespace gridproof::bench
