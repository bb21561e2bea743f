#include "reports/diagnosis/evaluator.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "reference/semantics/grid_sample.h"

namespace gridproof::reports::diagnosis {
namespace {

constexpr std::int64_t max_channels = 4;

// The channels that are looked at: a few tell as much as all.
Tensor first_channels(const Tensor& tensor) {
  return tensor.slice(1, 0, std::min(tensor.size(1), max_channels));
}

// Two mistakes of one kind are one mistake, but for those of each part of theta, and of the layouts
// of two tensors. `keeps_grid`: the first leaves the coordinates as they are.
bool are_sensible(const Hypothesis& one, const Hypothesis& other, bool keeps_grid) {
  const std::string family = one.family();
  const bool may_be_twice = family == "layout";
  const bool are_of_theta = one.is_of_theta && other.is_of_theta;
  const bool are_family = one.stage != Stage::none && other.stage != Stage::none;
  return &one != &other && !are_family && (!other.is_global || are_of_theta || keeps_grid) &&
         (may_be_twice || are_of_theta || family != other.family());
}

}  // namespace

Tensor as_f64(const Tensor& tensor) {
  if (tensor.dtype() == Dtype::f64) return tensor;
  return {Dtype::f64, tensor.shape(), tensor.values()};
}

bool are_all_equal(const std::vector<double>& values) {
  return std::ranges::adjacent_find(values, std::not_equal_to<>()) == values.end();
}

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

std::string Attempt::name() const {
  std::string name;
  for (const Hypothesis* change : changes) name += (name.empty() ? "" : " + ") + change->name;
  return name;
}

double largest_of(const std::vector<double>& values) {
  double largest = 0;
  for (const double value : values) {
    if (std::isfinite(value)) largest = std::fmax(largest, std::fabs(value));
  }
  return largest;
}

double difference_of(double one, double other) {
  if (one == other || (std::isnan(one) && std::isnan(other))) return 0;
  const double difference = std::fabs(one - other);
  return std::isnan(difference) ? INFINITY : difference;
}

namespace {

// By how much two neighbors differ at most; what is not finite may differ by anything.
double steepest_of(const Tensor& input) {
  const std::vector<double> texels = input.values();
  double steepest = 0;
  std::size_t step = 1;
  for (int axis = input.rank() - 1; axis >= 2; --axis) {
    const std::size_t line = step * static_cast<std::size_t>(input.size(axis));
    for (std::size_t first = 0; first < texels.size(); first += line) {
      for (std::size_t i = first; i + step < first + line; ++i) {
        const double difference = std::fabs(texels[i + step] - texels[i]);
        steepest = std::fmax(steepest, std::isnan(difference) ? INFINITY : difference);
      }
    }
    step = line;
  }
  return steepest;
}

}  // namespace

Evaluator::Evaluator(const Situation& situation, const Tensor* expected, double step,
                     std::int64_t locations, bool all_channels, const Evaluator* other)
    : situation_(situation), all_channels_(all_channels), sites_(situation.test_case, locations) {
  const std::int64_t channels = situation.test_case.input.size(1);
  const bool is_shared = other != nullptr && (all_channels || channels <= max_channels);
  input_ = is_shared ? other->input_ : shown(situation.test_case.input);
  if (expected == nullptr) return;
  steepest_ = is_shared ? other->steepest_ : steepest_of(input_);
  expected_ = sites_.values_of(all_channels ? *expected : first_channels(*expected));
  // No nearer than the last bit of what is expected says.
  const double last_bit = expected->dtype() == Dtype::f32 ? 0x1p-23 : 0;
  tolerance_ = std::max(1e-3 * range_of(expected_), last_bit * largest_of(expected_));
  if (step == 0) return;
  // A position of f32 is a little off itself, and a value near half a step is rounded the other
  // way.
  const Shape& shape = situation.test_case.input.shape();
  const auto longest = static_cast<double>(*std::max_element(shape.begin() + 2, shape.end()));
  const double of_position = 0x1p-23 * longest * steepest_;
  tolerance_ = 0.501 * step + std::fmin(of_position, 0.05 * step);
  const auto [low, high] = std::ranges::minmax(expected_);
  if (low >= 0 && high <= 255.5 * step) most_ = 255 * step;
}

std::optional<Evaluator::Answered> Evaluator::answer(const Changes& changes) const {
  const std::optional<Correction> meant = corrected(changes, situation_, sites_);
  return meant ? answer(*meant) : std::nullopt;
}

std::optional<Evaluator::Answered> Evaluator::answer(const Correction& meant) const {
  auto output = output_at(meant.coordinates, meant);
  if (!output) return std::nullopt;
  Answered answered{
      .output = std::move(*output), .coordinates = meant.coordinates, .options = meant.options};
  // The nearest pixel is exactly what is expected of a grid that is a little off, too.
  answered.is_adapted =
      meant.options.mode == Mode::nearest && situation_.options().mode != Mode::nearest;
  if (!expected_.empty()) {
    if (answered.output.size() != expected_.size()) return std::nullopt;
    if (!meant.uncertainty.empty()) clamp_within_uncertainty(meant, answered.output);
    answered.is_adapted |= !meant.uncertainty.empty();
  }
  if (meant.finishes.empty()) return answered;
  const std::vector<double> expected = expected_.empty() ? answered.output : expected_;
  auto numbers =
      finish(meant, sites_, situation_.test_case.input.shape(), answered.output, expected);
  if (!numbers) return std::nullopt;
  answered.numbers = std::move(*numbers);
  answered.is_adapted |= !answered.numbers.empty();
  return answered;
}

std::optional<Attempt> Evaluator::attempt(const Changes& changes) const {
  const std::optional<Answered> answered = answer(changes);
  if (!answered) return std::nullopt;
  // That nothing is read explains zeros wherever they come from. Of one or two values the other
  // align_corners may well be the cause, and is listed among what else may be.
  const bool is_the_flag = changes.size() == 1 && changes.front()->name == "align_corners";
  if (is_emptied(*answered) && !(is_the_flag && has_too_few_values())) return std::nullopt;
  return trial_of(changes, *answered);
}

// Of the range, what half of the values may be off by where only noise is left.
constexpr double noise = 3e-3;

void Evaluator::attempt_family(Family& family, std::size_t parts, double least,
                               std::vector<Attempt>& attempts) const {
  family.visit(parts, [&](const Changes& changes, const Correction& meant) {
    const std::optional<Answered> answered = answer(meant);
    if (!answered || is_emptied(*answered)) return;
    Attempt attempt = trial_of(changes, *answered);
    // Among noise nothing is equal.
    const bool is_near = attempt.distance.median <= noise * range();
    if (is_near || attempt.distance.share >= least) attempts.push_back(std::move(attempt));
  });
}

void Evaluator::attempt_pairs(const Hypothesis& one, std::vector<Attempt>& pairs) const {
  std::optional<Correction> first = corrected({&one}, situation_, sites_);
  if (!first) return;
  if (first->input) first->input = shown(*first->input);
  Situation now = situation_;
  carry_over(*first, now);
  for (const Hypothesis& other : hypotheses()) {
    if (!are_sensible(one, other, first->input.has_value())) continue;
    Correction meant = *first;
    const std::optional<Change> change = other.change(now);
    if (!change || !apply(*change, sites_, meant)) continue;
    const std::optional<Answered> answered = answer(meant);
    if (!answered || is_emptied(*answered)) continue;
    pairs.push_back(trial_of({&one, &other}, *answered));
  }
}

Distance Evaluator::distance_of(const Answered& answered) const {
  const std::vector<bool> is_beyond = beyond(answered);
  const std::size_t count = expected_.size();
  if (count == 0) return {.share = 1};
  const std::int64_t per_batch = std::ssize(is_beyond) / situation_.test_case.grid.size(0);
  const auto channels = static_cast<std::int64_t>(count / is_beyond.size());
  std::vector<double> differences(count);
  std::array<std::size_t, 2> equal{};
  std::array<std::size_t, 2> all{};
  for (std::size_t i = 0; i < count; ++i) {
    const double given = most_ ? std::clamp(answered.output[i], 0.0, *most_) : answered.output[i];
    const double difference = difference_of(given, expected_[i]);
    differences[i] = difference;
    const std::int64_t site = sample_of(static_cast<std::int64_t>(i), channels, per_batch);
    const std::size_t side = is_beyond[static_cast<std::size_t>(site)];
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
  // A position is as far off as the size of its axis times the rounding of a coordinate, and a
  // value as neighbors differ there.
  const Shape& shape = situation_.test_case.input.shape();
  const auto size = static_cast<double>(*std::max_element(shape.begin() + 2, shape.end()));
  const double rounding =
      4e-6 * largest_of(expected_) + size * 0x1p-21 * std::min(steepest_, range_of(expected_));
  distance.is_exact = distance.worst <= rounding && !answered.is_adapted;
  distance.median = at(count / 2);
  distance.most = at(count * 9 / 10);
  return distance;
}

bool Evaluator::has_too_few_values() const {
  return sites_.count() < 16 || are_all_equal(expected_);
}

bool Evaluator::differs_at_ties_only() const {
  std::optional<Correction> asked = corrected({}, situation_, sites_);
  if (!asked || asked->options.mode != Mode::nearest) return false;
  const auto given = output_at(asked->coordinates, *asked);
  if (!given || given->size() != expected_.size()) return false;
  asked->uncertainty.assign(asked->coordinates.size(), 2e-6);
  std::vector<double> nearer = *given;
  clamp_within_uncertainty(*asked, nearer);
  for (std::size_t i = 0; i < expected_.size(); ++i) {
    const bool both_nan = std::isnan(nearer[i]) && std::isnan(expected_[i]);
    if (!both_nan && !(std::fabs(nearer[i] - expected_[i]) <= tolerance_)) return false;
  }
  return true;
}

std::optional<std::vector<double>> Evaluator::output_at(const std::vector<double>& coordinates,
                                                        const Correction& meant) const {
  const Case test_case{request_for(meant.options), meant.input ? shown(*meant.input) : input_,
                       sites_.grid_of(coordinates)};
  const Answer given =
      meant.answers != nullptr ? meant.answers->answer(test_case) : grid_sample(test_case);
  const auto* output = std::get_if<Tensor>(&given);
  return output == nullptr ? std::nullopt : std::optional(output->values());
}

void Evaluator::clamp_within_uncertainty(const Correction& meant,
                                         std::vector<double>& output) const {
  std::vector<double> low = output;
  std::vector<double> high = output;
  const bool interpolates = meant.options.mode != Mode::nearest;
  const std::size_t axes =
      meant.coordinates.size() / std::max<std::size_t>(static_cast<std::size_t>(sites_.count()), 1);
  each_corner(meant.coordinates, meant.uncertainty, axes, [&](const std::vector<double>& moved) {
    const auto there = output_at(moved, meant);
    if (!there) return;
    for (std::size_t i = 0; i < output.size(); ++i) {
      low[i] = std::fmin(low[i], (*there)[i]);
      high[i] = std::fmax(high[i], (*there)[i]);
      if (std::fabs((*there)[i] - expected_[i]) <= tolerance_) output[i] = expected_[i];
    }
  });
  for (std::size_t i = 0; interpolates && i < output.size(); ++i) {
    if (low[i] <= high[i] && !std::isnan(expected_[i])) {
      output[i] = std::clamp(expected_[i], low[i], high[i]);
    }
  }
}

Attempt Evaluator::trial_of(const Changes& changes, const Answered& answered) const {
  return {.changes = changes,
          .keeps_flag = answered.options.align_corners == situation_.options().align_corners ||
                        changes.front()->family() == "align_corners",
          .distance = distance_of(answered),
          .numbers = answered.numbers};
}

bool Evaluator::is_emptied(const Answered& answered) const {
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
                                  place.input, place.align_corners);
      is_inside &= !(p <= -reach || p >= static_cast<double>(place.input) - 1 + reach);
    }
    if (is_inside) return false;
  }
  return true;
}

Tensor Evaluator::shown(const Tensor& input) const {
  return as_f64(all_channels_ ? input : first_channels(input));
}

std::vector<bool> Evaluator::beyond(const Answered& answered) const {
  std::vector<bool> beyond(static_cast<std::size_t>(sites_.count()));
  const std::size_t axes = answered.coordinates.size() / std::max<std::size_t>(beyond.size(), 1);
  for (std::size_t i = 0; i < beyond.size(); ++i) {
    const Site site = sites_.site(static_cast<std::int64_t>(i), answered.options.align_corners);
    for (std::size_t k = 0; k < axes; ++k) {
      const Place& place = site.places[k];
      const double p = dictionary::position_at(answered.coordinates[i * axes + k], place.input,
                                               place.align_corners);
      if (!(p > -1e-3 && p < static_cast<double>(place.input) - 1 + 1e-3)) beyond[i] = true;
    }
  }
  return beyond;
}

}  // namespace gridproof::reports::diagnosis
