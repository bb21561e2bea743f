// Gradients on trial: the questions of plan.h, put to subjects and judged. What is found is told
// apart by gradient, verdict, clause and mode, and reduced. Tested by campaign_test.cc.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fuzz/domain/part.h"
#include "fuzz/gradients/cause.h"
#include "fuzz/gradients/log.h"
#include "fuzz/gradients/plan.h"
#include "oracle/gradients/gradient_judge.h"
#include "reference/contract/subject.h"

namespace gridproof {

// What the default run asks beside the clauses' own cases.
inline constexpr std::int64_t default_gradient_questions = 6000;

// A subject's gradients of a question, judged.
struct JudgedGradients {
  std::size_t subject = 0;  // its place in the list
  const DrawnGradient& drawn;
  const BackwardCase& test_case;  // as it was asked
  const GradientJudgment& judgment;
};

struct GradientCampaignOptions {
  std::uint64_t seed = 1;
  std::int64_t questions = default_gradient_questions;  // the clauses' own among them
  std::optional<std::chrono::milliseconds> budget;      // if it is over earlier
  Profile profile;
  // The text that binds all subjects; else each has its own. Only PyTorch's says which side counts
  // at a kink.
  std::optional<Dialect> dialect;
  bool one_sided = false;      // at a kink any side is right, whatever the text
  bool strict = false;         // latitude and quality warnings are looked into as findings are
  int threads = 0;             // 0: one for each core
  std::int64_t max_lost = 50;  // in so many questions: then the campaign ends
  // Whether a question is to be asked, by its number: shards. All, if there is none.
  std::function<bool(std::uint64_t)> is_ours = nullptr;
  // Names what tells findings of a subject apart beside the rest, such as a waiver.
  std::function<std::string(std::size_t subject, const BackwardCase&, const GradientVerdict&)>
      label = nullptr;
  // Sees all that is judged, by one thread at a time.
  std::function<void(const JudgedGradients&)> judged = nullptr;
  GradientLog* log = nullptr;
  // Told now and then how many questions are done.
  std::function<void(std::int64_t)> progress = nullptr;
};

struct GradientFinding {
  Gradient gradient = Gradient::input;
  Verdict verdict = Verdict::deviates;
  std::string clause;
  std::string mode;                    // as the question names it; empty if it does not
  std::string label;                   // see the options
  std::optional<Profile> within;       // for a quality warning: the tightest looser profile
  std::int64_t cases = 0;              // that show it
  std::uint64_t ordinal = 0;           // of the smallest of these; of several the first
  std::int64_t elements = 0;           // of that: its numbers
  std::string_view stratum;            // likewise
  BackwardCase smallest;               // reduced
  std::int64_t element = 0;            // there, the first number that shows it
  BackwardAnswer answer = Lost{};      // to that
  Dialect dialect = Dialect::pytorch;  // by which the subject was judged
  std::optional<GradientCause> cause;
  bool recurs = true;  // a fresh instance that is asked nothing else shows it, too
};

struct GradientCounts {
  std::int64_t cases = 0;
  // Numbers of each gradient by verdict. An answer without gradients counts once.
  std::array<std::array<std::int64_t, verdict_count>, 2> numbers{};
};

// What became of one subject.
struct GradientResult {
  std::map<std::string, GradientCounts> strata;
  std::vector<GradientFinding> findings;  // remarks among them: what only a strict judge objects to
};

struct GradientResults {
  std::vector<GradientResult> subjects;  // in their order
  std::string ended;                     // why it ended before its time; else empty
};

// A subject, of which part of the operator it has gradients, and which. It is asked nothing else.
struct GradientSubject {
  SubjectEntry entry;
  Part part = {};
  OutputMask mask = {};
};

// Throws std::runtime_error if a subject cannot be started. What is asked and found depends on the
// options, of which threads matter to subjects that remember alone.
GradientResults run_gradients(const GradientCampaignOptions& options,
                              const std::vector<GradientSubject>& subjects);

}  // namespace gridproof
