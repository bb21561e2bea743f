// By how much, and to which side, answers miss the exact value: what the sets of the judge leave
// free, but a correct implementation does not lean on. Derivation: judging.md, section 11; what
// many answers together show: fuzz/campaign/bias.h. Tested by bias_test.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "oracle/exact/wide.h"
#include "oracle/judge/verdict.h"
#include "reference/contract/subject.h"

namespace gridproof::judging {

// An element of the output at a position that has no error under the profile, whose value is
// therefore known, and in which something rounds.
struct KnownElement {
  std::int64_t sample = 0;
  std::int64_t channel = 0;
  exact::Wide value = 0;  // off by less than 2^-5 of the spacing in f64, 2^-20 in narrower types
  int spacing = 0;        // numbers of the output's type stand 2^spacing apart around the value
};

// Some such elements, no two of one sample, spread over the question: as many as show a bias within
// the default run, and cost about a hundredth of judging it. They depend on the question alone, and
// are the same where every texel has the other sign. None of mode `nearest`.
std::vector<KnownElement> known_elements(const Case& test_case, const Profile& profile);

// The signed errors of an answer at known elements. Those that `judgment` excludes do not count,
// for what is wrong with them is said already; nor does an answer with more of them than it lists.
SignedErrors signed_errors(const std::vector<KnownElement>& elements, const Answer& answer,
                           const Judgment& judgment);

}  // namespace gridproof::judging
