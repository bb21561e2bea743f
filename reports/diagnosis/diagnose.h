// Somebody holds an input, a grid, options and an output, and says that the values are wrong. Is
// the implementation wrong, or the grid? Which mistake explains what was expected? Tested by
// diagnose_test.cc.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "oracle/judge/judge.h"
#include "reports/diagnosis/search.h"
#include "reports/diagnosis/ties.h"

namespace gridproof::reports::diagnosis {

struct Symptom {
  Case test_case;
  std::optional<Tensor> observed = {};  // what an implementation gave
  std::optional<Tensor> expected = {};  // what the user wanted
  // The grid that was meant, if that is known: then `expected` is what it gives.
  std::optional<Tensor> meant_grid = {};
  World world = {};
  Given given = Given::grid;  // what the grid of the question was made of
  // How the arrays lie, which grid_sample refuses, and what it takes; empty where it takes them.
  std::string layout = {};
};

enum class Fault : std::uint8_t {
  none,            // the output is right and what was expected
  unknown,         // the output is right, and nobody says what was expected
  refused,         // the documentation demands a refusal
  implementation,  // the output is not what the documentation demands
  usage,           // it is, but a mistake in the question explains what was expected
  undecided,       // it is, and what was expected is too little to tell which mistake it was
  unexplained,     // it is, and no mistake that is known explains what was expected
};

// How sure it is that the first explanation is the right one.
enum class Confidence : std::uint8_t {
  low,     // a part of what was expected is not explained
  medium,  // all of it is, by others as well
  high,    // all of it, and by nothing else
};

struct Diagnosis {
  Fault fault = Fault::none;
  std::string where;     // usage: where it reads, in pixels from what is meant
  std::string sentence;  // the answer
  Confidence confidence = Confidence::high;
  std::vector<std::string> remarks;  // what is striking about the question itself
  // Implementation: the mutants with the same bits wherever they were compared; if there is none,
  // those with the same values up to rounding.
  std::vector<std::string> mutants;
  // Before them: the options other than those that were said under which all of it is right, as in
  // "padding_mode='border'"; empty where there are none.
  std::string options;
  bool mutants_match_bitwise = true;  // they have the same bits
  std::string
      under;  // what they were compared under, if not what was said; the start of a sentence
  // Where there is none: the mistake in the grid for which all of it is right.
  std::string misreading;
  std::vector<double> fill;  // where it is about what is outside: the number, or one each channel
  // Where there is none of these: one that has nearly all of the values and of the wrong ones.
  std::string nearest_mutant;
  double nearest_share = 0;       // of the values compared
  std::vector<Attempt> attempts;  // usage: every hypothesis tried, the best first
  std::vector<Tie> ties;          // of the best trial
  Distance before;                // of the documented output from what was expected
  Judgment judgment;              // on what was observed, at most max_judged locations of it
};

// The output locations that are judged: those furthest from the reference, if it is more of them
// that do not have its bits.
inline constexpr std::int64_t max_judged = std::int64_t{1} << 16U;

// Throws std::invalid_argument when the shapes of observed or expected are not those of the output.
Diagnosis diagnose(const Symptom& symptom);

// An element of an output.
struct Element {
  std::int64_t sample = 0;  // row-major over (N, output locations)
  std::int64_t channel = 0;
};
// Where two outputs of one shape, not empty, are furthest from each other.
Element furthest_element(const Tensor& one, const Tensor& other);

// The first sample that fails a subject, or none.
const SampleVerdict* first_finding(const Judgment& judgment);

// What is striking about a question, in sentences: coordinates that are not numbers, an identity …
std::vector<std::string> remarks_on(const Case& test_case);

}  // namespace gridproof::reports::diagnosis

template <>
inline constexpr auto gridproof::names<gridproof::reports::diagnosis::Fault> =
    std::to_array<gridproof::Named<gridproof::reports::diagnosis::Fault>>(
        {{gridproof::reports::diagnosis::Fault::none, "none"},
         {gridproof::reports::diagnosis::Fault::unknown, "unknown"},
         {gridproof::reports::diagnosis::Fault::refused, "refused"},
         {gridproof::reports::diagnosis::Fault::implementation, "implementation"},
         {gridproof::reports::diagnosis::Fault::usage, "usage"},
         {gridproof::reports::diagnosis::Fault::undecided, "undecided"},
         {gridproof::reports::diagnosis::Fault::unexplained, "unexplained"}});
template <>
inline constexpr auto gridproof::names<gridproof::reports::diagnosis::Confidence> =
    std::to_array<gridproof::Named<gridproof::reports::diagnosis::Confidence>>(
        {{gridproof::reports::diagnosis::Confidence::low, "low"},
         {gridproof::reports::diagnosis::Confidence::medium, "medium"},
         {gridproof::reports::diagnosis::Confidence::high, "high"}});
