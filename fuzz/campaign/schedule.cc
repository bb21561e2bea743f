#include "fuzz/campaign/schedule.h"

#include <algorithm>
#include <utility>

#include "fuzz/domain/random.h"

namespace gridproof {

Schedule::Schedule(const CampaignOptions& options, Plan& plan, std::size_t workers,
                   std::chrono::steady_clock::time_point start, std::stop_token stop)
    : options_(options), start_(start), stop_(std::move(stop)), plan_(plan), hands_(workers) {}

std::vector<Drawn> Schedule::next(std::size_t worker, std::size_t most) {
  constexpr double max_cost = 1U << 16U;
  std::vector<Drawn> cases;
  double cost = 0;
  while (cases.size() < most && cost < max_cost) {
    auto drawn = next_case(worker);
    if (!drawn) break;
    const bool is_sequence = drawn->ordinals > 1;
    cost += drawn->cost;
    cases.push_back(*std::move(drawn));
    if (is_sequence) break;
  }
  return cases;
}

// They are dealt by what they cost, not to who is there first: what an instance is asked, and in
// which order, follows from the seed and the number of threads, unless time is short.
std::optional<Drawn> Schedule::next_case(std::size_t worker) {
  const std::scoped_lock lock(mutex_);
  if (stop_.stop_requested() || is_over()) return std::nullopt;
  return options_.budget ? next_of_window() : next_dealt(worker);
}

std::optional<Drawn> Schedule::next_dealt(std::size_t worker) {
  constexpr double call = 300;  // what a case costs by itself, in samples
  while (hands_[worker].cases.empty()) {
    auto drawn = draw();
    if (!drawn) return std::nullopt;
    Hand& hand = *std::ranges::min_element(hands_, {}, &Hand::cost);
    hand.cost += call + static_cast<double>(drawn->samples);
    hand.cases.push_back(*std::move(drawn));
  }
  Drawn next = std::move(hands_[worker].cases.front());
  hands_[worker].cases.pop_front();
  return next;
}

// Of the next thousand first those that decide the most samples for what they cost.
std::optional<Drawn> Schedule::next_of_window() {
  constexpr std::size_t cases = 1024;
  if (window_.empty()) {
    while (window_.size() < cases) {
      auto drawn = draw();
      if (!drawn) break;
      window_.push_back(*std::move(drawn));
    }
    const auto worth = [](const Drawn& drawn) {
      constexpr double call = 100;  // what a case costs by itself, in elements
      return static_cast<double>(drawn.samples) / (call + drawn.cost);
    };
    std::ranges::stable_sort(window_, {}, worth);
  }
  if (window_.empty()) return std::nullopt;
  Drawn drawn = std::move(window_.back());
  window_.pop_back();
  return drawn;
}

// The next case that is this shard's. The end of the campaign does not depend on the shard: every
// shard counts the samples of all cases.
std::optional<Drawn> Schedule::draw() {
  while (true) {
    if (options_.max_cases && drawn_cases_ >= *options_.max_cases) break;
    if (options_.max_samples && drawn_samples_ >= *options_.max_samples) break;
    Drawn drawn = plan_.next();
    drawn_cases_ += static_cast<std::int64_t>(drawn.ordinals);
    drawn_samples_ += counted_samples(drawn);
    if (options_.progress) options_.progress(drawn_samples_, options_.max_samples.value_or(0));
    // By a hash, so that shards are alike.
    const std::uint64_t number = mix(options_.seed, drawn.ordinal);
    if (std::cmp_equal(number % static_cast<std::uint64_t>(options_.shard.count),
                       options_.shard.index)) {
      return drawn;
    }
    if (stop_.stop_requested() || is_over()) break;
  }
  return std::nullopt;
}

bool Schedule::is_over() const {
  return options_.budget && std::chrono::steady_clock::now() - start_ >= *options_.budget * 3 / 4;
}

}  // namespace gridproof
