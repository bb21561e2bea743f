#include "oracle/judge/judge.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <map>
#include <optional>
#include <ranges>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "oracle/exact/exact.h"
#include "oracle/judge/sample_judge.h"

namespace gridproof {
namespace {

// The looser profiles that an answer outside `declared` is tried against, tightest first.
std::vector<Profile> looser_profiles(const Profile& declared, Dtype dtype) {
  using Kind = Profile::Kind;
  std::vector<Profile> profiles;
  if (declared.kind < Kind::ieee) profiles.push_back({.kind = Kind::ieee});
  if (declared.kind < Kind::flush) profiles.push_back({.kind = Kind::flush});
  if (declared.kind < Kind::formula) profiles.push_back({.kind = Kind::formula});
  // Only where the tensor itself is that narrow; in f32 these would excuse almost anything.
  if (is_16_bit(dtype)) {
    if (declared.kind < Kind::narrow_coordinates) {
      profiles.push_back({.kind = Kind::narrow_coordinates, .type = dtype});
    }
    if (declared.kind < Kind::narrow_arithmetic) {
      profiles.push_back({.kind = Kind::narrow_arithmetic, .type = dtype});
    }
  }
  return profiles;
}

// The open clause that a looser profile makes use of; the sample's own clause is not what is
// broken.
std::string clause_of_quality(const Profile& looser) {
  using Kind = Profile::Kind;
  switch (looser.kind) {
    case Kind::flush:
      return "arith.subnormal";
    case Kind::formula:
    case Kind::texture:
      return "coord.rounding";
    case Kind::narrow_coordinates:
    case Kind::narrow_arithmetic:
      return "dtype.16-bit";
    case Kind::same_bits:
    case Kind::ieee:
      break;
  }
  return "arith.order";
}

Shape output_shape(const Case& test_case) {
  Shape shape = {test_case.input.size(0), test_case.input.size(1)};
  for (int axis = 1; axis + 1 < test_case.grid.rank(); ++axis)
    shape.push_back(test_case.grid.size(axis));
  return shape;
}

// All samples of a case share the verdict.
Judgment unanimous(const Case& test_case, Verdict verdict, std::string clause,
                   std::string message) {
  Judgment judgment;
  judgment[verdict] = std::max<std::int64_t>(1, sample_count(test_case));
  judgment.message = std::move(message);
  judgment.whole = true;
  if (verdict != Verdict::same_bits && verdict != Verdict::admissible) {
    judgment.notable.push_back({.verdict = verdict, .clause = std::move(clause)});
  }
  return judgment;
}

// The part of the operator that a wrong refusal concerns, as far as the question tells.
std::string clause_of_refusal(const Case& test_case, const Refusal& refusal) {
  if (!refusal.clause.empty()) return refusal.clause;
  if (is_16_bit(test_case.input.dtype())) return "dtype.supported";
  if (test_case.input.element_count() == 0 || test_case.grid.element_count() == 0)
    return "shape.empty";
  if (!test_case.input.is_contiguous() || !test_case.grid.is_contiguous()) return "layout.strides";
  return "shape.output";
}

// Calls `visitor` with a SampleJudge for the case under `profile`.
template <class Visitor>
void with_sample_judge(const Case& test_case, const Options& options, const Profile& profile,
                       Visitor&& visitor) {
  visit(test_case.input.dtype(), [&]<class Element>(Element) {
    if constexpr (!std::is_same_v<Element, std::int32_t>) {
      if (test_case.input.rank() == 4) {
        visitor(judging::SampleJudge<Element, 2>(test_case, options, profile), Element{});
      } else {
        visitor(judging::SampleJudge<Element, 3>(test_case, options, profile), Element{});
      }
    }
  });
}

// Whether a looser profile explains what `declared` excludes. It does so only where it knows
// something: that a position is not known to within a pixel excuses nothing if it is known in the
// declared profile.
bool excuses(const judging::Opinion& looser, const judging::Opinion& declared) {
  return looser.membership != judging::Membership::outside && (!looser.wide || declared.wide);
}

// The elements of one sample, by channel.
template <class Element>
class Channels {
 public:
  Channels(const Element* data, std::int64_t stride) : data_(data), stride_(stride) {}
  Element operator()(std::int64_t channel) const { return data_[channel * stride_]; }

