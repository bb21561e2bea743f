// The judge of gradients: says of every number of both gradients whether a correct implementation
// of the declared profile could have given it. Derivations: judging-gradients.md. Tested by
// gradient_judge_test.cc.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "oracle/judge/verdict.h"
#include "reference/contract/subject.h"

namespace gridproof {

enum class Gradient : std::uint8_t { input, grid };
template <>
inline constexpr auto names<Gradient> = std::to_array<Named<Gradient>>(
    {{Gradient::input, "grad_input"}, {Gradient::grid, "grad_grid"}});

// A number of a gradient that is neither same-bits nor admissible.
struct GradientVerdict {
  Verdict verdict = Verdict::admissible;
  Gradient gradient = Gradient::input;
  std::int64_t element = 0;       // row-major in that gradient
  std::string clause;             // the clause that decides
  std::optional<Profile> within;  // for a quality warning: the tightest looser profile
};

struct GradientJudgment {
  // How many numbers of each gradient got which verdict. An answer without gradients counts once.
  std::array<std::array<std::int64_t, verdict_count>, 2> counts{};
  // In order of gradients and elements; of each gradient, verdict and clause at most `max_notable`.
  std::vector<GradientVerdict> notable;
  bool whole = false;   // the verdict is on the answer as a whole: `notable` says it once
  std::string message;  // of a refusal, of what is unsupported, of how it was lost

  [[nodiscard]] std::int64_t count(Gradient gradient, Verdict verdict) const {
    return counts[static_cast<std::size_t>(gradient)][static_cast<std::size_t>(verdict)];
  }
  [[nodiscard]] std::int64_t count(Verdict verdict) const {
    return count(Gradient::input, verdict) + count(Gradient::grid, verdict);
  }
  [[nodiscard]] Verdict worst() const {
    for (std::size_t i = verdict_count; i-- > 0;) {
      if (count(static_cast<Verdict>(i)) != 0) return static_cast<Verdict>(i);
    }
    return Verdict::same_bits;
  }
};

// Whose sides count at a kink, where the derivatives from the left and from the right differ.
enum class Kinks : std::uint8_t {
  right,     // [grad.kink-right], [grad.border]: what PyTorch does
  one_sided  // anything between them: for implementations that another text binds
};

class GradientJudge {
 public:
  static constexpr std::size_t max_notable = 64;

  explicit GradientJudge(Profile profile = {}, Kinks kinks = Kinks::right)
      : profile_(profile), kinks_(kinks) {}
  [[nodiscard]] const Profile& profile() const { return profile_; }
  [[nodiscard]] Kinks kinks() const { return kinks_; }

  // Judges the answer to a question. `reference`, when given, is the reference's answer to it:
  // numbers with its bits need no further look, and P0 needs it.
  [[nodiscard]] GradientJudgment judge(const BackwardCase& test_case, const BackwardAnswer& answer,
                                       const BackwardAnswer* reference = nullptr) const;

  // The hull of what one number may be, in the arithmetic's type; nothing where that is undecided.
  [[nodiscard]] std::optional<std::pair<double, double>> admissible(const BackwardCase& test_case,
                                                                    Gradient gradient,
                                                                    std::int64_t element) const;

 private:
  Profile profile_;
  Kinks kinks_;
};

}  // namespace gridproof
