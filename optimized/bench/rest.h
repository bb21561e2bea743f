// Rest between what is timed. Tested by rest_test.cc.
#pragma once

#include <chrono>

namespace gridproof::bench {

// Waits until all other threads of this process sleep, at most so long. Those of OpenMP run on for
// milliseconds after a call, and would keep a core from whoever is timed next. Returns whether they
// sleep; where the system does not say it, it is taken to be so after a while.
bool wait_for_rest(std::chrono::milliseconds most = std::chrono::milliseconds(200));

}  // namespace gridproof::bench
