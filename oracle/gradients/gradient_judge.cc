#include "oracle/gradients/gradient_judge.h"

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <tuple>

#include "oracle/exact/gradients.h"
#include "oracle/gradients/coordinate_judge.h"
#include "oracle/gradients/texel_judge.h"
#include "oracle/judge/answer_judge.h"

namespace gridproof {
namespace {

using judging::CoordinateJudge;
using judging::Place;
using judging::PlaceOfGradient;
using judging::TexelJudge;

// Gathers the verdicts of one judgment.
class Verdicts {
 public:
  explicit Verdicts(GradientJudgment& judgment) : judgment_(judgment) {}

  void count(Gradient gradient, Verdict verdict) {
    ++judgment_.counts[static_cast<std::size_t>(gradient)][static_cast<std::size_t>(verdict)];
  }
  void add(GradientVerdict verdict) {
    count(verdict.gradient, verdict.verdict);
    if (verdict.verdict <= Verdict::admissible) return;
    // What is frequent leaves room for what is rare.
    std::size_t& listed = listed_[{verdict.gradient, verdict.verdict, verdict.clause}];
    if (listed == GradientJudge::max_notable) return;
    ++listed;
    judgment_.notable.push_back(std::move(verdict));
  }

 private:
  GradientJudgment& judgment_;
  std::map<std::tuple<Gradient, Verdict, std::string>, std::size_t> listed_;
};

// The verdict on a number that is at some place of the declared set. `looser` gives its place in
// that of another profile.
template <class Looser>
GradientVerdict verdict_of(const PlaceOfGradient& place, Gradient gradient, std::int64_t element,
                           std::string_view main_clause, const std::vector<Profile>& profiles,
                           Looser&& looser) {
  GradientVerdict verdict{
      .gradient = gradient, .element = element, .clause = std::string(place.clause)};
  switch (place.place) {
    case Place::inside:
      return verdict;
    case Place::open:
      verdict.verdict = Verdict::latitude;
      return verdict;
    case Place::undecided:
      verdict.verdict = Verdict::undecided;
      verdict.clause = main_clause;
      return verdict;
    case Place::outside:
      break;
  }
  verdict.verdict = Verdict::deviates;
  verdict.clause = main_clause;
  for (const Profile& profile : profiles) {
    const Place its = looser(profile).place;
    if (its != Place::inside && its != Place::open) continue;
    verdict.verdict = Verdict::quality_warning;
    verdict.within = profile;
    verdict.clause =
        judging::clause_of_quality(profile) == "dtype.16-bit" ? "grad.16-bit" : "grad.order";
    break;
  }
  return verdict;
}

template <class Element, std::size_t N>
class AnswerOfGradients {
 public:
  AnswerOfGradients(const BackwardCase& test_case, const Options& options, const Profile& profile,
                    Kinks kinks, Verdicts& verdicts)
      : case_(test_case),
        options_(options),
        profile_(profile),
        one_sided_(kinks == Kinks::one_sided),
        verdicts_(verdicts),
        looser_(profile.kind == Profile::Kind::same_bits
                    ? std::vector<Profile>{}
                    : judging::looser_profiles(profile, test_case.forward.input.dtype())) {}

  void judge_grid(const Tensor& got, const Tensor* reference) {
    const Element* const numbers = got.elements<Element>().data();
    const Element* const expected =
        reference == nullptr ? nullptr : reference->elements<Element>().data();
    const std::int64_t samples = sample_count(case_.forward);
    CoordinateJudge<Element, N> declared(case_, options_, profile_, one_sided_);
    std::map<const Profile*, CoordinateJudge<Element, N>> others;
    for (std::int64_t sample = 0; sample < samples; ++sample) {
      const std::int64_t at = sample * static_cast<std::int64_t>(N);
      std::array<bool, N> same{};
      std::array<double, N> values{};
      for (std::size_t axis = 0; axis < N; ++axis) {
        const auto k = at + static_cast<std::int64_t>(axis);
        values[axis] = to_double(numbers[k]);
        same[axis] = expected != nullptr && same_bits(numbers[k], expected[k]);
      }
      const bool all_same = std::ranges::all_of(same, std::identity{});
      const auto places = all_same || profile_.kind == Profile::Kind::same_bits
                              ? std::array<PlaceOfGradient, N>{}
                              : declared.judge(sample, values);
      for (std::size_t axis = 0; axis < N; ++axis) {
        if (same[axis]) {
          verdicts_.count(Gradient::grid, Verdict::same_bits);
          continue;
        }
        PlaceOfGradient place = places[axis];
        if (profile_.kind == Profile::Kind::same_bits) place.place = Place::outside;
        if (place.place == Place::inside) {
          verdicts_.count(Gradient::grid, Verdict::admissible);
          continue;
        }
        verdicts_.add(
            verdict_of(place, Gradient::grid, at + static_cast<std::int64_t>(axis),
                       declared.main_clause(sample, axis), looser_, [&](const Profile& profile) {
                         auto [other, made] =
                             others.try_emplace(&profile, case_, options_, profile, one_sided_);
                         return other->second.judge(sample, values)[axis];
                       }));
      }
    }
  }

