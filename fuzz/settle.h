// Settles an incident: reduces its first case, and looks for its cause.
#pragma once

#include <chrono>

#include "fuzz/cause.h"
#include "fuzz/incident.h"

namespace gridproof {

struct SettleOptions {
  // Take the reference's bits for right without looking further.
  bool shortcut = true;
  // The subject was lost so often that it is not asked again what it was lost on.
  bool spare_losses = false;
  // Another one of the same look was settled, and no mutant explains it, or enough others of so
  // many elements were: this one is reduced a little, and its cause is not looked for.
  bool is_like_another = false;
  // Reducing takes two thirds of it at most.
  std::chrono::nanoseconds time = std::chrono::hours(24);
};

// Takes what the answer to the original looks like for the cause, until another one is known.
void look_at(const Trial& trial, Incident& incident);

// Of an incident that was looked at.
void settle(const Trial& trial, const SettleOptions& options, Incident& incident);

}  // namespace gridproof
