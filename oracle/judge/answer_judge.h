// Judges an answer of the right shape and dtype, sample by sample: what no correct implementation
// of the declared profile gives is tried against what might explain or excuse it. Tested by
// judge_test.cc.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "oracle/judge/judge.h"
#include "oracle/judge/sample_judge.h"

namespace gridproof::judging {

// The looser profiles that an answer outside `declared` is tried against, tightest first.
inline std::vector<Profile> looser_profiles(const Profile& declared, Dtype dtype) {
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
inline std::string clause_of_quality(const Profile& looser) {
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

// Whether a looser profile explains what `declared` excludes. It does so only where it knows
// something: that a position is not known to within a pixel excuses nothing if it is known in the
// declared profile.
inline bool excuses(const Opinion& looser, const Opinion& declared) {
  return looser.membership != Membership::outside && (!looser.wide || declared.wide);
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

// The first channel that differs, or the number of channels.
template <class Element>
std::int64_t first_difference(const Channels<Element>& a, const Channels<Element>& b,
                              std::int64_t channels) {
  std::int64_t c = 0;
  while (c < channels && same_bits(a(c), b(c))) ++c;
  return c;
}

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

template <class Element, std::size_t N>
class AnswerJudge {
 public:
  AnswerJudge(const Case& test_case, const Options& options, const Profile& profile,
              Dialect dialect)
      : case_(test_case),
        options_(options),
        profile_(profile),
        dialect_(dialect),
        declared_(test_case, options, profile) {}

  Judgment operator()(const Tensor& answer, const Tensor* reference, std::int64_t max_deviating) {
    Judgment judgment;
    Listing listing(judgment);
    const std::int64_t channels = declared_.channels();
    const std::int64_t samples = sample_count(case_);
    const std::int64_t batches = case_.input.size(0);
    const std::int64_t inner = batches == 0 ? 0 : samples / batches;
    const Element* got = answer.elements<Element>().data();
    const Element* expected =
        reference == nullptr ? nullptr : reference->elements<Element>().data();
    std::int64_t place = 0;     // of channel 0: the channels of a batch lie one after another
    std::int64_t left = inner;  // of the batch
    for (std::int64_t sample = 0; sample < samples; ++sample, ++place, --left) {
      if (judgment[Verdict::deviates] >= max_deviating) break;
      if (left == 0) {
        place += inner * (channels - 1);
        left = inner;
      }
      const Answers answers(got + place, inner);
      if (expected != nullptr) {
        const std::int64_t other =
            first_difference(answers, Answers(expected + place, inner), channels);
        if (other == channels) {
          ++judgment[Verdict::same_bits];
          continue;
        }
        if (profile_.kind == Profile::Kind::same_bits) {
          listing.add({.verdict = Verdict::deviates,
                       .sample = sample,
                       .channel = other,
                       .clause = std::string(declared_.main_clause(sample))});
          continue;
        }
      }
      const Opinion opinion = declared_.judge(sample, answers);
      if (opinion.membership == Membership::inside) {
        ++judgment[Verdict::admissible];
      } else {
        listing.add(verdict_of(sample, opinion, answers));
      }
    }
    return judgment;
  }

 private:
  using Answers = Channels<Element>;

  // On a sample of which not everything is inside.
  SampleVerdict verdict_of(std::int64_t sample, const Opinion& opinion, const Answers& answers) {
    SampleVerdict verdict{.sample = sample, .channel = opinion.channel};
    if (opinion.membership == Membership::open) {
      verdict.verdict = Verdict::latitude;
      verdict.clause = opinion.clause;
    } else if (opinion.membership == Membership::undecided) {
      verdict.verdict = Verdict::undecided;
      verdict.clause = declared_.main_clause(sample);
    } else {
      explain(opinion, answers, verdict);
    }
    return verdict;
  }

  // The verdict on a sample that the declared profile excludes.
  void explain(const Opinion& opinion, const Answers& answers, SampleVerdict& verdict) {
    if (const std::string_view silent = silence_on(verdict.sample, answers); !silent.empty()) {
      verdict.verdict = Verdict::latitude;
      verdict.clause = silent;
    } else if (const auto looser = excusing_profile(verdict.sample, opinion, answers)) {
      verdict.verdict = Verdict::quality_warning;
      verdict.within = looser;
      verdict.clause = clause_of_quality(*looser);
    } else {
      verdict.verdict = Verdict::deviates;
      verdict.clause = declared_.main_clause(verdict.sample);
      if (is_shifted_fold(verdict.sample, opinion, answers)) {
        verdict.reason =
            "a reflection by a remainder that is made positive by adding a period explains it: "
            "the sum rounds the distance from the edge, which no correct form does";
      }
    }
  }

  // The clause that the documentation has and the text of the dialect has not, if its silence
  // admits the answers.
  std::string_view silence_on(std::int64_t sample, const Answers& answers) {
    if (dialect_ == Dialect::pytorch) return {};
    if (declared_.has_nan_coordinate(sample)) return "coord.nan";
    if (dialect_ == Dialect::onnx_16 && options_.mode == Mode::nearest) {
      SampleJudge<Element, N>& any_tie = made(any_tie_, profile_, {.any_tie = true});
      if (any_tie.judge(sample, answers).membership >= Membership::open) {
        return "nearest.ties-to-even";
      }
    }
    return {};
  }

  // The tightest looser profile that admits the answers.
  std::optional<Profile> excusing_profile(std::int64_t sample, const Opinion& opinion,
                                          const Answers& answers) {
    if (others_.empty()) {
      for (const Profile& looser : looser_profiles(profile_, case_.input.dtype())) {
        others_.emplace_back(looser, SampleJudge<Element, N>(case_, options_, looser));
      }
    }
    for (auto& [looser, other] : others_) {
      const Opinion its = other.judge(sample, answers);
      if (excuses(its, opinion)) return looser;
      // On an axis so long that other formulas do not know the pixel, their sums are known.
      if (!its.wide || !looser.has_any_formula()) continue;
      SampleJudge<Element, N>& sums = made(as_written_, looser, {.as_written = true});
      if (excuses(sums.judge(sample, answers), opinion)) return looser;
    }
    return std::nullopt;
  }

  bool is_shifted_fold(std::int64_t sample, const Opinion& opinion, const Answers& answers) {
    if (options_.padding != Padding::reflection) return false;
    SampleJudge<Element, N>& shifted = made(shifted_folds_, profile_, {.shifted_folds = true});
    return excuses(shifted.judge(sample, answers), opinion);
  }

  // A judge of these samples that is made when it is needed first.
  SampleJudge<Element, N>& made(std::optional<SampleJudge<Element, N>>& judge,
                                const Profile& profile, Liberties liberties) {
    if (!judge) judge.emplace(case_, options_, profile, liberties);
    return *judge;
  }

  const Case& case_;
  Options options_;
  Profile profile_;
  Dialect dialect_;
  SampleJudge<Element, N> declared_;
  std::optional<SampleJudge<Element, N>> any_tie_;
  std::optional<SampleJudge<Element, N>> shifted_folds_;
  std::vector<std::pair<Profile, SampleJudge<Element, N>>> others_;  // the looser profiles
  // Of the one among them that has any formula.
  std::optional<SampleJudge<Element, N>> as_written_;
};

}  // namespace gridproof::judging
