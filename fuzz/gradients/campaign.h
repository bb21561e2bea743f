// Gradients on trial: the questions of questions.h, put to a subject and judged. What is found is
// told apart by gradient, clause and mode, and reduced. Tested by campaign_test.cc.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "fuzz/gradients/cause.h"
#include "fuzz/gradients/questions.h"
#include "oracle/gradients/gradient_judge.h"
#include "reference/contract/subject.h"

namespace gridproof {

struct GradientCampaignOptions {
  std::uint64_t seed = 1;
  std::int64_t cases = 6000;
  Profile profile;
  Kinks kinks = Kinks::right;
  bool strict = false;         // latitude and quality warnings are findings, too
  int threads = 0;             // 0: one for each core
  std::int64_t max_lost = 50;  // then a thread ends
  // Told now and then how many questions are done.
  std::function<void(std::int64_t)> progress = nullptr;
};

struct GradientFinding {
  Gradient gradient = Gradient::input;
  Verdict verdict = Verdict::deviates;
  std::string clause;
  std::string mode;          // as the question names it; empty if it does not
  std::int64_t cases = 0;    // that show it
  BackwardCase smallest;     // reduced
  std::int64_t element = 0;  // there, the first number that shows it
  std::string got;           // that number, or what the subject said instead of an answer
  std::string admissible;    // "[lo, hi]"; empty where that says nothing
  std::optional<GradientCause> cause;
};

struct GradientResult {
  std::int64_t cases = 0;
  std::int64_t unsupported = 0;  // cases that the subject does not take part in
  // Numbers of each gradient by verdict, and those undecided by stratum.
  std::array<std::array<std::int64_t, verdict_count>, 2> counts{};
  std::array<std::int64_t, names<GradientStratum>.size()> undecided{};
  std::array<std::int64_t, names<GradientStratum>.size()> numbers{};
  std::vector<GradientFinding> findings;
};

// Asks `entry` in its own process, if it has one. Throws std::runtime_error if it cannot be
// started. The result depends on the seed and the subject alone.
GradientResult run_gradients(const GradientCampaignOptions& options, const SubjectEntry& entry);

}  // namespace gridproof
