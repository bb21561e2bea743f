// How strong the suite is: which mutants of the dictionary the default campaign catches, and how
// soon. Tested by score_test.cc.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/campaign/plan.h"
#include "fuzz/domain/part.h"
#include "fuzz/mutants/mutants.h"

namespace gridproof {

// The first finding that a campaign on a mutant makes; of one that is equivalent, the first use of
// latitude.
struct Kill {
  std::int64_t samples = 0;  // that were judged until then, those of its case included
  std::uint64_t ordinal = 0;
  std::string_view stratum;  // where the case comes from
  std::string clause;        // under which the judge objects; empty for an answer as a whole
};

struct MutantScore {
  const Mutant* mutant = nullptr;
  std::optional<Kill> kill;  // none: it survived, or is equivalent
};

struct ScoreOptions {
  std::uint64_t seed = 1;
  Part part = {};                                  // of the operator that is asked about
  std::int64_t max_samples = default_samples;      // of each mutant
  int threads = 0;                                 // 0: one for each core
  std::function<void(std::size_t)> progress = {};  // after each kill: how many so far
};

// The scores of `dictionary`, in its order. Depends on the seed and the samples only.
std::vector<MutantScore> score(const std::vector<Mutant>& dictionary, const ScoreOptions& options);

// The samples that the median of the killed ones took; 0 if none was killed.
std::int64_t median_samples(const std::vector<MutantScore>& scores);

}  // namespace gridproof
