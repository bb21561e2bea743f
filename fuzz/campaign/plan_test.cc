#include "fuzz/campaign/plan.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "reference/semantics/clauses.h"

namespace gridproof {
namespace {

constexpr std::uint64_t seed = 1;

// All that is not random, and some of what is.
std::vector<Drawn> drawn_of(Plan& plan, int at_random = 200) {
  std::vector<Drawn> all;
  while (!plan.is_at_random()) all.push_back(plan.next());
  for (int i = 0; i < at_random; ++i) all.push_back(plan.next());
  return all;
}

Part part_with(const Kind& only) {
  Part part = Part::nothing();
  for (std::size_t kind = 0; kind < kind_count; ++kind) {
    const Kind what = kind_at(kind);
    part.set(kind, what.form == only.form && what.padding == only.padding &&
                       what.align_corners == only.align_corners && what.dtype == only.dtype);
  }
  return part;
}
Part one_kind() { return part_with({{Mode::nearest, 4}, Padding::border, true, Dtype::f32}); }

// The strata in the order in which they come, those at random as one.
std::vector<std::string> order_of(const std::vector<Drawn>& all) {
  std::vector<std::string> order;
  for (const Drawn& drawn : all) {
    const bool is_listed = drawn.stratum == "rare layouts" || drawn.stratum == "large questions";
    const std::string stratum(
        std::holds_alternative<Recipe>(drawn.what) && !is_listed ? "random" : drawn.stratum);
    if (order.empty() || order.back() != stratum) order.push_back(stratum);
  }
  return order;
}

TEST(Plan, TheOrderIsFromWhatIsKnownToWhatIsRandom) {
  Plan pairs(seed, Part(), 2);
  EXPECT_EQ(order_of(drawn_of(pairs)),
            (std::vector<std::string>{"specification", "corners", "everyday", "rare layouts",
                                      "sequences", "pairs of traits", "random"}));
}

// An ordinal for each case, without a gap; what is said of samples is so.
TEST(Plan, OrdinalsCountCasesAndSamplesAreTheirs) {
  const Part whole;
  Plan plan(seed, whole, 2);
  std::uint64_t next = 0;
  for (const Drawn& drawn : drawn_of(plan)) {
    ASSERT_EQ(drawn.ordinal, next);
    next += drawn.ordinals;
    EXPECT_GE(drawn.cost, static_cast<double>(drawn.samples > 4096 ? 4096 : 0)) << drawn.stratum;
    const auto* const recipe = std::get_if<Recipe>(&drawn.what);
    if (recipe != nullptr && recipe->stratum == Stratum::large_planes) continue;
    const std::vector<Step> steps = steps_of(drawn, whole);
    ASSERT_EQ(steps.size(), drawn.ordinals);
    // One that has no answer may have no samples, and counts for one.
    if (drawn.stratum != "refusals" && drawn.stratum != "specification") {
      EXPECT_EQ(sample_count(steps), drawn.samples) << drawn.stratum;
    }
  }
}

TEST(Plan, EveryCaseOfTheSpecificationIsAskedFirst) {
  Plan plan(seed, Part(), 2);
  for (const Clause& clause : clauses()) {
    for (const ClauseCase& entry : clause.cases) {
      if (!entry.line.starts_with("grid_sample ")) continue;
      const Drawn drawn = plan.next();
      const auto* const own = std::get_if<Drawn::Specified>(&drawn.what);
      ASSERT_NE(own, nullptr);
      EXPECT_EQ(own->clause, clause.name);
      EXPECT_EQ(own->line, entry.line);
      EXPECT_EQ(to_line(steps_of(drawn, Part())[0].test_case), to_line(parse_case(entry.line)));
    }
  }
  EXPECT_EQ(plan.next().stratum, "corners");
}

// Whoever takes part in one kind is asked about that, and about what has no answer.
TEST(Plan, NobodyIsAskedBeyondTheirPart) {
  const Part part = part_with({{Mode::bilinear, 4}, Padding::zeros, false, Dtype::f32});
  Plan plan(3, part, 2);  // with which the only kind has a sequence
  std::set<std::string> strata;
  for (const Drawn& drawn : drawn_of(plan, 60)) {
    for (const Step& step : steps_of(drawn, part)) {
      const bool has_no_answer = !kind_index(step.test_case);
      EXPECT_TRUE(has_no_answer || part.has(step.test_case)) << drawn.stratum;
      strata.insert((has_no_answer ? "none " : "") + std::string(drawn.stratum));
    }
  }
  for (const auto* const some :
       {"specification", "none specification", "corners", "everyday", "sequences", "none sequences",
        "pairs of traits", "none refusals"}) {
    EXPECT_TRUE(strata.contains(some)) << some;
  }
}

// When time is short a third of the kinds, another third with another seed; else all.
TEST(Plan, SequencesAreOfEveryKindOrOfAThird) {
  const auto kinds_of = [](std::uint64_t own, int strength, const Part& part) {
    Plan plan(own, part, strength);
    std::set<std::size_t> kinds;
    while (!plan.is_at_random()) {
      const Drawn drawn = plan.next();
      if (const auto* const of = std::get_if<Drawn::Sequence>(&drawn.what)) kinds.insert(of->kind);
    }
    return kinds;
  };
  std::set<std::size_t> all;
  for (std::uint64_t own = 1; own <= 3; ++own) {
    const std::set<std::size_t> some = kinds_of(own, 2, Part());
    EXPECT_EQ(some.size(), kind_count / 3);
    all.insert(some.begin(), some.end());
  }
  EXPECT_EQ(all.size(), kind_count);
  EXPECT_EQ(kinds_of(seed, 3, one_kind()).size(), 1U);
}

// With any seed: a third of one kind was no sequence at all for two seeds of three.
TEST(Plan, ASmallPartHasAsManySequencesAsTheWhole) {
  for (const int strength : {2, 3}) {
    for (std::uint64_t own = 1; own <= (strength == 2 ? 3 : 1); ++own) {
      Plan plan(own, one_kind(), strength);
      std::set<std::uint64_t> seeds;
      while (!plan.is_at_random()) {
        const Drawn drawn = plan.next();
        if (const auto* const of = std::get_if<Drawn::Sequence>(&drawn.what)) {
          seeds.insert(of->seed);
        }
      }
      EXPECT_EQ(seeds.size(), strength == 2 ? kind_count / 3 : kind_count) << own;
    }
  }
}

// What each case adds is what it holds that none before it had, and comes to all that is possible.
TEST(Plan, AddsComeToAllThatIsPossible) {
  Plan plan(seed, one_kind(), 3);
  EXPECT_EQ(plan.strength(), 3);
  std::array<std::int64_t, 2> sums{};
  std::array<int, 2> cases{};
  const std::vector<Drawn> all = drawn_of(plan);
  EXPECT_EQ(order_of(all),
            (std::vector<std::string>{"specification", "corners", "everyday", "sequences",
                                      "pairs of traits", "random", "triples of traits",
                                      "large questions", "random"}));
  for (const Drawn& drawn : all) {
    for (std::size_t i = 0; i < 2; ++i) {
      sums[i] += drawn.adds[i];
      cases[i] += drawn.adds[i] > 0 ? 1 : 0;
      const bool is_its_own = drawn.stratum == (i == 0 ? "pairs of traits" : "triples of traits");
      EXPECT_EQ(drawn.adds[i] > 0, is_its_own) << drawn.stratum;
    }
  }
  EXPECT_EQ(sums, plan.possible());
  EXPECT_GT(sums[0], 3000);
  EXPECT_GT(sums[1], 10 * sums[0]);
  EXPECT_GT(cases[1], cases[0]);
  Plan pairs(seed, one_kind(), 2);
  EXPECT_EQ(pairs.possible(), (std::array<std::int64_t, 2>{sums[0], 0}));
}

TEST(Plan, TheSeedDecidesIt) {
  const auto digest = [](std::uint64_t own) {
    Plan plan(own, one_kind(), 2);
    std::string text;
    for (const Drawn& drawn : drawn_of(plan, 30)) {
      const auto* const recipe = std::get_if<Recipe>(&drawn.what);
      if (recipe != nullptr && recipe->stratum == Stratum::large_planes) continue;
      if (drawn.stratum == "pairs of traits") continue;
      text += std::string(drawn.stratum) + ' ' + to_line(steps_of(drawn, one_kind())[0].test_case) +
              '\n';
    }
    return text;
  };
  EXPECT_EQ(digest(4), digest(4));
  EXPECT_NE(digest(4), digest(5));
}

TEST(Plan, ALargeCaseCountsAs4096) {
  EXPECT_EQ(counted_samples({.samples = 4095}), 4095);
  EXPECT_EQ(counted_samples({.samples = 65'600}), 4096);
  EXPECT_EQ(strength_of(9'999'999), 2);
  EXPECT_EQ(strength_of(10'000'000), 3);
}

// Measured in the cases: among texels that are called random both signs are as frequent, and they
// are not few values.
TEST(Plan, RandomTexelsAre) {
  Plan plan(seed, Part(), 2);
  std::map<bool, int> seen;
  for (const Drawn& drawn : drawn_of(plan, 1500)) {
    const auto* const recipe = std::get_if<Recipe>(&drawn.what);
    const bool is_random = has_random_texels(drawn);
    if (recipe == nullptr) {
      if (!std::holds_alternative<Combination>(drawn.what)) {
        EXPECT_FALSE(is_random) << drawn.stratum;
      }
      continue;
    }
    const Shape& shape = recipe->input_shape;
    if (recipe->flaw != Flaw::none || element_count(shape) < 300 || element_count(shape) > 20'000 ||
        recipe->dtype == Dtype::f16 || recipe->dtype == Dtype::bf16 ||
        recipe->input_arrangement == Arrangement::expanded) {
      continue;
    }
    ++seen[is_random];
    if (!is_random) continue;
    std::set<double> values;
    int negative = 0;
    int finite = 0;
    for (const double texel : make_case(*recipe).input.values()) {
      if (!std::isfinite(texel)) continue;
      ++finite;
      negative += texel < 0 ? 1 : 0;
      values.insert(std::fabs(texel));
    }
    EXPECT_GT(std::ssize(values), finite * 9 / 10);
    EXPECT_NEAR(negative, finite / 2.0, 5 * std::sqrt(finite) / 2);
  }
  EXPECT_GT(seen[true], 100);
  EXPECT_GT(seen[false], 100);
}

}  // namespace
}  // namespace gridproof
