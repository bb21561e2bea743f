#include "fuzz/campaign/losses.h"

#include <algorithm>
#include <utility>

#include "fuzz/causes/battery.h"
#include "fuzz/domain/part.h"

namespace gridproof {
namespace {

constexpr std::int64_t long_axis = 1000;

std::int64_t longest_axis(const Case& test_case) {
  return std::ranges::max(test_case.input.shape());
}

std::tuple<std::size_t, Mode, int, Dtype> key_of(std::size_t subject, std::size_t kind) {
  const Kind what = kind_at(kind);
  return {subject, what.form.mode, what.form.rank, what.dtype};
}

// Whoever walks over all elements has so many to see, stored or not.
std::int64_t work_of(const Case& test_case) {
  return std::max(element_count(test_case.input.shape()), output_count(test_case));
}

}  // namespace

void Losses::add(std::size_t subject, std::size_t kind, const Case& test_case) {
  if (longest_axis(test_case) < long_axis) return;
  Known& known = known_[key_of(subject, kind)];
  ++known.times;
  known.longest = std::min(known.longest, longest_axis(test_case));
}

void Losses::add_late(std::size_t subject, const Case& test_case) {
  Late& late = late_[subject];
  ++late.times;
  late.least = std::min(late.least, work_of(test_case));
}

bool Losses::are_known(std::size_t subject, std::size_t kind, const Case& test_case) const {
  constexpr int often = 4;
  const auto late = late_.find(subject);
  if (late != late_.end() && late->second.times >= often &&
      work_of(test_case) >= late->second.least) {
    return true;
  }
  const auto found = known_.find(key_of(subject, kind));
  return found != known_.end() && found->second.times >= 2 &&
         longest_axis(test_case) >= found->second.longest;
}

LossLimit::LossLimit(const std::vector<SubjectEntry>& entries, std::int64_t max_lost,
                     std::stop_source stop)
    : entries_(entries), max_lost_(max_lost), stop_(std::move(stop)), lost_(entries.size()) {}

void LossLimit::add(std::size_t subject) {
  const std::scoped_lock lock(mutex_);
  if (++lost_[subject] < max_lost_) return;
  stop_.request_stop();
  if (ended_.empty()) {
    ended_ = "the campaign ended early: " + entries_[subject].name + " was lost in " +
             std::to_string(lost_[subject]) + (lost_[subject] == 1 ? " case" : " cases");
  }
}

}  // namespace gridproof
