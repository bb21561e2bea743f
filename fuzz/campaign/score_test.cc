#include "fuzz/campaign/score.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "reference/semantics/grid_sample.h"

namespace gridproof {
namespace {

// The suite, tested: a survivor is a hole in the domains or in the judge.
TEST(Score, TheDefaultRunCatchesEveryMutant) {
  for (const MutantScore& score : score(mutants(), {})) {
    EXPECT_TRUE(score.kill) << score.mutant->name << " survived";
  }
}

// The quick gate has time for every pair of traits, and most interactions are of more than two.
TEST(Score, TheQuickGateCatchesNineteenOfTwentyInteractions) {
  std::vector<Mutant> interactions = mutants();
  std::erase_if(interactions, [](const Mutant& mutant) { return !mutant.is_interaction; });
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const auto scores = score(interactions, {.seed = seed, .max_samples = 1'000'000});
    const auto survivors = std::ranges::count_if(scores, [](const MutantScore& score) {
      return !score.kill && score.mutant->equivalent.empty();
    });
    EXPECT_LE(20 * survivors, std::ssize(interactions)) << "seed " << seed;
  }
}

// Those kinds, in every layout.
Part part_of(const std::function<bool(const Kind&)>& has) {
  Part part = Part::nothing();
  for (std::size_t kind = 0; kind < kind_count; ++kind) part.set(kind, has(kind_at(kind)));
  for (const auto& [layout, name] : names<Layout>) part.set(layout, true);
  return part;
}

// Whoever takes part in some kinds of questions is asked as much about them: of the mutants whose
// own cases are of these kinds, which therefore show themselves there, the same share is caught.
struct SmallPart {
  const char* name;
  bool (*has)(const Kind&);
};
class SmallParts : public testing::TestWithParam<SmallPart> {};

TEST_P(SmallParts, AreTestedLikeTheWhole) {
  const Part part = part_of(GetParam().has);
  std::vector<Mutant> own = mutants();
  std::erase_if(own, [&](const Mutant& mutant) {
    return !mutant.equivalent.empty() ||
           !std::ranges::all_of(separating_cases(mutant),
                                [&](const Case& test_case) { return part.has(test_case); });
  });
  ASSERT_GT(own.size(), 10U);
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const auto scores = score(own, {.seed = seed, .part = part, .max_samples = 1'000'000});
    std::string survivors;
    for (const MutantScore& score : scores) {
      if (!score.kill) survivors += ' ' + score.mutant->name;
    }
    EXPECT_LE(20 * std::ranges::count(survivors, ' '), std::ssize(own)) << seed << survivors;
  }
}

bool is_of(const Kind& kind, Form form, Padding padding, bool align_corners, Dtype dtype) {
  return kind.form == form && kind.padding == padding && kind.align_corners == align_corners &&
         kind.dtype == dtype;
}

INSTANTIATE_TEST_SUITE_P(
    Parts, SmallParts,
    testing::Values(
        SmallPart{"Bilinear",
                  [](const Kind& kind) {
                    return is_of(kind, {Mode::bilinear, 4}, Padding::zeros, false, Dtype::f32);
                  }},
        SmallPart{"Nearest",
                  [](const Kind& kind) {
                    return is_of(kind, {Mode::nearest, 4}, Padding::zeros, false, Dtype::f32);
                  }},
        SmallPart{"Bordered",
                  [](const Kind& kind) {
                    return is_of(kind, {Mode::bilinear, 4}, Padding::border, false, Dtype::f32);
                  }},
        SmallPart{"PlanesWithoutBicubicAndReflection",
                  [](const Kind& kind) {
                    return kind.form.rank == 4 && kind.form.mode != Mode::bicubic &&
                           kind.padding != Padding::reflection && !is_16_bit(kind.dtype);
                  }},
        SmallPart{"Volumes", [](const Kind& kind) { return kind.form.rank == 5; }},
        SmallPart{"SixteenBits", [](const Kind& kind) { return is_16_bit(kind.dtype); }}),
    [](const auto& part) { return part.param.name; });

// Kinds of questions by themselves, then what people declare: f32 without 5-D and bicubic, planes
// in floating point, everything in 16 bits.
std::vector<std::pair<std::string, Part>> all_parts() {
  std::vector<std::pair<std::string, Part>> parts;
  for (std::size_t i = 0; i < kind_count; ++i) {
    const Kind kind = kind_at(i * 49 % kind_count);  // neighbors differ in all that they can
    parts.emplace_back(to_string(kind), part_of([&](const Kind& other) {
                         return is_of(other, kind.form, kind.padding, kind.align_corners,
                                      kind.dtype);
                       }));
  }
  parts.emplace_back("f32 4-D without bicubic", part_of([](const Kind& it) {
                       return it.dtype == Dtype::f32 && it.form.rank == 4 &&
                              it.form.mode != Mode::bicubic;
                     }));
  parts.emplace_back("f32 and f64 4-D", part_of([](const Kind& it) {
                       return !is_16_bit(it.dtype) && it.form.rank == 4;
                     }));
  parts.emplace_back("f16 and bf16", part_of([](const Kind& it) { return is_16_bit(it.dtype); }));
  return parts;
}

