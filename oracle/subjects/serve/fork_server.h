// A subject whose start takes long can be a fork server: it starts once, and is copied for each
// instance and after each loss. Tested by process_subject_test.cc and torch_test.cc.
#pragma once

#include <span>

namespace gridproof {

// If the program's arguments end with `--fork-server ORDERS ROLL`, which the host adds, this
// process never answers a question: it forks a copy each time that the host sends pipes for one, in
// which this function returns, so that each copy is as fresh as a program that was started. The
// copy has the limits and the isolation of this process, a session of its own, and the keeper for a
// parent.
//
// To be called when all is loaded, before anything is read or written. A process that has several
// threads, of which a copy would have but one, does not fork: it is the only copy itself.
void serve_copies(std::span<char* const> arguments);

}  // namespace gridproof