 private:
  const Element* data_;
  std::int64_t stride_;
};

template <class Element>
bool all_same(const Channels<Element>& a, const Channels<Element>& b, std::int64_t channels) {
  for (std::int64_t c = 0; c < channels; ++c) {
    if (!same_bits(a(c), b(c))) return false;
  }
  return true;
}

template <class Element>
std::int64_t first_difference(const Channels<Element>& a, const Channels<Element>& b,
                              std::int64_t channels) {
  std::int64_t c = 0;
  while (c + 1 < channels && same_bits(a(c), b(c))) ++c;
  return c;
}

// What the text of a dialect does not rule although the documentation does.
template <class SampleJudge>
class DialectLatitude {
 public:
  DialectLatitude(const Case& test_case, const Options& options, const Profile& profile,
                  Dialect dialect)
      : dialect_(dialect) {
    if (dialect == Dialect::onnx_16 && options.mode == Mode::nearest) {
      any_tie_.emplace(test_case, options, profile, judging::Liberties{.any_tie = true});
    }
  }

  // The clause whose silence admits `answers`, or an empty one.
  template <class Answers>
  std::string_view admits(std::int64_t sample, SampleJudge& judge, const Answers& answers) {
    if (dialect_ == Dialect::pytorch) return {};
    if (judge.has_nan_coordinate(sample)) return "coord.nan";
    if (any_tie_ && any_tie_->judge(sample, answers).membership >= judging::Membership::open) {
      return "nearest.ties-to-even";
    }
    return {};
  }

 private:
  Dialect dialect_;
  std::optional<SampleJudge> any_tie_;
};

// What is notable of a case, as Judgment says.
class Listing {
 public:
  explicit Listing(Judgment& judgment) : judgment_(judgment) {}

  void add(SampleVerdict verdict) {
    std::vector<SampleVerdict>& list = judgment_.notable;
    ++judgment_[verdict.verdict];
    std::size_t& own = listed_[{verdict.verdict, verdict.clause}];
    if (list.size() >= Judge::max_notable) {
      // Room for what is rare here, at the cost of what is frequent.
      if (own >= enough_of_a_kind) return;
      const auto frequent = std::ranges::max_element(
          listed_, {}, [](const auto& kind_and_count) { return kind_and_count.second; });
      const auto last =
          std::ranges::find_if(std::views::reverse(list), [&](const SampleVerdict& known) {
            return known.verdict == frequent->first.first && known.clause == frequent->first.second;
          });
      list.erase(std::next(last).base());
      --frequent->second;
    }
    ++own;
    list.push_back(std::move(verdict));
  }

