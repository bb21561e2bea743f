// Of several explanations of what was expected, which one is said first. Tested by
// diagnose_test.cc.
#pragma once

#include <algorithm>
#include <vector>

#include "reports/diagnosis/search.h"
#include "reports/diagnosis/ties.h"

namespace gridproof::reports::diagnosis {

// Puts the first trial for which something is so before all others, if there is one.
template <class Predicate>
void put_first(std::vector<Attempt>& attempts, const Predicate& is_it) {
  const auto found = std::ranges::find_if(attempts, is_it);
  if (found != attempts.end()) std::rotate(attempts.begin(), found, found + 1);
}

// The trial that is nearest by far, where noise or 8 bits leave nothing equal; none if there is no
// such trial. One change is better than two that are nearer.
Attempt* nearest_by_far(std::vector<Attempt>& attempts, const Distance& before, double range);

// Of positions that are all moved alike only that is known, whatever moved them: two or three
// mistakes, or one that speaks of what nobody has given, are no better an explanation.
void prefer_offset(const Situation& situation, const Search& search, std::vector<Attempt>& attempts,
                   std::vector<Tie>& ties);

// The mode is nearest in the best trial, and was not in the question: looks for a grid that is
// slightly off instead. Returns whether the first is in doubt.
bool doubt_nearest(const Situation& situation, const Search& search, std::vector<Attempt>& attempts,
                   std::vector<Tie>& ties);

// Who gave a theta made a mistake in it, where one explains as much as anything else.
void prefer_theta(const Situation& situation, std::vector<Attempt>& attempts);

// A grid of 16 bits has positions as coarse as those of an implementation that rounds them: it is
// the likelier cause.
void prefer_narrow_grid(const Situation& situation, const Search& search,
                        std::vector<Attempt>& attempts, std::vector<Tie>& ties);

}  // namespace gridproof::reports::diagnosis
