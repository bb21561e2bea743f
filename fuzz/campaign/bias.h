// Errors that lean to one side over a whole campaign although each alone is admissible. The model
// of a correct implementation on which that rests is in oracle/judge/judging.md, section 11. And
// how many samples were decided about, kind by kind. Tested by bias_test.cc.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "oracle/judge/verdict.h"
#include "reference/contract/case.h"

namespace gridproof {

// What sets the arithmetic of samples apart.
struct SampleKind {
  Mode mode = Mode::bilinear;
  int rank = 4;
  Dtype dtype = Dtype::f32;
  Padding padding = Padding::zeros;

  friend auto operator<=>(const SampleKind&, const SampleKind&) = default;
};

// What a campaign keeps of the samples of one kind. Whole numbers, so that neither the order of
// the cases nor the cut into shards makes a difference.
struct KindCounts {
  std::int64_t decided = 0;  // samples about whose values the judge decided
  // Of random texels only, for which signs and last bits are random too. The errors of one case,
  // which are not independent, are summed first; `squares` are of those sums.
  std::int64_t cases = 0;
  std::int64_t elements = 0;
  std::array<std::int64_t, 2> sum{};      // in the unit of SignedErrors, by Side
  std::array<std::int64_t, 2> squares{};  // in the square of that unit

  KindCounts& operator+=(const KindCounts& other);
};
using KindTable = std::map<SampleKind, KindCounts>;

// Adds a judgment on the answer to `question`.
void count_kind(KindTable& table, const Case& test_case, const Judgment& judgment);

// On which side of the exact value errors are counted as positive: above it, or beyond it as seen
// from zero.
enum class Side : std::uint8_t { up, away };

// Errors of some kind lean to one side more than a correct implementation's ever would.
struct Bias {
  Mode mode = Mode::bilinear;
  int rank = 4;
  Dtype dtype = Dtype::f32;
  std::optional<Padding> padding;  // none: all of them together
  Side side = Side::up;
  double mean = 0;  // error in units of the spacing of numbers; negative: toward the other side
  std::int64_t cases = 0;
  std::int64_t elements = 0;
  // The most that the probability can be with which the run of a correct implementation shows a
  // bias as clear as this one anywhere.
  double chance = 1;
};

// A run of a correct implementation reports a bias with at most this probability.
inline constexpr double false_alarm = 1e-6;

// The most that the probability can be with which a correct implementation leans so far to a side,
// for this one kind.
double chance_of(const SampleKind& kind, const KindCounts& counts, Side side);

// The biases of a subject that declares `profile`, in the order of mode, rank, dtype and side; that
// of one padding only where it does not show over all of them.
std::vector<Bias> biases_of(const KindTable& table, const Profile& profile = {});

// How many samples of a mode, or of all, were decided about.
std::int64_t decided_of(const KindTable& table, std::optional<Mode> mode = std::nullopt);

}  // namespace gridproof