std::set<std::string> killed(const std::vector<Mutant>& dictionary, const Part& part,
                             std::uint64_t seed, std::int64_t samples) {
  std::set<std::string> names;
  for (const MutantScore& one :
       score(dictionary, {.seed = seed, .part = part, .max_samples = samples})) {
    if (one.kill) names.insert(one.mutant->name);
  }
  return names;
}

// Whoever takes part in a part only is tested as well by it. A mutant shows itself there if its own
// cases are of it, or if the quick gate catches it with one of the seeds: then the default run
// does so with all of them, and the quick gate of nineteen in twenty. GRIDPROOF_PARTS says of how
// many parts this is asked on five seeds; all take hours. Without it one part is, on one seed,
// of every fourth mutant.
TEST(Score, APartIsTestedLikeTheWhole) {
  const char* const wanted = std::getenv("GRIDPROOF_PARTS");
  const std::uint64_t seeds = wanted == nullptr ? 1 : 5;
  auto parts = all_parts();
  parts.resize(std::min(parts.size(), wanted == nullptr ? 1 : std::stoul(wanted)));
  std::vector<Mutant> wrong = mutants();
  std::erase_if(wrong, [](const Mutant& mutant) { return !mutant.equivalent.empty(); });
  if (wanted == nullptr) {
    std::erase_if(wrong, [i = 0](const Mutant&) mutable { return i++ % 4 != 0; });
  }
  for (const auto& [name, part] : parts) {
    std::set<std::string> shown;
    for (const Mutant& mutant : wrong) {
      if (std::ranges::all_of(separating_cases(mutant),
                              [&](const Case& test_case) { return part.has(test_case); })) {
        shown.insert(mutant.name);
      }
    }
    std::vector<std::set<std::string>> by_quick;
    std::vector<std::set<std::string>> by_default;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
      by_quick.push_back(killed(wrong, part, seed, 1'000'000));
      shown.insert(by_quick.back().begin(), by_quick.back().end());
    }
    std::vector<Mutant> own = wrong;
    std::erase_if(own, [&](const Mutant& mutant) { return !shown.contains(mutant.name); });
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
      by_default.push_back(killed(own, part, seed, default_samples));
    }
    std::string line = fmt::format("{}: {} mutants show themselves", name, shown.size());
    for (const auto* const runs : {&by_default, &by_quick}) {
      line += runs == &by_default ? "; default run" : "; quick gate";
      std::map<std::string, int> survived;
      for (const std::set<std::string>& one : *runs) {
        line += fmt::format(" {}", one.size());
        for (const std::string& mutant : shown) survived[mutant] += one.contains(mutant) ? 0 : 1;
        const std::size_t times = runs == &by_default ? shown.size() + 1 : 20;
        EXPECT_LE(times * (shown.size() - one.size()), shown.size()) << name;
      }
      for (const auto& [mutant, times] : survived) {
        if (times > 0) line += fmt::format(" -{}x{}", times, mutant);
      }
    }
    fmt::print("{}\n", line);
    std::fflush(stdout);
  }
}

std::vector<Mutant> some_mutants() {
  const std::vector<Mutant>& all = mutants();
  return {all.begin(), all.begin() + 40};
}

TEST(Score, ThreadsChangeNothing) {
  const std::vector<Mutant> some = some_mutants();
  const auto one = score(some, {.max_samples = 20'000, .threads = 1});
  const auto three = score(some, {.max_samples = 20'000, .threads = 3});
  ASSERT_EQ(one.size(), some.size());
  for (std::size_t i = 0; i < one.size(); ++i) {
    ASSERT_EQ(one[i].kill.has_value(), three[i].kill.has_value()) << some[i].name;
    if (!one[i].kill) continue;
    EXPECT_EQ(one[i].kill->samples, three[i].kill->samples) << some[i].name;
    EXPECT_EQ(one[i].kill->clause, three[i].kill->clause) << some[i].name;
  }
}

TEST(Score, WhatIsRightSurvives) {
  Mutant right;
  right.name = "right";
  const std::vector<MutantScore> scores = score({right}, {.max_samples = 20'000});
  EXPECT_FALSE(scores.front().kill);
  EXPECT_EQ(median_samples(scores), 0);
}

TEST(Score, TheMedianIsOfTheKilled) {
  const MutantScore survivor;
  const auto killed = [](std::int64_t samples) {
    return MutantScore{.mutant = nullptr, .kill = Kill{.samples = samples}};
  };
  EXPECT_EQ(median_samples({killed(9), survivor, killed(1), killed(4)}), 4);
}

}  // namespace
}  // namespace gridproof
