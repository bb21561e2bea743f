// What is known of the questions that subjects were lost on: each loss takes seconds. Tested by
// campaign_test.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <mutex>
#include <stop_token>
#include <string>
#include <tuple>
#include <vector>

#include "reference/contract/subject.h"

namespace gridproof {

// On which sizes subjects were lost, by mode, rank and dtype, and on how much work.
class Losses {
 public:
  // `kind` is that of the case (part.h).
  void add(std::size_t subject, std::size_t kind, const Case& test_case);
  // One that took too long, which costs seconds each time.
  void add_late(std::size_t subject, const Case& test_case);
  // Whether it was lost twice on inputs of this kind with long axes, but no longer ones; or took
  // too long, over and over, for no larger questions of any kind.
  [[nodiscard]] bool are_known(std::size_t subject, std::size_t kind, const Case& test_case) const;

 private:
  struct Known {
    int times = 0;
    std::int64_t longest = std::numeric_limits<std::int64_t>::max();
  };
  struct Late {
    int times = 0;
    std::int64_t least = std::numeric_limits<std::int64_t>::max();
  };

  std::map<std::tuple<std::size_t, Mode, int, Dtype>, Known> known_;
  std::map<std::size_t, Late> late_;  // of each subject
};

// Ends a campaign when one of its subjects is lost too often.
class LossLimit {
 public:
  LossLimit(const std::vector<SubjectEntry>& entries, std::int64_t max_lost, std::stop_source stop);
  // One more case that a subject was lost on; by any thread.
  void add(std::size_t subject);
  // Why the campaign ended before its time; else empty.
  [[nodiscard]] const std::string& ended() const { return ended_; }

 private:
  const std::vector<SubjectEntry>& entries_;
  std::int64_t max_lost_;
  std::stop_source stop_;
  std::mutex mutex_;
  std::vector<std::int64_t> lost_;  // cases, by subject
  std::string ended_;
};

}  // namespace gridproof
