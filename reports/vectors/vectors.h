// Golden vectors: small questions with the sets of their admissible answers, for implementers who
// can read files and nothing else. Those of the specification come first; then cases are drawn from
// the domain of the campaigns, cut small, until each clause has enough. Tested by vectors_test.cc.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "oracle/judge/judge.h"
#include "reference/contract/subject.h"

namespace gridproof::reports {

struct VectorOptions {
  std::uint64_t seed = 1;
  std::int64_t cases_per_clause = 8;  // the specification's own may be more
  Dialect dialect = Dialect::pytorch;
  std::vector<Profile> profiles = {Profile{}};  // P0 is none of them: its set is the reference
};

struct GoldenVector {
  std::string clause;  // that it is a question about
  std::string source;  // "the specification", or which drawn case
  Case test_case;
  Answer reference;  // a tensor, or the refusal that is due
  // For each profile the sets of the output's elements, in row-major order.
  std::vector<std::vector<Admissible>> admissible;
};

// Vectors by clause, in the order of the specification. The same options give the same vectors.
// None has an element about which no profile can say anything.
std::vector<GoldenVector> make_vectors(const VectorOptions& options);

// The sets of all elements of the output, in row-major order.
std::vector<Admissible> sets_of(const Judge& judge, const Case& test_case);

}  // namespace gridproof::reports
