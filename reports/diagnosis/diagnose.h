// A user has an input, a grid, options and an output, and says that the values are wrong. Is the
// implementation wrong, or the grid? Which mistake explains the expected values? Tested by
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
  // The grid that was meant, if it is known; then `expected` is its output.
  std::optional<Tensor> meant_grid = {};
  World world = {};
  Given given = Given::grid;  // what the grid of the question was made of
  bool mixes_dtypes = false;  // as in Situation
  // Why grid_sample refuses the layout of the arrays, and what to pass instead; empty if it accepts
  // them.
  std::string layout = {};
};

enum class Fault : std::uint8_t {
  none,            // the output is right and what was expected
  unknown,         // the output is right, and no expected values were given
  refused,         // the documentation demands a refusal
  implementation,  // the output is not what the documentation demands
  usage,           // it is, but a mistake in the question explains the expected values
  undecided,       // it is, and there are too few expected values to tell which mistake it was
  unexplained,     // it is, and no known mistake explains the expected values
};

// How certain it is that the first explanation is the right one.
enum class Confidence : std::uint8_t {
  low,     // a part of what was expected is not explained
  medium,  // all of it is, but other explanations do so too
  high,    // all of it, and no other explanation does
};

struct Diagnosis {
  Fault fault = Fault::none;
  std::string where;     // usage: where it reads, in pixels from what is meant
  std::string sentence;  // the answer
  Confidence confidence = Confidence::high;
  std::vector<std::string> remarks;  // remarks on the question itself
  // Implementation: the mutants that give the same bits wherever they were compared; if there are
  // none, those that give the same values up to rounding.
  std::vector<std::string> mutants;
  // Takes precedence over the mutants: other options under which the whole output is right, as in
  // "padding_mode='border'"; empty if there are none.
  std::string options;
  bool mutants_match_bitwise = true;  // they have the same bits
  std::string under;  // the assumption under which they were compared, if it was not given; the
                      // start of a sentence
  // If there is no mutant: the mistake in the grid under which the whole output is right.
  std::string misreading;
  std::vector<double> fill;  // if it concerns pixels outside: the fill value, or one per channel
  // If there is none of these: the mutant that gives nearly all of the values and nearly all of the
  // wrong ones.
  std::string nearest_mutant;
  double nearest_share = 0;       // of the values compared
  std::vector<Attempt> attempts;  // usage: every hypothesis tried, the best first
  std::vector<Tie> ties;          // of the best trial
  Distance before;                // of the documented output from what was expected
  Judgment judgment;              // of the observed output, for at most max_judged of its locations
};

// The maximum number of output locations that are judged. If more of them differ from the
// reference's bits, the farthest are judged.
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

// The first sample that fails a subject, or null.
const SampleVerdict* first_finding(const Judgment& judgment);

// Remarks on a question, as sentences: coordinates that are NaN, an identity grid, …
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
