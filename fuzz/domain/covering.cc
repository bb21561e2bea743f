#include "fuzz/domain/covering.h"

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>
#include <optional>
#include <ranges>
#include <span>
#include <utility>

#include "fuzz/domain/random.h"

namespace gridproof {

Combinations::Combinations(std::vector<int> levels, int strength)
    : strength_(strength), levels_(std::move(levels)) {
  std::vector<int> all = levels_;
  all.push_back(1);
  factors_ = all.size();
  for (const int count : all) {
    start_.push_back(all_levels_);
    all_levels_ += static_cast<std::size_t>(count);
  }
  missing_.assign(all_levels_ * all_levels_ * factors_, 0);
  const std::size_t constant = factors_ - 1;
  for (std::size_t f = 0; f < factors_; ++f) {
    for (std::size_t g = 0; g < factors_; ++g) {
      for (std::size_t h = 0; h < factors_; ++h) {
        if (f == g || g == h || f == h) continue;
        const bool has_constant = f == constant || g == constant || h == constant;
        if (has_constant != (strength_ == 2)) continue;
        const auto bits = static_cast<std::uint16_t>((1U << static_cast<unsigned>(all[h])) - 1U);
        for (int a = 0; a < all[f]; ++a) {
          for (int b = 0; b < all[g]; ++b) missing_[pair(f, a, g, b) * factors_ + h] = bits;
        }
        if (f < g && g < h) total_ += std::int64_t{all[f]} * all[g] * all[h];
      }
    }
  }
}

bool Combinations::mark(std::size_t f, int level_f, std::size_t g, int level_g, std::size_t h,
                        int level_h) {
  const auto clear = [this](std::size_t p, std::size_t factor, int level) {
    std::uint16_t& bits = missing_[p * factors_ + factor];
    const auto bit = static_cast<std::uint16_t>(1U << static_cast<unsigned>(level));
    const bool was = (bits & bit) != 0;
    bits = static_cast<std::uint16_t>(bits & ~bit);
    return was;
  };
  if (!clear(pair(f, level_f, g, level_g), h, level_h)) return false;
  clear(pair(g, level_g, f, level_f), h, level_h);
  clear(pair(f, level_f, h, level_h), g, level_g);
  clear(pair(h, level_h, f, level_f), g, level_g);
  clear(pair(g, level_g, h, level_h), f, level_f);
  clear(pair(h, level_h, g, level_g), f, level_f);
  return true;
}

std::vector<int> Combinations::full(const Row& row) const {
  std::vector<int> levels = row;
  levels.push_back(0);
  return levels;
}

std::int64_t Combinations::add(const Row& row) { return add(row, 0, 0); }

std::int64_t Combinations::add(const Row& row, std::size_t first, int at_least) {
  const std::vector<int> levels = full(row);
  const std::size_t constant = factors_ - 1;
  const auto counts = [&](std::size_t factor) {
    return factor >= first && factor != constant ? 1 : 0;
  };
  std::int64_t added = 0;
  for (std::size_t h = strength_ == 2 ? constant : 0; h < factors_; ++h) {
    if (levels[h] == unset || (strength_ == 3 && h == constant)) continue;
    for (std::size_t g = 0; g < h; ++g) {
      // f comes before g, so it counts only if g does.
      const int most = counts(h) + 2 * counts(g);
      if (levels[g] == unset || most < at_least) continue;
      for (std::size_t f = 0; f < g; ++f) {
        if (levels[f] == unset || counts(h) + counts(g) + counts(f) < at_least) continue;
        if (mark(f, levels[f], g, levels[g], h, levels[h])) ++added;
      }
    }
  }
  covered_ += added;
  return added;
}

void Combinations::count_gains(const Row& row, std::size_t factor, std::span<const int> weights,
                               std::vector<int>& gains) const {
  gains.assign(static_cast<std::size_t>(levels_[factor]), 0);
  const std::vector<int> levels = full(row);
  const std::size_t constant = factors_ - 1;
  for (std::size_t g = strength_ == 2 ? constant : 0; g < factors_; ++g) {
    if (g == factor || levels[g] == unset || (strength_ == 3 && g == constant)) continue;
    for (std::size_t f = 0; f < g; ++f) {
      if (f == factor || levels[f] == unset) continue;
      const int weight = std::max(weights[f], weights[g]);
      unsigned bits = missing_[pair(f, levels[f], g, levels[g]) * factors_ + factor];
      for (; bits != 0; bits &= bits - 1) {
        gains[static_cast<std::size_t>(std::countr_zero(bits))] += weight;
      }
    }
  }
}

bool Combinations::is_missing(const Tuple& tuple) const {
  const auto& [factors, levels] = tuple;
  return (missing_[pair(factors[0], levels[0], factors[1], levels[1]) * factors_ + factors[2]] >>
              levels[2] &
          1U) != 0;
}

void Combinations::leave_out(const Tuple& tuple) {
  const auto& [factors, levels] = tuple;
  if (mark(factors[0], levels[0], factors[1], levels[1], factors[2], levels[2])) --total_;
}

Row Combinations::row_of(const Tuple& tuple) const {
  Row row(factors_, unset);
  for (std::size_t i = 0; i < 3; ++i) row[tuple.factors[i]] = tuple.levels[i];
  row.pop_back();
  return row;
}

std::vector<Combinations::Tuple> Combinations::missing() const {
  std::vector<Tuple> tuples;
  const std::size_t constant = factors_ - 1;
  for (std::size_t f = 0; f < factors_; ++f) {
    for (std::size_t g = f + 1; g < factors_; ++g) {
      for (std::size_t h = g + 1; h < factors_; ++h) {
        if ((h == constant) != (strength_ == 2)) continue;
        for (int a = 0; a < levels_[f]; ++a) {
          for (int b = 0; b < levels_[g]; ++b) {
            unsigned bits = missing_[pair(f, a, g, b) * factors_ + h];
            for (; bits != 0; bits &= bits - 1) {
              tuples.push_back({{static_cast<std::uint8_t>(f), static_cast<std::uint8_t>(g),
                                 static_cast<std::uint8_t>(h)},
                                {static_cast<std::uint8_t>(a), static_cast<std::uint8_t>(b),
                                 static_cast<std::uint8_t>(std::countr_zero(bits))}});
            }
          }
        }
      }
    }
  }
  return tuples;
}

namespace {

class Construction {
 public:
  explicit Construction(const CoveringProblem& problem)
      : problem_(problem), combinations_(problem.levels, problem.strength), random_(problem.seed) {}