  void judge_input(const Tensor& got, const Tensor* reference) {
    const Shape& shape = got.shape();
    TexelJudge<Element, N> declared(case_, options_, profile_);
    const std::int64_t plane = declared.texels();
    const std::int64_t channels =
        std::max<std::int64_t>(1, texels_at_once / std::max<std::int64_t>(1, plane));
    for (std::int64_t n = 0; n < shape[0]; ++n) {
      for (std::int64_t c = 0; c < shape[1]; c += channels) {
        judge_planes(declared, n, c, std::min(channels, shape[1] - c), got, reference);
      }
    }
  }

 private:
  static constexpr std::int64_t texels_at_once = std::int64_t{1} << 18;

  void judge_planes(TexelJudge<Element, N>& declared, std::int64_t n, std::int64_t c,
                    std::int64_t channels, const Tensor& got, const Tensor* reference) {
    const std::int64_t count = channels * declared.texels();
    const std::int64_t first = (n * got.shape()[1] + c) * declared.texels();
    const Element* const numbers = got.elements<Element>().data() + first;
    const Element* const expected =
        reference == nullptr ? nullptr : reference->elements<Element>().data() + first;
    bool is_summed = false;
    std::vector<std::pair<std::int64_t, PlaceOfGradient>> others;
    for (std::int64_t i = 0; i < count; ++i) {
      if (expected != nullptr && same_bits(numbers[i], expected[i])) {
        verdicts_.count(Gradient::input, Verdict::same_bits);
        continue;
      }
      PlaceOfGradient place{Place::outside, {}};
      if (profile_.kind != Profile::Kind::same_bits) {
        if (!is_summed) declared.sum(n, c, channels);
        is_summed = true;
        place = declared.place(i, to_double(numbers[i]));
      }
      if (place.place == Place::inside) {
        verdicts_.count(Gradient::input, Verdict::admissible);
      } else {
        others.emplace_back(i, place);
      }
    }
    if (others.empty()) return;
    std::map<const Profile*, TexelJudge<Element, N>> looser;
    for (const auto& [i, place] : others) {
      const auto at = i;
      verdicts_.add(verdict_of(
          place, Gradient::input, first + i, input_clause(), looser_, [&](const Profile& profile) {
            auto [other, made] = looser.try_emplace(&profile, case_, options_, profile);
            if (made) other->second.sum(n, c, channels);
            return other->second.place(at, to_double(numbers[at]));
          }));
    }
  }

  [[nodiscard]] std::string_view input_clause() const {
    return options_.mode == Mode::nearest ? "grad.nearest" : "grad.input";
  }

