// Covering arrays: few rows that hold every combination of the levels of any two, or any three,
// factors. One row at a time, each begun with a combination that is missing and filled with the
// levels that add the most (the greedy method of AETG: Cohen, Dalal, Fredman and Patton, 1997),
// with constraints. Tested by covering_test.cc.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace gridproof {

// The level of each factor; `unset` where it is not chosen yet.
using Row = std::vector<int>;
inline constexpr int unset = -1;

// Which combinations of `strength` levels have come, of factors with so many levels (at most 16).
class Combinations {
 public:
  // `strength` is 2 or 3.
  Combinations(std::vector<int> levels, int strength);

  [[nodiscard]] int strength() const { return strength_; }
  [[nodiscard]] const std::vector<int>& levels() const { return levels_; }
  // Combinations that have come, and all that can be written down, possible or not.
  [[nodiscard]] std::int64_t covered() const { return covered_; }
  [[nodiscard]] std::int64_t total() const { return total_; }

  // Marks every combination of a row, whose unset factors take part in none; how many were new.
  std::int64_t add(const Row& row);
  // Marks only those that hold `at_least` so many of the factors `first`, `first` + 1, …
  std::int64_t add(const Row& row, std::size_t first, int at_least);

  // For each level of an unset factor, how many combinations it would add to what is set, each
  // counted as the greatest weight of the other factors in it.
  void count_gains(const Row& row, std::size_t factor, std::span<const int> weights,
                   std::vector<int>& gains) const;

  // Two or three factors with a level of each; the constant factor stands for a third.
  struct Tuple {
    std::array<std::uint8_t, 3> factors;
    std::array<std::uint8_t, 3> levels;
  };
  // All that have not come.
  [[nodiscard]] std::vector<Tuple> missing() const;
  [[nodiscard]] bool is_missing(const Tuple& tuple) const;
  // Takes it from all that there are: whether it comes does not matter.
  void leave_out(const Tuple& tuple);
  // A row that sets these levels and nothing else.
  [[nodiscard]] Row row_of(const Tuple& tuple) const;

 private:
  // Strength 2 is strength 3 beside a factor of one level that every row has.
  [[nodiscard]] std::size_t pair(std::size_t f, int level_f, std::size_t g, int level_g) const {
    return (start_[f] + static_cast<std::size_t>(level_f)) * all_levels_ + start_[g] +
           static_cast<std::size_t>(level_g);
  }
  bool mark(std::size_t f, int level_f, std::size_t g, int level_g, std::size_t h, int level_h);
  [[nodiscard]] std::vector<int> full(const Row& row) const;

  int strength_;
  std::vector<int> levels_;
  std::size_t factors_ = 0;         // the constant one, which stands last, included
  std::size_t all_levels_ = 0;      // of all factors
  std::vector<std::size_t> start_;  // of a factor's levels among all
  // For a pair of levels and a factor, the levels that have not come with them, as bits.
  std::vector<std::uint16_t> missing_;
  std::int64_t covered_ = 0;
  std::int64_t total_ = 0;
};

// What a level costs who has to work through the rows.
enum class Cost : std::uint8_t {
  cheap,
  dear,        // chosen only for a combination that it belongs to
  pairs_only,  // and part of no combination of three
};

struct CoveringProblem {
  std::vector<int> levels;  // of each factor; the first level is the one that excludes least
  int strength = 2;
  // Whether a row can be completed, as far as what is set tells. It must be right of complete rows,
  // and may say yes too often of others.
  std::function<bool(const Row&)> is_possible;
  // Of a level in a row with the levels that are set. Null: all are cheap.
  std::function<Cost(const Row&, std::size_t factor, int level)> cost;
  std::uint64_t seed = 0;
  // Called with each new row, to add what it covers, its own levels at least, to the combinations.
  // Null: these are all.
  std::function<void(const Row&, Combinations&)> cover;
};

struct CoveringArray {
  std::vector<Row> rows;
  std::int64_t covered = 0;     // combinations
  std::int64_t impossible = 0;  // that no row can hold
};

CoveringArray covering_array(const CoveringProblem& problem);

}  // namespace gridproof
