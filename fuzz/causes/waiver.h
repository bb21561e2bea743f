// Waivers: what somebody knows to be wrong with a subject, for a reason, and for some time. Samples
// that a waiver covers are judged like all others; it only says that they need not fail the gate.
// Tested by waiver_test.cc.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "oracle/judge/verdict.h"
#include "reference/contract/case.h"
#include "reference/contract/dtype.h"

namespace gridproof {

enum class CoordinateKind : std::uint8_t { finite, infinite, nan, none };
template <>
inline constexpr auto names<CoordinateKind> =
    std::to_array<Named<CoordinateKind>>({{CoordinateKind::finite, "finite"},
                                          {CoordinateKind::infinite, "infinite"},
                                          {CoordinateKind::nan, "nan"},
                                          {CoordinateKind::none, "none"}});

// Which half of the operator: its values, or their gradients.
enum class Direction : std::uint8_t { forward, backward };
template <>
inline constexpr auto names<Direction> = std::to_array<Named<Direction>>(
    {{Direction::forward, "forward"}, {Direction::backward, "backward"}});

// The coordinates of one sample: NaN if one of them is, else infinite if one is.
struct Coordinate {
  CoordinateKind kind = CoordinateKind::none;  // there is no sample, or no grid to speak of
  double magnitude = 0;                        // of the largest, where it is finite
};
Coordinate coordinate_of(const Case& test_case, std::int64_t sample);

// A predicate over samples, and over the numbers of gradients. An empty list admits everything; but
// without a direction it is about gradients only if all its clauses are, and else about values.
struct Predicate {
  std::optional<Direction> direction;
  std::vector<std::string> subjects;
  std::vector<std::string> clauses;
  std::vector<std::string> modes;     // as the caller of grid_sample wrote them, or the default
  std::vector<std::string> paddings;  // likewise
  std::vector<Dtype> dtypes;          // of the input
  std::vector<int> ranks;             // likewise
  std::optional<bool> align_corners;
  std::vector<CoordinateKind> kinds;
  double above = -1;                                       // magnitude > above,
  double up_to = std::numeric_limits<double>::infinity();  // and <= up_to

  // Of a subject's answers to a case, whatever the sample and the clause.
  [[nodiscard]] bool covers_case(const std::string& subject, const Case& test_case) const;
  // The direction that it is about.
  [[nodiscard]] Direction covered_direction() const;
  // Of a case that is covered: this sample, under this clause.
  [[nodiscard]] bool covers_sample(const Case& test_case, std::int64_t sample,
                                   const std::string& clause) const;
  // The coordinates of this sample.
  [[nodiscard]] bool covers_coordinate(const Case& test_case, std::int64_t sample) const;

  friend bool operator==(const Predicate&, const Predicate&) = default;
};

struct Waiver {
  std::string name;
  Predicate predicate;
  Verdict worst = Verdict::deviates;  // what is worse is not waived
  double max_share = 1;               // of the covered samples: more that fail break the waiver
  std::string reason;
  std::string link;     // where it is discussed; may be empty
  std::string expires;  // the last day on which it holds, "2027-01-31"; empty: never
};

// A waiver and what became of it in a campaign.
struct WaiverOutcome {
  Waiver waiver;
  std::int64_t covered = 0;  // samples, or questions about gradients; among them
  std::int64_t waived = 0;   // those that fail
};

// Why a waiver fails the gate on that day ("2026-12-31"): "expired on 2026-11-30", "matches
// nothing", "all that it covers is right now", "got worse: 3 of 10 samples fail, a share of at
// most 0.2 was to". Empty when it holds. A waiver is judged by the whole campaign, not by one shard
// of it.
std::string broken(const WaiverOutcome& outcome, const std::string& today);

}  // namespace gridproof
