// Incidents that depend on what was asked before. Tested by history_test.cc.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "fuzz/campaign/incident.h"
#include "fuzz/causes/cause.h"

namespace gridproof {

// What the cause of an incident is called that does not recur when its case is asked by itself.
inline constexpr std::string_view not_the_same = "not the same each time";

// The objection that makes the incident, if a fresh instance that is asked nothing but `question`
// gets it for its answer.
std::optional<SampleVerdict> objection_alone(const Interrogation& interrogation,
                                             const Incident& incident, const Case& test_case,
                                             Answer& answer);

// Settles an incident whose original question is answered otherwise when a fresh instance is asked
// nothing else: leaves of the questions before it those that it takes, and names a mutant that
// remembers and gives the same answer to them. Where they do not bring it back it says so, and what
// is right stands for the answer. False, and nothing is left of the questions before, if it
// reproduces by itself. It stops looking when the time is over: then it takes more questions than
// it needs to, or says that they do not bring it back.
bool settle_history(const Interrogation& interrogation, Incident& incident,
                    std::chrono::nanoseconds time = std::chrono::hours(24));

}  // namespace gridproof
