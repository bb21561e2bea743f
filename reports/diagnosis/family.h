// The family of the coordinates as one closed search: every combination of members of its stages,
// the simplest first. Tested by family_test.cc.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <unordered_set>
#include <vector>

#include "reports/diagnosis/correction.h"

namespace gridproof::reports::diagnosis {

// The maximum number of members in a combination.
inline constexpr std::size_t max_parts = 3;

class Family {
 public:
  // Both must outlive it. The members are tried with both values of align_corners.
  Family(const Situation& situation, const Sites& sites);

  // Visits every combination of this many members, at most one per stage, that moves the sites to
  // places that no earlier combination gave. Combinations of three have no rare members.
  using Visit = std::function<void(const Changes& changes, const Correction& meant)>;
  void visit(std::size_t parts, const Visit& visit);

 private:
  struct Member {
    const Hypothesis* hypothesis;
    std::array<std::optional<Change>, 2> changes;  // without align_corners and with it
  };

  void extend(std::size_t stage, std::size_t parts, const Correction& meant, Changes& changes,
              const Visit& visit);
  [[nodiscard]] bool is_new(const Correction& meant);

  const Sites& sites_;
  bool wants_rare_ = true;
  Correction asked_;
  std::vector<std::vector<Member>> stages_;  // in the order in which they are applied
  std::unordered_set<std::uint64_t> seen_;   // hashes of where all sites read
};

}  // namespace gridproof::reports::diagnosis
