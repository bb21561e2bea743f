// Cases in which chosen traits meet: a row of a covering array, filled with numbers by its seed.
// Tested by combination_test.cc.
#pragma once

#include <cstdint>
#include <vector>

#include "fuzz/domain/traits.h"
#include "reference/contract/case.h"

namespace gridproof {

struct Combination {
  Row row;  // complete and possible, but for x, y and z where the pattern gives them
  std::uint64_t seed = 0;
  Extent extent;  // of the row, drawn by the seed
};
Combination combination_of(Row row, std::uint64_t seed);

Case make_case(const Combination& combination);
std::int64_t sample_count(const Combination& combination);

// Marks every combination of traits that the case holds. Its samples differ in where their
// coordinates lie: the first is where the row says, and one after another they take all the pairs
// of places that two axes can have.
void add(const Combination& combination, Combinations& combinations);

// The cases in which every combination of two, or of three, traits meets that some case of the part
// can have. Depends on its arguments only; remembered, because it takes a second for three.
struct CombinationPlan {
  std::vector<Combination> combinations;
  std::vector<std::int64_t> adds;  // by each of them: combinations of traits that none before had
  std::int64_t possible = 0;       // combinations of traits, all of which are in some case
};
const CombinationPlan& combination_plan(int strength, const Part& part, std::uint64_t seed);

// Every kind of question of the part on the smallest sizes: one pixel, one along an axis, an even
// and an odd number of pixels; with every pair of places that two axes can have.
std::vector<Combination> corner_cases(const Part& part, std::uint64_t seed);

// What people have most: small f32 pictures of a few channels in every layout, crops above all, one
// by one and several with a grid that is shared by all. Where three or four traits meet in it, they
// meet in practice.
std::vector<Combination> everyday_cases(const Part& part, std::uint64_t seed);

}  // namespace gridproof
