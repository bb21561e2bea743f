// Which cases a campaign asks, and in which order: the specification's own, the corners of the
// domain, every combination of traits, sequences, and then cases at random for as long as there is
// time. Everything follows from the seed, the part of the operator that the subjects take part in,
// and how long the campaign is to be. Tested by plan_test.cc.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <future>
#include <string_view>
#include <variant>
#include <vector>

#include "fuzz/domain/combination.h"
#include "fuzz/domain/domain.h"
#include "fuzz/domain/sequence.h"

namespace gridproof {

// One thing to ask, with the ordinal of its (first) case in the campaign.
struct Drawn {
  // A case of the specification, of which clause.
  struct Specified {
    std::string_view clause;
    std::string_view line;
  };
  struct Sequence {
    std::size_t kind = 0;
    std::uint64_t seed = 0;
  };

  std::uint64_t ordinal = 0;
  std::uint64_t ordinals = 1;  // how many it takes: one for each case
  std::string_view stratum;
  std::variant<Specified, Combination, Sequence, Recipe> what;
  std::int64_t samples = 0;
  // What the case costs by itself, about, in elements.
  double cost = 0;
  // Combinations of traits that no case before it had, by strength - 2.
  std::array<std::int64_t, 2> adds{};
};

// What a case counts as where a campaign is to have so many samples: a large one costs less for
// each, and counts as 4,096.
std::int64_t counted_samples(const Drawn& drawn);

// What the default run judges: 10^7 samples and some to spare for those that are not decided.
inline constexpr std::int64_t default_samples = 10'500'000;

// How many traits a campaign of so many samples combines: there is room for all combinations of
// three from 10^7 on.
int strength_of(std::int64_t samples);

class Plan {
 public:
  // With strength 3 also every combination of three traits.
  Plan(std::uint64_t seed, const Part& part, int strength);

  // The next thing to ask, of the part; nobody is asked what does not belong to it.
  Drawn next();

  // The strength, and how many combinations of two and of three traits there are (0 for three if
  // they are not asked).
  [[nodiscard]] int strength() const { return strength_; }
  [[nodiscard]] std::array<std::int64_t, 2> possible() const;

  // All that is not random has been drawn.
  [[nodiscard]] bool is_at_random() const { return next_ == listed_.size() && !has_more_; }

 private:
  void list(Drawn drawn);
  void list(const CombinationPlan& combinations, int strength);
  void list_sequences();
  void list_more();

  std::uint64_t seed_;
  Part part_;
  int strength_;
  std::vector<Drawn> listed_;
  std::size_t next_ = 0;
  std::uint64_t ordinal_ = 0;
  std::uint64_t recipe_ = 0;
  std::int64_t pairs_ = 0;
  // Combinations of three traits take a second to find, in which the first cases are asked.
  std::shared_future<const CombinationPlan*> triples_;
  bool has_more_ = false;  // they are still to be listed, and what comes after them
};

// Whether all texels of the case that are finite are drawn independently, as likely with either
// sign and with random last bits: what the statistic of bias.h takes for granted.
bool has_random_texels(const Drawn& drawn);

// The cases of what was drawn: one, but of a sequence several.
std::vector<Step> steps_of(const Drawn& drawn, const Part& part);

}  // namespace gridproof
