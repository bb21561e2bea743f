#include "reports/diagnosis/search.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <random>
#include <set>
#include <tuple>
#include <utility>

#include "reference/semantics/grid_sample.h"

namespace gridproof::diagnosis {
namespace {

// A few thousand elements tell as much as millions do.
constexpr std::int64_t most_locations = std::int64_t{1} << 12U;
constexpr std::int64_t most_locations_of_pairs = std::int64_t{1} << 8U;
constexpr std::int64_t most_locations_of_fits = std::int64_t{1} << 7U;
constexpr std::int64_t most_channels = 4;
constexpr std::size_t most_pairs = 64;

Tensor as_f64(const Tensor& tensor) { return {Dtype::f64, tensor.shape(), tensor.values()}; }

Tensor first_channels(const Tensor& tensor) {
  return tensor.slice(1, 0, std::min(tensor.size(1), most_channels));
}

// The site that an element of an output (N, C, sites of one n) belongs to.
std::size_t site_of(std::size_t element, std::size_t channels, std::size_t per_batch) {
  return element / (channels * per_batch) * per_batch + element % per_batch;
}

// Of two trials the one that explains more; then the one with fewer changes; then the one that is
// nearer, unless both are as near as rounding allows.
bool is_better(const Trial& one, const Trial& other) {
  const auto rank = [](const Trial& trial) {
    return std::tuple(-trial.distance.share, trial.changes.size(), !trial.keeps_flag,
                      trial.distance.share == 1 ? 0 : trial.distance.median);
  };
  return rank(one) < rank(other);
}

// Of the finite ones; where they are all the same, their size, and at least 1.
double range_of(const std::vector<double>& values) {
  double low = INFINITY;
  double high = -INFINITY;
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  if (high > low) return high - low;
  return std::isfinite(high) ? std::fmax(1, std::fabs(high)) : 1;
}

// Whether a coordinate moved.
bool move(const Change::Move& move, const Sites& sites, Meant& meant) {
  bool has_moved = false;
  std::array<double, 3> before{};
  for (std::int64_t i = 0; i < sites.count(); ++i) {
    const std::span<double> x = sites.of_site(meant.coordinates, i);
    std::ranges::copy(x, before.begin());
    move(x, sites.site(i, meant.options.align_corners));
    has_moved |= !std::ranges::equal(x, std::span(before).first(x.size()));
  }
  return has_moved;
}

// The grids of these thetas, one for each n.
Change::Move made_of(const std::vector<Affine>& thetas) {
  return [&thetas](std::span<double> x, const Site& site) {
    std::array<double, 3> from{};
    for (std::size_t k = 0; k < x.size(); ++k) from[k] = dictionary::identity_at(site.places[k]);
    thetas[static_cast<std::size_t>(site.n)].apply(std::span(from).first(x.size()), x);
  };
}

// Whether it changes anything.
bool apply(const Change& change, const Sites& sites, Meant& meant) {
  bool has_changed =
      change.input || change.finish || change.uncertainty || change.answers != nullptr;
  if (change.options) {
    has_changed |= *change.options != meant.options;
    meant.options = *change.options;
  }
  if (change.input) meant.input = *change.input;
  if (change.thetas) {
    meant.thetas = change.thetas;
    has_changed |= move(made_of(*change.thetas), sites, meant);
  }
  if (change.move) has_changed |= move(change.move, sites, meant);
  if (change.uncertainty) {
    std::ranges::transform(meant.coordinates, std::back_inserter(meant.uncertainty),
                           change.uncertainty);
  }
  if (change.finish) meant.finishes.push_back(change.finish);
  if (change.answers != nullptr) meant.answers = change.answers;
  return has_changed;
}

// The situation in which a next hypothesis is looked at.
void continue_with(const Meant& meant, Situation& situation) {
  situation.question.request = request_for(meant.options);
  if (!meant.thetas) return;
  situation.thetas = {};
  situation.thetas[meant.options.align_corners ? 1 : 0] = meant.thetas;
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

// The other flag.
const Hypothesis* of_the_flag() {
  return &*std::ranges::find(hypotheses(), "align_corners", &Hypothesis::name);
}

// Two mistakes of one kind are one mistake, but for those of each axis, of each part of theta, and
// of the layouts of two tensors. `keeps_grid`: the first leaves the coordinates as they are.
bool are_sensible(const Hypothesis& one, const Hypothesis& other, bool keeps_grid) {
  const std::string family = one.family();
  const bool may_be_twice =
      family == "mirror" || family == "sign" || family == "world" || family == "layout";
  const bool are_of_theta = one.is_of_theta && other.is_of_theta;
  return &one != &other && (!other.is_global || are_of_theta || keeps_grid) &&
         (may_be_twice || are_of_theta || family != other.family());
}

// Answers a changed question at some sites.
class Looks {
 public:
  // What is expected may be missing: then there are outputs and no distances. `step` as in Search.
  Looks(const Situation& situation, const Tensor* expected, double step, std::int64_t locations,
        bool all_channels)
      : situation_(situation), all_channels_(all_channels), sites_(situation.question, locations) {
    input_ = shown(situation.question.input);
    if (expected == nullptr) return;
    expected_ = sites_.values_of(all_channels ? *expected : first_channels(*expected));
    tolerance_ = 1e-3 * range_of(expected_);
    if (step == 0) return;
    tolerance_ = 0.501 * step;
    const auto [low, high] = std::ranges::minmax(expected_);
    if (low >= 0 && high <= 255.5 * step) most_ = 255 * step;
  }

  struct Answered {
    std::vector<double> output;       // (N, C, sites)
    std::vector<double> coordinates;  // of each site
    Options options;
    std::vector<double> numbers;
  };
  [[nodiscard]] std::optional<Answered> answer(const Changes& changes) const {
    const std::optional<Meant> meant = meant_by(changes, situation_, sites_);
    return meant ? answer(*meant) : std::nullopt;
  }
  [[nodiscard]] std::optional<Answered> answer(const Meant& meant) const {
    auto output = output_at(meant.coordinates, meant);
    if (!output) return std::nullopt;
    Answered answered{
        .output = std::move(*output), .coordinates = meant.coordinates, .options = meant.options};
    if (!expected_.empty()) {
      if (answered.output.size() != expected_.size()) return std::nullopt;
      if (!meant.uncertainty.empty()) come_nearer(meant, answered.output);
    }
    if (meant.finishes.empty()) return answered;
    const std::vector<double> expected = expected_.empty() ? answered.output : expected_;
    auto numbers =
        finish(meant, sites_, situation_.question.input.shape(), answered.output, expected);
    if (!numbers) return std::nullopt;
    answered.numbers = std::move(*numbers);
    return answered;
  }

  [[nodiscard]] std::optional<Trial> attempt(const Changes& changes) const {
    const std::optional<Answered> answered = answer(changes);
    if (!answered || is_emptied(*answered)) return std::nullopt;
    return trial_of(changes, *answered);
  }

  // Every sensible pair that starts with a hypothesis, which is prepared but once.
  void attempt_pairs(const Hypothesis& one, std::vector<Trial>& pairs) const {
    const std::optional<Meant> first = meant_by({&one}, situation_, sites_);
    if (!first) return;
    Situation now = situation_;
    continue_with(*first, now);
    for (const Hypothesis& other : hypotheses()) {
      if (!are_sensible(one, other, first->input.has_value())) continue;
      Meant meant = *first;
      const std::optional<Change> change = other.change(now);
      if (!change || !apply(*change, sites_, meant)) continue;
      const std::optional<Answered> answered = answer(meant);
      if (!answered || is_emptied(*answered)) continue;
      pairs.push_back(trial_of({&one, &other}, *answered));
    }
  }

  [[nodiscard]] Distance distance_of(const Answered& answered) const {
    const std::vector<bool> is_beyond = beyond(answered);
    const std::size_t count = expected_.size();
    if (count == 0) return {.share = 1};
    const std::size_t batch = static_cast<std::size_t>(situation_.question.grid.size(0));
    const std::size_t per_batch = is_beyond.size() / batch;
    const std::size_t channels = count / is_beyond.size();
    std::vector<double> differences(count);
    std::array<std::size_t, 2> equal{};
    std::array<std::size_t, 2> all{};
    for (std::size_t i = 0; i < count; ++i) {
      const double given = most_ ? std::clamp(answered.output[i], 0.0, *most_) : answered.output[i];
      const double wanted = expected_[i];
      const bool both_nan = std::isnan(given) && std::isnan(wanted);
      double difference = both_nan || given == wanted ? 0 : std::fabs(given - wanted);
      if (std::isnan(difference)) difference = INFINITY;
      differences[i] = difference;
      const std::size_t side = is_beyond[site_of(i, channels, per_batch)];
      ++all[side];
      equal[side] += difference <= tolerance_ ? 1 : 0;
    }
    const auto share = [](std::size_t part, std::size_t whole) {
      return whole == 0 ? 1 : static_cast<double>(part) / static_cast<double>(whole);
    };
    Distance distance{.share = share(equal[0] + equal[1], count),
                      .inside = share(equal[0], all[0]),
                      .outside = share(equal[1], all[1]),
                      .worst = std::ranges::max(differences)};
    const auto at = [&](std::size_t place) {
      const auto wanted = differences.begin() + static_cast<std::ptrdiff_t>(place);
      std::ranges::nth_element(differences, wanted);
      return *wanted;
    };
    distance.median = at(count / 2);
    distance.most = at(count * 9 / 10);
    return distance;
  }

  [[nodiscard]] double range() const { return range_of(expected_); }

  // Whether so little is expected that some number explains it.
  [[nodiscard]] bool is_little() const {
    return sites_.count() < 16 ||
           std::ranges::adjacent_find(expected_, std::not_equal_to<>()) == expected_.end();
  }

  // As Search::differs_at_ties_only.
  [[nodiscard]] bool differs_at_ties_only() const {
    std::optional<Meant> asked = meant_by({}, situation_, sites_);
    if (!asked || asked->options.mode != Mode::nearest) return false;
    const auto given = output_at(asked->coordinates, *asked);
    if (!given || given->size() != expected_.size()) return false;
    asked->uncertainty.assign(asked->coordinates.size(), 2e-6);
    std::vector<double> nearer = *given;
    come_nearer(*asked, nearer);
    for (std::size_t i = 0; i < expected_.size(); ++i) {
      if (std::fabs(nearer[i] - expected_[i]) > tolerance_) return false;
    }
    return true;
  }

 private:
  [[nodiscard]] std::optional<std::vector<double>> output_at(const std::vector<double>& coordinates,
                                                             const Meant& meant) const {
    const Case question{request_for(meant.options), meant.input ? shown(*meant.input) : input_,
                        sites_.grid_of(coordinates)};
    const Answer given =
        meant.answers != nullptr ? meant.answers->answer(question) : grid_sample(question);
    const auto* output = std::get_if<Tensor>(&given);
    return output == nullptr ? std::nullopt : std::optional(output->values());
  }

  // Makes of each output what is expected, if coordinates within the uncertainty have that, or
  // more and less than that where the mode interpolates: at the ends and in the middle of each
  // axis.
  void come_nearer(const Meant& meant, std::vector<double>& output) const {
    std::vector<double> low = output;
    std::vector<double> high = output;
    const bool interpolates = meant.options.mode != Mode::nearest;
    const std::size_t axes = meant.coordinates.size() /
                             std::max<std::size_t>(static_cast<std::size_t>(sites_.count()), 1);
    for (int corner = 0; corner < (axes == 3 ? 27 : 9); ++corner) {
      std::vector<double> coordinates = meant.coordinates;
      const std::array<int, 3> sides = {corner % 3 - 1, corner / 3 % 3 - 1, corner / 9 - 1};
      for (std::size_t i = 0; i < coordinates.size(); ++i) {
        coordinates[i] += sides[i % axes] * meant.uncertainty[i];
      }
      const auto there = output_at(coordinates, meant);
      if (!there) return;
      for (std::size_t i = 0; i < output.size(); ++i) {
        low[i] = std::fmin(low[i], (*there)[i]);
        high[i] = std::fmax(high[i], (*there)[i]);
        if (std::fabs((*there)[i] - expected_[i]) <= tolerance_) output[i] = expected_[i];
      }
    }
    for (std::size_t i = 0; interpolates && i < output.size(); ++i) {
      if (low[i] <= high[i] && !std::isnan(expected_[i])) {
        output[i] = std::clamp(expected_[i], low[i], high[i]);
      }
    }
  }

  [[nodiscard]] Trial trial_of(const Changes& changes, const Answered& answered) const {
    return {.changes = changes,
            .keeps_flag = answered.options.align_corners == situation_.options().align_corners ||
                          changes.front()->family() == "align_corners",
            .distance = distance_of(answered),
            .numbers = answered.numbers};
  }

  // Whether everything is read so far outside that any input has the same answer.
  [[nodiscard]] bool is_emptied(const Answered& answered) const {
    const std::size_t axes = answered.coordinates.size() / static_cast<std::size_t>(sites_.count());
    // The pixels beyond the edge that are still read.
    const double reach = answered.options.mode == Mode::bicubic ? 2 : 1;
    for (std::int64_t i = 0; i < sites_.count(); ++i) {
      const Site site = sites_.site(i, answered.options.align_corners);
      bool is_inside = true;
      for (std::size_t k = 0; k < axes; ++k) {
        const Place& place = site.places[k];
        const double p =
            dictionary::position_at(answered.coordinates[static_cast<std::size_t>(i) * axes + k],
                                    place.input, place.corners);
        is_inside &= !(p <= -reach || p >= static_cast<double>(place.input) - 1 + reach);
      }
      if (is_inside) return false;
    }
    return true;
  }

  // An input as it is shown to the reference.
  [[nodiscard]] Tensor shown(const Tensor& input) const {
    return as_f64(all_channels_ ? input : first_channels(input));
  }

  // Whether a site reads beyond the centres of the outer pixels.
  [[nodiscard]] std::vector<bool> beyond(const Answered& answered) const {
    std::vector<bool> beyond(static_cast<std::size_t>(sites_.count()));
    const std::size_t axes = answered.coordinates.size() / std::max<std::size_t>(beyond.size(), 1);
    for (std::size_t i = 0; i < beyond.size(); ++i) {
      const Site site = sites_.site(static_cast<std::int64_t>(i), answered.options.align_corners);
      for (std::size_t k = 0; k < axes; ++k) {
        const Place& place = site.places[k];
        const double p =
            dictionary::position_at(answered.coordinates[i * axes + k], place.input, place.corners);
        if (!(p > -1e-3 && p < static_cast<double>(place.input) - 1 + 1e-3)) beyond[i] = true;
      }
    }
    return beyond;
  }

  const Situation& situation_;
  bool all_channels_;
  Sites sites_;
  Tensor input_;
  std::vector<double> expected_;
  double tolerance_ = 0;
  std::optional<double> most_;  // what is beyond 0 or this was cut
};

}  // namespace

std::string Trial::name() const {
  std::string name;
  for (const Hypothesis* change : changes) name += (name.empty() ? "" : " + ") + change->name;
  return name;
}

std::optional<Meant> meant_by(const Changes& changes, const Situation& situation,
                              const Sites& sites) {
  Situation now = situation;
  Meant meant;
  meant.options = now.options();
  meant.coordinates = sites.coordinates();
  bool has_changed = changes.empty();
  for (const Hypothesis* hypothesis : changes) {
    const std::optional<Change> change = hypothesis->change(now);
    if (!change) return std::nullopt;
    has_changed |= apply(*change, sites, meant);
    continue_with(meant, now);
  }
  return has_changed ? std::optional(std::move(meant)) : std::nullopt;
}

std::optional<std::vector<double>> finish(const Meant& meant, const Sites& sites,
                                          const Shape& input, std::vector<double>& output,
                                          const std::vector<double>& expected) {
  // The weight inside is what ones are sampled as.
  Shape one_channel = input;
  one_channel[1] = 1;
  const std::vector<double> ones(static_cast<std::size_t>(element_count(one_channel)), 1);
  Options zeros = meant.options;
  zeros.padding = Padding::zeros;
  const Answer inside = grid_sample({request_for(zeros), Tensor(Dtype::f64, one_channel, ones),
                                     sites.grid_of(meant.coordinates)});
  const auto* weights = std::get_if<Tensor>(&inside);
  if (weights == nullptr || weights->element_count() == 0) return std::nullopt;
  const std::vector<double> of_each = weights->values();
  std::vector<double> found;
  for (const auto& finish : meant.finishes) {
    auto numbers = finish(output, expected,
                          {.coordinates = meant.coordinates, .inside = of_each, .sites = sites});
    if (!numbers) return std::nullopt;
    if (!numbers->empty()) found = std::move(*numbers);
  }
  return found;
}

std::optional<Case> meant_question(const Trial& trial, const Situation& situation) {
  const Case& asked = situation.question;
  const Sites sites(asked, asked.grid.element_count());
  const std::optional<Meant> meant = meant_by(trial.changes, situation, sites);
  if (!meant || meant->answers != nullptr || !meant->finishes.empty()) return std::nullopt;
  return Case{request_for(meant->options), meant->input.value_or(asked.input),
              Tensor(asked.grid.dtype(), asked.grid.shape(), meant->coordinates)};
}

Search::Search(Situation situation, Tensor expected, double step)
    : situation_(std::move(situation)), expected_(std::move(expected)), step_(step) {}

std::optional<double> Search::step() const {
  const std::vector<double> values = expected_.values();
  for (const double step : {1.0, 1 / 255.0}) {
    const bool is_rounded = std::ranges::all_of(values, [&](double value) {
      return std::fabs(value / step - std::round(value / step)) < 1e-3;
    });
    if (is_rounded && range_of(values) >= 16 * step) return step;
  }
  return std::nullopt;
}

bool Search::differs_at_ties_only() const {
  return Looks(situation_, &expected_, step_, most_locations, false).differs_at_ties_only();
}

double Search::range() const { return range_of(expected_.values()); }

double Search::element_count() const { return static_cast<double>(expected_.element_count()); }

double Search::bits_of_a_value() const {
  // A thousand of them tell enough.
  std::set<double> different;
  std::size_t looked_at = 0;
  for (const double value : first_channels(expected_).values()) {
    if (++looked_at > 1000) break;
    if (!std::isnan(value)) different.insert(value);
  }
  return std::log2(static_cast<double>(std::max<std::size_t>(different.size(), 1)));
}

bool Search::expects_one_value() const {
  const std::vector<double> values = expected_.values();
  return std::ranges::adjacent_find(values, std::not_equal_to<>()) == values.end();
}

Distance Search::distance_of(const Tensor& output) const {
  const Looks looks(situation_, &expected_, step_, situation_.question.grid.element_count(), true);
  return looks.distance_of({.output = output.values(),
                            .coordinates = *situation_.grid,
                            .options = situation_.options()});
}

std::optional<Trial> Search::everywhere(const Changes& changes) const {
  const Looks looks(situation_, &expected_, step_, situation_.question.grid.element_count(), true);
  return looks.attempt(changes);
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
  const double slack = 1e-4 * looks.range();
  for (double& number : numbers) {
    const double found = number;
    const Distance here = distance(numbers);
    for (const int digits : {1, 2, 3, 4, 5}) {
      const std::string text = fmt::format("{:.{}g}", found, digits);
      std::from_chars(text.data(), text.data() + text.size(), number);
      const Distance there = distance(numbers);
      if (there.share >= here.share && there.median <= here.median + slack) break;
      number = found;
    }
  }
  return fit.make(numbers);
}

}  // namespace

std::vector<Trial> Search::run() const {
  const Looks looks(situation_, &expected_, step_, most_locations, false);
  std::vector<Trial> trials;
  // What no motion explains, under either flag.
  double still = 0;
  for (const Changes& changes : {Changes{&no_motion()}, Changes{of_the_flag(), &no_motion()}}) {
    if (const auto trial = looks.attempt(changes)) still = std::max(still, trial->distance.share);
  }
  const auto attempt = [&](const Changes& changes) {
    auto trial = looks.attempt(changes);
    if (!trial) return;
    const bool shrinks = std::ranges::any_of(changes, &Hypothesis::shrinks);
    if (shrinks && trial->distance.share <= still) return;
    trials.push_back(std::move(*trial));
  };
  const auto explains_all = [&] { return !trials.empty() && trials.front().distance.share == 1; };
  // Ties are settled by convention: then that comes first, before whatever shifts them away.
  if (looks.differs_at_ties_only()) {
    for (const Hypothesis& one : other_semantics()) attempt({&one});
  }
  for (const Hypothesis& one : hypotheses()) attempt({&one});
  std::ranges::stable_sort(trials, is_better);
  if (explains_all()) return trials;
  for (const Hypothesis& one : other_semantics()) attempt({&one});
  std::ranges::stable_sort(trials, is_better);
  if (explains_all()) return trials;
  const Looks glances(situation_, &expected_, step_, most_locations_of_pairs, false);
  std::vector<Trial> pairs;
  for (const Hypothesis& one : hypotheses()) glances.attempt_pairs(one, pairs);
  std::ranges::stable_sort(pairs, is_better);
  drop_reversed(pairs);
  if (pairs.size() > most_pairs) pairs.resize(most_pairs);
  for (const Trial& pair : pairs) attempt(pair.changes);
  std::ranges::stable_sort(trials, is_better);
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

namespace {

Tensor noise(const Shape& shape, double low, double high, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<double> values(static_cast<std::size_t>(element_count(shape)));
  for (double& value : values) {
    value = low + (high - low) * static_cast<double>(random() >> 11U) * 0x1p-53;
  }
  return {Dtype::f64, shape, values};
}

// The grid of an affine map without any symmetry, of output sizes that all differ.
Tensor sheared(int rank, bool corners) {
  const bool is_volume = rank == 5;
  Case question{{.mode = {}, .padding_mode = {}, .align_corners = corners},
                Tensor(Dtype::f64, is_volume ? Shape{1, 1, 3, 5, 7} : Shape{1, 1, 5, 7}),
                Tensor(Dtype::f64, is_volume ? Shape{1, 2, 4, 6, 3} : Shape{1, 4, 6, 2})};
  const Sites sites(question, question.grid.element_count());
  std::vector<double> grid = sites.coordinates();
  for (std::int64_t i = 0; i < sites.count(); ++i) {
    const Site site = sites.site(i, corners);
    const std::span<double> x = sites.of_site(grid, i);
    for (std::size_t k = 0; k < x.size(); ++k) {
      const double next = dictionary::identity_at(site.places[(k + 1) % x.size()]);
      x[k] = (0.8 - 0.1 * static_cast<double>(k)) * dictionary::identity_at(site.places[k]) +
             (0.3 - 0.5 * static_cast<double>(k % 2)) * next + 0.15 - 0.2 * static_cast<double>(k);
    }
  }
  return {Dtype::f64, question.grid.shape(), grid};
}

}  // namespace

std::string what_tells(const Situation& situation, const Trial& one, const Trial& other) {
  bool was_asked = false;
  const auto differ = [&](const Case& question) {
    const Situation asked = situation_of(question, situation.spacing);
    const Looks looks(asked, nullptr, 0, most_locations_of_pairs, false);
    const auto first = looks.answer(one.changes);
    const auto second = looks.answer(other.changes);
    if (!first && !second) return false;
    if (!first || !second) return true;
    was_asked = true;
    for (std::size_t i = 0; i < first->output.size(); ++i) {
      if (std::fabs(first->output[i] - second->output[i]) > 1e-6) return true;
    }
    return false;
  };
  Case question = situation.question;
  Shape texels = question.input.shape();
  texels[1] = 1;
  question.input = noise(texels, 0, 1, 1);
  question.grid = as_f64(question.grid);
  if (differ(question)) return "texels that all differ";
  const std::optional<std::string> mode = question.request.mode;
  question.request.mode = "bilinear";
  if (differ(question)) return "mode='bilinear'";
  question.grid = noise(question.grid.shape(), -1.2, 1.2, 2);
  if (differ(question)) return "a motion that differs from pixel to pixel";
  question.request.mode = mode;
  if (differ(question)) return "a motion that differs from pixel to pixel";
  const bool is_volume = question.input.rank() == 5;
  question.input = noise(is_volume ? Shape{1, 1, 3, 5, 7} : Shape{1, 1, 5, 7}, 0, 1, 3);
  question.grid = noise(is_volume ? Shape{1, 2, 4, 6, 3} : Shape{1, 4, 6, 2}, -1.2, 1.2, 4);
  if (differ(question)) return "sizes that all differ";
  const bool corners = question.request.align_corners.value_or(false);
  question.grid = sheared(question.input.rank(), corners);
  if (differ(question)) return "an affine map that scales, shears and moves";
  // Positions that are multiples of 1/2 without any rounding.
  question.input = noise(is_volume ? Shape{1, 1, 8, 8, 8} : Shape{1, 1, 8, 8}, 0, 1, 5);
  question.request.align_corners = false;
  question.request.padding_mode = "zeros";
  std::vector<double> halves = noise(question.grid.shape(), -4, 4, 6).values();
  for (double& x : halves) x = std::round(x * 8) / 8;
  question.grid = Tensor(Dtype::f64, question.grid.shape(), halves);
  if (differ(question)) return "more positions half-way between pixels, -1/2 among them";
  return was_asked ? "" : "another question";
}

}  // namespace gridproof::diagnosis
