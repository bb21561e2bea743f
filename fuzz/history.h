// Incidents that depend on what was asked before. Tested by history_test.cc.
#pragma once

#include "fuzz/cause.h"
#include "fuzz/incident.h"

namespace gridproof {

// Settles an incident of a sequence whose last question is answered otherwise when it is asked by
// itself: leaves of the questions before it those that it takes, and names a mutant that remembers
// and gives the same answer to them. False, and nothing is left of them, if it recurs by itself or
// not at all.
bool settle_history(const Trial& trial, Incident& incident);

}  // namespace gridproof
