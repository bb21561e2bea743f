#include "reports/diagnosis/search.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>
#include <span>
#include <tuple>
#include <utility>

#include "reference/contract/parse_double.h"

namespace gridproof::reports::diagnosis {
namespace {

// A few thousand elements tell as much as millions do.
constexpr std::int64_t max_locations = std::int64_t{1} << 12U;
constexpr std::int64_t max_locations_of_pairs = std::int64_t{1} << 8U;
constexpr std::int64_t max_locations_of_family = std::int64_t{1} << 6U;
constexpr std::int64_t max_locations_of_fits = std::int64_t{1} << 7U;
constexpr std::size_t max_pairs = 64;

// Of two trials the one that explains more; then the one that is as near as rounding allows; then
// the one with fewer changes; then the one that is nearer.
bool is_better(const Attempt& one, const Attempt& other) {
  const auto rank = [](const Attempt& attempt) {
    return std::tuple(-attempt.distance.share, !attempt.distance.is_exact, attempt.changes.size(),
                      !attempt.keeps_flag,
                      attempt.distance.share == 1 ? 0 : attempt.distance.median);
  };
  return rank(one) < rank(other);
}

// Of two pairs that differ in nothing but their order the second is not needed.
void drop_reversed(std::vector<Attempt>& pairs) {
  std::set<Changes> seen;
  std::erase_if(pairs, [&](const Attempt& pair) {
    seen.insert(pair.changes);
    if (!seen.contains({pair.changes[1], pair.changes[0]})) return false;
    const auto same = std::ranges::find_if(pairs, [&](const Attempt& other) {
      return other.changes.size() == 2 && other.changes[0] == pair.changes[1] &&
             other.changes[1] == pair.changes[0];
    });
    return same != pairs.end() && same->distance.worst == pair.distance.worst &&
           same->distance.median == pair.distance.median;
  });
}

// One of many indices, so that any number of them in a row are spread over all, and not over a few
// columns of a picture.
std::size_t spread(std::size_t i, std::size_t count) {
  const double turns = static_cast<double>(i + 1) * (std::numbers::phi - 1);
  return static_cast<std::size_t>((turns - std::floor(turns)) * static_cast<double>(count));
}

}  // namespace

Search::Search(Situation situation, Tensor expected, double step)
    : situation_(std::move(situation)),
      expected_(std::move(expected)),
      step_(step),
      everywhere_(situation_, &expected_, step, situation_.test_case.grid.element_count(), true) {}

bool Search::differs_at_ties_only() const {
  return Evaluator(situation_, &expected_, step_, max_locations, false, &everywhere_)
      .differs_at_ties_only();
}

double Search::range() const { return everywhere_.range(); }

double Search::bits() const {
  const std::vector<double>& expected = everywhere_.expected();
  const std::size_t channels =
      static_cast<std::size_t>(std::max<std::int64_t>(expected_.size(1), 1));
  const std::size_t planes = channels * static_cast<std::size_t>(expected_.size(0));
  const std::size_t locations = expected.size() / std::max<std::size_t>(planes, 1);
  std::size_t most = 1;
  for (std::size_t plane = 0; plane < planes; ++plane) {
    // A thousand of them tell enough. The first ones may be all of what is outside.
    constexpr std::size_t enough_of_them = 1000;
    const std::span<const double> values =
        std::span(expected).subspan(plane * locations, locations);
    std::set<double> different;
    for (std::size_t i = 0; i < std::min(locations, enough_of_them); ++i) {
      const double value = values[locations <= enough_of_them ? i : spread(i, locations)];
      if (!std::isnan(value)) different.insert(value);
    }
    most = std::max(most, different.size());
  }
  return std::log2(static_cast<double>(most)) * samples();
}

double Search::samples() const {
  const auto channels = static_cast<double>(std::max<std::int64_t>(expected_.size(1), 1));
  return static_cast<double>(everywhere_.expected().size()) / channels;
}

bool Search::expects_one_value() const { return bits() == 0; }

Distance Search::distance_as_asked(const Tensor& output) const {
  const Distance rounded = everywhere_.distance_of({.output = output.values(),
                                                    .coordinates = *situation_.grid,
                                                    .options = situation_.options()});
  // Where the values are large and differ little, rounding alone makes a difference: all trials are
  // computed without it.
  constexpr double large = 100;
  if (largest_of(everywhere_.expected()) < large * range()) return rounded;
  const std::optional<Evaluator::Answered> unrounded = everywhere_.answer(Changes{});
  if (!unrounded) return rounded;
  const Distance exact = everywhere_.distance_of(*unrounded);
  return exact.share > rounded.share ||
                 (exact.share == rounded.share && exact.worst < rounded.worst)
             ? exact
             : rounded;
}

std::optional<Attempt> Search::everywhere(const Attempt& attempt) const {
  std::optional<Attempt> there = everywhere_.attempt(attempt.changes);
  if (there) there->fitted = attempt.fitted;
  return there;
}

namespace {

// The numbers with which a hypothesis comes nearest: the best candidate, then each number as
// exactly as it can be told, and as short as it explains as much.
Hypothesis best_of(const Fit& fit, const Evaluator& evaluator) {
  const auto distance = [&](const std::vector<double>& numbers) {
    const Hypothesis hypothesis = fit.make(numbers);
    const auto attempt = evaluator.attempt({&hypothesis});
    return attempt ? attempt->distance : Distance{.median = INFINITY};
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
  const double slack = 1e-5 * evaluator.range();
  for (double& number : numbers) {
    const double found = number;
    const Distance here = distance(numbers);
    for (const int digits : {1, 2, 3, 4, 5, 6, 7}) {
      const std::string text = fmt::format("{:.{}g}", found, digits);
      parse_double(text.data(), text.data() + text.size(), number);
      const Distance there = distance(numbers);
      if (there.share >= here.share && there.median <= here.median + slack) break;
      number = found;
    }
  }
  return fit.make(numbers);
}

// Each member of the family with two hypotheses of other kinds beside it, such as an option and
// what became of the values, where enough is explained.
std::vector<Attempt> with_two_others(const Evaluator& coarse) {
  std::vector<const Hypothesis*> members;
  std::vector<const Hypothesis*> others;
  for (const Hypothesis& one : hypotheses()) {
    if (one.stage != Stage::none && !one.is_rare) members.push_back(&one);
    if (one.stage == Stage::none && !one.is_global) others.push_back(&one);
  }
  std::vector<Attempt> result;
  for (const Hypothesis* const member : members) {
    for (std::size_t i = 0; i < others.size(); ++i) {
      for (std::size_t k = i + 1; k < others.size(); ++k) {
        if (others[i]->family() == others[k]->family()) continue;
        auto attempt = coarse.attempt({member, others[i], others[k]});
        if (attempt && attempt->distance.share >= enough) result.push_back(std::move(*attempt));
      }
    }
  }
  return result;
}

// A search in steps, each of which looks farther than those before it.
class Escalation {
 public:
  Escalation(const Situation& situation, const Tensor& expected, double step,
             const Evaluator& everywhere)
      : situation_(situation),
        expected_(expected),
        step_(step),
        everywhere_(everywhere),
        evaluator_(looking_at(max_locations)) {
    const Hypothesis& flag = hypothesis_named("align_corners");
    for (const Changes& changes : {Changes{&no_motion()}, Changes{&flag, &no_motion()}}) {
      if (const auto attempt = evaluator_.attempt(changes))
        still_ = std::max(still_, attempt->distance.share);
    }
  }

  [[nodiscard]] bool has_too_few_values() const { return evaluator_.has_too_few_values(); }
  [[nodiscard]] bool explains_all() const {
    return !attempts_.empty() && attempts_.front().distance.share == 1 &&
           (attempts_.front().distance.is_exact || has_too_few_values());
  }
  [[nodiscard]] bool explains_enough() const {
    return !attempts_.empty() && attempts_.front().distance.share >= enough;
  }
  std::vector<Attempt> found() { return std::move(attempts_); }

  // One mistake of users, and other semantics in the order in which they are likely.
  void attempt_alone() {
    // Ties are settled by convention: then that comes first, before whatever shifts them away.
    const bool are_ties = evaluator_.differs_at_ties_only() && !reads_between_pixels();
    if (are_ties) attempt_other_semantics();
    for (const Hypothesis& one : hypotheses()) attempt({&one});
    sort();
    if (!explains_all()) attempt_one_axis();
    // In nearest much moves a position to the same pixel, as another rule of rounding does.
    const bool is_nearest = situation_.options().mode == Mode::nearest;
    if (!are_ties && is_nearest) attempt_other_semantics();
    sort();
    if (explains_all() || are_ties || is_nearest) return;
    attempt_other_semantics();
    sort();
  }

  // Two mistakes, and where these do not do three.
  void attempt_together() {
    const Evaluator coarse = looking_at(max_locations_of_pairs);
    const Evaluator few_sites = looking_at(max_locations_of_family);
    Family family(situation_, few_sites.sites());
    std::vector<Attempt> pairs;
    few_sites.attempt_family(family, 2, 0, pairs);
    for (const Hypothesis& one : hypotheses()) coarse.attempt_pairs(one, pairs);
    std::ranges::stable_sort(pairs, is_better);
    drop_reversed(pairs);
    attempt_best(std::move(pairs));
    if (explains_all() || has_too_few_values()) return;
    std::vector<Attempt> triples;
    few_sites.attempt_family(family, max_parts, enough, triples);
    attempt_best(std::move(triples));
    if (!explains_enough()) attempt_best(with_two_others(few_sites));
  }

  // Mistakes by a number that is found by trying.
  void attempt_fits() {
    const Evaluator few = looking_at(max_locations_of_fits);
    for (const Fit& fit : fits(situation_)) {
      auto hypothesis = std::make_shared<const Hypothesis>(best_of(fit, few));
      auto fitted = evaluator_.attempt({hypothesis.get()});
      if (!fitted) continue;
      fitted->fitted = std::move(hypothesis);
      attempts_.push_back(std::move(*fitted));
    }
    sort();
  }

 private:
  [[nodiscard]] Evaluator looking_at(std::int64_t locations) const {
    return {situation_, &expected_, step_, locations, false, &everywhere_};
  }
  void sort() { std::ranges::stable_sort(attempts_, is_better); }

  void attempt(const Changes& changes) {
    auto one = evaluator_.attempt(changes);
    if (!one) return;
    const bool shrinks = std::ranges::any_of(changes, &Hypothesis::shrinks);
    if (shrinks && one->distance.share <= still_) return;
    attempts_.push_back(std::move(*one));
  }
  // What concerns one axis only.
  void attempt_one_axis() {
    for (const Hypothesis& one : of_one_axis()) attempt({&one});
    sort();
  }
  // Whether most of a grid of the input's size is halfway between pixels: no convention made it so.
  [[nodiscard]] bool reads_between_pixels() const {
    const Case& asked = situation_.test_case;
    for (int axis = 2; axis < asked.input.rank(); ++axis) {
      if (asked.input.size(axis) != asked.grid.size(axis - 1)) return false;
    }
    const auto answered = evaluator_.answer(Changes{});
    return answered && evaluator_.distance_of(*answered).share < 0.6;
  }
  void attempt_other_semantics() {
    for (const Hypothesis& one : other_semantics()) attempt({&one});
  }
  // The best of those that looked at a few locations.
  void attempt_best(std::vector<Attempt> list) {
    std::ranges::stable_sort(list, is_better);
    // Among noise nothing is equal, but what is right is nearest.
    if (list.size() > max_pairs) {
      std::ranges::stable_sort(list.begin() + max_pairs / 2, list.end(), {},
                               [](const Attempt& one) { return one.distance.median; });
      list.resize(max_pairs);
    }
    for (const Attempt& one : list) attempt(one.changes);
    sort();
  }

  const Situation& situation_;
  const Tensor& expected_;
  double step_;
  const Evaluator& everywhere_;
  Evaluator evaluator_;
  double still_ = 0;  // the share that no motion explains, under either flag
  std::vector<Attempt> attempts_;
};

}  // namespace

std::vector<Attempt> Search::run() const {
  Escalation search(situation_, expected_, step_, everywhere_);
  search.attempt_alone();
  if (search.explains_all()) return search.found();
  search.attempt_together();
  if (!search.explains_enough() && !search.has_too_few_values()) search.attempt_fits();
  return search.found();
}

}  // namespace gridproof::reports::diagnosis
