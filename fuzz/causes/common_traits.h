// What samples have in common: predicates that tell wrong samples from right ones.
// Tested by common_traits_test.cc.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "fuzz/causes/cause.h"
#include "fuzz/causes/traits.h"
#include "fuzz/causes/waiver.h"

namespace gridproof {

using CountedTraits = std::vector<std::pair<Traits, std::int64_t>>;

// The predicate with the fewest keys of those that cover all of `wrong` and the least of `right`,
// with how much of `right` that is.
std::pair<Predicate, std::int64_t> tightest(const std::vector<Traits>& wrong,
                                            const CountedTraits& right);

// Predicates that together cover `wrong` and nothing of `right`: one if one can, else one for each
// value of the attribute that needs the fewest; empty if that does not help either.
std::vector<Predicate> separating(const std::vector<Traits>& wrong, const CountedTraits& right);

// What a predicate covers, in words: "mode bicubic, f16, a NaN coordinate".
std::string in_words(const Predicate& predicate);

// What the wrong samples around an objection have in common, in sentences, from asking the subject:
// the questions around the reduced case (battery.h), those also with every other mode, padding
// mode, flag and dtype, and the reduced case with each of its peculiarities removed: "46 of 300
// samples around it are wrong, all with mode nearest and f16, and no other is. It is right where
// the input is dense." Empty where nothing was answered.
std::string common_traits(const Interrogation& interrogation, const Objection& objection);

}  // namespace gridproof