  CoveringArray run() {
    // The dear ones first, when a row of theirs adds the most.
    std::array<std::vector<Combinations::Tuple>, 3> by_cost;
    for (const Combinations::Tuple& tuple : combinations_.missing()) {
      const Cost cost = cost_of(tuple);
      if (problem_.strength == 3 && cost == Cost::pairs_only) {
        combinations_.leave_out(tuple);
      } else {
        by_cost[static_cast<std::size_t>(cost)].push_back(tuple);
      }
    }
    std::vector<Combinations::Tuple> missing;
    for (auto& tuples : by_cost | std::views::reverse) {
      random_.shuffle(tuples);
      missing.insert(missing.end(), tuples.begin(), tuples.end());
    }
    CoveringArray array;
    for (const Combinations::Tuple& tuple : missing) {
      if (!combinations_.is_missing(tuple)) continue;
      if (auto row = best_with(combinations_.row_of(tuple))) {
        if (problem_.cover) {
          problem_.cover(*row, combinations_);
        } else {
          combinations_.add(*row);
        }
        array.rows.push_back(std::move(*row));
      } else {
        ++array.impossible;
      }
    }
    array.covered = combinations_.covered();
    return array;
  }

 private:
  struct Candidate {
    Row row;
    std::int64_t gain = 0;
  };

  // The candidate that adds most, or nothing if no row can hold the combination.
  std::optional<Row> best_with(const Row& combination) {
    constexpr int candidates = 4;
    if (!problem_.is_possible(combination)) return std::nullopt;
    std::optional<Candidate> best;
    for (int i = 0; i < candidates; ++i) {
      auto candidate = grown(combination);
      if (candidate && (!best || candidate->gain > best->gain)) best = std::move(candidate);
    }
    if (best) return std::move(best->row);
    return completed(combination);
  }

