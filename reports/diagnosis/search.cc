#include "reports/diagnosis/search.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>
#include <span>
#include <tuple>
#include <utility>

namespace gridproof::reports::diagnosis {
namespace {

// A few thousand elements tell as much as millions do.
constexpr std::int64_t most_locations = std::int64_t{1} << 12U;
constexpr std::int64_t most_locations_of_pairs = std::int64_t{1} << 8U;
constexpr std::int64_t most_locations_of_family = std::int64_t{1} << 6U;
constexpr std::int64_t most_locations_of_fits = std::int64_t{1} << 7U;
constexpr std::size_t most_pairs = 64;

// Of two trials the one that explains more; then the one that is as near as rounding allows; then
// the one with fewer changes; then the one that is nearer.
bool is_better(const Trial& one, const Trial& other) {
  const auto rank = [](const Trial& trial) {
    return std::tuple(-trial.distance.share, !trial.distance.is_exact, trial.changes.size(),
                      !trial.keeps_flag, trial.distance.share == 1 ? 0 : trial.distance.median);
  };
  return rank(one) < rank(other);
}

// Of two pairs that differ in nothing but their order the second is not needed.
void drop_reversed(std::vector<Trial>& pairs) {
  std::set<Changes> seen;
  std::erase_if(pairs, [&](const Trial& pair) {
    seen.insert(pair.changes);
    if (!seen.contains({pair.changes[1], pair.changes[0]})) return false;
    const auto same = std::ranges::find_if(pairs, [&](const Trial& other) {
      return other.changes.size() == 2 && other.changes[0] == pair.changes[1] &&
             other.changes[1] == pair.changes[0];
    });
    return same != pairs.end() && same->distance.worst == pair.distance.worst &&
           same->distance.median == pair.distance.median;
  });
}

}  // namespace

Search::Search(Situation situation, Tensor expected, double step)
    : situation_(std::move(situation)),
      expected_(std::move(expected)),
      values_(expected_.values()),
      step_(step),
      everywhere_(situation_, &expected_, step, situation_.question.grid.element_count(), true) {}

bool Search::differs_at_ties_only() const {
  return Looks(situation_, &expected_, step_, most_locations, false).differs_at_ties_only();
}

double Search::range() const { return range_of(values_); }

double Search::bits() const {
  const std::size_t channels =
      static_cast<std::size_t>(std::max<std::int64_t>(expected_.size(1), 1));
  const std::size_t planes = channels * static_cast<std::size_t>(expected_.size(0));
  const std::size_t locations = values_.size() / std::max<std::size_t>(planes, 1);
  std::size_t most = 1;
  for (std::size_t plane = 0; plane < planes; ++plane) {
    // A thousand of them tell enough.
    const std::span<const double> values =
        std::span(values_).subspan(plane * locations, std::min<std::size_t>(locations, 1000));
    std::set<double> different;
    for (const double value : values) {
      if (!std::isnan(value)) different.insert(value);
    }
    most = std::max(most, different.size());
  }
  const std::size_t samples = values_.size() / channels;
  return std::log2(static_cast<double>(most)) * static_cast<double>(samples);
}

bool Search::expects_one_value() const { return bits() == 0; }

Distance Search::distance_as_asked(const Tensor& output) const {
  const Distance rounded = everywhere_.distance_of({.output = output.values(),
                                                    .coordinates = *situation_.grid,
                                                    .options = situation_.options()});
  // Where the values are large and differ little, rounding alone makes a difference: all trials are
  // computed without it.
  constexpr double large = 100;
  if (largest_of(values_) < large * range()) return rounded;
  const std::optional<Looks::Answered> unrounded = everywhere_.answer(Changes{});
  if (!unrounded) return rounded;
  const Distance exact = everywhere_.distance_of(*unrounded);
  return exact.share > rounded.share ||
                 (exact.share == rounded.share && exact.worst < rounded.worst)
             ? exact
             : rounded;
}

std::optional<Trial> Search::everywhere(const Trial& trial) const {
  std::optional<Trial> there = everywhere_.attempt(trial.changes);
  if (there) there->fitted = trial.fitted;
  return there;
}

namespace {

// The numbers with which a hypothesis comes nearest: the best candidate, then each number as
// exactly as it can be told, and as short as it explains as much.
Hypothesis best_of(const Fit& fit, const Looks& looks) {
  const auto distance = [&](const std::vector<double>& numbers) {
    const Hypothesis hypothesis = fit.make(numbers);
    const auto trial = looks.attempt({&hypothesis});
    return trial ? trial->distance : Distance{.median = INFINITY};
  };
  std::vector<double> numbers = fit.candidates.front();
  double nearest = INFINITY;
  for (const std::vector<double>& candidate : fit.candidates) {
    const double median = distance(candidate).median;
    if (median >= nearest) continue;
    nearest = median;
    numbers = candidate;
  }
  // A section by thirds, of one number after the other, twice where there are several.
  for (std::size_t round = 0; round < std::min<std::size_t>(numbers.size(), 2); ++round) {
    for (double& number : numbers) {
      const double before = number;
      const double reach = fit.is_relative ? fit.apart * number : fit.apart;
      double low = number - reach;
      double high = number + reach;
      const auto at = [&](double value) {
        number = value;
        return distance(numbers).median;
      };
      for (int i = 0; i < 40; ++i) {
        const double third = (high - low) / 3;
        const bool is_lower = at(low + third) <= at(high - third);
        (is_lower ? high : low) = is_lower ? high - third : low + third;
      }
      const double found = (low + high) / 2;
      number = at(found) <= at(before) ? found : before;
    }
  }
  const double slack = 1e-5 * looks.range();
  for (double& number : numbers) {
    const double found = number;
    const Distance here = distance(numbers);
    for (const int digits : {1, 2, 3, 4, 5, 6, 7}) {
      const std::string text = fmt::format("{:.{}g}", found, digits);
      std::from_chars(text.data(), text.data() + text.size(), number);
      const Distance there = distance(numbers);
      if (there.share >= here.share && there.median <= here.median + slack) break;
      number = found;
    }
  }
  return fit.make(numbers);
}

// Each member of the family with two hypotheses of other kinds beside it, such as an option and
// what became of the values, where enough is explained.
std::vector<Trial> with_two_others(const Looks& glances) {
  std::vector<const Hypothesis*> members;
  std::vector<const Hypothesis*> others;
  for (const Hypothesis& one : hypotheses()) {
    if (one.stage != Stage::none && !one.is_rare) members.push_back(&one);
    if (one.stage == Stage::none && !one.is_global) others.push_back(&one);
  }
  std::vector<Trial> result;
  for (const Hypothesis* const member : members) {
    for (std::size_t i = 0; i < others.size(); ++i) {
      for (std::size_t k = i + 1; k < others.size(); ++k) {
        if (others[i]->family() == others[k]->family()) continue;
        auto trial = glances.attempt({member, others[i], others[k]});
        if (trial && trial->distance.share >= enough) result.push_back(std::move(*trial));
      }
    }
  }
  return result;
}

}  // namespace

std::vector<Trial> Search::run() const {
  const Looks looks(situation_, &expected_, step_, most_locations, false);
  std::vector<Trial> trials;
  // What no motion explains, under either flag.
  double still = 0;
  const Hypothesis& flag = hypothesis_named("align_corners");
  for (const Changes& changes : {Changes{&no_motion()}, Changes{&flag, &no_motion()}}) {
    if (const auto trial = looks.attempt(changes)) still = std::max(still, trial->distance.share);
  }
  const auto attempt = [&](const Changes& changes) {
    auto trial = looks.attempt(changes);
    if (!trial) return;
    const bool shrinks = std::ranges::any_of(changes, &Hypothesis::shrinks);
    if (shrinks && trial->distance.share <= still) return;
    trials.push_back(std::move(*trial));
  };
  const auto explains_all = [&] {
    return !trials.empty() && trials.front().distance.share == 1 &&
           (trials.front().distance.is_exact || looks.is_little());
  };
  // Ties are settled by convention: then that comes first, before whatever shifts them away.
  const bool are_ties = looks.differs_at_ties_only();
  const auto attempt_others = [&] {
    for (const Hypothesis& one : other_semantics()) attempt({&one});
  };
  if (are_ties) attempt_others();
  for (const Hypothesis& one : hypotheses()) attempt({&one});
  // In nearest much moves a position to the same pixel, as another rule of rounding does.
  const bool is_nearest = situation_.options().mode == Mode::nearest;
  if (!are_ties && is_nearest) attempt_others();
  std::ranges::stable_sort(trials, is_better);
  if (explains_all()) return trials;
  if (!are_ties && !is_nearest) attempt_others();
  std::ranges::stable_sort(trials, is_better);
  if (explains_all()) return trials;
  const Looks glances(situation_, &expected_, step_, most_locations_of_pairs, false);
  std::vector<Trial> pairs;
  const auto attempt_best = [&](std::vector<Trial>& list) {
    std::ranges::stable_sort(list, is_better);
    // Among noise nothing is equal, but what is right is nearest.
    if (list.size() > most_pairs) {
      std::ranges::stable_sort(list.begin() + most_pairs / 2, list.end(), {},
                               [](const Trial& trial) { return trial.distance.median; });
      list.resize(most_pairs);
    }
    for (const Trial& trial : list) attempt(trial.changes);
    std::ranges::stable_sort(trials, is_better);
  };
  const Looks few_sites(situation_, &expected_, step_, most_locations_of_family, false);
  Family family(situation_, few_sites.sites());
  few_sites.attempt_family(family, 2, 0, pairs);
  for (const Hypothesis& one : hypotheses()) glances.attempt_pairs(one, pairs);
  std::ranges::stable_sort(pairs, is_better);
  drop_reversed(pairs);
  attempt_best(pairs);
  if (!explains_all() && !looks.is_little()) {
    std::vector<Trial> triples;
    few_sites.attempt_family(family, most_parts, enough, triples);
    attempt_best(triples);
    if (trials.front().distance.share < enough) {
      triples = with_two_others(few_sites);
      attempt_best(triples);
    }
  }
  const bool is_explained = !trials.empty() && trials.front().distance.share >= enough;
  if (is_explained || looks.is_little()) return trials;
  const Looks few(situation_, &expected_, step_, most_locations_of_fits, false);
  for (const Fit& fit : fits(situation_)) {
    auto hypothesis = std::make_shared<const Hypothesis>(best_of(fit, few));
    auto trial = looks.attempt({hypothesis.get()});
    if (!trial) continue;
    trial->fitted = std::move(hypothesis);
    trials.push_back(std::move(*trial));
  }
  std::ranges::stable_sort(trials, is_better);
  return trials;
}

}  // namespace gridproof::reports::diagnosis
