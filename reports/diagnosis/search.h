// Which hypotheses explain what was expected. Tested by diagnose_test.cc.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reports/diagnosis/evaluator.h"

namespace gridproof::reports::diagnosis {

// A share below which nothing is explained: the rim may be expected otherwise.
inline constexpr double enough = 0.9;

class Search {
 public:
  // `expected` has the shape of the output. If it was rounded to whole `step`s, half of one is no
  // difference, and what lies beyond the 256 of 8 bits was cut.
  Search(Situation situation, Tensor expected, double step = 0);
  Search(const Search&) = delete;
  Search& operator=(const Search&) = delete;

  // All single hypotheses, and, where none of them explains everything, other semantics, pairs and
  // threes, and where that is not enough those that fit a number; the best first. Of pairs and
  // threes only the best are kept.
  [[nodiscard]] std::vector<Attempt> run() const;

  // Of the output of the question as it was asked, everywhere; or of the same before rounding,
  // whichever is nearer.
  [[nodiscard]] Distance distance_as_asked(const Tensor& output) const;
  // The largest of what is expected less the smallest; of finite numbers.
  [[nodiscard]] double range() const;
  // Whether the same is expected everywhere in a channel.
  [[nodiscard]] bool expects_one_value() const;
  // How much is told about where to read: for each output location, whose channels are all read at
  // one position, the logarithm of how many different values a channel has.
  [[nodiscard]] double bits() const;
  // How many output locations there are; all channels of one are read at one position.
  [[nodiscard]] double samples() const;
  // Whether what is expected differs from what was asked for only where `nearest` has a position
  // half-way between pixels, up to rounding, and is one of the two pixels there.
  [[nodiscard]] bool differs_at_ties_only() const;
  // A trial at every output location and channel; none where a hypothesis is not possible there.
  [[nodiscard]] std::optional<Attempt> everywhere(const Attempt& attempt) const;

 private:
  Situation situation_;
  Tensor expected_;
  double step_;
  Evaluator everywhere_;  // at every output location and channel
};

}  // namespace gridproof::reports::diagnosis
