// Settles an incident: reduces its first case, and looks for its cause.
#pragma once

#include <chrono>

#include "fuzz/campaign/incident.h"
#include "fuzz/causes/cause.h"

namespace gridproof {

struct SettleOptions {
  // The subject was lost so often that it is not asked again what it was lost on.
  bool spare_losses = false;
  // Another one of the same look was settled, and no mutant explains it, or enough others of so
  // many elements were: this one is reduced a little, and its cause is not looked for.
  bool is_like_another = false;
  // Another one of the same look was, and came of what was asked before it: if this one does not
  // recur by itself either, which questions it takes is not looked for, unless it is confirmed.
  bool is_history_known = false;
  // Reducing takes two thirds of it at most, as does looking for the questions before.
  std::chrono::nanoseconds time = std::chrono::hours(24);
};

// Takes what the answer to the original looks like for the cause, until another one is known.
void look_at(const Interrogation& interrogation, Incident& incident);

// Whether a settled incident is found again where a fresh instance is asked its reduced case and
// nothing else, as whoever reads of it does. If not, what it was reduced to was due to the
// questions before, and it is settled by these, or by its original case.
// Looking for these takes `time` at most.
void confirm(const Interrogation& interrogation, std::chrono::nanoseconds time, Incident& incident);

// Of an incident that was looked at.
void settle(const Interrogation& interrogation, const SettleOptions& options, Incident& incident);

}  // namespace gridproof