  [[nodiscard]] Cost cost_of(const Row& row, std::size_t factor, int level) const {
    return problem_.cost ? problem_.cost(row, factor, level) : Cost::cheap;
  }
  // What a combination with this level counts: a row with a dear level is to hold many of those.
  [[nodiscard]] int weight_of(const Row& row, std::size_t factor, int level) const {
    switch (cost_of(row, factor, level)) {
      case Cost::cheap:
        return 1;
      case Cost::dear:
        return 10;
      case Cost::pairs_only:
        return 100;
    }
    return 1;
  }
  Cost cost_of(const Combinations::Tuple& tuple) {
    row_.assign(problem_.levels.size(), unset);
    Cost most = Cost::cheap;
    for (std::size_t i = 0; i < tuple.factors.size(); ++i) {
      if (tuple.factors[i] < row_.size()) row_[tuple.factors[i]] = tuple.levels[i];
    }
    for (std::size_t i = 0; i < tuple.factors.size(); ++i) {
      // The constant factor costs nothing.
      if (tuple.factors[i] == row_.size()) continue;
      most = std::max(most, cost_of(row_, tuple.factors[i], tuple.levels[i]));
    }
    return most;
  }

  static std::vector<std::size_t> unset_of(const Row& row) {
    std::vector<std::size_t> factors;
    for (std::size_t f = 0; f < row.size(); ++f) {
      if (row[f] == unset) factors.push_back(f);
    }
    return factors;
  }

  // A row with the levels that add most, one factor after another; nothing at a dead end.
  std::optional<Candidate> grown(const Row& combination) {
    Candidate candidate{.row = combination};
    std::vector<int> weights(combination.size() + 1, 1);
    for (std::size_t f = 0; f < combination.size(); ++f) {
      if (combination[f] != unset) weights[f] = weight_of(combination, f, combination[f]);
    }
    std::vector<std::size_t> order = unset_of(combination);
    random_.shuffle(order);
    for (const std::size_t factor : order) {
      combinations_.count_gains(candidate.row, factor, weights, gains_);
      if (!choose(candidate.row, factor)) return std::nullopt;
      weights[factor] = weight_of(candidate.row, factor, candidate.row[factor]);
      candidate.gain += gains_[static_cast<std::size_t>(candidate.row[factor])];
    }
    return candidate;
  }

  // Sets the level that adds the most, or of the least cost if none is cheap; of equals, any.
  // False, and none is set, if none is possible.
  bool choose(Row& row, std::size_t factor) {
    const int levels = problem_.levels[factor];
    order_.resize(static_cast<std::size_t>(levels));
    std::iota(order_.begin(), order_.end(), 0);
    costs_.clear();
    for (const int level : order_) costs_.push_back(cost_of(row, factor, level));
    std::ranges::rotate(order_, order_.begin() + random_.below(levels));
    std::ranges::stable_sort(order_, [&](int a, int b) {
      const Cost cost_a = costs_[static_cast<std::size_t>(a)];
      const Cost cost_b = costs_[static_cast<std::size_t>(b)];
      if (cost_a != cost_b) return cost_a < cost_b;
      if (cost_a != Cost::cheap) return false;
      return gains_[static_cast<std::size_t>(a)] > gains_[static_cast<std::size_t>(b)];
    });
    for (const int level : order_) {
      row[factor] = level;
      if (problem_.is_possible(row)) return true;
    }
    row[factor] = unset;
    return false;
  }

  // Some row with the combination, found by going back from dead ends; begun anew in another order
  // where that takes long.
  std::optional<Row> completed(const Row& combination) {
    constexpr int attempts = 15;
    std::vector<std::size_t> order = unset_of(combination);
    for (int attempt = 0; attempt < attempts; ++attempt) {
      Row row = combination;
      int patience = 400;
      if (complete(row, order, patience)) return row;
      if (patience > 0) return std::nullopt;  // there is none
      random_.shuffle(order);
    }
    return std::nullopt;
  }

  bool complete(Row& row, std::span<const std::size_t> order, int& patience) {
    if (order.empty()) return true;
    const std::size_t factor = order.front();
    for (int level = 0; level < problem_.levels[factor]; ++level) {
      row[factor] = level;
      if (--patience > 0 && problem_.is_possible(row) && complete(row, order.subspan(1), patience))
        return true;
    }
    row[factor] = unset;
    return false;
  }

  const CoveringProblem& problem_;
  Combinations combinations_;
  Random random_;
  std::vector<int> gains_;  // of the levels of the factor that is chosen
  std::vector<int> order_;
  std::vector<Cost> costs_;
  Row row_;
};

}  // namespace

CoveringArray covering_array(const CoveringProblem& problem) { return Construction(problem).run(); }

}  // namespace gridproof