  const BackwardCase& case_;
  Options options_;
  Profile profile_;
  bool one_sided_;
  Verdicts& verdicts_;
  std::vector<Profile> looser_;
};

// Calls `visitor` with the element type and the number of spatial axes of a case that is not
// refused.
template <class Visitor>
auto visit_case(const BackwardCase& test_case, Visitor&& visitor) {
  const Tensor& input = test_case.forward.input;
  return visit(input.dtype(), [&]<class Element>(Element element) {
    if constexpr (std::is_integral_v<Element>) {
      throw std::logic_error("an integer dtype that was not refused");
      return visitor(float{}, std::integral_constant<std::size_t, 2>{});
    } else {
      return input.rank() == 5 ? visitor(element, std::integral_constant<std::size_t, 3>{})
                               : visitor(element, std::integral_constant<std::size_t, 2>{});
    }
  });
}

GradientJudgment on_the_whole(Verdict verdict, std::string clause, std::string message) {
  GradientJudgment judgment{.whole = true, .message = std::move(message)};
  Verdicts(judgment).add({.verdict = verdict, .clause = std::move(clause)});
  return judgment;
}

// What is wrong with the tensors of an answer, and by which clause; an empty sentence if nothing
// is.
struct WrongForm {
  std::string clause;
  std::string sentence;
};
WrongForm against_form(const BackwardCase& test_case, const Gradients& gradients) {
  const auto against = [&](Gradient which, const std::optional<Tensor>& got, bool wanted,
                           const Tensor& of) -> WrongForm {
    const std::string what(name(which));
    if (got.has_value() != wanted) {
      return {"grad.mask", what + (wanted ? " is missing" : " is there, which was not wanted")};
    }
    if (!got) return {};
    if (got->dtype() != of.dtype()) {
      return {"grad.dtype", what + " is " + std::string(name(got->dtype())) + ": expected " +
                                std::string(name(of.dtype()))};
    }
    if (got->shape() != of.shape()) {
      return {"grad.shape", what + " has shape " + to_string(got->shape()) + ": expected " +
                                to_string(of.shape())};
    }
    return {};
  };
  const OutputMask& mask = test_case.output_mask;
  WrongForm wrong = against(Gradient::input, gradients.input, mask.input, test_case.forward.input);
  if (!wrong.sentence.empty()) return wrong;
  return against(Gradient::grid, gradients.grid, mask.grid, test_case.forward.grid);
}

GradientJudgment judge_refused(const Refusal& due, const BackwardAnswer& answer) {
  if (std::holds_alternative<Gradients>(answer)) {
    return on_the_whole(Verdict::latitude, due.clause, "it answers what is to be refused");
  }
  GradientJudgment judgment{.whole = true};
  Verdicts(judgment).count(Gradient::input, Verdict::same_bits);
  return judgment;
}

}  // namespace

GradientJudgment GradientJudge::judge(const BackwardCase& test_case, const BackwardAnswer& answer,
                                      const BackwardAnswer* reference) const {
  if (const auto* lost = std::get_if<Lost>(&answer)) {
    return on_the_whole(Verdict::lost, "", lost->why);
  }
  if (const auto* unsupported = std::get_if<Unsupported>(&answer)) {
    return on_the_whole(Verdict::unsupported, "", unsupported->what);
  }
  if (const auto due = exact::refusal_of(test_case)) return judge_refused(*due, answer);
  if (const auto* refusal = std::get_if<Refusal>(&answer)) {
    return on_the_whole(Verdict::refused_wrongly, refusal->clause, refusal->message);
  }
  const auto& gradients = std::get<Gradients>(answer);
  if (auto wrong = against_form(test_case, gradients); !wrong.sentence.empty()) {
    return on_the_whole(Verdict::deviates, std::move(wrong.clause), std::move(wrong.sentence));
  }
  const auto* expected = reference == nullptr ? nullptr : std::get_if<Gradients>(reference);
  if (profile_.kind == Profile::Kind::same_bits && expected == nullptr) {
    throw std::invalid_argument("P0 needs the reference's answer");
  }
  GradientJudgment judgment;
  Verdicts verdicts(judgment);
  const Options options = resolve(test_case.forward.request).value_or(Options{});
  visit_case(test_case, [&]<class Element, class Axes>(Element, Axes) {
    AnswerOfGradients<Element, Axes::value> judge(test_case, options, profile_, kinks_, verdicts);
    const auto dense = [](const Tensor& tensor) {
      return tensor.is_contiguous() ? tensor : tensor.contiguous();
    };
    if (gradients.input) {
      judge.judge_input(dense(*gradients.input), expected == nullptr ? nullptr : &*expected->input);
    }
    if (gradients.grid) {
      judge.judge_grid(dense(*gradients.grid), expected == nullptr ? nullptr : &*expected->grid);
    }
    return 0;
  });
  return judgment;
}

std::optional<std::pair<double, double>> GradientJudge::admissible(const BackwardCase& test_case,
                                                                   Gradient gradient,
                                                                   std::int64_t element) const {
  const Options options = resolve(test_case.forward.request).value_or(Options{});
  using Pair = std::optional<std::pair<double, double>>;
  return visit_case(test_case, [&]<class Element, class Axes>(Element, Axes) -> Pair {
    const auto pair_of = [](const auto& range) -> Pair {
      const auto lo = static_cast<double>(range.lo - range.error);
      const auto hi = static_cast<double>(range.hi + range.error);
      return std::pair(lo, hi);
    };
    if (gradient == Gradient::grid) {
      CoordinateJudge<Element, Axes::value> judge(test_case, options, profile_,
                                                  kinks_ == Kinks::one_sided);
      const auto axes = static_cast<std::int64_t>(Axes::value);
      const auto range = judge.range(element / axes, static_cast<std::size_t>(element % axes));
      return range ? pair_of(*range) : std::nullopt;
    }
    TexelJudge<Element, Axes::value> judge(test_case, options, profile_);
    const std::int64_t plane = element / judge.texels();
    const std::int64_t channels = test_case.forward.input.size(1);
    judge.sum(plane / channels, plane % channels, 1);
    return pair_of(judge.range(element % judge.texels()));
  });
}

}  // namespace gridproof
