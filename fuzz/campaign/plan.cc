#include "fuzz/campaign/plan.h"

#include <algorithm>
#include <utility>

#include "reference/semantics/clauses.h"

namespace gridproof {
namespace {

// While the combinations of three traits are found, so many cases at random are asked: of the 10^7
// samples of the default run there is room for more.
constexpr std::uint64_t recipes_before_triples = 4608;

double cost_of(const Combination& combination) {
  const Extent& extent = combination.extent;
  const auto samples = static_cast<double>(sample_count(combination));
  return std::min(static_cast<double>(max_storage),
                  static_cast<double>(extent.batch * extent.channels) *
                      static_cast<double>(element_count(extent.input))) +
         samples * static_cast<double>(extent.channels);
}

double cost_of(const Case& test_case) {
  const double channels =
      test_case.input.rank() > 1 ? static_cast<double>(test_case.input.size(1)) : 1;
  return static_cast<double>(test_case.input.element_count()) +
         static_cast<double>(sample_count(test_case)) * channels;
}

double cost_of(const std::vector<Step>& steps) {
  constexpr double call = 100;
  double cost = 0;
  for (const Step& step : steps) cost += call + cost_of(step.test_case);
  return cost;
}

double cost_of(const Recipe& recipe) {
  const double channels =
      recipe.input_shape.size() > 1 ? static_cast<double>(recipe.input_shape[1]) : 1;
  return static_cast<double>(element_count(recipe.input_shape)) +
         static_cast<double>(sample_count(recipe)) * channels;
}

Drawn drawn_of(Recipe recipe, std::string_view stratum) {
  Drawn drawn{.stratum = stratum, .samples = sample_count(recipe), .cost = cost_of(recipe)};
  drawn.what = std::move(recipe);
  return drawn;
}

}  // namespace

std::int64_t counted_samples(const Drawn& drawn) {
  constexpr std::int64_t most = 4096;
  return std::min(drawn.samples, most);
}

int strength_of(std::int64_t samples) { return samples >= 10'000'000 ? 3 : 2; }

Plan::Plan(std::uint64_t seed, const Part& part, int strength)
    : seed_(seed), part_(part), strength_(strength) {
  for (const Clause& clause : clauses()) {
    for (const ClauseCase& entry : clause.cases) {
      if (!entry.line.starts_with("grid_sample ")) continue;
      const Case test_case = parse_case(entry.line);
      // What has no answer is asked of everybody.
      if (kind_index(test_case) && !part.has(test_case)) continue;
      list({.stratum = "specification",
            .what = Drawn::Specified{clause.name, entry.line},
            .samples = std::max<std::int64_t>(1, sample_count(test_case)),
            .cost = cost_of(test_case)});
    }
  }
  const auto list_all = [this](std::string_view stratum, std::vector<Combination> combinations) {
    for (Combination& one : combinations) {
      const std::int64_t samples = sample_count(one);
      const double cost = cost_of(one);
      list({.stratum = stratum, .what = std::move(one), .samples = samples, .cost = cost});
    }
  };
  list_all("corners", corner_cases(part, mix(seed, 11)));
  list_all("everyday", everyday_cases(part, mix(seed, 15)));
  for (Recipe& recipe : rare_layouts(part, mix(seed, 16)))
    list(drawn_of(std::move(recipe), "rare layouts"));
  list_sequences();
  const CombinationPlan& pairs = combination_plan(2, part, mix(seed, 13));
  pairs_ = pairs.possible;
  list(pairs, 2);
  if (strength < 3) return;
  has_more_ = true;
  triples_ = std::async(std::launch::async | std::launch::deferred,
                        [part, seed] { return &combination_plan(3, part, mix(seed, 13)); });
}

void Plan::list_more() {
  has_more_ = false;
  list(*triples_.get(), 3);
  for (Recipe& recipe : large_questions(part_, mix(seed_, 14)))
    list(drawn_of(std::move(recipe), "large questions"));
}

std::array<std::int64_t, 2> Plan::possible() const {
  return {pairs_, triples_.valid() ? triples_.get()->possible : 0};
}

void Plan::list(const CombinationPlan& combinations, int strength) {
  for (std::size_t i = 0; i < combinations.combinations.size(); ++i) {
    const Combination& combination = combinations.combinations[i];
    Drawn drawn{.stratum = strength == 2 ? "pairs of traits" : "triples of traits",
                .what = combination,
                .samples = sample_count(combination),
                .cost = cost_of(combination)};
    drawn.adds[static_cast<std::size_t>(strength - 2)] = combinations.adds[i];
    list(std::move(drawn));
  }
}

// As many of a small part as of the whole operator: one of each kind, over and over. Of a third of
// all kinds when time is short.
void Plan::list_sequences() {
  const std::vector<std::size_t> kinds = part_.kinds();
  if (kinds.empty()) return;
  const std::size_t wanted = strength_ == 2 ? kind_count / 3 : kind_count;
  const std::size_t step = std::max<std::size_t>(1, kinds.size() / wanted);
  const std::size_t end = std::max(wanted * step, kinds.size());
  for (std::size_t i = seed_ % step; i < end; i += step) {
    const std::size_t kind = kinds[i % kinds.size()];
    const std::size_t round = i / kinds.size();
    std::uint64_t own = mix(mix(seed_, 12), kind);
    if (round > 0) own = mix(own, round);
    const std::vector<Step> steps = sequence(kind, part_, own);
    list({.ordinals = steps.size(),
          .stratum = "sequences",
          .what = Drawn::Sequence{kind, own},
          .samples = sample_count(steps),
          .cost = cost_of(steps)});
  }
}

void Plan::list(Drawn drawn) {
  drawn.ordinal = ordinal_;
  ordinal_ += drawn.ordinals;
  listed_.push_back(std::move(drawn));
}

Drawn Plan::next() {
  if (next_ == listed_.size() && has_more_ && recipe_ >= recipes_before_triples) list_more();
  if (next_ < listed_.size()) return listed_[next_++];
  while (true) {
    Recipe recipe = recipe_of(seed_, recipe_++);
    if (recipe.flaw == Flaw::none && !is_in(recipe, part_)) continue;
    const std::string_view stratum = name(recipe.stratum);
    Drawn drawn = drawn_of(std::move(recipe), stratum);
    drawn.ordinal = ordinal_++;
    return drawn;
  }
}

bool has_random_texels(const Drawn& drawn) {
  const auto is_random = [](Texels texels) {
    switch (texels) {
      case Texels::noise:
      case Texels::mixed_exponents:
      case Texels::nonfinite:  // and noise
      case Texels::nan:
      case Texels::infinite:
      case Texels::nonfinite_rim:
        return true;
      default:
        return false;
    }
  };
  if (const auto* const recipe = std::get_if<Recipe>(&drawn.what)) {
    // Windows show a texel more than once, and millions are repeated.
    return is_random(recipe->texels) && recipe->input_arrangement != Arrangement::windows &&
           element_count(recipe->input_shape) <= max_drawn;
  }
  const auto* const combination = std::get_if<Combination>(&drawn.what);
  return combination != nullptr && is_random(texels_of(level(combination->row, Trait::texels)));
}

std::vector<Step> steps_of(const Drawn& drawn, const Part& part) {
  const auto single = [](Case test_case) {
    std::vector<Step> steps;
    steps.push_back({std::move(test_case), std::nullopt});
    return steps;
  };
  return std::visit(
      [&]<class What>(const What& what) {
        if constexpr (std::is_same_v<What, Drawn::Specified>) {
          return single(parse_case(what.line));
        } else if constexpr (std::is_same_v<What, Drawn::Sequence>) {
          return sequence(what.kind, part, what.seed);
        } else {
          return single(make_case(what));
        }
      },
      drawn.what);
}

}  // namespace gridproof
