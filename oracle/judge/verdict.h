// What the judge says of an answer.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "oracle/judge/profile.h"

namespace gridproof {

// From best to worst; the verdict of a case is the worst of its samples.
enum class Verdict : std::uint8_t {
  same_bits,    // the reference's bits (any NaN equals any NaN)
  admissible,   // inside the set of the declared profile
  unsupported,  // the subject does not take part in this question
  latitude,     // a clause leaves this open, or the documentation excludes the question, which is
                // answered nevertheless; fails only when judging strictly
  undecided,    // the set says nothing about this sample; never a pass
  quality_warning,  // outside the declared profile, inside a looser one
  refused_wrongly,  // refused what the documentation answers
  deviates,         // no correct implementation gives this
  lost,             // no answer: crash, timeout, protocol error
};
template <>
inline constexpr auto names<Verdict> =
    std::to_array<Named<Verdict>>({{Verdict::same_bits, "same-bits"},
                                   {Verdict::admissible, "admissible"},
                                   {Verdict::unsupported, "unsupported"},
                                   {Verdict::latitude, "latitude"},
                                   {Verdict::undecided, "undecided"},
                                   {Verdict::quality_warning, "quality-warning"},
                                   {Verdict::refused_wrongly, "refused-wrongly"},
                                   {Verdict::deviates, "deviates"},
                                   {Verdict::lost, "lost"}});
inline constexpr std::size_t verdict_count = names<Verdict>.size();

// Whether a verdict is a finding, which fails a subject.
constexpr bool is_finding(Verdict verdict, bool strict) {
  return verdict >= Verdict::refused_wrongly ||
         (strict && (verdict == Verdict::latitude || verdict == Verdict::quality_warning));
}

// A sample that is neither same-bits nor admissible.
struct SampleVerdict {
  Verdict verdict = Verdict::admissible;
  std::int64_t sample = 0;        // row-major over (N, output locations)
  std::int64_t channel = 0;       // the first channel that shows it
  std::string clause;             // the clause that decides, e.g. "coord.nan"
  std::optional<Profile> within;  // for a quality warning: the tightest looser profile
  std::string reason;  // why no correct form gives this, where that is known, as a clause
                       // of a sentence
};

// By how much some elements of an answer miss the exact value, summed up: bias.h.
struct SignedErrors {
  static constexpr int bits = 8;  // in 2^-8 of the spacing of the output's type around the value
  std::int64_t elements = 0;
  std::int64_t up = 0;    // toward plus infinity
  std::int64_t away = 0;  // away from zero
};

struct Judgment {
  // How many samples got which verdict. An answer that is no tensor counts for every sample of the
  // case (for one, when the case has none).
  std::array<std::int64_t, verdict_count> counts{};
  // In order of samples; at most `Judge::max_notable`. Where there are more, the first of each
  // verdict and clause are among them.
  std::vector<SampleVerdict> notable;
  bool whole = false;   // the verdict is on the answer as a whole: `notable` says it once for all
  std::string message;  // of a refusal, of what is unsupported, of how it was lost
  SignedErrors errors;  // where the campaign asks for them

  [[nodiscard]] std::int64_t& operator[](Verdict verdict) {
    return counts[static_cast<std::size_t>(verdict)];
  }
  [[nodiscard]] std::int64_t operator[](Verdict verdict) const {
    return counts[static_cast<std::size_t>(verdict)];
  }
  // Whether `notable` has every sample that is neither same-bits nor admissible.
  [[nodiscard]] bool lists_all() const {
    std::int64_t others = 0;
    for (auto i = static_cast<std::size_t>(Verdict::admissible) + 1; i < verdict_count; ++i)
      others += counts[i];
    return whole || std::cmp_equal(notable.size(), others);
  }
  [[nodiscard]] Verdict worst() const {
    for (std::size_t i = verdict_count; i-- > 0;) {
      if (counts[i] != 0) return static_cast<Verdict>(i);
    }
    return Verdict::same_bits;
  }
};

}  // namespace gridproof