 private:
  static constexpr std::size_t enough_of_a_kind = 16;
  Judgment& judgment_;
  std::map<std::pair<Verdict, std::string>, std::size_t> listed_;
};

// Judges an answer of the right shape and dtype to a question that has one.
template <class SampleJudge, class Element>
Judgment judge_samples(const Case& test_case, const Options& options, const Profile& profile,
                       Dialect dialect, SampleJudge& judge, const Tensor& answer,
                       const Tensor* reference, std::int64_t max_deviating) {
  Judgment judgment;
  Listing listing(judgment);
  DialectLatitude<SampleJudge> silence(test_case, options, profile, dialect);
  // Explains what deviates, once that is needed.
  std::optional<SampleJudge> shifted_folds;
  // Of the looser profiles, once one is needed.
  std::vector<std::pair<Profile, SampleJudge>> others;
  std::optional<SampleJudge> as_written;  // of the one among them that has any formula
  const std::int64_t channels = judge.channels();
  const std::int64_t samples = sample_count(test_case);
  const std::int64_t batches = test_case.input.size(0);
  const std::int64_t inner = batches == 0 ? 0 : samples / batches;
  const Element* got = answer.elements<Element>().data();
  const Element* expected = reference == nullptr ? nullptr : reference->elements<Element>().data();
  std::int64_t start = 0;  // of channel 0
  for (std::int64_t sample = 0; sample < samples; ++sample, ++start) {
    if (judgment[Verdict::deviates] >= max_deviating) break;
    if (sample != 0 && sample % inner == 0) start += inner * (channels - 1);
    const Channels<Element> answers(got + start, inner);
    if (expected != nullptr) {
      const Channels<Element> references(expected + start, inner);
      if (all_same(answers, references, channels)) {
        ++judgment[Verdict::same_bits];
        continue;
      }
      if (profile.kind == Profile::Kind::same_bits) {
        listing.add({.verdict = Verdict::deviates,
                     .sample = sample,
                     .channel = first_difference(answers, references, channels),
                     .clause = std::string(judge.clause(sample))});
        continue;
      }
    }
    const judging::Opinion opinion = judge.judge(sample, answers);
    SampleVerdict verdict{.sample = sample, .channel = opinion.channel};
    switch (opinion.membership) {
      case judging::Membership::inside:
        ++judgment[Verdict::admissible];
        continue;
      case judging::Membership::open:
        verdict.verdict = Verdict::latitude;
        verdict.clause = opinion.clause;
        break;
      case judging::Membership::undecided:
        verdict.verdict = Verdict::undecided;
        verdict.clause = judge.clause(sample);
        break;
      case judging::Membership::outside:
        verdict.verdict = Verdict::deviates;
        verdict.clause = silence.admits(sample, judge, answers);
        if (!verdict.clause.empty()) {
          verdict.verdict = Verdict::latitude;
          break;
        }
        verdict.clause = judge.clause(sample);
        if (others.empty()) {
          for (const Profile& looser : looser_profiles(profile, test_case.input.dtype())) {
            others.emplace_back(looser, SampleJudge(test_case, options, looser));
          }
        }
        for (auto& [looser, other] : others) {
          const judging::Opinion its = other.judge(sample, answers);
          // On an axis so long that other formulas do not know the pixel, their sums are known.
          const auto knows_its_sums = [&, &looser = looser] {
            if (!its.wide || !looser.has_any_formula()) return false;
            if (!as_written) {
              as_written.emplace(test_case, options, looser,
                                 judging::Liberties{.as_written = true});
            }
            return excuses(as_written->judge(sample, answers), opinion);
          };
          if (excuses(its, opinion) || knows_its_sums()) {
            verdict.verdict = Verdict::quality_warning;
            verdict.within = looser;
            verdict.clause = clause_of_quality(looser);
            break;
          }
        }
        if (verdict.verdict == Verdict::deviates && options.padding == Padding::reflection) {
          if (!shifted_folds) {
            shifted_folds.emplace(test_case, options, profile,
                                  judging::Liberties{.shifted_folds = true});
          }
          if (excuses(shifted_folds->judge(sample, answers), opinion)) {
            verdict.reason =
                "a reflection by a remainder that is made positive by adding a period explains it: "
                "the sum rounds the distance from the edge, which no correct form does";
          }
        }
        break;
    }
    listing.add(std::move(verdict));
  }
  return judgment;
}

}  // namespace

Judgment Judge::judge(const Case& test_case, const Answer& answer, const Answer* reference) const {
  if (const auto* lost = std::get_if<Lost>(&answer)) {
    return unanimous(test_case, Verdict::lost, "", lost->why);
  }
  if (const auto* unsupported = std::get_if<Unsupported>(&answer)) {
    return unanimous(test_case, Verdict::unsupported, "", unsupported->what);
  }
  const std::optional<Refusal> due = exact::refusal_of(test_case);
  if (const auto* refusal = std::get_if<Refusal>(&answer)) {
    if (due) return unanimous(test_case, Verdict::admissible, due->clause, refusal->message);
    return unanimous(test_case, Verdict::refused_wrongly, clause_of_refusal(test_case, *refusal),
                     refusal->message);
  }
  const auto& output = std::get<Tensor>(answer);
  if (due) {
    // Another rank or a batch that is broadcast adds to the operator. A name that it does not have
    // hides the caller's mistake behind the answer to another question.
    const bool hides = due->clause == "options.mode" || due->clause == "options.padding-mode";
    return unanimous(test_case, hides ? Verdict::deviates : Verdict::latitude, due->clause,
                     "answered what the documentation excludes: " + due->message);
  }
  if (output.shape() != output_shape(test_case)) {
    return unanimous(test_case, Verdict::deviates, "shape.output",
                     "the output has the shape " + to_string(output.shape()) + ", not " +
                         to_string(output_shape(test_case)));
  }
  if (output.dtype() != test_case.input.dtype()) {
    return unanimous(test_case, Verdict::deviates, "dtype.output",
                     "the output is " + std::string(name(output.dtype())) + ", not " +
                         std::string(name(test_case.input.dtype())));
  }
  if (!output.is_contiguous()) {
    return unanimous(test_case, Verdict::deviates, "layout.output",
                     "the output is not dense and row-major");
  }
  const Tensor* expected = reference == nullptr ? nullptr : std::get_if<Tensor>(reference);
  const std::optional<Options> options = resolve(test_case.request);
  if (!options) throw std::logic_error("options without meaning that the witness did not refuse");
  Judgment judgment;
  with_sample_judge(test_case, *options, profile_, [&]<class S, class Element>(S judge, Element) {
    judgment = judge_samples<S, Element>(test_case, *options, profile_, dialect_, judge, output,
                                         expected, max_deviating_);
  });
  return judgment;
}

std::vector<std::string> Judge::main_clauses(const Case& test_case) const {
  std::vector<std::string> clauses;
  if (const auto refusal = exact::refusal_of(test_case)) return {refusal->clause};
  const std::optional<Options> options = resolve(test_case.request);
  if (!options) throw std::logic_error("options without meaning that the witness did not refuse");
  with_sample_judge(test_case, *options, profile_, [&]<class S, class Element>(S judge, Element) {
    const std::int64_t samples = sample_count(test_case);
    for (std::int64_t sample = 0; sample < samples; ++sample) {
      clauses.emplace_back(judge.clause(sample));
    }
  });
  return clauses;
}

Admissible Judge::admissible(const Case& test_case, std::int64_t sample,
                             std::int64_t channel) const {
  Admissible result;
  const std::optional<Options> options = resolve(test_case.request);
  if (!options || exact::refusal_of(test_case)) return result;
  with_sample_judge(test_case, *options, profile_, [&]<class S, class Element>(S judge, Element) {
    result = judge.admissible(sample, channel);
    if (dialect_ == Dialect::pytorch) return;
    if (judge.has_nan_coordinate(sample)) {
      result.silent = "coord.nan";
    } else if (dialect_ == Dialect::onnx_16 && options->mode == Mode::nearest) {
      S any_tie(test_case, *options, profile_, {.any_tie = true});
      const Admissible either = any_tie.admissible(sample, channel);
      if (either.intervals != result.intervals) {
        result.intervals = either.intervals;
        result.clause = "nearest.ties-to-even";
      }
    }
  });
  // NaN has no place among numbers; it comes last, once.
  const auto not_numbers = std::ranges::partition(
      result.intervals, [](const auto& interval) { return !std::isnan(interval.first); });
  const bool has_nan = !not_numbers.empty();
  result.intervals.erase(not_numbers.begin(), not_numbers.end());
  std::ranges::sort(result.intervals, [](const auto& a, const auto& b) {
    return a != b ? a < b : std::signbit(a.first) && !std::signbit(b.first);
  });
  // Intervals that touch are one. The two zeros are two texels where `nearest` copies them.
  std::vector<std::pair<double, double>> merged;
  for (const auto& interval : result.intervals) {
    if (!merged.empty() && interval.first <= merged.back().second &&
        !(std::signbit(merged.back().second) && interval == std::pair(0.0, 0.0) &&
          !std::signbit(interval.first))) {
      merged.back().second = std::max(merged.back().second, interval.second);
    } else {
      merged.push_back(interval);
    }
  }
  if (has_nan) merged.emplace_back(std::nan(""), std::nan(""));
  result.intervals = std::move(merged);
  return result;
}

std::string to_string(const Admissible& admissible, Dtype dtype) {
  std::string text;
  for (const auto& [lo, hi] : admissible.intervals) {
    if (!text.empty()) text += " or ";
    text += lo == hi || std::isnan(lo) ? to_text(lo, dtype)
                                       : '[' + to_text(lo, dtype) + ", " + to_text(hi, dtype) + ']';
  }
  for (const auto& [value, clause] : admissible.latitude) {
    if (!text.empty()) text += " or ";
    text += to_text(value, dtype) + " under [" + clause + ']';
  }
  if (!admissible.silent.empty()) {
    text += " or anything else (the dialect is silent on [" + admissible.silent + "])";
  }
  if (admissible.undecided) text += " (undecided: the position is not known to within a pixel)";
  return text;
}

}  // namespace gridproof
