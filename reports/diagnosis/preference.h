// Which of several explanations of the expected values is reported first. Tested by
// diagnose_test.cc.
#pragma once

#include <algorithm>
#include <vector>

#include "reports/diagnosis/search.h"
#include "reports/diagnosis/ties.h"

namespace gridproof::reports::diagnosis {

// Moves the first trial that satisfies a predicate before all others, if there is one.
template <class Predicate>
void put_first(std::vector<Attempt>& attempts, const Predicate& is_it) {
  const auto found = std::ranges::find_if(attempts, is_it);
  if (found != attempts.end()) std::rotate(attempts.begin(), found, found + 1);
}

// The trial that is closest by far, for when noise or 8 bits leave nothing equal; null if there is
// no such trial. One change is preferred to two that are closer.
Attempt* nearest_by_far(std::vector<Attempt>& attempts, const Distance& before, double range);

// If all positions are moved by the same offset, only the offset is known, not its cause. Two or
// three mistakes, or a mistake in something that the user did not give, do not explain it better.
void prefer_offset(const Situation& situation, const Search& search, std::vector<Attempt>& attempts,
                   std::vector<Tie>& ties);

// If the best trial changes the mode to nearest, looks for a grid that is slightly off instead.
// Returns whether the first explanation is in doubt.
bool doubt_nearest(const Situation& situation, const Search& search, std::vector<Attempt>& attempts,
                   std::vector<Tie>& ties);

// If a theta was given, prefers a mistake in the theta that explains as much as any other.
void prefer_theta(const Situation& situation, std::vector<Attempt>& attempts);

// Positions of a 16-bit grid are as coarse as those of an implementation that rounds positions. The
// grid is the likelier cause.
void prefer_narrow_grid(const Situation& situation, const Search& search,
                        std::vector<Attempt>& attempts, std::vector<Tie>& ties);

}  // namespace gridproof::reports::diagnosis
